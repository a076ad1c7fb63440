"""Resolvers that answer with as much as a message holds, in the way that takes longest to read. What is too long for a
datagram is sent over TCP, as the protocol has it."""

import itertools
import os
import random
import socket
import struct
import threading
import time

import peer

A, CNAME, TXT, OPT, NSEC = 1, 5, 16, 41, 47
NOERROR, NXDOMAIN = 0, 3
AT_QUESTION = b"\xc0\x0c"  # a pointer to the name that was asked for
DATAGRAM = 1200
MESSAGE = 65_000
RESOLVER = "10.53.0.1"
TRUNCATED = 0x0200


def record(owner, kind, data, ttl=60, klass=1):
    return owner + struct.pack("!HHIH", kind, klass, ttl, len(data)) + data


def pointer(at):
    return struct.pack("!H", 0xC000 | at)


def label(text):
    return bytes([len(text)]) + text


def address(text):
    return record(AT_QUESTION, A, socket.inet_aton(text))


class Question:
    def __init__(self, query):
        self.id = query[:2]
        end = query.index(0, 12) + 5
        self.section = query[12:end]
        self.kind = struct.unpack("!H", query[end - 4:end - 2])[0]
        self.header_size = 12 + len(self.section)  # where the answer begins

    def reply(self, answers=(), authority=(), additional=(), rcode=NOERROR, flags=0):
        counts = struct.pack("!HHHHH", 0x8180 | flags | rcode, 1, len(answers), len(authority), len(additional))
        return self.id + counts + self.section + b"".join((*answers, *authority, *additional))


class Resolver:
    """`answer` makes the message for a question. `datagrams` and `stream` may do something else with it."""

    def __init__(self, answer, datagrams=None, stream=None):
        self._answer, self._datagrams, self._stream = answer, datagrams, stream
        self._tcp = peer.Peer(self._serve)
        self.port = self._tcp.port
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((RESOLVER, self.port))
        self.resolver = f"{RESOLVER}:{self.port}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            query, sender = self._udp.recvfrom(4096)
            question = Question(query)
            try:
                if self._datagrams:
                    self._datagrams(self, question, sender)
                else:
                    message = self._answer(question)
                    self.send(message if len(message) <= DATAGRAM else question.reply(flags=TRUNCATED), sender)
            except OSError:
                pass

    def send(self, datagram, to):
        self._udp.sendto(datagram, to)

    def _serve(self, _, connection):
        while True:
            size = struct.unpack("!H", peer.exactly(connection, 2))[0]
            question = Question(peer.exactly(connection, size))
            if self._stream:
                self._stream(question, connection)
                return
            message = self._answer(question)
            connection.sendall(struct.pack("!H", len(message)) + message)


def addresses(*texts):
    def answer(question):
        return question.reply([address(text) for text in texts] if question.kind == A else [])

    return Resolver(answer)


def many_addresses(count=4000):
    """As many as a message holds."""
    return addresses(*(f"10.77.{i // 250}.{i % 250 + 1}" for i in range(count)))


def turning(turn, *texts):
    """Calls `turn` at each query of A."""
    def answer(question):
        if question.kind == A:
            turn()
        return question.reply([address(text) for text in texts] if question.kind == A else [])

    return Resolver(answer)


def changing_addresses(count=16):
    """Others at each query."""
    def answer(question):
        chosen = [f"10.{random.randrange(1, 200)}.{random.randrange(250)}.{random.randrange(1, 250)}"
                  for _ in range(count)]
        return question.reply([address(text) for text in chosen] if question.kind == A else [])

    return Resolver(answer)


def _filled(question, make, **further):
    """Records until the message is full; `make` is told the number and where the record will stand."""
    records, at = [], question.header_size
    for i in itertools.count():
        made = make(i, at)
        if at + len(made) > MESSAGE:
            return question.reply(records, **further)
        records.append(made)
        at += len(made)


def cname_storm():
    """A chain of thousands of names, of which each record holds the next one."""
    def answer(question):
        def link(i, at):
            # The name before stands in the last bytes of the record before.
            owner = AT_QUESTION if i == 0 else label(b"n%05d" % (i - 1)) + AT_QUESTION
            return record(owner, CNAME, label(b"n%05d" % i) + AT_QUESTION)

        return _filled(question, link)

    return Resolver(answer)


def cname_loop():
    def answer(question):
        other = label(b"other") + AT_QUESTION
        return _filled(question, lambda i, _: record(other, CNAME, AT_QUESTION) if i % 2 else
                       record(AT_QUESTION, CNAME, other))

    return Resolver(answer)


