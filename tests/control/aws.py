"""EC2, ELBv2, Route 53 and STS: state in, answers in the real shapes out. Each request is checked against AWS' own model
and its signature is recomputed; what the model does not have is a complaint, which fails the test."""

import base64
import json
import urllib.parse

import models
import signatures
from cloud import Response

IAM = {"ec2": "ec2", "elbv2": "elasticloadbalancing", "route53": "route53"}

# What a filter compares.
FILTERS = {
    "addresses.private-ip-address": lambda item: [one["PrivateIpAddress"] for one in item["PrivateIpAddresses"]],
    "ipv6-addresses.ipv6-address": lambda item: [one["Ipv6Address"] for one in item.get("Ipv6Addresses", [])],
    "association.subnet-id": lambda item: [one["SubnetId"] for one in item["Associations"]],
    "group-id": lambda item: [item["GroupId"]],
    "interface-type": lambda item: [item["InterfaceType"]],
    "subnet-id": lambda item: [item["SubnetId"]],
}
# Parameters that name what is listed: its identifier, and the error where it does not exist.
IDENTIFIERS = {
    "VpcEndpointIds": ("VpcEndpointId", "InvalidVpcEndpointId.NotFound"),
    "GroupIds": ("GroupId", "InvalidGroup.NotFound"),
    "SubnetIds": ("SubnetId", "InvalidSubnetID.NotFound"),
    "ServiceIds": ("ServiceId", "InvalidVpcEndpointServiceId.NotFound"),
    "ServiceNames": ("ServiceName", "InvalidServiceName"),
    "LoadBalancerArns": ("LoadBalancerArn", "LoadBalancerNotFound"),
    "Names": ("LoadBalancerName", "LoadBalancerNotFound"),
    "TargetGroupArns": ("TargetGroupArn", "TargetGroupNotFound"),
}
# Listings of one thing: the parameter that names it, the list in the answer, and the error where it does not exist.
PARTS = {
    "DescribeVpcEndpointServicePermissions": ("ServiceId", "AllowedPrincipals", "InvalidVpcEndpointServiceId.NotFound"),
    "GetManagedPrefixListEntries": ("PrefixListId", "Entries", "InvalidPrefixListID.NotFound"),
    "DescribeListeners": ("LoadBalancerArn", "Listeners", "LoadBalancerNotFound"),
    "DescribeLoadBalancerAttributes": ("LoadBalancerArn", "Attributes", "LoadBalancerNotFound"),
    "DescribeListenerAttributes": ("TargetGroupArn", "Attributes", "ListenerNotFound"),
    "DescribeTargetGroupAttributes": ("TargetGroupArn", "Attributes", "TargetGroupNotFound"),
    "DescribeTargetHealth": ("TargetGroupArn", "TargetHealthDescriptions", "TargetGroupNotFound"),
}
LISTS = {
    "DescribeVpcEndpoints": "VpcEndpoints",
    "DescribeVpcEndpointConnections": "VpcEndpointConnections",
    "DescribeVpcEndpointServiceConfigurations": "ServiceConfigurations",
    "DescribeVpcEndpointServices": "ServiceDetails",
    "DescribeNetworkInterfaces": "NetworkInterfaces",
    "DescribeSecurityGroups": "SecurityGroups",
    "DescribeNetworkAcls": "NetworkAcls",
    "DescribeSubnets": "Subnets",
    "DescribeAvailabilityZones": "AvailabilityZones",
    "DescribeLoadBalancers": "LoadBalancers",
    "DescribeTargetGroups": "TargetGroups",
}
# Those that the models give no pages.
WHOLE = {"DescribeAvailabilityZones"}
ATTRIBUTES = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}


# Of one page of ListResourceRecordSets.
MAX_RECORDS = 300


def position(name, kind="", identifier=""):
    """Where a record stands in its zone: by the labels of its name in reverse, "internal.example.db."."""
    labels = name.rstrip(".").replace("\\052", "*").lower().split(".")
    return ".".join(reversed(labels)) + ".", kind, identifier


