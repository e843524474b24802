"""Keys written as text: published vectors, real keys of libraries, every single change."""

import base64
import hashlib

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.structure import CHECKS, Standing
from scanner.detect.structure.decode import base32
from scanner.rulepack import samples

PROVED, UNKNOWN = Standing.PROVED, Standing.UNKNOWN
DOUBTFUL, DISPROVED = Standing.DOUBTFUL, Standing.DISPROVED
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KINDS = {
    "age-key": "bech32 AGE-SECRET-KEY- 32",
    "bip32-key": "base58check 0488ade4000000000000000000 32 00 32",
    "bitcoin-wif": "base58check 80 32 01",
    "nkey-seed": "crc16 9500 32",
    "nostr-key": "bech32 nsec 32",
    "ripple-seed": "xrp",
    "stellar-seed": "crc16 90 32",
    "tezos-key": "base58check 0d0f3a07 32",
}


def made(spec, salt=""):
    return samples.expand(f"{salt} <<checked {spec}>>").split()[-1].encode()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        # BIP 32, test vector 1; the Bitcoin wiki, "Wallet import format".
        (
            "bip32-key",
            (
                "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiCh",
                "kVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            ),
        ),
        ("bitcoin-wif", ("5HueCGU8rMjxEXxiPuD5BDku4MkFq", "eZyd4dZ1jvhTVqvbTLvyTJ")),
        # SEP-23; NIP-19; xrpl.org, "Cryptographic Keys".
        ("stellar-seed", ("SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSS", "BLLZ5GNW7JXHDIYKXZWHOKR")),
        ("nostr-key", ("nsec1vl029mgpspedva04g90vltkh6fvh", "240zqtv9k0t9af8935ke9laqsnlfe5")),
        ("ripple-seed", ("snoPBrXtMeMy", "MHUVTgbuqAfg1SUTb")),
        # docs.nats.io, "NKeys".
        ("nkey-seed", ("SUACSSL3UAHUDXKFSNVUZRF5UHPMW", "Z6BFDTJ7M6USDXIEDNPPQYYYCU3VY")),
    ],
)
def test_published_vector(name, parts):
    assert CHECKS[name]("".join(parts).encode()).standing == PROVED


def test_real_age_identities():
    for _ in range(20):
        identity = str(pyrage.x25519.Identity.generate())
        assert CHECKS["age-key"](identity.encode()).standing == PROVED


def test_real_keys_of_wireguard():
    """`wg genkey` clamps what it draws; so does this."""
    for _ in range(20):
        raw = bytearray(
            X25519PrivateKey.generate().private_bytes(
                serialization.Encoding.Raw,
                serialization.PrivateFormat.Raw,
                serialization.NoEncryption(),
            )
        )
        raw[0] &= 248
        raw[31] = raw[31] & 127 | 64
        assert CHECKS["x25519"](base64.b64encode(raw)).standing == PROVED
        raw[0] |= 1
        assert CHECKS["x25519"](base64.b64encode(raw)).standing == UNKNOWN
    assert CHECKS["x25519"](base64.b64encode(bytes(31))).standing == DISPROVED


def test_real_keys_of_onion_services():
    """Tor expands an Ed25519 seed with SHA-512 and clamps the first half."""
    for _ in range(20):
        seed = Ed25519PrivateKey.generate().private_bytes_raw()
        expanded = bytearray(hashlib.sha512(seed).digest())
        expanded[0] &= 248
        expanded[31] = expanded[31] & 63 | 64
        assert CHECKS["tor-key"](bytes(expanded)).standing == PROVED
        expanded[31] |= 128
        assert CHECKS["tor-key"](bytes(expanded)).standing == DOUBTFUL
    assert CHECKS["tor-key"](bytes(63)).standing == UNKNOWN


@pytest.mark.parametrize("name", sorted(KINDS))
@given(data=st.data())
def test_any_change_of_a_character_is_noticed(name, data):
    right = made(KINDS[name], data.draw(st.text("abcdefghij", max_size=3)))
    assert CHECKS[name](right).standing == PROVED
    at = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from(sorted(set(right))))
    if other != right[at]:
        wrong = right[:at] + bytes([other]) + right[at + 1 :]
        # Of the last character of an NKEY two bits say nothing: either is the same seed.
        same = name == "nkey-seed" and base32(wrong) == base32(right)
        assert CHECKS[name](wrong).standing == (PROVED if same else DISPROVED)


def test_number_out_of_range():
    """A checksum over a number that no key can be proves nothing."""
    for number, expected in (
        (0, DISPROVED),
        (ORDER, DISPROVED),
        (ORDER - 1, UNKNOWN),
        (1, UNKNOWN),
    ):
        text = f"0x{number:064x}".encode()
        assert CHECKS["secp256k1"](text).standing == expected
    zero = made("base58check 80" + "00" * 32)
    assert CHECKS["bitcoin-wif"](zero).standing == DISPROVED
    assert CHECKS["secp256k1"](b"0x1234").standing == UNKNOWN


def test_keys_that_tools_give_everybody():
    """The first account of Hardhat, whose key its documentation shows."""
    digits = b"ac0974bec39a17e36ba4a6b4d238ff94" + b"4bacb478cbed5efcae784d7bf4f2ff80"
    verdict = CHECKS["secp256k1"](digits)
    assert verdict.standing == DISPROVED
    assert "everybody" in verdict.reason
    assert CHECKS["secp256k1"](b"0x" + digits.upper()).standing == DISPROVED


def test_an_extended_public_key_is_none():
    data = bytes.fromhex("0488ade4") + bytes(41) + b"\x02" + bytes(range(32))
    check = hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(data + check, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    assert CHECKS["bip32-key"](text.encode()).standing == DISPROVED


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("bitcoin-wif", "base58check 00 20"),
        ("bip32-key", "base58check 0488b21e 74"),
        ("tezos-key", "base58check 0d0f25d9 32"),
        ("nkey-seed", "crc16 a000 32"),
    ],
)
def test_right_checksum_of_something_else(name, spec):
    assert CHECKS[name](made(spec)).standing == UNKNOWN


@given(key=st.binary(min_size=60, max_size=68))
def test_key_pair_of_solana(key):
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(key, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    text = "1" * (len(key) - len(key.lstrip(b"\0"))) + text
    expected = PROVED if len(key) == 64 else DOUBTFUL
    assert CHECKS["base58-64"](text.encode()).standing == expected


def test_reasons_tell_what_the_key_is():
    assert "user" in CHECKS["nkey-seed"](made("crc16 9500 32")).reason
    assert "operator" in CHECKS["nkey-seed"](made("crc16 9380 32")).reason
    assert "test network" in CHECKS["bitcoin-wif"](made("base58check ef 32")).reason
    assert "master key" in CHECKS["bip32-key"](made(KINDS["bip32-key"])).reason
    assert "P-256" in CHECKS["tezos-key"](made("base58check 1051eebd 32")).reason