def cname_of_controls():
    """Names may hold any byte: here those that a terminal, a log and a label of a metric mind."""
    def answer(question):
        labels = (b'\r\nPRIORITY=0\n\x1b[2J"\\}', b"\xff" * 60, b"\0" * 60, b"\n" * 60, b"")
        bad = b"".join(map(label, labels))
        return question.reply([record(AT_QUESTION, CNAME, bad), record(bad, A, socket.inet_aton("10.0.0.1"))])

    return Resolver(answer)


def pointer_chains():
    """A pointer to a pointer to a pointer, thousands of them, to which each record's name leads."""
    def answer(question):
        first = record(AT_QUESTION, TXT, b"")
        at = question.header_size + len(first)
        hops = (0x3FF0 - at) // 2
        chain = AT_QUESTION + b"".join(pointer(at + 2 * i) for i in range(hops))
        records = [record(AT_QUESTION, TXT, chain)]
        last = pointer(at + 2 * hops)
        size = at + len(chain)
        while size < MESSAGE - 16:
            records.append(record(last, A, socket.inet_aton("10.0.0.1")))
            size += 16
        return question.reply(records)

    return Resolver(answer)


def pointer_to_itself():
    def answer(question):
        return _filled(question, lambda _, at: record(pointer(min(at, 0x3FFF)), A, socket.inet_aton("10.0.0.1")))

    return Resolver(answer)


def long_names():
    """127 labels for each of thousands of records, in two bytes."""
    def answer(question):
        name = b"\1a" * 120
        first = record(name + AT_QUESTION, CNAME, AT_QUESTION)
        return _filled(question, lambda i, _: first if i == 0 else
                       record(pointer(question.header_size), A, socket.inet_aton("10.0.0.1")))

    return Resolver(answer)


def endless_labels():
    """Thousands of labels, to which the names of thousands of records lead; where what is odd is passed over."""
    def answer(question):
        labels = record(AT_QUESTION, TXT, b"\1a" * 15_000 + b"\0")
        at = question.header_size + 12
        # Two bytes later each, so that no name is known from the one before.
        records = [record(pointer(at + 2 * (i % 500)), A, b"") for i in range(2800)]
        return question.reply(additional=[labels, *records])

    return Resolver(answer)


def nsec_flood():
    def answer(question):
        records, size = [], question.header_size
        while size < MESSAGE - 60:
            records.append(record(AT_QUESTION, NSEC, label(os.urandom(20)) + AT_QUESTION + b"\0\6\x40\1\0\0\0\3"))
            size += len(records[-1])
        return question.reply(authority=records, rcode=NXDOMAIN)

    return Resolver(answer)


def opt_flood():
    """A message has one (RFC 6891 section 6.1.1); this one has thousands."""
    def answer(question):
        return question.reply([address("10.0.0.1")] if question.kind == A else [],
                              additional=[record(b"\0", OPT, b"", klass=1232)] * 5800)

    return Resolver(answer)


def extended_errors():
    """Reasons (RFC 8914) without end, in text that minds nobody."""
    def answer(question):
        errors = b"".join(struct.pack("!HHH", 15, 2 + 250, i % 30) + b"\x1b[2J\n\xff" + b"x" * 244 for i in range(250))
        return question.reply(additional=[record(b"\0", OPT, errors, klass=1232)], rcode=2)

    return Resolver(answer)


def truncated_forever():
    return Resolver(lambda question: question.reply(flags=TRUNCATED))


def drip_over_tcp():
    def stream(question, connection):
        message = question.reply([address("10.0.0.1")] * 4000)
        for byte in struct.pack("!H", len(message)) + message:
            connection.sendall(bytes([byte]))
            time.sleep(0.002)

    return Resolver(lambda question: question.reply([address("10.0.0.1")] * 4000), stream=stream)


def endless_over_tcp():
    """Messages that answer other questions."""
    def stream(question, connection):
        other = os.urandom(2) + question.reply([address("10.0.0.1")] * 1000)[2:]
        peer.forever(connection, struct.pack("!H", len(other)) + other, 64 << 20)

    return Resolver(lambda question: question.reply([address("10.0.0.1")] * 4000), stream=stream)


def flood_of_datagrams(count=20_000):
    """As somebody who guesses the id sends them."""
    def datagrams(resolver, question, sender):
        other = question.reply([address("10.0.0.1")])[2:]
        for i in range(count):
            resolver.send(struct.pack("!H", i) + other, sender)

    return Resolver(None, datagrams)
