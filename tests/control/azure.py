"""Azure Resource Manager, Entra's token endpoint and Azure's metadata service: state in, answers in their shapes out.
Each request is checked against the closed list of reads; what is not on it is a complaint, which fails the test."""

import base64
import json
import time
import urllib.parse

from cloud import Response

MANAGEMENT = "management.azure.com"
LOGIN = "login.microsoftonline.com"
METADATA = "169.254.169.254"
RESOURCE = f"https://{MANAGEMENT}/"

NETWORK_VERSION = "2024-05-01"
# By type: the version of the API that it is read with (azure-rest-api-specs; CONTROLPLANE).
READS = {
    "Microsoft.Network/privateEndpoints": NETWORK_VERSION,
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": NETWORK_VERSION,
    "Microsoft.Network/networkInterfaces": NETWORK_VERSION,
    "Microsoft.Network/privateLinkServices": NETWORK_VERSION,
    "Microsoft.Network/privateLinkServices/privateEndpointConnections": NETWORK_VERSION,
    "Microsoft.Network/virtualNetworks": NETWORK_VERSION,
    "Microsoft.Network/virtualNetworks/subnets": NETWORK_VERSION,
    "Microsoft.Network/networkSecurityGroups": NETWORK_VERSION,
    "Microsoft.Network/loadBalancers": NETWORK_VERSION,
    "Microsoft.Network/privateDnsZones": "2024-06-01",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": "2024-06-01",
    "Microsoft.Network/privateDnsZones/A": "2024-06-01",
    "Microsoft.Compute/virtualMachines": "2024-07-01",
}
# A POST that reads.
ACTIONS = {"Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups",
           "Microsoft.Network/networkInterfaces/effectiveRouteTable"}
# How a zone's record sets and the rest of a list are told from one resource: an even number of parts.
HEAD = ("subscriptions", "resourcegroups", "providers")


