#!/usr/bin/env python3
"""The walk-throughs of ClickHouse, EMQX and Adobe Commerce with read access to accounts: each link fails on the real
kernel, and the providers' APIs, which own their real names, say why. Without accounts the verdict is the packets' own."""

import unittest

import far_side
from lab import ENDPOINT_ADDRESS, ON_AWS, ON_AZURE, Lab, Names, aws_world, azure_world, clickhouse, endpoint, namespace, watch

UNANSWERED = ("syn_unanswered", "medium")
NOBODY = ("no_inbound_traffic", "high")
NATIVE = 9440
MQTT = 8883
HTTP = 80
OTHER_ZONE_ADDRESS = "10.0.4.7"
# haproxy.org, proxy-protocol.txt, section 2.2: TCP over IPv4, from 192.0.2.7:4711.
PROXY_HEADER = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\x00\x02\x07\x0a\x4d\x00\x02\x12\x67\x22\xb3"
ADOBE = "vpce-0123456789abcdef0-x.vpce-svc-0a1b2c3d4e5f60718.eu-west-1.vpce.amazonaws.com"


class ClickHouseOnAzure(Lab):
    def target(self, records=None):
        names = Names(self, {azure_world.HOST: ENDPOINT_ADDRESS} if records is None else records)
        return endpoint("clickhouse-azure", azure_world.HOST, names.resolver)

    def approve(self, allowed=()):
        azure_world.set_status(self.arm, "Approved")
        self.clickhouse.services = [clickhouse.service(allowed=allowed)]

    def reset(self):
        self.far.has(ENDPOINT_ADDRESS, ON_AZURE)
        self.far.serves(ENDPOINT_ADDRESS, NATIVE, far_side.resets)

    def test_pending(self):
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        self.expect(self.target(), ("connection_pending", "high"), ["pe waits for acceptance (Pending)"], UNANSWERED)

    def test_rejected(self):
        azure_world.set_status(self.arm, "Rejected", "not ours")
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        self.expect(self.target(), ("connection_rejected", "high"), ["pe is rejected (Rejected)", "not ours"], UNANSWERED)

    def test_not_on_the_list(self):
        self.approve()
        self.reset()
        self.expect(self.target(), ("not_on_allowlist", "high"), [azure_world.ENDPOINT, clickhouse.SERVICE],
                    ("not_on_allowlist", "high"))

    def test_on_the_list_and_another_reset(self):
        self.approve(allowed=[azure_world.GUID])
        self.reset()
        self.expect(self.target(), ("not_on_allowlist", "low"),
                    [f"the service's allow-list has {azure_world.ENDPOINT}"], ("not_on_allowlist", "high"))

    def test_zone_not_linked(self):
        self.approve()
        self.is_on_azure()
        self.arm.remove(f"{azure_world.ZONE_ID}/virtualNetworkLinks/l")
        self.expect(self.target({}), ("private_dns_missing", "high"), [f"zone {azure_world.ZONE} has no link to v"],
                    ("private_dns_missing", "medium"))

    def test_network_security_group_without_the_rule(self):
        self.approve()
        self.is_on_azure()
        self.arm.change(azure_world.NSG, securityRules=[])
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        self.expect(self.target(), ("cloud_firewall", "high"), ["nsg/DenyAllInBound: inbound rule (priority 65500) denies "
                                                                f"tcp/{NATIVE} from {ON_AZURE}"], UNANSWERED)

    def test_stopped(self):
        self.approve()
        self.clickhouse.services = [clickhouse.service(allowed=[azure_world.ENDPOINT], state="stopped")]
        self.reset()
        self.expect(self.target(), ("service_stopped", "high"), ["prod is stopped"], ("not_on_allowlist", "high"))


