"""The metadata service of AWS (IMDSv2) and the credentials of containers."""

import json

from cloud import Response

TOKEN_LIFE = "21600"


class AwsMetadata:
    """`items`: texts by their path below /latest/meta-data/. Without a token nothing is said."""

    def __init__(self, complaints, document=None):
        self.items = {}
        self.document = document
        self.role = None
        self.credentials = {}
        self.tokens = []  # that were given; all are good
        self._complaints = complaints

    def give_role(self, role, key, secret, token, expiration="2099-01-01T00:00:00Z"):
        self.role = role
        self.credentials = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key, "SecretAccessKey": secret,
                            "Token": token, "Expiration": expiration, "LastUpdated": "2026-11-30T00:00:00Z"}

    def __call__(self, request):
        if "x-forwarded-for" in request.headers or "via" in request.headers:
            self._complaints.append("a proxy was used for the metadata service")
            return Response(403)
        if request.path == "/latest/api/token":
            return self._give_token(request)
        if request.headers.get("x-aws-ec2-metadata-token") not in self.tokens:
            return Response(401)
        return self._item(request.path)

    def _give_token(self, request):
        if request.method != "PUT" or request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") != TOKEN_LIFE:
            self._complaints.append(f"{request.method} {request.path} without a time to live")
            return Response(400)
        self.tokens.append(f"planted-metadata-token-{len(self.tokens)}-of-the-instance")
        return Response(200, self.tokens[-1])

    def _item(self, path):
        role_folder = "/latest/meta-data/iam/security-credentials/"
        if path == "/latest/dynamic/instance-identity/document" and self.document:
            return Response(200, json.dumps(self.document))
        if path == role_folder and self.role:
            return Response(200, self.role)
        if path == f"{role_folder}{self.role}":
            return Response(200, json.dumps(self.credentials))
        text = self.items.get(path.removeprefix("/latest/meta-data/"))
        return Response(404, "<html/>") if text is None else Response(200, text)


class Container:
    """ECS and EKS Pod Identity: credentials for who shows the token."""

    def __init__(self, path, authorization, key, secret, token):
        self._path = path
        self._authorization = authorization
        self._credentials = {"AccessKeyId": key, "SecretAccessKey": secret, "Token": token,
                             "Expiration": "2099-01-01T00:00:00Z", "RoleArn": "arn:aws:iam::111122223333:role/task"}

    def __call__(self, request):
        if request.path != self._path or request.headers.get("authorization") != self._authorization:
            return Response(401)
        return Response(200, json.dumps(self._credentials))


def this_host(items, mac="06:1a:2b:3c:4d:5e"):
    """The host of the world (aws_world.py): the interface eni-9."""
    folder = f"network/interfaces/macs/{mac}/"
    items["placement/availability-zone-id"] = "euw1-az2"
    items["network/interfaces/macs/"] = mac + "/"
    for name, value in (("interface-id", "eni-9"), ("subnet-id", "subnet-b"), ("vpc-id", "vpc-1"),
                        ("security-group-ids", "sg-app"), ("local-ipv4s", "10.0.5.10")):
        items[folder + name] = value
