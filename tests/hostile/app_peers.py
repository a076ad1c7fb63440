"""Servers of applications that do not come to an end, or lead somewhere else."""

import struct
import time

import peer


def endless(content, greeting=b"", first=True, most=64 << 20):
    """The same again and again, once the client has said something if it is the one who speaks `first`."""
    def serve(self, connection):
        if first:
            self.hear(connection)
        connection.sendall(greeting)
        peer.forever(connection, content, most)

    return lambda: peer.Peer(serve)


def dripping(greeting, content, pause=0.002):
    def serve(self, connection):
        self.hear(connection)
        connection.sendall(greeting)
        while True:
            connection.sendall(content)
            time.sleep(pause)

    return lambda: peer.Peer(serve)


def answering(*answers, first=True):
    """One after the other, each to something that the client says."""
    def serve(self, connection):
        for i, answer in enumerate(answers):
            if first or i > 0:
                self.hear(connection)
            connection.sendall(answer)
        self.drain(connection)

    return lambda: peer.Peer(serve)


# ---- HTTP ----

OK = b"HTTP/1.1 200 OK\r\n"
FAILING = b"HTTP/1.1 500 No\r\n"


def redirect(location):
    return answering(b"HTTP/1.1 302 Found\r\nLocation: " + location.encode() + b"\r\nContent-Length: 0\r\n\r\n")


def frame(kind, flags, stream, payload):
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


SETTINGS, PING, EMPTY_DATA = frame(4, 0, 0, b""), frame(6, 0, 0, bytes(8)), frame(0, 0, 1, b"")


def header_bomb():
    """HTTP/2: one header of 4,000 bytes, and then its number thousands of times."""
    block = b"\x40\x01a\x7f" + _integer(4000 - 127) + b"x" * 4000 + b"\xbe" * 12_000
    return SETTINGS + frame(1, 4, 1, block)


def _integer(rest):
    digits = b""
    while rest >= 128:
        digits += bytes([rest % 128 | 128])
        rest //= 128
    return digits + bytes([rest])


# ---- Redis ----

NESTED = b"*1\r\n" * 50_000
WIDE = b"*1000000\r\n" + b":1\r\n" * 1_000_000
NODE_OF_CLUSTER = b"$17\r\ncluster_enabled:1\r\n"


def slots(count=16_384):
    node = b"*3\r\n$12\r\nnode.example\r\n:6379\r\n$40\r\n" + b"a" * 40 + b"\r\n"
    return b"*%d\r\n" % count + b"".join(b"*3\r\n:%d\r\n:%d\r\n" % (i, i) + node for i in range(count))


# ---- Kafka ----

def kafka(body, number):
    """Answers have the number of the request, which counts from the first."""
    return struct.pack("!ii", len(body) + 4, number) + body


def api_versions(listed=((0, 0, 3), (3, 0, 9), (18, 0, 3)), count=None):
    return struct.pack("!hi", 0, len(listed) if count is None else count) + b"".join(struct.pack("!hhh", *row)
                                                                                     for row in listed)


class Kafka(peer.Peer):
    """Answers with the request's own number, whatever it is."""

    def __init__(self, *bodies):
        self._bodies = bodies
        super().__init__()

    def serve(self, connection):
        for body in self._bodies:
            request = self.hear(connection)
            if len(request) < 12:
                return
            connection.sendall(kafka(body, struct.unpack("!i", request[8:12])[0]))
        self.drain(connection)


def brokers(count, said=None):
    host = b"broker.example"
    broker = struct.pack("!ih", 1, len(host)) + host + struct.pack("!ih", 9092, -1)
    return struct.pack("!i", count if said is None else said) + broker * count + struct.pack("!ii", 1, 0)


# ---- databases ----

def postgres(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


NOTICE = postgres(b"N", b"SNOTICE\0C00000\0M" + b"\x1b[2J\n" * 50 + b"\0\0")
PARAMETER = postgres(b"S", b"application_name\0" + b"x" * 2000 + b"\0")


def mysql(number, body):
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


def mongodb(document):
    body = struct.pack("<I", 0) + b"\0" + document
    return struct.pack("<IIII", len(body) + 16, 1, 1, 2013) + body


def document(elements):
    return struct.pack("<I", len(elements) + 5) + elements + b"\0"


def nested_document(depth=5000):
    inner = document(b"")
    for _ in range(depth):
        inner = document(b"\x03a\0" + inner)
    return inner


def many_members(count=100_000):
    hosts = b"".join(b"\x02%d\0" % i + struct.pack("<I", 15) + b"m.example:27017"[:14] + b"\0" for i in range(count))
    return document(b"\x01ok\0" + struct.pack("<d", 1) + b"\x04hosts\0" + document(hosts))
