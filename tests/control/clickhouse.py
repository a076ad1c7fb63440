"""ClickHouse Cloud's API: state in, answers in its shapes out. What is not on the list of reads is a complaint."""

import base64
import json
import re
import time

from cloud import Response

HOST = "api.clickhouse.cloud"
ORGANIZATION = "0a0a0a0a-0000-4000-8000-00000000000a"
SERVICE = "c0ffee00-0000-4000-8000-000000000002"
REGION_HOST = "abcd.westus3.azure.clickhouse.cloud"
PRIVATE_HOST = "abcd.westus3.privatelink.azure.clickhouse.cloud"
ENDPOINT_SERVICE = "production-westus3-0-0.63c8.westus3.azure.privatelinkservice"
# By path: the permission that it takes.
READS = [
    (re.compile(r"/v1/organizations"), "control-plane:organization:view"),
    (re.compile(r"/v1/organizations/([^/]+)/services"), "control-plane:service:view"),
    (re.compile(r"/v1/organizations/([^/]+)/services/([^/]+)/privateEndpointConfig"),
     "control-plane:service:view-private-endpoints"),
]
# Of one key: so many in so many seconds.
QUOTA, WINDOW = 10, 10


def service(identifier=SERVICE, host=REGION_HOST, allowed=(), state="running"):
    return {"id": identifier, "name": "prod", "provider": "azure", "region": "westus3", "state": state,
            "endpoints": [{"protocol": "nativesecure", "host": host, "port": 9440},
                          {"protocol": "https", "host": host, "port": 8443}],
            "idleScaling": True, "idleTimeoutMinutes": 15, "ipAccessList": [{"source": "203.0.113.0/24",
                                                                             "description": "office"}],
            "privateEndpointIds": list(allowed), "availablePrivateEndpointIds": [], "isPrimary": True}


class ClickHouse:
    """One organization. `keys`: secrets by their ids."""

    def __init__(self, complaints, services=None):
        self.services = [service()] if services is None else services
        self.configs = {SERVICE: {"endpointServiceId": ENDPOINT_SERVICE, "privateDnsHostname": PRIVATE_HOST}}
        self.keys = {}
        self.denied = set()  # permissions
        self.instead = {}  # by permission: the Response that is given
        self.page_size = 1000
        self.names_permission = True  # in the text of a refusal
        self.asked = []  # paths, in order
        self._times = []
        self._complaints = complaints

    def __call__(self, request):
        row = next((row for row in READS if row[0].fullmatch(request.path)), None)
        if request.method != "GET" or row is None or request.body:
            self._complaints.append(f"{request.method} {request.path}")
            return self._error(400, "not on the list of reads")
        self.asked.append(request.path)
        pattern, permission = row
        refused = self._refuse(request, permission)
        if refused is not None:
            return refused
        if permission in self.instead:
            return self.instead[permission]
        return self._read(request, *pattern.fullmatch(request.path).groups())

    def forget_requests(self):
        """For the next program with the same key, which does not know what the one before has asked."""
        self._times.clear()

    def _refuse(self, request, permission):
        if not self._is_known(request):
            return self._error(401, "Unauthorized")
        now = time.monotonic()
        self._times = [at for at in self._times if now - at < WINDOW] + [now]
        if len(self._times) > QUOTA:
            self._complaints.append("more requests than the key may make")
            return self._error(429, "Too many requests", {"X-RateLimit-Limit": str(QUOTA), "X-RateLimit-Remaining": "0",
                                                          "X-RateLimit-Reset": str(WINDOW)})
        if permission in self.denied:
            return self._error(403, f"missing permission {permission}" if self.names_permission else "Forbidden")
        return None

    def _is_known(self, request):
        kind, _, pair = request.headers.get("authorization", "").partition(" ")
        try:
            key, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
        except ValueError:
            return False
        return kind == "Basic" and self.keys.get(key) == secret

    def _read(self, request, organization=None, identifier=None):
        if organization is None:
            return self._answer([self._organization()])
        if organization != ORGANIZATION:
            return self._error(403, "Forbidden")
        if identifier is None:
            return self._list(request)
        known = self.configs.get(identifier)
        return self._answer(known) if known else self._error(404, "NOT_FOUND")

    @staticmethod
    def _organization():
        return {"id": ORGANIZATION, "name": "acme", "createdAt": "2024-01-01T00:00:00Z", "privateEndpoints": [],
                "enableCoreDumps": True}

    def _list(self, request):
        begin = int(request.query.removeprefix("cursor=") or 0)
        content = {"result": self.services[begin:begin + self.page_size]}
        if begin + self.page_size < len(self.services):
            content["nextCursor"] = str(begin + self.page_size)
        return self._answer(**content)

    @staticmethod
    def _answer(result, **more):
        return Response(200, json.dumps({"status": 200, "requestId": "3f0c6d0e-0000-4000-8000-000000000001",
                                         "result": result, **more}), {"Content-Type": "application/json"})

    @staticmethod
    def _error(status, text, headers=None):
        return Response(status, json.dumps({"status": status, "error": text, "requestId": "3f0c"}),
                        {"Content-Type": "application/json", **(headers or {})})
