"""Keys of cloud providers: checksums, accounts, well-known keys."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.structure import CHECKS, Standing
from scanner.detect.structure.marvin import marvin32
from scanner.rulepack import samples

PROVED, UNKNOWN = Standing.PROVED, Standing.UNKNOWN
DOUBTFUL, DISPROVED = Standing.DOUBTFUL, Standing.DISPROVED
ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ENTRA = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", 0x30ED35C100CD3C7D),
        ("AF", 0x48E73FC77D75DDC1),
        ("E70F", 0xB5F6E1FC485DBFF8),
        ("37F495", 0xF0B07C789B8CF7E8),
        ("8642DC59", 0x7008F2E87E9CF556),
        ("AB427EA8D10FC7", 0xE11847E4F0678C41),
    ],
)
def test_marvin32_by_the_vectors_of_dotnet(data, expected):
    seed = 0x4FB61A001BDBCC.to_bytes(8, "big")
    assert marvin32(bytes.fromhex(data), seed) == expected >> 32 ^ expected & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("size", "mark", "at", "seed"),
    [
        (64, "+ASt", 76, b"Default0"),
        (64, "ACDb", 76, b"MastRO00"),
        (32, "+ASb", 33, b"Listen00"),
        (32, "AzCa", 33, b"Access00"),
        (39, "AzSe", 42, b"PAdmin00"),
        (40, "AzFu", 44, b"Functi00"),
    ],
)
@given(random=st.binary(min_size=64, max_size=64))
def test_signed_key_of_azure(size, mark, at, seed, random):
    text = base64.b64encode(random[:size]).decode()
    text = text[:at] + mark + "A" * (len(text) - at - 4)
    data = base64.b64decode(text + "=" * (-len(text) % 4))[: size - 4]
    right = base64.b64encode(data + marvin32(data, seed).to_bytes(4, "little"))
    assert right[at : at + 4] == mark.encode()
    verdict = CHECKS["azure-signed-key"](right)
    assert verdict.standing == PROVED
    wrong = base64.b64encode(data + (marvin32(data, seed) ^ 1).to_bytes(4, "little"))
    assert CHECKS["azure-signed-key"](wrong).standing == UNKNOWN
    if size != 39 and size != 40:
        assert CHECKS["azure-key"](right) == verdict


@given(
    random=st.text(ALNUM, min_size=52, max_size=52), rest=st.text(ALNUM, min_size=16, max_size=16)
)
@pytest.mark.parametrize("alphanumeric", [False, True])
def test_common_key_of_azure(random, rest, alphanumeric):
    text = f"{random}JQQJ99BE{rest}ACOG"
    check = marvin32(base64.b64decode(text), b"Default0")
    end = base64.b64encode(check.to_bytes(4, "little")).decode()[:4]
    if alphanumeric:
        number, end = int.from_bytes(check.to_bytes(4, "little"), "big"), ""
        while number:
            number, digit = divmod(number, 62)
            end = ALNUM[digit] + end
        end = end.ljust(6, "0")[:4]
    verdict = CHECKS["azure-common-key"]((text + end).encode())
    assert verdict.standing == PROVED
    assert "2025-05" in verdict.reason
    other = "".join("x" if c != "x" else "y" for c in end)
    assert CHECKS["azure-common-key"]((text + other).encode()).standing == UNKNOWN


@given(text=st.text(ENTRA, min_size=31, max_size=31))
def test_client_secret_of_entra(text):
    body = f"{text[:3]}8Q~{text[3:]}"
    number, digits = marvin32(body.encode(), b"AadPwd00"), ""
    while number:
        number, digit = divmod(number, len(ENTRA))
        digits = ENTRA[digit] + digits
    right = (body + digits[:3]).encode()
    assert CHECKS["azure-client-secret"](right).standing == PROVED
    assert CHECKS["azure-client-secret"](right[:-1] + b"!").standing == UNKNOWN
    assert CHECKS["azure-client-secret"](right.replace(b"8Q~", b"7Q~", 1)).standing == UNKNOWN


def test_keys_of_emulators_are_public():
    parts = (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6",
        "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    )
    assert CHECKS["azure-key"]("".join(parts).encode()).standing == DISPROVED


@given(key=st.binary(min_size=1, max_size=40))
def test_shared_access_signature(key):
    text = (
        base64.b64encode(key).decode().replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    )
    expected = PROVED if len(key) == 32 else DOUBTFUL
    assert CHECKS["azure-sas"](text.encode()).standing == expected


@pytest.mark.parametrize(
    ("prefix", "words"), [("AKIA", "long-term"), ("ASIA", "temporary"), ("ABIA", "bearer")]
)
def test_kind_of_an_access_key(prefix, words):
    key = samples.expand(f"<<checked aws {prefix}>>").encode()
    verdict = CHECKS["aws-key-id"](key)
    assert verdict.standing == PROVED
    assert words in verdict.reason


def test_no_published_key_stands_in_the_sources():
    """Only digests of them do."""
    from scanner.detect.structure import known

    assert known.published(b"x") is False
    assert all(len(digest) == 16 for digest in known._DIGESTS)
    assert hashlib.sha256(b"x").hexdigest()[:16] not in known._DIGESTS


def test_the_key_of_a_service_account():
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    written = key.replace(b"\n", b"\\n")
    verdict = CHECKS["google-private-key"](written)
    assert verdict.standing == Standing.PROVED
    assert "RSA key" in verdict.reason
    broken = written.replace(b"MII", b"!!!", 1)
    assert CHECKS["google-private-key"](broken).standing == Standing.DISPROVED
