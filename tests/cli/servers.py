"""Servers on loopback for the tests of the program: each in threads of its own, stopped by close()."""

import socket
import ssl
import struct
import subprocess
import threading


class Server:
    """Accepts connections and hands each to `serve` in a thread. Port 0 is any."""

    def __init__(self, port=0, host="127.0.0.1"):
        self._listener = socket.create_server((host, port), backlog=512)
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Condition()
        self._open = set()
        self.max_open = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
                self.max_open = max(self.max_open, len(self._open))
                self._lock.notify_all()
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def serve(self, connection):
        raise NotImplementedError

    def wait_for_connection(self, deadline):
        """True once a connection has been accepted."""
        with self._lock:
            return self._lock.wait_for(lambda: self.max_open > 0, deadline)

    def close(self):
        try:
            # The thread that accepts would take one more connection.
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # closed already
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Silent(Server):
    """Reads and never answers."""

    def serve(self, connection):
        while connection.recv(4096):
            pass


class Resetting(Server):
    """Reads the first message and resets, as a service does that does not know the endpoint."""

    def serve(self, connection):
        connection.recv(4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Banner(Server):
    """Speaks first, in plain text."""

    def __init__(self, text, port=0):
        self._text = text
        super().__init__(port)

    def serve(self, connection):
        connection.sendall(self._text)
        while connection.recv(4096):
            pass


class Tls(Server):
    """Answers a handshake with the given certificate."""

    def __init__(self, certificate, key, port=0):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        super().__init__(port)

    def serve(self, connection):
        with self._context.wrap_socket(connection, server_side=True) as stream:
            while stream.recv(4096):
                pass


class Switchable(Tls):
    """Answers a handshake while it works, and resets while it does not, as a service does that does not know the
    endpoint."""

    works = True

    def serve(self, connection):
        if self.works:
            super().serve(connection)
        else:
            Resetting.serve(self, connection)


class Dns:
    """Answers A queries for the names it knows, each with its address or list of addresses; NODATA for their other types,
    NXDOMAIN for the rest."""

    def __init__(self, records, port=0):
        self._records = records
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.resolver = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                query, sender = self._socket.recvfrom(4096)
                if not query:
                    return
                self._socket.sendto(self._reply(query), sender)
            except OSError:
                return

    def _find(self, name):
        wildcard = "*." + name.partition(".")[2]
        return self._records.get(name, self._records.get(wildcard))

    def _reply(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        known = self._find(".".join(labels).lower())
        addresses = ([known] if isinstance(known, str) else known or []) if kind == 1 else []
        header = query[:2] + struct.pack("!HHHHH", 0x8180 | (0 if known else 3), 1, len(addresses), 0, 0)
        return header + question + b"".join(
            struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address) for address in addresses)

    def close(self):
        # A datagram of no bytes wakes the thread up.
        self._socket.sendto(b"", self._socket.getsockname())


def make_certificate(directory, name, days):
    """Self-signed; the paths of certificate and key."""
    certificate, key = f"{directory}/{name}.pem", f"{directory}/{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", str(days), "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return certificate, key


def closed_port():
    """A port on which nothing listened a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
