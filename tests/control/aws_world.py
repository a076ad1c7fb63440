"""An account of AWS in which a database is reached through an endpoint, and which has a service of its own. As botocore
gives it to its callers."""

REGION = "eu-west-1"
ACCOUNT = "111122223333"
KEY = "AKIAWHYLINKTEST00001"
SECRET = "planted-secret-of-the-key-0123456789abcd"
ENDPOINT = "vpce-0123456789abcdef0"
SERVICE = "vpce-svc-0a1b2c3d4e5f60718"
SERVICE_NAME = f"com.amazonaws.vpce.{REGION}.{SERVICE}"
OWN_SERVICE = "vpce-svc-0fedcba9876543210"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/mqtt/0123456789abcdef"
LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/net/mqtt/0123456789abcdef/0123456789abcdef"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/mqtt/0123456789abcdef"
BALANCER_ADDRESS = "10.0.3.20"
HOST = "db.example.internal"
HOSTS = [f"{service}.{REGION}.amazonaws.com" for service in ("ec2", "elasticloadbalancing", "sts")] + ["route53.amazonaws.com"]


def interface(name, kind, subnet, address, groups):
    return {"NetworkInterfaceId": name, "InterfaceType": kind, "SubnetId": subnet, "VpcId": "vpc-1",
            "AvailabilityZone": "eu-west-1a", "Status": "in-use", "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
            "Groups": [{"GroupId": group, "GroupName": group} for group in groups]}


def balancer_interface(name, balancer, address, subnet="subnet-a"):
    """As Elastic Load Balancing makes one for itself."""
    return {**interface(name, "network_load_balancer", subnet, address, []), "RequesterId": "amazon-elb",
            "RequesterManaged": True, "Description": "ELB " + balancer.partition(":loadbalancer/")[2]}


def endpoint(name, state, interfaces):
    return {"VpcEndpointId": name, "VpcEndpointType": "Interface", "VpcId": "vpc-1", "ServiceName": SERVICE_NAME,
            "State": state, "SubnetIds": ["subnet-a"], "Groups": [{"GroupId": "sg-ep", "GroupName": "endpoint"}],
            "PrivateDnsEnabled": False, "NetworkInterfaceIds": interfaces, "OwnerId": ACCOUNT,
            "PolicyDocument": '{"Statement": [{"Action": "*", "Effect": "Allow"}]}',
            "DnsEntries": [{"DnsName": f"{name}-x.{SERVICE}.{REGION}.vpce.amazonaws.com", "HostedZoneId": "Z38GZ743OKFT7T"}]}


def rule(protocol, first, last, networks=(), groups=(), lists=()):
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **ports, "IpRanges": [{"CidrIp": network} for network in networks], "Ipv6Ranges": [],
            "PrefixListIds": [{"PrefixListId": name} for name in lists],
            "UserIdGroupPairs": [{"GroupId": group, "UserId": ACCOUNT} for group in groups]}


OUT_TO_ALL = rule("-1", None, None, ["0.0.0.0/0"])


def security_group(name, inbound, outbound=(OUT_TO_ALL,)):
    return {"GroupId": name, "GroupName": name + "-name", "Description": "for the test", "OwnerId": ACCOUNT,
            "VpcId": "vpc-1", "IpPermissions": inbound, "IpPermissionsEgress": list(outbound)}


def acl_entry(number, egress, action, network="0.0.0.0/0"):
    return {"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": "-1", "CidrBlock": network}


def subnet(name, network, zone):
    return {"SubnetId": name, "VpcId": "vpc-1", "CidrBlock": network, "AvailabilityZone": f"eu-west-1{zone}",
            "AvailabilityZoneId": {"a": "euw1-az1", "b": "euw1-az2"}[zone], "State": "available"}


def record(name, address, identifier=None):
    """An address of a name; with an identifier, one of several."""
    several = {"SetIdentifier": identifier, "Weight": 1} if identifier else {}
    return {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}], **several}


