"""DER (X.690) as far as certificates need it: whatever a server may send, whether it makes sense or not. Nothing is
signed: the reader has computed with keys and names before it knows that a signature is wrong."""

import os

RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
SHA256_WITH_RSA = "1.2.840.113549.1.1.11"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
PRIME_FIELD = "1.2.840.10045.1.1"
COMMON_NAME = "2.5.4.3"
ORGANIZATIONAL_UNIT = "2.5.4.11"
BASIC_CONSTRAINTS, SUBJECT_ALT_NAME, NAME_CONSTRAINTS = "2.5.29.19", "2.5.29.17", "2.5.29.30"
POLICIES = "2.5.29.32"


def tlv(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def a_set(*parts):
    return tlv(0x31, b"".join(parts))


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(content):
    return tlv(0x04, content)


def bits(content):
    return tlv(0x03, b"\0" + content)


def utf8(text):
    return tlv(0x0C, text if isinstance(text, bytes) else text.encode())


def _base128(number):
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    return tlv(0x06, b"".join(_base128(arc) for arc in (40 * first + second, *rest)))


def giant_oid(size):
    """Of arcs that together have so many bytes; the last one is a number of as many bits times seven."""
    return tlv(0x06, b"\x2a" + b"\x81" * (size - 2) + b"\x01")


def name(*attributes):
    """Of (type, text) pairs."""
    return sequence(*(a_set(sequence(oid(kind), utf8(text))) for kind, text in attributes))


def common_name(text):
    return name((COMMON_NAME, text))


def extension(kind, content, critical=False):
    return sequence(oid(kind), tlv(0x01, b"\xff") if critical else b"", octets(content))


def dns_names(names):
    return sequence(*(tlv(0x82, each.encode()) for each in names))


def subject_alt_names(names):
    return extension(SUBJECT_ALT_NAME, dns_names(names))


def permitted_names(names):
    """Name constraints (RFC 5280 section 4.2.1.10)."""
    return extension(NAME_CONSTRAINTS,
                     sequence(tlv(0xA0, b"".join(sequence(tlv(0x82, each.encode())) for each in names))), True)


IS_CA = extension(BASIC_CONSTRAINTS, sequence(tlv(0x01, b"\xff")), True)


def odd(size_in_bits):
    """A random odd number of exactly so many bits, which nobody will find out to be no modulus."""
    return int.from_bytes(os.urandom(size_in_bits // 8 + 1), "big") % (1 << size_in_bits) | 1 << (size_in_bits - 1) | 1


def rsa_key(modulus, exponent=65537):
    return sequence(sequence(oid(RSA_ENCRYPTION), tlv(0x05, b"")), bits(sequence(integer(modulus), integer(exponent))))


def ec_key(curve, point):
    """`curve` is an object identifier in dots, or parameters of its own."""
    parameters = oid(curve) if isinstance(curve, str) else curve
    return sequence(sequence(oid(EC_PUBLIC_KEY), parameters), bits(point))


def ecdsa_signature(size_in_bits):
    return sequence(integer(odd(size_in_bits - 1)), integer(odd(size_in_bits - 1)))


def certificate(key, subject, issuer, signature=None, extensions=(), algorithm=None, serial=1):
    """`signature` is of the issuer's key: its size is what is looked at first. `subject` and `issuer` are names."""
    algorithm = algorithm or sequence(oid(SHA256_WITH_RSA), tlv(0x05, b""))
    validity = sequence(tlv(0x17, b"200101000000Z"), tlv(0x17, b"490101000000Z"))
    body = sequence(tlv(0xA0, integer(2)), integer(serial), algorithm, issuer, validity, subject, key,
                    tlv(0xA3, sequence(*extensions)) if extensions else b"")
    return sequence(body, algorithm, bits(signature if signature is not None else os.urandom(256)))
