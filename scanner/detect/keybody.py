"""Recognises private keys by their binary form: is one whole, is it protected, what is it?

Nothing is decrypted and no number is computed with; only lengths and identifiers are read.
"""

from typing import NamedTuple


class Key(NamedTuple):
    """What some bytes are: `words` names them for a report.

    `whole` tells whether the form's own lengths account for every byte.
    """

    words: str
    whole: bool
    protected: bool = False


_ALGORITHMS = {
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01": "RSA",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a": "RSA-PSS",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01": "Diffie-Hellman",
    b"\x2a\x86\x48\xce\x3d\x02\x01": "elliptic-curve",
    b"\x2a\x86\x48\xce\x38\x04\x01": "DSA",
    b"\x2b\x65\x6e": "X25519",
    b"\x2b\x65\x6f": "X448",
    b"\x2b\x65\x70": "Ed25519",
    b"\x2b\x65\x71": "Ed448",
}
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_OPENSSH = b"openssh-key-v1\0"
_SSH2 = b"\x3f\x6f\xf9\xeb"


def describe(content: bytes) -> Key | None:
    """Return what `content`, a private key block's decoded body, is; None if it is no known form.

    Forms: PKCS #1 (RFC 8017), SEC 1 (RFC 5915), DSA as OpenSSL writes it, PKCS #8 and its encrypted
    kind (RFC 5958), OpenSSH's PROTOCOL.key, SSH2 of ssh.com, OpenPGP (RFC 9580), sigstore's JSON.
    """
    if content.startswith(_OPENSSH):
        return _openssh(content)
    if content.startswith(_SSH2):
        return _ssh2(content)
    if content[:1] == b"\x30":
        return _der(content)
    if content[:1] == b"{":
        return Key("sigstore key", content.rstrip().endswith(b"}"), b'"kdf"' in content)
    if content[:1] and content[0] & 0x80:
        return _openpgp(content)
    return None


def element(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return tag, start and end of the content of the DER element at `at` (X.690).

    None where no header stands; the end may lie beyond the data.
    """
    if at + 2 > len(data):
        return None
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > len(data):
            return None
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    return tag, start, start + length


def _der(der: bytes) -> Key | None:
    outer = element(der, 0)
    if outer is None:
        return None
    _, at, end = outer
    whole = end == len(der)
    first, second = element(der, at), None
    if first is not None:
        second = element(der, first[2])
    if first is None or second is None:
        return Key("ASN.1 sequence", whole)
    number = der[first[1] : first[2]] if first[0] == _INTEGER else b""
    match (first[0], second[0], number):
        case (0x02, 0x30, b"\0" | b"\1"):
            return Key(f"{_algorithm(der, second[1])} key in PKCS #8", whole)
        case (0x02, 0x02, b"\0"):
            kind = "RSA" if der[second[2] : second[2] + 1] == b"\x02" else "DSA"
            bits = (second[2] - second[1]) // 8 * 64
            return Key(f"{kind} key of {bits} bits", whole)
        case (0x02, 0x04, b"\1"):
            return Key(f"elliptic-curve key of {8 * (second[2] - second[1])} bits", whole)
        case (0x30, 0x04, _) if der[first[1] : first[1] + 1] == b"\x06":
            return Key("encrypted PKCS #8", whole, protected=True)
    return Key("ASN.1 sequence", whole)


def _algorithm(der: bytes, at: int) -> str:
    name = element(der, at)
    if name is None or name[0] != _OID:
        return "private"
    return _ALGORITHMS.get(der[name[1] : name[2]], "private")


def _ssh_string(data: bytes, at: int) -> tuple[bytes, int]:
    """Return a length-prefixed string (RFC 4251) and where it ends; it may be cut short."""
    start = at + 4
    end = start + int.from_bytes(data[at:start], "big")
    return data[start:end], end


def _openssh(content: bytes) -> Key:
    cipher, at = _ssh_string(content, len(_OPENSSH))
    for _ in range(2):
        _, at = _ssh_string(content, at)
    at += 4
    public, at = _ssh_string(content, at)
    _, at = _ssh_string(content, at)
    # An authenticated cipher's tag follows the private part.
    whole = at <= len(content) <= at + 16 and bool(public)
    kind = _ssh_string(public, 0)[0].decode("ascii", "replace")
    return Key(f"OpenSSH key ({kind[:40]})", whole, cipher != b"none")


def _ssh2(content: bytes) -> Key:
    length = int.from_bytes(content[4:8], "big")
    _, at = _ssh_string(content, 8)
    cipher, _ = _ssh_string(content, at)
    return Key("SSH2 key", length == len(content), cipher != b"none")


# Numbers and curve names that precede the secret part of an OpenPGP key, by algorithm.
_PUBLIC_PARTS = {1: "nn", 2: "nn", 3: "nn", 16: "nnn", 17: "nnnn", 18: "ono", 19: "on", 22: "on"}


def _openpgp(content: bytes) -> Key | None:
    """Read a secret-key packet's public part to find the octet that tells how it is protected."""
    if content[0] & 0x40:
        tag, wide = content[0] & 0x3F, content[1:2]
        body = 3 if wide and 192 <= wide[0] < 224 else 6 if wide == b"\xff" else 2
    else:
        tag, body = content[0] >> 2 & 0x0F, 1 + (1, 2, 4, 0)[content[0] & 3]
    if tag != 5:
        return None
    version, algorithm = content[body : body + 1], content[body + 5 : body + 6]
    at = body + 6
    for part in _PUBLIC_PARTS.get(algorithm[0], "") if version == b"\x04" and algorithm else "":
        if part == "n":
            at += 2 + (int.from_bytes(content[at : at + 2], "big") + 7) // 8
        else:
            at += 1 + int.from_bytes(content[at : at + 1], "big")
    usage = content[at : at + 1]
    return Key("OpenPGP secret key", bool(usage), version == b"\x04" and usage != b"\0")
