"""Keys of AWS, Azure and Google Cloud: what they name, and their checksums."""

import binascii
import re

from scanner.detect.keybody import describe
from scanner.detect.structure.decode import base64, digits
from scanner.detect.structure.known import published
from scanner.detect.structure.marvin import marvin32
from scanner.detect.structure.verdict import UNKNOWN, Verdict, disproved, doubtful, proved

_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, "Unique ID prefixes".
_AWS_KINDS = {
    b"ABIA": "a bearer token of STS",
    b"ACCA": "a context-specific credential",
    b"AKIA": "a long-term key",
    b"ASIA": "a temporary key of STS",
}
# github.com/microsoft/security-utilities, IdentifiableMetadata.cs: the signature before the
# checksum of a key, and the seeds that its issuer uses.
_AZURE_SEEDS = {
    b"+ASt": (b"Default0", "a storage account"),
    b"ACDb": (b"MastRW00 MastRO00 SystRW00 SystRO00 SysAll00", "Cosmos DB"),
    b"+ABa": (b"AbAcct00", "a Batch account"),
    b"+AMC": (b"Classic0", "machine learning"),
    b"APIM": (b"Tenant00 IoTHub00 Gatewy00 GitKey00", "API Management"),
    b"+ASb": (b"Manage00 Send0000 Listen00 System00 Unknown0", "Service Bus"),
    b"+AEh": (b"Manage00 Send0000 Listen00 System00 Unknown0", "Event Hubs"),
    b"+ARm": (b"Manage00 Send0000 Listen00 System00 Unknown0", "Relay"),
    b"AIoT": (b"IoTHub00 DpsKey00 Device00", "IoT Hub"),
    b"AzCa": (b"Access00", "a cache for Redis"),
    b"AzSe": (b"Query000 PAdmin00", "AI Search"),
    b"+ACR": (b"ACRDflt0", "a container registry"),
    b"AzFu": (b"Functi00 Master00 System00", "Functions"),
}
_ENTRA = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def aws_key_id(secret: bytes) -> Verdict:
    """Judge an AWS access key id, which newer ones encode the account's number in.

    After four characters of prefix come 80 bits in base32: a bit that newer ids set, then 40 bits
    of account number (labs.withsecure.com, "A bitwise analysis of AWS access key identifiers").
    """
    value = 0
    for byte in secret[4:20]:
        digit = _BASE32.find(byte)
        if digit < 0:
            return disproved("holds characters that AWS does not use in key ids")
        value = value << 5 | digit
    if len(secret) != 20 or not value >> 79:
        return UNKNOWN
    account = value >> 39 & 0xFFFFFFFFFF
    if account >= 10**12:
        return disproved("names no possible AWS account")
    kind = _AWS_KINDS.get(secret[:4])
    return proved(f"{f'is {kind} and ' if kind else ''}belongs to AWS account {account:012d}")


def google_private_key(secret: bytes) -> Verdict:
    r"""Judge the private key of a service account's file: PKCS #8 in PEM, its line breaks as `\n`.

    cloud.google.com/iam/docs/keys-create-delete, "Create a service account key".
    """
    body = secret.replace(b"\\n", b"").split(b"-----")
    content = base64(body[2]) if len(body) == 5 else None
    key = describe(content) if content else None
    if key is None:
        return disproved("holds no private key that can be read")
    return proved(f"belongs to a service account of Google: {key.words}")


def azure_key(secret: bytes) -> Verdict:
    """Judge an Azure account key: base64 of 64 bytes, or of 32 for messaging services."""
    data = base64(secret)
    if data is None or len(data) not in (32, 64):
        return doubtful("does not decode to an account key")
    if published(data):
        return disproved("is the key of an emulator, the same for everybody")
    signed = azure_signed_key(secret)
    return (
        proved(f"decodes to {len(data)} bytes, as account keys do") if signed is UNKNOWN else signed
    )


def azure_signed_key(secret: bytes) -> Verdict:
    """Judge an Azure key that ends in a signature of its service and a checksum.

    The last four bytes are Marvin32 over the others, little-endian, under a seed of the service
    (github.com/microsoft/security-utilities). A service may have further seeds, and a signature may
    stand there by chance, so a mismatch says nothing.
    """
    bare = secret.rstrip(b"=")
    data = base64(bare)
    if data is None or len(data) < 32:
        return UNKNOWN
    length = len(data)
    # The signature ends where the last four bytes begin, or a few bits before.
    at = (length - 4) * 4 // 3 - 4 + (1 if (length - 4) % 3 == 2 else 0)
    for place in (at, at - 1, at + 1):
        seeds, service = _AZURE_SEEDS.get(bare[place : place + 4], (b"", ""))
        check = data[-4:]
        for seed in seeds.split():
            if marvin32(data[:-4], seed).to_bytes(4, "little") == check:
                return proved(f"its checksum is right; it is a key for {service}")
    return UNKNOWN


def azure_common_key(secret: bytes) -> Verdict:
    """Judge a key in Azure's common format, which has `JQQJ99` after 52 characters.

    The checksum of the first 60 bytes follows them, in base64, or in base62 where the key is
    alphanumeric; without `==` at the end only its first three bytes (or four digits) are there
    (github.com/microsoft/security-utilities, IdentifiableSecrets.cs). Two letters tell the month.
    """
    if len(secret) not in (84, 88) or not secret[52:].startswith(b"JQQJ9"):
        return UNKNOWN
    data = base64(secret[:80])
    if data is None:
        return UNKNOWN
    check = marvin32(data, b"Default0").to_bytes(4, "little")
    plain = binascii.b2a_base64(check, newline=False)
    number = int.from_bytes(check, "big")
    count = next((n for n in range(1, 7) if number < 62**n), 6)
    alphanumeric = digits(number, _BASE62, count).ljust(6, b"0")
    if secret[80:84] not in (plain[:4], alphanumeric[:4]):
        return UNKNOWN
    year, month = 2024 + secret[58] - 65, secret[59] - 64
    made = f", made in {year}-{month:02d}" if 2024 <= year <= 2085 and 1 <= month <= 12 else ""
    return proved(f"its checksum is right{made}")


def azure_client_secret(secret: bytes) -> Verdict:
    """Judge a client secret of Entra ID: with `8Q~` in it, it ends in three digits of a checksum.

    github.com/microsoft/security-utilities, IdentifiableMetadata.cs. Older ones have `7Q~` and no
    checksum; a mismatch says nothing, since the format is not documented elsewhere.
    """
    if secret[3:6] != b"8Q~":
        return UNKNOWN
    number = marvin32(secret[:-3], b"AadPwd00")
    count = next((n for n in range(3, 7) if number < len(_ENTRA) ** n), 6)
    if digits(number, _ENTRA, count)[:3] != secret[-3:]:
        return UNKNOWN
    return proved("its checksum is right")


def azure_sas(secret: bytes) -> Verdict:
    """Judge the signature of a shared access URL: base64 of HMAC-SHA-256, perhaps with `%2B`.

    learn.microsoft.com, "Create a service SAS".
    """
    text = _PERCENT.sub(lambda m: bytes([int(m[1], 16)]), secret)
    data = base64(text)
    if data is None or len(data) != 32:
        return doubtful("does not decode to a signature of 32 bytes")
    return proved("decodes to 32 bytes, as such signatures do")
