"""Signature Version 4 of a request, recomputed by botocore."""

import datetime
import hmac
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/"
                           r"(?P<service>[^/]+)/aws4_request, ?SignedHeaders=(?P<headers>[^,]+), ?"
                           r"Signature=(?P<signature>[0-9a-f]{64})")
MUST_BE_SIGNED = {"host", "x-amz-date"}
MAX_SKEW = datetime.timedelta(minutes=5)


class Refused(Exception):
    """Why a signature is none: the code that EC2 gives, and that of the other services."""

    def __init__(self, reason, code="AuthFailure", other_code="SignatureDoesNotMatch"):
        super().__init__(reason)
        self.code = code
        self.other_code = other_code


def scope_of(host):
    """Region and service that a host's requests are signed for."""
    service, region = host.split(".")[:2]
    return ("us-east-1", service) if service == "route53" else (region, service)


def verify(request, key_of, now=None):
    """Returns the access key's id. `key_of` gives (secret, session token or None, is expired) for an id, or nothing."""
    match = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if not match:
        raise Refused("not signed", other_code="MissingAuthenticationToken")
    held = key_of(match["key"])
    if not held:
        raise Refused("unknown key", other_code="InvalidClientTokenId")
    secret, token, expired = held
    if (match["region"], match["service"]) != scope_of(request.host):
        raise Refused(f"signed for {match['region']}/{match['service']}")
    if request.headers.get("x-amz-security-token") != token:
        raise Refused("another session token", other_code="InvalidClientTokenId")
    signed = match["headers"].split(";")
    missing = MUST_BE_SIGNED - set(signed)
    missing |= {name for name in request.headers if name.startswith("x-amz-")} - set(signed)
    if missing:
        raise Refused(f"not signed: {sorted(missing)}")
    if not hmac.compare_digest(signature(request, signed, secret, token, match), match["signature"]):
        raise Refused("another signature")
    date = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    skew = abs(date - (now or datetime.datetime.utcnow()))
    if skew > MAX_SKEW or not request.headers["x-amz-date"].startswith(match["date"]):
        raise Refused("another time", "RequestExpired", "RequestExpired")
    if expired:
        raise Refused("the session has expired", "RequestExpired", "ExpiredToken")
    return match["key"]


def signature(request, signed, secret, token, match):
    headers = {name: request.headers[name] for name in signed}
    url = f"https://{request.host}{request.path}" + (f"?{request.query}" if request.query else "")
    made = AWSRequest(request.method, url, headers=headers, data=request.body)
    made.context["timestamp"] = request.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(match["key"], secret, token), match["service"], match["region"])
    return auth.signature(auth.string_to_sign(made, auth.canonical_request(made)), made)