class Failed(Exception):
    """An error of the API."""

    def __init__(self, status, code, message, headers=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


class Unlisted(Exception):
    """A request that is not on the list of reads."""


def answer(content, status=200, **headers):
    return Response(status, json.dumps(content), {"Content-Type": "application/json; charset=utf-8",
                                                  **{name.replace("_", "-"): value for name, value in headers.items()}})


class Tokens:
    """Those that were given, with their ends. The clock is the fakes'."""

    def __init__(self):
        self.ends = {}
        self.life = 3600
        self.now = time.time

    def give(self, application):
        claims = {"aud": RESOURCE, "appid": application, "oid": f"object-of-{application}", "tid": "tenant"}
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        token = f"eyJhbGciOiJub25lIn0.{payload}.planted-signature-{len(self.ends):04d}-0123456789abcdef"
        self.ends[token] = self.now() + self.life
        return token

    def expire(self):
        self.ends = {token: 0 for token in self.ends}

    def check(self, request):
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.ends:
            raise Failed(401, "InvalidAuthenticationToken", "The access token is invalid.",
                         {"WWW-Authenticate": 'Bearer authorization_uri="https://login.windows.net/tenant"'})
        if self.ends[token] <= self.now():
            raise Failed(401, "ExpiredAuthenticationToken",
                         "The access token expiry UTC time is earlier than current UTC time.",
                         {"WWW-Authenticate": 'Bearer error="invalid_token"'})


class Path:
    """What a path of the API names. `type` and `names` are as in Resource IDs; of a list the last type has no name."""

    def __init__(self, text):
        parts = [urllib.parse.unquote(part) for part in text.split("/")[1:]]
        self.text = "/" + "/".join(parts)
        if len(parts) < 4 or parts[0].lower() != "subscriptions":
            raise Unlisted(text)
        self.subscription = parts[1]
        self.group = parts[3] if parts[2].lower() == "resourcegroups" else None
        rest = parts[4:] if self.group else parts[2:]
        if len(rest) < 3 or rest[0].lower() != "providers":
            raise Unlisted(text)
        self.provider = rest[1]
        self.types = rest[2::2]
        self.names = rest[3::2]

    def kind(self):
        """As a permission and READS have it."""
        wanted = "/".join([self.provider, *self.types]).lower()
        for kind in (*READS, *ACTIONS):
            if kind.lower() == wanted:
                return kind
        raise Unlisted(self.text)

    def is_list(self):
        return len(self.names) < len(self.types)

    def parent(self):
        return self.text.rsplit("/", 1 if self.is_list() else 2)[0]


class Arm:
    """`resources`: each by its id. `effective`: what Azure computes, by the path that it is asked by."""

    def __init__(self, resources, tokens, complaints):
        self.resources = {resource["id"].lower(): resource for resource in resources}
        self.effective = {}
        self.tokens = tokens
        self.denied = set()  # permissions
        self.throttled = {}  # by permission: how many requests are refused yet
        self.retry_after = "1"
        self.instead = {}  # by permission: the Response that is given
        self.hidden = False  # the identity has no role in the subscription
        self.page_size = 1000
        self.next_link = None  # of every page; none: the true one
        self.asked = []  # permissions, in order
        self._complaints = complaints
        self._operations = {}

    def change(self, identifier, **properties):
        self.resources[identifier.lower()]["properties"].update(properties)

    def remove(self, identifier):
        del self.resources[identifier.lower()]

    def __call__(self, request):
        try:
            self._check_headers(request)
            return self._answer(request)
        except Unlisted:
            self._complaints.append(f"{request.method} {request.path}?{request.query}")
            return self._error(Failed(400, "InvalidRequestUri", "not on the list of reads"))
        except Failed as failed:
            return self._error(failed)

    def _check_headers(self, request):
        if request.method == "GET" and request.body:
            self._complaints.append("GET with a body")
        if "x-forwarded-for" in request.headers:
            self._complaints.append("a proxy's header to Azure Resource Manager")

    def _answer(self, request):
        self.tokens.check(request)
        if "/operationresults/" in request.path.lower():
            return self._result(request)
        path = Path(request.path)
        kind = path.kind()
        query = urllib.parse.parse_qs(request.query, strict_parsing=True)
        permission = self._permission(request, kind, query)
        self.asked.append(permission)
        self._refuse(permission, path)
        if permission in self.instead:
            return self.instead[permission]
        if kind in ACTIONS:
            return self._start(path)
        return self._list(path, query) if path.is_list() else self._get(path)

    @staticmethod
    def _permission(request, kind, query):
        method = "POST" if kind in ACTIONS else "GET"
        version = READS.get(kind, NETWORK_VERSION)
        allowed = {"api-version", "$skiptoken"}
        if request.method != method or query.get("api-version") != [version] or set(map(str.lower, query)) - allowed:
            raise Unlisted(request.path)
        return f"{kind}/{'action' if method == 'POST' else 'read'}"

    def _refuse(self, permission, path):
        if self.hidden:
            raise Failed(404, "SubscriptionNotFound", f"The subscription '{path.subscription}' could not be found.")
        if permission in self.denied:
            raise Failed(403, "AuthorizationFailed",
                         "The client 'c' with object id 'o' does not have authorization to perform action "
                         f"'{permission}' over scope '{path.parent()}' or the scope is invalid.")
        if self.throttled.get(permission, 0) > 0:
            self.throttled[permission] -= 1
            raise Failed(429, "TooManyRequests", "The request is being throttled.",
                         {"Retry-After": self.retry_after, "x-ms-ratelimit-remaining-subscription-reads": "0"})

    def _get(self, path):
        resource = self.resources.get(path.text.lower())
        if resource is not None:
            return answer(resource)
        if len(path.names) > 1 and path.parent().lower() not in self.resources and "/A/" not in path.text:
            raise Failed(404, "ParentResourceNotFound", "the parent does not exist")
        group = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}/".lower()
        if not any(identifier.startswith(group) for identifier in self.resources):
            raise Failed(404, "ResourceGroupNotFound", f"Resource group '{path.group}' could not be found.")
        raise Failed(404, "NotFound" if "/A/" in path.text else "ResourceNotFound", f"{path.text} was not found.")

    def _list(self, path, query):
        items = [resource for identifier, resource in self.resources.items() if self._is_in(path, identifier)]
        if path.group and path.parent().lower() not in self.resources:
            code = "ParentResourceNotFound" if len(path.types) > 1 else "ResourceGroupNotFound"
            raise Failed(404, code, "no such parent")
        begin = self._begin(path, query)
        content = {"value": items[begin:begin + self.page_size]}
        if begin + self.page_size < len(items):
            mark = base64.urlsafe_b64encode(json.dumps([path.text, begin + self.page_size]).encode()).decode()
            content["nextLink"] = (self.next_link or
                                   f"https://{MANAGEMENT}{path.text}?api-version={query['api-version'][0]}"
                                   f"&$skiptoken={urllib.parse.quote(mark)}")
        return answer(content)

    @staticmethod
    def _is_in(path, identifier):
        other = Path(identifier)
        if path.group:
            return identifier.startswith(path.text.lower() + "/") and len(other.types) == len(path.types)
        return (other.subscription.lower() == path.subscription.lower() and
                [kind.lower() for kind in other.types] == [kind.lower() for kind in path.types])

    @staticmethod
    def _begin(path, query):
        if "$skiptoken" not in query:
            return 0
        text, begin = json.loads(base64.urlsafe_b64decode(query["$skiptoken"][0]))
        if text != path.text:
            raise Failed(400, "InvalidSkipToken", "of another list")
        return begin

    def _start(self, path):
        """Azure computes for a while."""
        if path.text not in self.effective:
            raise Failed(404, "ResourceNotFound", f"{path.parent()} was not found.")
        number = f"op-{len(self._operations)}"
        self._operations[number] = [self.effective[path.text], 1]
        return Response(202, b"", {"Location": self._location(path.subscription, number), "Retry-After": "1"})

    def _result(self, request):
        parts = request.path.split("/")
        operation = self._operations.get(parts[-1])
        if request.method != "GET" or operation is None:
            raise Unlisted(request.path)
        if operation[1] > 0:
            operation[1] -= 1
            return Response(202, b"", {"Location": self._location(parts[2], parts[-1]), "Retry-After": "1"})
        return answer({"value": operation[0]})

    @staticmethod
    def _location(subscription, number):
        return (f"https://{MANAGEMENT}/subscriptions/{subscription}/providers/Microsoft.Network/locations/westus3/"
                f"operationResults/{number}?api-version={NETWORK_VERSION}")

    @staticmethod
    def _error(failed):
        return answer({"error": {"code": failed.code, "message": str(failed)}}, failed.status, **failed.headers)


