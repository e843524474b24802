"""A certificate and its private key, taken out of one PEM file (RFC 7468)."""

from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import Certificate, InvalidVersion, load_pem_x509_certificates


class Pair(NamedTuple):
    """What a TLS server is given, in PEM: the chain with its own certificate first, and the key."""

    chain: bytes
    key: bytes


def pair(pem: bytes) -> Pair | None:
    """Return the certificate chain and the key in `pem`, or None if it does not hold such a pair.

    There must be one unencrypted private key, and a certificate for its public key.
    """
    if pem.count(b"PRIVATE KEY-----") != 2:  # one BEGIN, one END
        return None
    try:
        certificates = load_pem_x509_certificates(pem)
        # Only the public half is looked at, and the checks take long for a key made for that.
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        wanted = _spki(key.public_key())
        own = [one for one in certificates if _spki(one.public_key()) == wanted]
    except (
        ValueError,
        TypeError,
        InvalidVersion,
        UnsupportedAlgorithm,
    ):  # TypeError: encrypted key
        return None
    if not own:
        return None
    chain = [own[0], *(one for one in certificates if one != own[0])]
    return Pair(
        b"".join(map(_pem, chain)),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _spki(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _pem(certificate: Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