class OnAws(Lab):
    """The link of an endpoint."""

    profile = host = port = None

    def target(self, addresses=ENDPOINT_ADDRESS):
        return endpoint(self.profile, self.host, Names(self, {self.host: addresses} if addresses else {}).resolver)

    def set_state(self, state):
        self.aws.state["DescribeVpcEndpoints"][0]["State"] = state

    def check_pending(self):
        self.far.drops(ENDPOINT_ADDRESS, ON_AWS)
        self.expect(self.target(), ("connection_pending", "high"),
                    [f"{aws_world.ENDPOINT} waits for acceptance (pendingAcceptance)"], UNANSWERED)

    def check_rejected(self):
        self.set_state("rejected")
        self.far.drops(ENDPOINT_ADDRESS, ON_AWS)
        self.expect(self.target(), ("connection_rejected", "high"), [f"{aws_world.ENDPOINT} is rejected (rejected)"],
                    UNANSWERED)

    def check_security_group_without_the_rule(self):
        self.set_state("available")
        self.aws.state["DescribeSecurityGroups"][0] = aws_world.security_group(
            "sg-ep", [aws_world.rule("tcp", 22, 22, ["10.0.0.0/8"])])
        self.far.drops(ENDPOINT_ADDRESS, ON_AWS)
        self.expect(self.target(), ("cloud_firewall", "high"),
                    [f"sg-ep: no inbound rule for tcp/{self.port} from {ON_AWS}"], UNANSWERED)

    def lets_nothing_out(self):
        """This host's own group has rules for another port alone."""
        self.set_state("available")
        self.aws.state["DescribeSecurityGroups"][:2] = [
            aws_world.security_group("sg-ep", [aws_world.rule("tcp", self.port, self.port, ["10.0.0.0/8"])]),
            aws_world.security_group("sg-app", [], [aws_world.rule("tcp", 22, 22, ["10.0.0.0/8"])])]
        self.far.drops(ENDPOINT_ADDRESS, ON_AWS)

    def check_own_security_group_without_the_rule(self):
        self.lets_nothing_out()
        self.expect(self.target(), ("cloud_firewall", "high"),
                    [f"sg-app: no outbound rule for tcp/{self.port} to {ENDPOINT_ADDRESS}",
                     f"Add an outbound rule to sg-app (security group of this host): tcp/{self.port} to {ENDPOINT_ADDRESS}."],
                    UNANSWERED)

    def check_zone_that_the_service_does_not_have(self):
        self.set_state("available")
        endpoint_of_two = self.aws.state["DescribeVpcEndpoints"][0]
        endpoint_of_two["SubnetIds"].append("subnet-c")
        endpoint_of_two["NetworkInterfaceIds"].append("eni-3")
        self.aws.state["DescribeNetworkInterfaces"].append(
            aws_world.interface("eni-3", "vpc_endpoint", "subnet-c", OTHER_ZONE_ADDRESS, ["sg-ep"]))
        self.aws.state["DescribeSubnets"].append({**aws_world.subnet("subnet-c", "10.0.4.0/24", "b"),
                                                  "AvailabilityZone": "eu-west-1b", "AvailabilityZoneId": "euw1-az2"})
        self.aws.state["DescribeVpcEndpointServices"][0]["AvailabilityZones"] = ["eu-west-1a"]
        self.far.has(ENDPOINT_ADDRESS, ON_AWS)
        self.far.serves(ENDPOINT_ADDRESS, self.port, far_side.is_silent)
        self.far.drops(OTHER_ZONE_ADDRESS, ON_AWS)
        self.expect(self.target([ENDPOINT_ADDRESS, OTHER_ZONE_ADDRESS]), ("one_address_failing", "high"), ["euw1-az2"],
                    ("one_address_failing", "medium"))