def position_of(record):
    return position(record["Name"], record["Type"], record.get("SetIdentifier", ""))


class Failed(Exception):
    """An error of the API."""

    def __init__(self, code, status=400):
        super().__init__(code)
        self.code = code
        self.status = status


class Aws:
    """One account. `state`: what each operation lists, by its name; those of PARTS and of zones by what they belong to."""

    def __init__(self, state, complaints, account="111122223333"):
        self.state = state
        self.account = account
        self.keys = {}  # by id: (secret, session token or None, is expired)
        self.denied = set()  # permissions: "ec2:DescribeSubnets"
        self.throttled = {}  # by operation: how many requests are refused yet
        self.page_size = 1000
        self.clock = None  # of the API; none: this host's
        self.asked = []  # operations, in order
        self._complaints = complaints
        self._assumed = 0

    def add_key(self, key, secret, token=None):
        self.keys[key] = (secret, token, False)

    def expire(self, key):
        self.keys[key] = (*self.keys[key][:2], True)

    def __call__(self, request):
        service = models.SERVICES[request.host.partition(".")[0]]
        try:
            operation, parameters = self._understand(service, request)
            self.asked.append(operation.name)
            self._authorise(operation, request)
            return Response(200, operation.answer(self._content(operation, parameters)), {"Content-Type": "text/xml"})
        except models.NotInModel as wrong:
            self._complaints.append(str(wrong))
            return self._error(service, "ValidationError", str(wrong), 400)
        except signatures.Refused as refused:
            code = refused.code if service == "ec2" else refused.other_code
            return self._error(service, code, str(refused), 401 if code == "AuthFailure" else 403)
        except Failed as failed:
            return self._error(service, failed.code, "the fake says so", failed.status)

    def _understand(self, service, request):
        if service == "route53":
            for name in ("ListHostedZonesByVPC", "ListResourceRecordSets"):
                operation = models.Operation(service, name)
                parameters = operation.uri_parameters(request.path, dict(urllib.parse.parse_qsl(request.query)))
                if parameters is not None and request.method == "GET":
                    return operation, parameters
            raise models.NotInModel(f"{request.method} {request.path}")
        if request.method != "POST" or request.path != "/" or request.query:
            raise models.NotInModel(f"{request.method} {request.path}?{request.query}")
        form = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        operation = models.Operation(service, form["Action"])
        if form["Version"] != operation.version:
            raise models.NotInModel(f"version {form['Version']}")
        return operation, operation.parameters(form)

    def _authorise(self, operation, request):
        if operation.name != "AssumeRoleWithWebIdentity":
            signatures.verify(request, self.keys.get, self.clock)
        if self.throttled.get(operation.name, 0) > 0:
            self.throttled[operation.name] -= 1
            ec2 = operation.service == "ec2"
            raise Failed("RequestLimitExceeded" if ec2 else "Throttling", 503 if ec2 else 400)
        if f"{IAM.get(operation.service)}:{operation.name}" in self.denied:
            raise Failed("UnauthorizedOperation" if operation.service == "ec2" else "AccessDenied", 403)

    def _content(self, operation, parameters):
        name = operation.name
        if name == "GetCallerIdentity":
            return {"UserId": "AIDA", "Account": self.account, "Arn": f"arn:aws:iam::{self.account}:role/whylink"}
        if name.startswith("AssumeRole"):
            return {"Credentials": self._assume(parameters)}
        if name == "DescribeVpcAttribute":
            values = self._part(name, parameters["VpcId"], "InvalidVpcID.NotFound")
            attribute = parameters["Attribute"]
            return {"VpcId": parameters["VpcId"], ATTRIBUTES[attribute]: {"Value": values[attribute]}}
        if name == "ListHostedZonesByVPC":
            zones = self._part(name, parameters["VPCId"], "AccessDenied")
            return self._pages(name, "HostedZoneSummaries", zones, parameters, "NextToken", "MaxItems", "MaxItems")
        if name == "ListResourceRecordSets":
            return self._records(self._part(name, parameters["HostedZoneId"], "NoSuchHostedZone"), parameters)
        key, items = self._items(name, parameters)
        if operation.service == "elbv2":
            return self._pages(name, key, items, parameters, "Marker", "PageSize", None)
        return self._pages(name, key, items, parameters, "NextToken", "MaxResults", None)

    def _items(self, name, parameters):
        if name in PARTS:
            parameter, key, error = PARTS[name]
            return key, self._part(name, parameters[parameter], error)
        items = self.state.get(name, [])
        for chosen in parameters.get("Filters", []):
            items = [item for item in items if set(FILTERS[chosen["Name"]](item)) & set(chosen["Values"])]
        for parameter, (identifier, error) in IDENTIFIERS.items():
            for wanted in parameters.get(parameter, []):
                if wanted not in [item[identifier] for item in items]:
                    raise Failed(error)
            if parameter in parameters:
                items = [item for item in items if item[identifier] in parameters[parameter]]
        if name == "DescribeTargetGroups" and "LoadBalancerArn" in parameters:
            items = [item for item in items if parameters["LoadBalancerArn"] in item["LoadBalancerArns"]]
        return LISTS[name], items

    def _part(self, name, of, error):
        if of not in self.state.get(name, {}):
            raise Failed(error, 404 if error == "NoSuchHostedZone" else 403 if error == "AccessDenied" else 400)
        return self.state[name][of]

    def _pages(self, name, key, items, parameters, token, limit, echo):
        begin = 0
        if token in parameters:
            begun, begin = json.loads(base64.b64decode(parameters[token]))
            if begun != name:
                raise Failed("InvalidNextToken")
        page_size = len(items) if name in WHOLE else self.page_size
        size = min(page_size, int(parameters.get(limit, page_size)))
        content = {key: items[begin:begin + size]}
        if begin + size < len(items):
            content["NextMarker" if token == "Marker" else token] = base64.b64encode(
                json.dumps([name, begin + size]).encode()).decode()
        if echo:
            content[echo] = str(size)
        return content

    def _records(self, records, parameters):
        """A page begins with the first record that does not stand before a name, a type and an identifier."""
        parts = ("Name", "Type", "Identifier")
        given = [parameters.get(f"StartRecord{part}") for part in parts]
        if None in given and any(given[given.index(None):]):
            raise Failed("InvalidInput")
        start = position(*(part or "" for part in given)) if given[0] else ()
        records = sorted(records, key=position_of)
        left = [record for record in records if position_of(record) >= start]
        size = min(self.page_size, MAX_RECORDS, int(parameters.get("MaxItems", MAX_RECORDS)))
        content = {"ResourceRecordSets": left[:size], "IsTruncated": size < len(left)}
        if content["IsTruncated"]:
            following = (left[size]["Name"], left[size]["Type"], left[size].get("SetIdentifier"))
            content |= {f"NextRecord{part}": value for part, value in zip(parts, following) if value}
        return content | {"MaxItems": str(size)}

    def _assume(self, parameters):
        self._assumed += 1
        key = f"ASIAASSUMED{self._assumed:09d}"
        self.add_key(key, f"assumed-secret-{self._assumed}-of-the-role", f"assumed-token-{self._assumed}")
        self.asked.append(parameters["RoleArn"])
        return {"AccessKeyId": key, "SecretAccessKey": self.keys[key][0], "SessionToken": self.keys[key][1],
                "Expiration": "2099-01-01T00:00:00Z"}

    @staticmethod
    def _error(service, code, message, status):
        error = f"<Error><Code>{code}</Code><Message>{models.escape(message)}</Message></Error>"
        if service == "ec2":
            body = f"<Response><Errors>{error}</Errors><RequestID>0b3a</RequestID></Response>"
        else:
            error = error.replace("<Error>", "<Error><Type>Sender</Type>")
            body = f"<ErrorResponse>{error}<RequestId>0b3a</RequestId></ErrorResponse>"
        return Response(status, body, {"Content-Type": "text/xml"})
