"""Values and names that stores, formats and programs are known to spoil."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

_KEY = ec.generate_private_key(ec.SECP256R1())
PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PKCS12 = pkcs12.serialize_key_and_certificates(b"shop", _KEY, None, None, NoEncryption())

LINES = {
    "one byte": b"x",
    "two lines": b"first\nsecond",
    "CRLF": b"first\r\nsecond\r\n",
    "lone CR": b"first\rsecond",
    "one line end": b"value\n",
    "many line ends": b"value\n\n\n",
    "leading line end": b"\nvalue",
    "only a line end": b"\n",
    "blanks around": b"  value \t",
    "only blanks": b"   ",
    "indented lines": b"  deep\n deeper\nflat\n",
    "NEL": "before\u0085after".encode(),
    "line separator": "before\u2028after\u2029".encode(),
    "PEM": PEM,
}
WORDS = {
    "leading dash": b"-rf",
    "option": b"--value=x",
    "template": b"{{x}}",
    "other templates": b"${HOME} $(id) `id` %PATH% <%= x %>",
    "arrow": b"old==>new",
    "pattern": b"regex:a.*b",
    "quotes": b"""it's "so" '' \"\" called""",
    "backslashes": rb"C:\new\table\\server\0\x41",
    "emoji": "pässwörd-🔑-密码".encode(),
    "combining": "e\u0301 \u202e\u200b".encode(),
    "JSON": b'{"user": "shop", "pass": "a\\u0062c", "n": 1e3}',
    "DSN": b"postgres://shop:p%40ss%2Fw@db.example/app?sslmode=require",
    "base64": b"dmFsdWU=",
    "encrypted look": b"ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]",
}
YAML_LOOK = {
    text: text.encode()
    for text in (
        "yes",
        "null",
        "~",
        "1e3",
        "0o17",
        "007",
        "1.0",
        "12:30:45",
        "2024-01-01",
        ".inf",
        "- a",
        "a: b",
        "# x",
        "value # not a comment",
        "{a: b}",
        "[a]",
        "!!str x",
        "&a x",
        "*a",
        "| x",
        "%YAML 1.2",
        "---",
        "...",
        "=",
        "<<",
        "@x",
    )
}
BINARY = {
    "empty": b"",
    "NUL": b"before\0after",
    "only NUL": b"\0",
    "escape codes": b"\x1b[31mred\x07\x7f",
    "every byte": bytes(range(256)),
    "not UTF-8": b"caf\xe9 \xff\xfe",
    "half surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\xaf",
    "BOM": b"\xef\xbb\xbfvalue",
    "UTF-16": "value".encode("utf-16"),
    "noncharacter": "\uffff\ufffe".encode(),
    "PKCS12": PKCS12,
}
SIZES = {
    f"{size} bytes": (b"0123456789abcdefghijklmnopqrstuv" * (size // 32 + 1))[:size]
    for size in (4096, 4097, 8192, 8193, 65536, 65537, 1 << 20, (1 << 20) + 1)
}
BATCHES = {
    "lines": LINES,
    "words": WORDS,
    "looks like YAML": YAML_LOOK,
    "binary": BINARY,
    "sizes": SIZES,
}
VALUES = {label: value for batch in BATCHES.values() for label, value in batch.items()}

NAMES = (
    "shop/app/DB_PASSWORD",
    "shop/app/db_password",
    "shop/app",
    "shop",
    "shop/app/db-password",
    "shop/app/db.password",
    "shop/äpp/schlüssel",
    "shop/app/a b",
    "shop//app",
    "shop/../app",
    "shop/./app",
    "/shop",
    "shop/",
    "-shop",
    ".shop",
    "shop/%41",
    "shop/A",
    "shop/a#b",
    "shop/a?b=c",
    "shop/a:b@c",
    "shop/a\\b",
    "shop/[a]{b}'c\"d",
    "shop/app_unencrypted",
    "sops",
    "aws/x",
    "shop/app-a1B2c3",
    "shop/" + "long" * 300,
    "shop/" + "long" * 300 + "er",
    "a/" * 30 + "deep",
    "1",
    "null",
)


def plain(value: bytes) -> bool:
    """Tell whether `value` is ordinary text, which every store must keep if it is not too large."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return False
    printable = all(character.isprintable() or character in "\n\t" for character in text)
    return bool(text) and printable and "{{" not in text  # {{…}} means something to AWS


def as_base64(value: bytes) -> str:
    """Return the part of `value` in base64 that is the same whatever follows it."""
    return b64encode(value[: len(value) // 3 * 3]).decode()