class ClickHouseOnAws(OnAws):
    profile, host, port = "clickhouse-aws", "abcd.eu-west-1.vpce.aws.clickhouse.cloud", NATIVE

    def setUp(self):
        super().setUp()
        self.allow()

    def allow(self, *endpoints):
        self.clickhouse.services = [clickhouse.service(host="abcd.eu-west-1.aws.clickhouse.cloud", allowed=endpoints)]
        self.clickhouse.configs = {clickhouse.SERVICE: {"endpointServiceId": aws_world.SERVICE_NAME,
                                                        "privateDnsHostname": self.host}}

    def reset(self):
        self.set_state("available")
        self.far.has(ENDPOINT_ADDRESS, ON_AWS)
        self.far.serves(ENDPOINT_ADDRESS, NATIVE, far_side.resets)

    def test_pending(self):
        self.check_pending()

    def test_rejected(self):
        self.check_rejected()

    def test_security_group_without_the_rule(self):
        self.check_security_group_without_the_rule()

    def test_own_security_group_without_the_rule(self):
        self.check_own_security_group_without_the_rule()

    def test_own_security_group_by_metadata(self):
        self.is_on_aws()
        self.check_own_security_group_without_the_rule()

    def test_own_security_group_names_that_of_the_endpoint(self):
        """Its interface is a member: whatever drops the SYN is not this host's group."""
        self.lets_nothing_out()
        self.aws.state["DescribeSecurityGroups"][1] = aws_world.security_group(
            "sg-app", [], [aws_world.rule("tcp", self.port, self.port, groups=["sg-ep"])])
        report = self.expect(self.target(), UNANSWERED, ["the rules of the account let the connection through"], UNANSWERED)
        self.assertNotIn("sg-app", report.text)

    def test_own_security_group_that_may_not_be_read(self):
        self.lets_nothing_out()
        self.aws.denied = {"ec2:DescribeSecurityGroups"}
        self.expect(self.target(), UNANSWERED, ["rules of the account not fully known"], UNANSWERED)

    def test_zone_not_associated(self):
        self.set_state("available")
        self.is_on_aws()
        self.expect(self.target(None), ("private_dns_missing", "high"), ["vpc-1"], ("private_dns_missing", "medium"))

    def test_not_on_the_list(self):
        self.reset()
        self.expect(self.target(), ("not_on_allowlist", "high"), [aws_world.ENDPOINT, clickhouse.SERVICE],
                    ("not_on_allowlist", "high"))

    def test_on_the_list_and_another_reset(self):
        self.allow(aws_world.ENDPOINT)
        self.reset()
        self.expect(self.target(), ("not_on_allowlist", "low"),
                    [f"the service's allow-list has {aws_world.ENDPOINT}"], ("not_on_allowlist", "high"))


class AdobeOnAws(OnAws):
    profile, host, port = "adobe-commerce-aws", ADOBE, HTTP

    def setUp(self):
        super().setUp()
        self.aws.state["DescribeSecurityGroups"][0] = aws_world.security_group(
            "sg-ep", [aws_world.rule("tcp", HTTP, HTTP, ["10.0.0.0/8"])])

    def test_pending(self):
        self.check_pending()

    def test_pending_behind_a_security_group_without_the_rule(self):
        """The second fault makes the first no less sure, and is said too."""
        self.aws.state["DescribeSecurityGroups"][0] = aws_world.security_group("sg-ep", [])
        self.far.drops(ENDPOINT_ADDRESS, ON_AWS)
        self.expect(self.target(), ("connection_pending", "high"),
                    [f"{aws_world.ENDPOINT} waits for acceptance", f"sg-ep: no inbound rule for tcp/{HTTP} from {ON_AWS}"],
                    UNANSWERED)

    def test_rejected(self):
        self.check_rejected()

    def test_security_group_without_the_rule(self):
        self.check_security_group_without_the_rule()

    def test_own_security_group_without_the_rule(self):
        self.check_own_security_group_without_the_rule()

    def test_zone_that_the_service_does_not_have(self):
        self.check_zone_that_the_service_does_not_have()


class AdobeOnAzure(Lab):
    def target(self):
        return endpoint("adobe-commerce-azure", ENDPOINT_ADDRESS)

    def test_pending(self):
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        self.expect(self.target(), ("connection_pending", "high"), ["pe waits for acceptance (Pending)"], UNANSWERED)

    def test_rejected(self):
        azure_world.set_status(self.arm, "Rejected", "not ours")
        self.far.drops(ENDPOINT_ADDRESS, ON_AZURE)
        self.expect(self.target(), ("connection_rejected", "high"), ["pe is rejected (Rejected)", "not ours"], UNANSWERED)


