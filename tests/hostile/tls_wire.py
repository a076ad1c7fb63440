"""TLS 1.2 as a server speaks it in plain text (RFC 5246): up to ServerHelloDone nothing is encrypted, and nothing of it
needs to be true."""

import hashlib
import os
import struct
import subprocess

import peer

HANDSHAKE, ALERT, CHANGE_CIPHER_SPEC = 22, 21, 20
ECDHE_RSA, ECDHE_ECDSA, RSA, DHE_RSA = 0xC02F, 0xC02B, 0x009C, 0x009E
X25519, SECT571R1, FFDHE8192 = 29, 14, 0x0104
MAX_RECORD = 1 << 14
HELLO_RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
RENEGOTIATION_INFO = b"\xff\x01\x00\x01\x00"


def record(content, kind=HANDSHAKE, each=MAX_RECORD):
    """`content` in as many records as it takes, of `each` bytes at most."""
    return b"".join(bytes([kind, 3, 3]) + struct.pack("!H", len(part := content[at:at + each])) + part
                    for at in range(0, len(content), each))


def message(kind, body):
    return bytes([kind]) + struct.pack("!I", len(body))[1:] + body


def server_hello(cipher, random, extensions=RENEGOTIATION_INFO, session=b"", compression=0):
    return message(2, b"\x03\x03" + random + bytes([len(session)]) + session + struct.pack("!HB", cipher, compression)
                   + struct.pack("!H", len(extensions)) + extensions)


def certificates(chain):
    entries = b"".join(struct.pack("!I", len(each))[1:] + each for each in chain)
    return message(11, struct.pack("!I", len(entries))[1:] + entries)


def ecdhe_params(group, point):
    return b"\x03" + struct.pack("!HB", group, len(point)) + point


def dhe_params(p, g, public):
    return b"".join(struct.pack("!H", len(data)) + data for data in
                    (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (p, g, public)))


def server_key_exchange(params, signature, algorithm=0x0401):
    return message(12, params + struct.pack("!HH", algorithm, len(signature)) + signature)


def certificate_request(names):
    listed = b"".join(struct.pack("!H", len(each)) + each for each in names)
    return message(13, b"\x01\x01" + struct.pack("!HH", 2, 0x0401) + struct.pack("!H", len(listed)) + listed)


DONE = message(14, b"")
HELLO_REQUEST = message(0, b"")


def new_session_ticket(ticket):
    return message(4, struct.pack("!IH", 7200, len(ticket)) + ticket)


def hello_retry(session, group):
    """RFC 8446 section 4.1.4: the client is to come again with a key share of this group."""
    extensions = struct.pack("!HHH", 43, 2, 0x0304) + struct.pack("!HHH", 51, 2, group)
    return server_hello(0x1301, HELLO_RETRY, extensions, session)


def read_records(connection):
    """One whole record of the client."""
    header = peer.exactly(connection, 5)
    return header, peer.exactly(connection, struct.unpack("!H", header[3:])[0])


class ClientHello:
    """What of it an answer depends on."""

    def __init__(self, connection):
        _, body = read_records(connection)
        self.random = body[6:38]
        self.session = body[39:39 + body[38]]
        at = 39 + body[38]
        size = struct.unpack("!H", body[at:at + 2])[0]
        self.ciphers = [struct.unpack("!H", body[i:i + 2])[0] for i in range(at + 2, at + 2 + size, 2)]

    def offers_finite_field(self):
        return DHE_RSA in self.ciphers


class RsaSigner:
    """A real key for servers whose ServerKeyExchange must be right for the client to go on (RFC 8017 section 8.2)."""

    _SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")

    def __init__(self):
        self._p, self._q = (int(subprocess.run(["openssl", "prime", "-generate", "-bits", "1024"], check=True,
                                               capture_output=True, text=True).stdout) for _ in range(2))
        self.modulus = self._p * self._q
        self._d = pow(65537, -1, (self._p - 1) * (self._q - 1))

    def sign(self, data):
        padded = self._SHA256 + hashlib.sha256(data).digest()
        number = int.from_bytes(b"\0\1" + b"\xff" * (253 - len(padded)) + b"\0" + padded, "big")
        # By the Chinese remainder theorem: a thousand of these are made.
        a, b = (pow(number, self._d % (prime - 1), prime) for prime in (self._p, self._q))
        return (b + self._q * ((a - b) * pow(self._q, -1, self._p) % self._p)).to_bytes(256, "big")


def random_hello():
    """32 bytes that do not say that a better version was possible (RFC 8446 section 4.1.3)."""
    return os.urandom(31) + b"\0"