class Entra:
    """`secrets`: of applications, by their ids; `assertions`: of workloads."""

    def __init__(self, tenant, tokens, complaints):
        self.tenant = tenant
        self.secrets = {}
        self.assertions = {}
        self.tokens = tokens
        self.asked = 0
        self._complaints = complaints

    def __call__(self, request):
        self.asked += 1
        kind = request.headers.get("content-type", "").partition(";")[0]
        if request.method != "POST" or request.query or kind != "application/x-www-form-urlencoded":
            self._complaints.append(f"{request.method} {request.path}?{request.query} to Entra")
            return Response(400)
        if request.path != f"/{self.tenant}/oauth2/v2.0/token":
            return self._error(400, "invalid_request", "AADSTS90002: Tenant not found.")
        form = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        if form.get("grant_type") != "client_credentials" or form.get("scope") != RESOURCE + ".default":
            self._complaints.append(f"a grant for {form.get('scope')}")
            return self._error(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.")
        if not self._is_known(form):
            return self._error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1")
        return answer({"token_type": "Bearer", "expires_in": self.tokens.life, "ext_expires_in": self.tokens.life,
                       "access_token": self.tokens.give(form["client_id"])})

    def _is_known(self, form):
        client = form.get("client_id")
        if "client_assertion" in form:
            kind = form.get("client_assertion_type")
            if kind != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" or "client_secret" in form:
                self._complaints.append(f"an assertion of type {kind}")
            return client in self.assertions and form["client_assertion"] == self.assertions[client]
        return client in self.secrets and form.get("client_secret") == self.secrets[client]

    @staticmethod
    def _error(status, code, description):
        return answer({"error": code, "error_description": description, "error_codes": [1]}, status)


class AzureMetadata:
    """`instance`: the document of /metadata/instance, none: another cloud's host. `identities`: client ids; the first
    is the host's own."""

    def __init__(self, tokens, complaints, instance=None):
        self.instance = instance
        self.identities = []
        self.tokens = tokens
        self.asked = []
        self._complaints = complaints

    def __call__(self, request):
        self.asked.append(request.path)
        if request.method != "GET" or "x-forwarded-for" in request.headers or "via" in request.headers:
            self._complaints.append(f"{request.method} {request.path} to the metadata service, or by a proxy")
            return Response(400)
        if self.instance is None:
            return Response(404, "<html>not found</html>")
        if request.headers.get("metadata") != "true":
            self._complaints.append("no Metadata header")
            return answer({"error": "Bad request. Required metadata header not specified"}, 400)
        query = dict(urllib.parse.parse_qsl(request.query, strict_parsing=True))
        if request.path == "/metadata/instance" and query.get("api-version") == "2021-02-01":
            return answer(self.instance)
        if request.path == "/metadata/identity/oauth2/token" and query.get("api-version") == "2018-02-01":
            return self._token(query)
        self._complaints.append(f"{request.path}?{request.query}")
        return Response(404)

    def _token(self, query):
        if query.get("resource") not in (RESOURCE, RESOURCE.rstrip("/")):
            self._complaints.append(f"a token for {query.get('resource')}")
        client = query.get("client_id", self.identities[0] if self.identities else None)
        if client not in self.identities:
            return answer({"error": "invalid_request", "error_description": "Identity not found"}, 400)
        end = int(self.tokens.now()) + self.tokens.life
        return answer({"access_token": self.tokens.give(client), "client_id": client, "token_type": "Bearer",
                       "expires_in": str(self.tokens.life), "expires_on": str(end), "resource": RESOURCE})