def consumer():
    return {
        "DescribeVpcEndpoints": [endpoint(ENDPOINT, "pendingAcceptance", ["eni-1"]),
                                 endpoint("vpce-0fffffffffffffff0", "available", ["eni-2"])],
        "DescribeNetworkInterfaces": [interface("eni-1", "vpc_endpoint", "subnet-a", "10.0.3.7", ["sg-ep"]),
                                      interface("eni-2", "vpc_endpoint", "subnet-a", "10.0.3.8", ["sg-ep"]),
                                      interface("eni-9", "interface", "subnet-b", "10.0.5.10", ["sg-app"]),
                                      balancer_interface("eni-lb", BALANCER, BALANCER_ADDRESS)],
        "DescribeSecurityGroups": [
            security_group("sg-ep", [rule("tcp", 9440, 9440, ["10.0.9.0/24"], ["sg-app"], ["pl-0a"])]),
            security_group("sg-app", [rule("tcp", 22, 22, ["10.0.0.0/8"])]), security_group("sg-other", [])],
        "GetManagedPrefixListEntries": {"pl-0a": [{"Cidr": "10.9.0.0/16"}, {"Cidr": "10.10.0.0/16"}]},
        "DescribeSubnets": [subnet("subnet-a", "10.0.3.0/24", "a"), subnet("subnet-b", "10.0.5.0/24", "b")],
        "DescribeAvailabilityZones": [
            {"ZoneName": f"eu-west-1{zone}", "ZoneId": f"euw1-az{number}", "State": "available", "RegionName": REGION}
            for zone, number in (("a", 1), ("b", 2))],
        "DescribeNetworkAcls": [{
            "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": True,
            "Associations": [{"NetworkAclAssociationId": f"aclassoc-{name}", "NetworkAclId": "acl-1", "SubnetId": name}
                             for name in ("subnet-a", "subnet-b")],
            "Entries": [acl_entry(100, False, "allow"), acl_entry(32767, False, "deny"), acl_entry(100, True, "allow"),
                        acl_entry(32767, True, "deny")]}],
        "DescribeVpcAttribute": {"vpc-1": {"enableDnsSupport": True, "enableDnsHostnames": False}},
        "DescribeVpcEndpointServices": [{
            "ServiceName": SERVICE_NAME, "ServiceId": SERVICE, "ServiceType": [{"ServiceType": "Interface"}],
            "AvailabilityZones": ["eu-west-1a", "eu-west-1b"], "Owner": "444455556666", "AcceptanceRequired": True,
            "PrivateDnsName": "*.example.internal", "PrivateDnsNameVerificationState": "verified"}],
        "ListHostedZonesByVPC": {"vpc-1": [
            {"HostedZoneId": "Z0EXAMPLE", "Name": "example.internal.", "Owner": {"OwningAccount": ACCOUNT}},
            {"HostedZoneId": "Z0OTHER", "Name": "other.internal.", "Owner": {"OwningAccount": ACCOUNT}}]},
        "ListResourceRecordSets": {"Z0EXAMPLE": [
            {"Name": "example.internal.", "Type": "NS", "TTL": 172800, "ResourceRecords": [{"Value": "ns-0.awsdns-00.com."}]},
            record(HOST + ".", "10.0.3.9")]},
    }


def provider():
    return {
        "DescribeVpcEndpointServiceConfigurations": [{
            "ServiceType": [{"ServiceType": "Interface"}], "ServiceId": OWN_SERVICE,
            "ServiceName": f"com.amazonaws.vpce.{REGION}.{OWN_SERVICE}", "ServiceState": "Available",
            "AvailabilityZones": ["eu-west-1a"], "AcceptanceRequired": True, "NetworkLoadBalancerArns": [BALANCER]}],
        "DescribeVpcEndpointConnections": [
            {"ServiceId": OWN_SERVICE, "VpcEndpointId": f"vpce-0000000000000000{number}", "VpcEndpointOwner": "402592597372",
             "VpcEndpointState": state, "NetworkLoadBalancerArns": [BALANCER]}
            for number, state in enumerate(("available", "pendingAcceptance", "rejected"))],
        "DescribeVpcEndpointServicePermissions": {OWN_SERVICE: [
            {"PrincipalType": "Account", "Principal": "arn:aws:iam::402592597372:root"}]},
        "DescribeLoadBalancers": [{
            "LoadBalancerArn": BALANCER, "LoadBalancerName": "mqtt", "Scheme": "internal", "Type": "network", "VpcId": "vpc-1",
            "State": {"Code": "active"}, "AvailabilityZones": [{"ZoneName": "eu-west-1a", "SubnetId": "subnet-a",
                                                                "LoadBalancerAddresses": []}]}],
        "DescribeLoadBalancerAttributes": {BALANCER: [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}]},
        "DescribeListeners": {BALANCER: [{
            "ListenerArn": LISTENER, "LoadBalancerArn": BALANCER, "Port": 8883, "Protocol": "TCP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": GROUP}]}]},
        "DescribeListenerAttributes": {LISTENER: [{"Key": "tcp.idle_timeout.seconds", "Value": "350"}]},
        "DescribeTargetGroups": [{"TargetGroupArn": GROUP, "TargetGroupName": "mqtt", "Protocol": "TCP", "Port": 8883,
                                  "VpcId": "vpc-1", "LoadBalancerArns": [BALANCER]}],
        "DescribeTargetGroupAttributes": {GROUP: [{"Key": "proxy_protocol_v2.enabled", "Value": "true"},
                                                  {"Key": "preserve_client_ip.enabled", "Value": "false"}]},
        "DescribeTargetHealth": {GROUP: [
            {"Target": {"Id": "i-1", "Port": 8883, "AvailabilityZone": "eu-west-1a"}, "HealthCheckPort": "8883",
             "TargetHealth": {"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "checks failed"}},
            {"Target": {"Id": "i-2", "Port": 8883, "AvailabilityZone": "eu-west-1a"}, "HealthCheckPort": "8883",
             "TargetHealth": {"State": "healthy"}}]},
    }


def world():
    return {**consumer(), **provider()}
