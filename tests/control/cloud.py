"""HTTP servers that own the names and addresses of clouds, and hand each request to the fake of its host."""

import dataclasses
import http.server
import ssl
import threading
import time


@dataclasses.dataclass
class Request:
    method: str
    host: str
    path: str
    query: str
    headers: dict  # names in lower case
    body: bytes


@dataclasses.dataclass
class Response:
    status: int
    body: object = b""
    headers: dict = dataclasses.field(default_factory=dict)

    def content(self):
        return self.body if isinstance(self.body, bytes) else self.body.encode()


class Cut(Response):
    """Announces more than it has."""


class Endless(Response):
    """Never stops."""


class Cloud:
    """`routes`: by host, what answers a Request with a Response. `complaints`: what no client of ours may do."""

    def __init__(self):
        self.routes = {}
        self.complaints = []
        self.requests = []
        self.ahead = 0  # seconds of its clock before this host's
        self._servers = []

    def serve(self, address, port, certificate=None):
        cloud = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                response = cloud.respond(self.read())
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.write_body(response)

            def read(self):
                path, _, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                host = headers.get("host", "").partition(":")[0]
                return Request(self.command, host, path, query, headers,
                               self.rfile.read(int(headers.get("content-length", 0))))

            def write_body(self, response):
                content = response.content()
                if isinstance(response, Endless):
                    self.end_headers()
                    while True:
                        self.wfile.write(b"<item>" * 1024)
                self.send_header("Content-Length", str(len(content) + (99 if isinstance(response, Cut) else 0)))
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = isinstance(response, Cut)

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # the client has gone

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

            def date_time_string(self, timestamp=None):
                return super().date_time_string((timestamp or time.time()) + cloud.ahead)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer((address, port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # With the handshake in the connection's own thread, one that hangs stops nobody else.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)

    def respond(self, request):
        self.requests.append(request)
        route = self.routes.get(request.host)
        if route is None:
            self.complaints.append(f"{request.method} to {request.host}, which nobody should ask")
            return Response(421)
        return route(request)

    def stop(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()


def slow(seconds):
    """A route that answers late."""

    def answer(_):
        time.sleep(seconds)
        return Response(200)

    return answer
