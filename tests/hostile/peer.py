"""What hostile servers have in common: connections on any address of 10.0.0.0/8, each in a thread, and a record of who
came and what they sent."""

import collections
import socket
import struct
import threading

KEPT = 1 << 16  # bytes of what clients sent


class Peer:
    """Listens on every address of the namespace. `serve` does what it likes with a connection until an OSError."""

    def __init__(self, serve=None, port=0):
        self._serve = serve
        self._listener = socket.create_server(("0.0.0.0", port), backlog=4096)
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self.connections = collections.Counter()  # by the address that was connected to
        self.said = b""  # by clients that serve() reads with `hear`
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            with self._lock:
                self.connections[connection.getsockname()[0]] += 1
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.serve(connection)
            except OSError:
                pass

    def serve(self, connection):
        self._serve(self, connection)

    def hear(self, connection):
        """What comes next; empty at the end."""
        data = connection.recv(1 << 16)
        with self._lock:
            self.said = (self.said + data)[:KEPT]
        return data

    def drain(self, connection):
        while self.hear(connection):
            pass


def exactly(connection, size):
    """That many bytes of the client."""
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError("the client has gone")
        data += part
    return data


class Accepting:
    """Thousands of healthy connections cost this one thread: accepted, and closed once the client has closed."""

    def __init__(self):
        self._listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        held = collections.deque()
        while True:
            held.append(self._listener.accept()[0])
            if len(held) > 64:
                held.popleft().close()


def end_with_reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def forever(connection, content, most=1 << 30):
    """The same again and again; `most` keeps a test that fails from filling a disk with it."""
    sent = 0
    while sent < most:
        connection.sendall(content)
        sent += len(content)
