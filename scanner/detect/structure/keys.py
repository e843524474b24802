"""Private keys written as text: checksums, ranges of numbers, keys that everybody knows."""

from scanner.detect.structure.decode import base58, base58check, base64, bech32
from scanner.detect.structure.known import published
from scanner.detect.structure.verdict import (
    UNKNOWN,
    Verdict,
    disproved,
    doubtful,
    proved,
)

# The order of the group of secp256k1 (SEC 2, section 2.4.1).
_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_RIPPLE = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_WRONG = disproved("its checksum is wrong")
_OUT_OF_RANGE = disproved("is no number that a key of secp256k1 can be")
_NETWORKS = {0x80: "Bitcoin", 0xEF: "a Bitcoin test network", 0xB0: "Litecoin", 0x9E: "Dogecoin"}
_NETWORKS[0xCC] = "Dash"
# SLIP-132; every version of a private key stands here.
_EXTENDED = {
    bytes.fromhex(version): network
    for version, network in (
        ("0488ade4", "Bitcoin"),
        ("049d7878", "Bitcoin"),
        ("0295b005", "Bitcoin"),
        ("04b2430c", "Bitcoin"),
        ("02aa7a99", "Bitcoin"),
        ("04358394", "a Bitcoin test network"),
        ("044a4e28", "a Bitcoin test network"),
        ("024285b5", "a Bitcoin test network"),
        ("045f18bc", "a Bitcoin test network"),
        ("02575048", "a Bitcoin test network"),
    )
}
# Octez, src/lib_crypto/base58.ml: prefix bytes of what is secret, and how many bytes follow.
_TEZOS = {
    bytes([13, 15, 58, 7]): (32, "an Ed25519 seed"),
    bytes([43, 246, 78, 7]): (64, "an Ed25519 key"),
    bytes([17, 162, 224, 201]): (32, "a secp256k1 key"),
    bytes([16, 81, 238, 189]): (32, "a P-256 key"),
}


def age_key(secret: bytes) -> Verdict:
    """Judge an age identity: bech32 (BIP 173) with a name, such as `AGE-SECRET-KEY-`.

    age-encryption.org/v1, "The X25519 recipient type": 32 bytes. Plugins choose their own size.
    """
    decoded = bech32(secret)
    if decoded is None:
        return _WRONG
    name, data = decoded
    if name == b"age-secret-key-" and len(data) != 32:
        return doubtful("is not as long as an age key")
    return proved("its checksum is right")


def nostr_key(secret: bytes) -> Verdict:
    """Judge a private key of Nostr: bech32 of 32 bytes with the name `nsec` (NIP-19)."""
    decoded = bech32(secret)
    if decoded is None or decoded[0] != b"nsec":
        return _WRONG
    return _in_range(decoded[1], "its checksum is right")


def bitcoin_wif(secret: bytes) -> Verdict:
    """Judge a key in wallet import format: base58check of a version, 32 bytes and perhaps a 1.

    Bitcoin's wiki, "Wallet import format".
    """
    data = base58check(secret)
    if data is None:
        return _WRONG
    network = _NETWORKS.get(data[0])
    if network is None or not (len(data) == 33 or (len(data) == 34 and data[33] == 1)):
        return UNKNOWN
    return _in_range(data[1:33], f"its checksum is right; it is a key for {network}")


def bip32_key(secret: bytes) -> Verdict:
    """Judge an extended private key (BIP 32): base58check of 78 bytes, the key in the last 32."""
    data = base58check(secret)
    if data is None:
        return _WRONG
    network = _EXTENDED.get(data[:4])
    if network is None or len(data) != 78:
        return UNKNOWN
    if data[45]:
        return disproved("is a public key")
    depth = "master key" if data[4] == 0 else f"key {data[4]} levels below the master key"
    return _in_range(data[46:], f"its checksum is right; it is a {depth} for {network}")


def ripple_seed(secret: bytes) -> Verdict:
    """Judge a seed of the XRP Ledger: base58check in its own alphabet, of 16 bytes.

    xrpl.org, "base58 Encodings": 33 stands before a family seed, 01 e1 4b before one for Ed25519.
    """
    data = base58check(secret, _RIPPLE)
    if data is None:
        return _WRONG
    seed = data[:1] == b"\x21" and len(data) == 17
    return proved("its checksum is right") if seed or data[:3] == b"\x01\xe1\x4b" else UNKNOWN


def tezos_key(secret: bytes) -> Verdict:
    """Judge a secret key of Tezos: base58check of a prefix that tells its kind, and the key."""
    data = base58check(secret)
    if data is None:
        return _WRONG
    size, words = _TEZOS.get(data[:4], (0, ""))
    return proved(f"its checksum is right; it is {words}") if len(data) == 4 + size else UNKNOWN


def base58_pair(secret: bytes) -> Verdict:
    """Judge a key pair of Solana: base58 of 64 bytes, the private key and the public one.

    solana.com/docs, "File system wallets".
    """
    data = base58(secret)
    if data is None or len(data) != 64:
        return doubtful("does not decode to 64 bytes")
    return proved("decodes to 64 bytes, as key pairs do")


def secp256k1(secret: bytes) -> Verdict:
    """Judge 64 hex digits as a private key of secp256k1, such as Ethereum's: 0 < key < order.

    Nearly every number is one, so being one proves nothing.
    """
    digits = secret.lower().removeprefix(b"0x")
    try:
        key = bytes.fromhex(digits.decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return UNKNOWN
    return _in_range(key, "") if len(key) == 32 else UNKNOWN


def x25519(secret: bytes) -> Verdict:
    """Judge a private key of WireGuard: base64 of 32 bytes, clamped as `wg genkey` does it.

    RFC 7748, section 5: three bits are clear, one is set, one is clear. A pre-shared key is not
    clamped, and what wrote the key may have left that to who reads it, so others say nothing.
    """
    data = base64(secret)
    if data is None or len(data) != 32:
        return disproved("does not decode to 32 bytes")
    if _clamped(data):
        return proved("is clamped, as keys for X25519 are")
    return UNKNOWN


def tor_key(secret: bytes) -> Verdict:
    """Judge the key of an onion service: 64 bytes, the first 32 clamped (RFC 8032, section 5.1.5).

    spec.torproject.org, rend-spec, "Managing keys": the file keeps the key expanded.
    """
    if len(secret) != 64:
        return UNKNOWN
    if _clamped(secret[:32]):
        return proved("is clamped, as expanded Ed25519 keys are")
    return doubtful("is not clamped, as expanded Ed25519 keys are")


def _clamped(key: bytes) -> bool:
    return key[0] & 7 == 0 and key[31] >> 6 == 1


def _in_range(key: bytes, words: str) -> Verdict:
    """Judge a number; with `words` the rest is proved."""
    if not 0 < int.from_bytes(key, "big") < _ORDER:
        return _OUT_OF_RANGE
    if published(key):
        return disproved("is a key that tools for developers give everybody")
    return proved(words) if words else UNKNOWN
