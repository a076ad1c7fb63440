"""TLS servers that cost their clients as much as a handshake lets them. Each function makes a server; what its chain or
its messages cost is in the name, and why in the comment."""

import os
import socket
import ssl
import subprocess
import threading
import time

import der
import peer
import tls_wire as wire

ROOM = 100_000  # bytes of certificates: OpenSSL reads 100 KiB of them (SSL_CTX_set_max_cert_list(3))
LEAF = "peer.link.example"


class Flight(peer.Peer):
    """Answers each ClientHello with the same messages, and reads on."""

    def __init__(self, messages, cipher=wire.ECDHE_RSA, each=wire.MAX_RECORD, afterwards=None):
        self._cipher, self._messages, self._each, self._afterwards = cipher, messages, each, afterwards
        super().__init__()

    def serve(self, connection):
        wire.ClientHello(connection)
        hello = wire.server_hello(self._cipher, wire.random_hello())
        connection.sendall(wire.record(hello + self._messages, each=self._each))
        if self._afterwards:
            self._afterwards(connection)
        self.drain(connection)


def _of_chain(chain, cipher=wire.ECDHE_RSA, each=wire.MAX_RECORD):
    params = wire.ecdhe_params(wire.X25519, os.urandom(32))
    exchange = b"" if cipher == wire.RSA else wire.server_key_exchange(params, os.urandom(256))
    return Flight(wire.certificates(chain) + exchange + wire.DONE, cipher, each)


def chain_of(count, key, signature, extensions=()):
    """Each issued the one before it; `key` and `signature` make a new one each time."""
    names = [der.common_name(LEAF if i == 0 else f"authority {i}") for i in range(count + 1)]
    san = der.subject_alt_names([LEAF])
    return [der.certificate(key(), names[i], names[i + 1], signature(),
                            (san,) if i == 0 else (der.IS_CA, *extensions), serial=i + 1) for i in range(count)]


