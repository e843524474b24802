"""Private key blocks: every dress gives the same secret, and what is no key gives nothing."""

import base64
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect import keybody, pem
from scanner.model import Confidence, Rule, Severity

RULE = Rule(
    id="k", family="k", name="k", kind="encryption-key", provider="p",
    severity=Severity.CRITICAL, confidence=Confidence.HIGH, method="pem", keywords=(), pattern="",
    lead=0, checks=(), min_entropy=0, remediation="",
)  # fmt: skip
DASHES = "-" * 5


def number(value: bytes) -> bytes:
    return tlv(2, value)


def tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + content


def noise(count: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(count)


def rsa(seed: int = 1) -> bytes:
    modulus = b"\0\xc1" + noise(255, seed)
    rest = b"".join(number(b"\x11" + noise(n, seed + n)) for n in (255, 127, 127, 126, 125, 124))
    return tlv(0x30, number(b"\0") + number(modulus) + number(b"\1\0\1") + rest)


def ed25519() -> bytes:
    name = tlv(0x30, tlv(6, b"\x2b\x65\x70"))
    return tlv(0x30, number(b"\0") + name + tlv(4, tlv(4, noise(32))))


def ssh(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


def openssh(cipher: bytes = b"none") -> bytes:
    public = ssh(ssh(b"ssh-ed25519") + ssh(noise(32)))
    head = b"openssh-key-v1\0" + ssh(cipher) + ssh(b"none") + ssh(b"") + b"\0\0\0\1"
    return head + public + ssh(noise(136, 2))


def lines(content: bytes, label: str = "RSA PRIVATE KEY", width: int = 64) -> list[str]:
    text = base64.b64encode(content).decode()
    body = [text[i : i + width] for i in range(0, len(text), width)]
    return [f"{DASHES}BEGIN {label}{DASHES}", *body, f"{DASHES}END {label}{DASHES}"]


def found(text: str | bytes, rule: Rule = RULE):
    data = text.encode() if isinstance(text, str) else text
    at, seen = -1, []
    while (at := data.find(b"BEGIN ", at + 1)) >= 0:
        seen += pem.candidates(data, at, at + 6, rule)
    return seen


DRESSES = {
    "plain": lambda b: "\n".join(b),
    "crlf": lambda b: "\r\n".join(b),
    "cr": lambda b: "\r".join(b),
    "indented": lambda b: "key: |\n" + "\n".join("      " + line for line in b),
    "hash": lambda b: "\n".join("# " + line for line in b),
    "slashes": lambda b: "\n".join("// " + line for line in b),
    "star": lambda b: "/*\n" + "\n".join(" * " + line for line in b) + "\n */",
    "added": lambda b: "@@ -0,0 +1,9 @@\n" + "\n".join("+" + line for line in b),
    "removed": lambda b: "@@ -1,9 +0,0 @@\n" + "\n".join("-" + line for line in b),
    "json": lambda b: json.dumps({"key": "\n".join(b) + "\n"}),
    "json in json": lambda b: json.dumps(json.dumps({"key": "\n".join(b)})),
    "slash escaped": lambda b: json.dumps("\n".join(b)).replace("/", "\\/"),
    "html safe": lambda b: json.dumps("\n".join(b)).replace("+", "\\u002b").replace("=", "\\u003d"),
    "c": lambda b: "char *k =\n" + "\n".join(f'  "{line}\\n"' for line in b) + ";",
    "java": lambda b: "String k = " + "\n  + ".join(f'"{line}\\n"' for line in b) + ";",
    "java, operator last": lambda b: "k = " + " +\n".join(f'"{line}"' for line in b) + ";",
    "php": lambda b: "$k = " + " .\n".join(f"'{line}'" for line in b) + ";",
    "appended": lambda b: "\n".join(f"key += '{line}\\n';" for line in b),
    "echo": lambda b: "\n".join(f'echo "{line}" >> f' for line in b),
    "continued": lambda b: 'k = "' + "\\n\\\n".join(b) + '"',
    "list": lambda b: "[" + ", ".join(f"'{line}'" for line in b) + "].join('\\n')",
    "one line": lambda b: " ".join(b),
    "glued": lambda b: "".join(b),
    "html": lambda b: "<br>".join(b),
    "mail": lambda b: "\n".join("> " + line for line in b),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("content", [rsa(), ed25519(), openssh()], ids=["rsa", "ed", "ssh"])
@pytest.mark.parametrize("width", [64, 70, 76])
def test_every_dress_has_the_same_secret(dress, content, width):
    text = "before = 1\n" + DRESSES[dress](lines(content, width=width)) + "\nafter = 2\n"
    (candidate,) = found(text)
    assert candidate.secret == base64.b64encode(content)
    span = text.encode()[candidate.start : candidate.end]
    assert span.startswith(b"-----BEGIN")
    assert span.endswith(b"KEY-----")


@given(st.integers(0, 999), st.integers(42, 2000), st.integers(40, 90), st.sampled_from([*DRESSES]))
def test_dress_does_not_change_any_body(seed, size, width, dress):
    content = tlv(0x30, number(b"\0") + tlv(4, noise(size, seed)))
    (candidate,) = found(DRESSES[dress](lines(content, width=width)))
    assert candidate.secret == base64.b64encode(content)


@pytest.mark.parametrize(
    ("content", "words", "protected"),
    [
        (rsa(), "RSA key of 2048 bits", False),
        (ed25519(), "Ed25519 key in PKCS #8", False),
        (openssh(), "OpenSSH key (ssh-ed25519)", False),
        (openssh(b"aes256-ctr"), "OpenSSH key (ssh-ed25519)", True),
        (tlv(0x30, number(b"\1") + tlv(4, noise(32))), "elliptic-curve key of 256 bits", False),
        (
            tlv(0x30, tlv(0x30, tlv(6, noise(9)) + tlv(4, b"salt")) + tlv(4, noise(128))),
            "encrypted PKCS #8",
            True,
        ),
        (b'{"kdf":{"name":"scrypt"},"ciphertext":"' + b"A" * 40 + b'"}', "sigstore key", True),
    ],
)
def test_forms_are_told_apart(content, words, protected):
    assert keybody.describe(content) == keybody.Key(words, True, protected)


@pytest.mark.parametrize(("usage", "protected"), [(0, False), (254, True), (255, True)])
def test_openpgp_tells_whether_it_is_protected(usage, protected):
    public = b"\4" + noise(4) + b"\1" + b"\x08\0" + noise(256) + b"\0\x11\1\0\1"
    body = public + bytes([usage]) + noise(300, 3)
    packet = b"\x95" + len(body).to_bytes(2, "big") + body
    assert keybody.describe(packet) == keybody.Key("OpenPGP secret key", True, protected)


@given(st.binary(max_size=300), st.sampled_from([b"", b"0", b"openssh-key-v1\0", b"\x95", b"\xc5"]))
def test_any_bytes_are_read_without_an_error(content, head):
    key = keybody.describe(head + content)
    assert key is None or key.words


def test_protected_keys_are_less_sure():
    (openssh_key,) = found("\n".join(lines(openssh(b"aes256-ctr"), "OPENSSH PRIVATE KEY")))
    assert openssh_key.confidence is Confidence.MEDIUM
    assert "protected by a passphrase" in openssh_key.reasons[0]
    block = lines(noise(640))
    block[1:1] = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC," + noise(16).hex(), ""]
    (pem_key,) = found("\n".join(block))
    assert pem_key.confidence is Confidence.MEDIUM
    assert pem_key.secret == base64.b64encode(noise(640))


def test_a_block_without_its_end_is_reported_as_cut_short():
    block = "\n".join(lines(rsa())[:6])
    (candidate,) = found(block + "\n\nSome prose follows here, in words.\n")
    assert candidate.confidence is Confidence.MEDIUM
    assert "the block is cut short" in candidate.reasons
    assert candidate.end <= len(block) + 2
    assert found("\n".join(lines(rsa())[:3])) == []


def test_a_cut_block_ends_where_the_next_begins():
    first, second = lines(rsa(1))[:7], lines(rsa(2))
    cut, whole = found("\n".join(first + second))
    assert whole.secret == base64.b64encode(rsa(2))
    assert cut.end <= whole.start


def test_a_body_that_lost_lines_is_not_whole():
    block = lines(rsa())
    del block[5]
    (candidate,) = found("\n".join(block))
    assert candidate.confidence is Confidence.MEDIUM
    assert "not whole" in candidate.reasons[0]


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "MIIE...",
        "MIIEpAIBAAKCAQEA" + "x" * 48,
        "your private key goes here",
        "x" * 640,
        "A" * 640,
        "<base64 of the key>",
        "[REDACTED]",
        "abcd" * 4,
        "${PRIVATE_KEY}",
    ],
)
def test_placeholders_are_nothing(body):
    for joint in ("\n", "\\n", " "):
        text = joint.join([lines(b"")[0], body, lines(b"")[-1]])
        assert found(text) == []


def test_constants_and_public_parts_are_nothing():
    begin, end = lines(b"")[0], lines(b"")[-1]
    assert (
        found(f'if text.startswith("{begin}") and text.endswith("{end}"): return load(text)') == []
    )
    certificate = Rule(*RULE[:9], "(?:[A-Z]{2,8} )?PRIVATE KEY", *RULE[10:])
    assert found("\n".join(lines(rsa(), "CERTIFICATE")), certificate) == []
    assert found("\n".join(lines(rsa(), "PUBLIC KEY")), certificate) == []


def test_random_text_that_is_no_key_is_doubtful():
    (candidate,) = found("\n".join(lines(b"\x11" + noise(400))))
    assert candidate.confidence is Confidence.LOW


def test_an_openvpn_key_is_hexadecimal():
    body = noise(256).hex()
    text = "\n".join(body[i : i + 32] for i in range(0, 512, 32))
    frame = lines(b"", "OpenVPN Static key V1")
    (candidate,) = found("\n".join([frame[0], text, frame[-1]]))
    assert candidate.secret == body.encode()
    assert found("\n".join([frame[0], text[:400], frame[-1]])) == []


@given(st.text(alphabet="-BEGINKYRSA PVT\n\"'\\n+/=#A", max_size=400))
def test_any_text_is_searched_without_an_error(text):
    begin = lines(b"")[0]
    assert all(c.start < c.end for c in found(begin + text + begin))