class OwnBalancerOnAws(Lab):
    """A broker behind a load balancer of the account itself: the target's address is the balancer's, and no endpoint's."""

    def target(self):
        host = "mqtt.example.test"
        resolver = Names(self, {host: aws_world.BALANCER_ADDRESS}).resolver
        return (f'[[endpoint]]\nname = "t"\nhost = "{host}"\nport = {MQTT}\nresolvers = ["{resolver}"]\n'
                'timeout = "900ms"\ntls = false\napp = "mqtt"\n')

    def test_no_healthy_target(self):
        self.aws.state["DescribeTargetHealth"][aws_world.GROUP].pop()
        self.far.has(aws_world.BALANCER_ADDRESS, ON_AWS)
        self.far.serves(aws_world.BALANCER_ADDRESS, MQTT, far_side.is_silent)
        self.expect(self.target(), ("backend_unhealthy", "high"),
                    ["mqtt: 0 of 1 target healthy (Target.FailedHealthChecks)"], ("backend_silent", "medium"))

    def test_security_group_without_the_rule(self):
        self.aws.state["DescribeLoadBalancers"][0]["SecurityGroups"] = ["sg-other"]
        self.far.drops(aws_world.BALANCER_ADDRESS, ON_AWS)
        self.expect(self.target(), ("cloud_firewall", "high"),
                    [f"sg-other: no inbound rule for tcp/{MQTT} from {ON_AWS}"], UNANSWERED)


class OwnServiceOnAws(Lab):
    """EMQX and Adobe come to a service of ours; whylink runs beside it."""

    def target(self, vendor="emqx-aws"):
        return watch(vendor, MQTT, f'service = "{aws_world.OWN_SERVICE}"\nexpect_traffic = "1s"\n')

    def connections(self, *states):
        self.aws.state["DescribeVpcEndpointConnections"] = [
            one for one in self.aws.state["DescribeVpcEndpointConnections"] if one["VpcEndpointState"] in states]

    def test_pending(self):
        self.connections("pendingAcceptance")
        self.far.serves_here(MQTT, far_side.is_silent)
        for vendor in ("emqx-aws", "adobe-commerce-aws"):
            with self.subTest(vendor):
                self.expect(self.target(vendor), ("connection_pending", "high"),
                            ["vpce-00000000000000001 (account 402592597372)"], NOBODY)

    def test_rejected(self):
        self.connections("rejected")
        self.far.serves_here(MQTT, far_side.is_silent)
        self.expect(self.target(), ("connection_rejected", "high"), ["vpce-00000000000000002 (account 402592597372)"],
                    NOBODY)

    def test_no_healthy_target(self):
        self.connections("available")
        self.aws.state["DescribeTargetHealth"][aws_world.GROUP].pop()
        self.far.serves_here(MQTT, far_side.is_silent)
        self.expect(self.target(), ("backend_unhealthy", "high"),
                    ["mqtt: 0 of 1 target healthy (Target.FailedHealthChecks)"], NOBODY)

    def test_proxy_header(self):
        self.connections("available")
        self.far.serves_here(MQTT, far_side.resets)
        self.far.comes("10.0.6.4", MQTT, PROXY_HEADER + b"hello")
        self.expect(self.target(), ("proxy_protocol_mismatch", "high"),
                    ["target group mqtt: proxy_protocol_v2.enabled is true"], ("proxy_protocol_mismatch", "medium"))


class OwnServiceOnAzure(Lab):
    def target(self, vendor="emqx-azure"):
        return watch(vendor, MQTT, f'service = "{azure_world.SERVICE}"\nexpect_traffic = "1s"\n')

    def connect(self, status):
        connection = azure_world.connection("theirs.1", status)
        for one in (connection, azure_world.service(connection)):
            self.arm.resources[one["id"].lower()] = one

    def test_pending(self):
        self.far.serves_here(MQTT, far_side.is_silent)
        for vendor in ("emqx-azure", "adobe-commerce-azure"):
            with self.subTest(vendor):
                self.expect(self.target(vendor), ("connection_pending", "high"),
                            [f"theirs (account {azure_world.OTHER})"], NOBODY)

    def test_rejected(self):
        self.connect("Rejected")
        self.far.serves_here(MQTT, far_side.is_silent)
        self.expect(self.target(), ("connection_rejected", "high"), [f"theirs (account {azure_world.OTHER})"], NOBODY)

    def test_proxy_header(self):
        self.connect("Approved")
        self.far.serves_here(MQTT, far_side.resets)
        self.far.comes("10.0.6.4", MQTT, PROXY_HEADER + b"hello")
        self.expect(self.target(), ("proxy_protocol_mismatch", "high"),
                    ["Private Link service pls: enableProxyProtocol is true"], ("proxy_protocol_mismatch", "medium"))


def main():
    namespace.enter()
    unittest.main()


if __name__ == "__main__":
    main()