def _fitting(make):
    """The longest chain that fits into what OpenSSL reads."""
    return make(ROOM // (sum(map(len, make(3))) // 3 + 8))


def rsa_chain(count, modulus_bits, exponent_bits):
    return chain_of(count, lambda: der.rsa_key(der.odd(modulus_bits), der.odd(exponent_bits)),
                    lambda: bytes([1]) + os.urandom(modulus_bits // 8 - 1))


# ---- keys ----

def costly_exponents():
    """A signature is checked with as many multiplications as the public exponent has bits: OpenSSL takes any up to a
    modulus of 3,072 bits."""
    return _of_chain(_fitting(lambda count: rsa_chain(count, 3072, 3071)))


def long_chain():
    """102 certificates in 38 kB, as they were first seen."""
    return _of_chain(rsa_chain(102, 1024, 1023))


def worst_within_bounds():
    """What is computed with: the longest chain of the largest keys."""
    return _of_chain(rsa_chain(16, 8192, 32))


def giant_modulus(bits):
    return lambda: _of_chain(rsa_chain(3, bits, 17))


def giant_modulus_encrypted_to():
    """The key exchange of RSA: the client computes with the key whatever it thinks of the chain."""
    return _of_chain(rsa_chain(1, 16_384, 64), wire.RSA)


def _ec_chain(count, key, bits):
    return chain_of(count, key, lambda: der.ecdsa_signature(bits))


def _named_key(curve, form):
    """Of a real point; as certificates have it."""
    private = subprocess.run(["openssl", "ecparam", "-genkey", "-name", curve, "-noout"], check=True,
                             capture_output=True)
    return subprocess.run(["openssl", "ec", "-pubout", "-conv_form", form, "-outform", "DER"], check=True,
                          input=private.stdout, capture_output=True).stdout


def curve_chain(curve, bits, form="uncompressed", count=None):
    """A compressed point is decoded with a square root, which is slowest on P-224 of all curves that have a name; and a
    certificate's key is decoded before anybody can look at it."""
    def make():
        key = _named_key(curve, form)
        make_chain = lambda n: _ec_chain(n, lambda: key, bits)  # noqa: E731
        return _of_chain(make_chain(count) if count else _fitting(make_chain), wire.ECDHE_ECDSA)

    return make


def dsa_chain(bits=10_000):
    """Two powers of a modulus that is as long as OpenSSL takes it."""
    identifier = der.sequence(der.oid("2.16.840.1.101.3.4.3.2"))

    def key():
        p, q, g, y = (der.integer(der.odd(size)) for size in (bits, 256, bits - 8, bits - 8))
        return der.sequence(der.sequence(der.oid("1.2.840.10040.4.1"), der.sequence(p, q, g)), der.bits(y))

    def make(count):
        names = [der.common_name(f"authority {i}") for i in range(count + 1)]
        return [der.certificate(key(), names[i], names[i + 1], der.ecdsa_signature(255), (der.IS_CA,), identifier,
                                i + 1) for i in range(count)]

    leaf = der.certificate(der.rsa_key(der.odd(2048)), der.common_name(LEAF), der.common_name("authority 0"),
                           der.ecdsa_signature(255), (der.subject_alt_names([LEAF]),), identifier)
    return _of_chain([leaf, *make(24)])


def _on_curve(prime, a, b, start):
    x = start
    while pow((x**3 + a * x + b) % prime, (prime - 1) // 2, prime) != 1:
        x += 1
    return x


def _prime_of_many_roots(power=600, bits=661):
    """k·2^power + 1, a prime (Proth): with a power of two in p - 1 a square root takes its square in multiplications.
    661 bits is the largest field that OpenSSL takes."""
    k = (1 << (bits - power - 1)) | 1
    while True:
        prime = k * (1 << power) + 1
        if any(pow(a, (prime - 1) // 2, prime) == prime - 1 for a in (3, 5, 7, 11)):
            return prime
        k += 2


def explicit_curve(count=None):
    """Parameters of the server's own: a curve on which a square root takes a tenth of a second."""
    prime = _prime_of_many_roots()
    size = (prime.bit_length() + 7) // 8
    a, b = prime - 3, 7

    def point(start):
        return b"\2" + _on_curve(prime, a, b, start).to_bytes(size, "big")

    curve = der.sequence(der.integer(1), der.sequence(der.oid(der.PRIME_FIELD), der.integer(prime)),
                         der.sequence(der.octets(a.to_bytes(size, "big")), der.octets(b.to_bytes(size, "big"))),
                         der.octets(point(1000)), der.integer(prime), der.integer(1))
    key = der.ec_key(curve, point(5000))
    make = lambda n: _ec_chain(n, lambda: key, 600)  # noqa: E731
    return _of_chain(make(count) if count else _fitting(make), wire.ECDHE_ECDSA)


# ---- names and extensions ----

def _of_leaf(extensions=(), subject=None, issuer=None, others=(), algorithm=None):
    leaf = der.certificate(der.rsa_key(der.odd(2048)), subject or der.common_name(LEAF),
                           issuer or der.common_name("authority 1"), extensions=extensions, algorithm=algorithm)
    return _of_chain([leaf, *others])


def many_names(count=5000):
    return _of_leaf((der.subject_alt_names([LEAF, *(f"n{i}.example" for i in range(count))]),))


def giant_name():
    return _of_leaf((der.extension(der.SUBJECT_ALT_NAME, der.sequence(
        der.tlv(0x82, b"\r\nPRIORITY=0\n\x1b[2J" + b"a\n" * 45_000))),))


def giant_subject():
    return _of_leaf(subject=der.name((der.COMMON_NAME, b"\xe2\x80\xae\n" + b"\xff\0\n" * 29_000)))


def many_attributes():
    """Each is shown, sorted and hashed."""
    return _of_leaf(subject=der.name(*((der.ORGANIZATIONAL_UNIT, f"unit {i}") for i in range(4500))))


def constrained_names(names=1023, authorities=7):
    """Each name is compared with each constraint of each authority: just below the 2^20 that OpenSSL takes for one."""
    def authority(i):
        return der.certificate(der.rsa_key(der.odd(1024)), der.common_name(f"authority {i}"),
                               der.common_name(f"authority {i + 1}"), os.urandom(128),
                               (der.IS_CA, der.permitted_names([f"c{i}{n:03}" for n in range(1020)])), serial=i + 1)

    return _of_leaf((der.subject_alt_names([f"{n}.x" for n in range(names)]),),
                    others=[authority(i) for i in range(1, authorities + 1)])


def many_policies():
    return _of_leaf((der.extension(der.POLICIES, der.sequence(*(
        der.sequence(der.oid(f"1.3.6.1.4.1.{i}.1")) for i in range(5500)))),))


def giant_identifier():
    """An object identifier is a number of any length; printed in decimal, it takes its square."""
    return _of_leaf((der.sequence(der.giant_oid(60_000), der.octets(b"\5\0")),),
                    algorithm=der.sequence(der.giant_oid(10_000), der.tlv(0x05, b"")))


def issuers_of_one_another():
    """Everybody may have issued everybody."""
    name = der.common_name(LEAF)
    keys = [der.rsa_key(der.odd(1024)) for _ in range(215)]
    return _of_chain([der.certificate(key, name, name, os.urandom(128), (der.IS_CA,), serial=i)
                      for i, key in enumerate(keys)])


def certificate_authorities():
    """Names of authorities that a client certificate is asked of, in a message as long as it may be."""
    names = [der.common_name(f"{i}") for i in range(5000)]
    leaf = der.certificate(der.rsa_key(der.odd(2048)), der.common_name(LEAF), der.common_name("authority"))
    exchange = wire.server_key_exchange(wire.ecdhe_params(wire.X25519, os.urandom(32)), os.urandom(256))
    return Flight(wire.certificates([leaf]) + exchange + wire.certificate_request(names[:3500]) + wire.DONE)


# ---- key exchange ----

class FiniteField(peer.Peer):
    """Diffie-Hellman in a group of so many bits, signed as it has to be. Asks for another ClientHello unless the first
    one offers finite fields; or ignores what is offered."""

    def __init__(self, bits, ignores_offer=False):
        self._bits, self._ignores_offer = bits, ignores_offer
        self._signer = wire.RsaSigner()
        self._p = der.odd(bits)
        leaf = der.certificate(der.rsa_key(self._signer.modulus), der.common_name(LEAF), der.common_name("authority"),
                               extensions=(der.subject_alt_names([LEAF]),))
        self._certificate = wire.certificates([leaf])
        super().__init__()

    def serve(self, connection):
        hello = wire.ClientHello(connection)
        if not self._ignores_offer and not hello.offers_finite_field():
            connection.sendall(wire.record(b"\x02\x28", wire.ALERT))
            return
        random = wire.random_hello()
        params = wire.dhe_params(self._p, 2, der.odd(self._bits - 8))
        signed = self._signer.sign(hello.random + random + params)
        connection.sendall(wire.record(wire.server_hello(wire.DHE_RSA, random) + self._certificate
                                       + wire.server_key_exchange(params, signed) + wire.DONE))
        self.drain(connection)


class HelloRetry(peer.Peer):
    """Asks in TLS 1.3 for a key of a group that takes longest."""

    def serve(self, connection):
        hello = wire.ClientHello(connection)
        connection.sendall(wire.record(wire.hello_retry(hello.session, wire.FFDHE8192)))
        self.drain(connection)


def binary_curve():
    """Chosen although it was not offered."""
    leaf = der.certificate(der.rsa_key(der.odd(2048)), der.common_name(LEAF), der.common_name("authority"))
    params = wire.ecdhe_params(wire.SECT571R1, b"\4" + os.urandom(144))
    return Flight(wire.certificates([leaf]) + wire.server_key_exchange(params, os.urandom(256)) + wire.DONE)


# ---- records ----

def drip_of_records():
    """A megabyte in records of one byte each: six bytes are read, and a header decoded, for each."""
    chain = rsa_chain(1, 2048, 17) + [b"\x30\x82\x7f\xff" + os.urandom(60_000)]
    return _of_chain(chain, each=1)


def drip_in_time():
    def serve(self, connection):
        wire.ClientHello(connection)
        flight = wire.record(wire.server_hello(wire.ECDHE_RSA, wire.random_hello())
                             + wire.certificates(rsa_chain(2, 2048, 17)))
        for at in range(len(flight)):
            connection.sendall(flight[at:at + 1])
            time.sleep(0.002)
        self.drain(connection)

    return peer.Peer(serve)


def _endless(content, after_hello=True):
    def serve(_, connection):
        wire.ClientHello(connection)
        if after_hello:
            connection.sendall(wire.record(wire.server_hello(wire.ECDHE_RSA, wire.random_hello())))
        peer.forever(connection, content, 64 << 20)

    return peer.Peer(serve)


def endless_alerts():
    return _endless(wire.record(b"\x01\x5a", wire.ALERT) * 2000)


def endless_hello_requests():
    """Passed over within one call of OpenSSL, as long as there are more."""
    return _endless(wire.record(wire.HELLO_REQUEST * 4096))


def endless_cipher_changes():
    return _endless(wire.record(b"\1", wire.CHANGE_CIPHER_SPEC) * 2000, after_hello=False)


def endless_empty_records():
    return _endless((bytes([wire.HANDSHAKE, 3, 3, 0, 0])) * 2000)


def megabyte_of_handshake():
    """A message that says that it is 16 MiB long, and goes on."""
    return Flight(b"\x0b\xff\xff\xff" + os.urandom(1 << 20), afterwards=lambda connection: peer.forever(
        connection, wire.record(os.urandom(wire.MAX_RECORD)), 16 << 20))


def compressed_records():
    def serve(self, connection):
        wire.ClientHello(connection)
        connection.sendall(wire.record(wire.server_hello(wire.ECDHE_RSA, wire.random_hello(), compression=1)))
        self.drain(connection)

    return peer.Peer(serve)


class HugeTicket(peer.Peer):
    """A session ticket as long as its length can say, in plain text before the server's Finished (RFC 5077)."""

    def __init__(self):
        self._certificate = wire.certificates(rsa_chain(1, 2048, 17))
        super().__init__()

    def serve(self, connection):
        wire.ClientHello(connection)
        extensions = wire.RENEGOTIATION_INFO + b"\x00\x23\x00\x00"
        connection.sendall(wire.record(wire.server_hello(wire.RSA, wire.random_hello(), extensions)
                                       + self._certificate + wire.DONE))
        for _ in range(3):  # ClientKeyExchange, ChangeCipherSpec, Finished
            wire.read_records(connection)
        peer.forever(connection, wire.record(wire.new_session_ticket(os.urandom(65_535))), 16 << 20)


# ---- with encryption: OpenSSL's own servers ----

class Authority:
    """A certificate that is trusted by its file."""

    def __init__(self, directory):
        self.certificate, self.key = f"{directory}/peer.pem", f"{directory}/peer.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-keyout", self.key, "-out", self.certificate, "-days", "365", "-subj", f"/CN={LEAF}",
                        "-addext", f"subjectAltName=DNS:{LEAF}"], check=True, capture_output=True)


class Real(peer.Peer):
    """A right handshake; then `afterwards` has the stream."""

    def __init__(self, authority, afterwards=None, tickets=2, alpn=()):
        self._afterwards = afterwards
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.certificate, authority.key)
        self._context.num_tickets = tickets
        if alpn:
            self._context.set_alpn_protocols(list(alpn))
        super().__init__()

    def serve(self, connection):
        with self._context.wrap_socket(connection, server_side=True) as stream:
            if self._afterwards:
                self._afterwards(self, stream)
            self.drain(stream)


class Asking(Real):
    """Asks for a client certificate, and takes note of what it gets."""

    def __init__(self, authority, trusted):
        super().__init__(authority, self._note)
        self._context.verify_mode = ssl.CERT_OPTIONAL
        self._context.load_verify_locations(trusted.certificate)
        self.shown = 0

    def _note(self, _, stream):
        self.shown += stream.getpeercert(True) is not None


def endless_tickets(authority):
    return Real(authority, tickets=20_000)


def endless_data(authority):
    return Real(authority, lambda _, stream: peer.forever(stream, bytes(1 << 16), 256 << 20))


class Commanded(peer.Peer):
    """Each connection goes to an `openssl s_server` of its own, which gets a command of one letter again and again once
    the handshake is over: Python's module has no such thing."""

    def __init__(self, authority, command, version):
        self._command = f"{command}\n".encode()
        self._argv = ["openssl", "s_server", "-cert", authority.certificate, "-key", authority.key, version, "-accept"]
        super().__init__()

    def serve(self, connection):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with subprocess.Popen([*self._argv, str(port)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as server:
            try:
                with _connected(port) as inner:
                    threading.Thread(target=_relay, args=(connection, inner), daemon=True).start()
                    threading.Thread(target=self._repeat, args=(server,), daemon=True).start()
                    _relay(inner, connection)
            finally:
                server.kill()

    def _repeat(self, server):
        time.sleep(0.1)  # before the handshake is over, s_server takes a command for the end
        try:
            while True:
                server.stdin.write(self._command)
                server.stdin.flush()
                time.sleep(0.0005)
        except (OSError, ValueError):
            pass


def _connected(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.005)


def _relay(source, to):
    try:
        while data := source.recv(1 << 16):
            to.sendall(data)
        to.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def renegotiation(authority):
    return Commanded(authority, "R", "-tls1_2")


def key_updates(authority):
    return Commanded(authority, "K", "-tls1_3")
