"""What generated files are made of: credentials in many dresses, near misses, and filler.

A piece is made of its kind and a seed at run time, so no file here looks like a credential.
"""

import base64
import gzip
import io
import json
import random
import zipfile
from functools import lru_cache

from scanner.rulepack import load, samples

PIECES = {}
KINDS = []


def piece_of(name, weight=1):
    """Register a function of a random generator that returns a piece of text as bytes.

    What has parts far from each other is drawn more often.
    """

    def register(make):
        PIECES[name] = make
        KINDS.extend([name] * weight)
        return make

    return register


@lru_cache(4096)
def piece(kind, seed):
    """Return the piece of a kind, always the same for one seed."""
    return PIECES[kind](random.Random(f"{kind} {seed}"))


def made(rng, template):
    """Return an example of the rule pack's kind, filled in anew by `rng`."""
    text = samples.expand(f"{rng.getrandbits(64)}\0{template}")
    return text.partition("\0")[2].encode()


def token(rng):
    return made(rng, "<<checksum ghp_ 30>>")


def words(rng, count):
    text = "the value of a module import return self else list while name path open close server"
    return " ".join(rng.choices(text.split(), k=count)).encode()


@lru_cache(1)
def _sources():
    return load.directory(load.builtin_directory())


@lru_cache(1)
def _of_many_lines():
    many = ("pem", "kubernetes")
    return [s for s in _sources() if s.rule.method in many or (s.reach and s.reach.multiline)]


@piece_of("filler")
def filler(rng):
    return b"".join(
        b"%b%b\n" % (b" " * rng.choice((0, 4, 8)), words(rng, rng.randint(1, 9)))
        for _ in range(rng.randint(3, 40))
    )


@piece_of("the same lines again")
def _repeated(rng):
    return (words(rng, 8) + b"\n") * rng.randint(8, 60)


@piece_of("noise")
def _noise(rng):
    """Lines that do not compress, so that deltas pay."""
    return b"".join(b"%x: %d\n" % (rng.getrandbits(24), n) for n in range(rng.randint(20, 90)))


@piece_of("digests")
def _digests(rng):
    return b"".join(b"%s  f%d.py\n" % (rng.randbytes(20).hex().encode(), n) for n in range(5))


@piece_of("example of any rule")
def _example(rng):
    return made(rng, rng.choice(rng.choice(_sources()).examples)) + b"\n"


@piece_of("example of many lines", 3)
def _long_example(rng):
    return made(rng, rng.choice(rng.choice(_of_many_lines()).examples)) + b"\n"


@piece_of("near miss")
def _near_miss(rng):
    return made(rng, rng.choice(rng.choice(_sources()).counterexamples)) + b"\n"


@piece_of("token")
def _token(rng):
    forms = (b"%b", b"key %b", b'x = "%b"', b"t=%b;", b"https://%b@acme.io/x", b"A%b", b"%b9")
    return rng.choice(forms) % token(rng) + rng.choice((b"\n", b"\n", b""))


@piece_of("assignment")
def _assignment(rng):
    forms = (
        'password = "<<password 14>>"', "DB_PASSWORD=<<password 12>>",
        '"password": "<<alnum 12>>",',
        "api_key: '<<alnum 32>>'", "<secret><<alnum 24>></secret>", "ENV APP_TOKEN <<hex 40>>",
        "define('DB_PASSWORD', '<<password 12>>');", "Authorization: Bearer <<alnum 40>>",
    )  # fmt: skip
    return made(rng, rng.choice(forms)) + b"\n"


@piece_of("url")
def _url(rng):
    forms = (
        "postgres://app:<<password 14>>@db<<digits 2>>.acme.io:5432/app",
        "url = https://ci:<<alnum 20>>@git.acme.io/a.git",
        "jdbc:mysql://db.acme.io/app?user=app&password=<<alnum 14>>",
        "see http://a.acme.io/ and amqp://u:<<alnum 16>>@mq.acme.io",
    )
    return made(rng, rng.choice(forms)) + b"\n"


@piece_of("two parts", 3)
def _two_parts(rng):
    gap = "".join(f"{words(rng, 3).decode()}\n" for _ in range(rng.randint(0, 6)))
    names = rng.choice((("aws_access_key_id", "aws_secret_access_key"), ("id", "s")))
    first, second = (f"{name}{rng.choice(('=', ' = ', ': '))}" for name in names)
    return made(rng, f"{first}AKIA<<base32 16>>\n{gap}{second}<<base64 40>>\n")


@piece_of("netrc", 3)
def _netrc(rng):
    breaks = rng.choice(("\n  ", " ", "\n"))
    return made(rng, f"machine a.acme.io{breaks}login ci{breaks}password <<alnum 16>>\n")


@piece_of("option file", 2)
def _option_file(rng):
    """Read up to twelve lines of 160 bytes from the section's name to the password."""
    gap = "".join(f"{words(rng, rng.randint(1, 20)).decode()}\n" for _ in range(rng.randint(0, 12)))
    return made(rng, f"[client]\n{gap}password = <<alnum 14>>\n")


@piece_of("manifest", 3)
def _manifest(rng):
    names = rng.sample(["password", "token", "api-key", "username", "cert.pem"], 3)
    kept = {name: base64.b64encode(token(rng)).decode() for name in names}
    kept["ca.crt"] = base64.b64encode(rng.randbytes(rng.choice((20, 900, 9000)))).decode()
    parts = [
        "kind: Secret\n",
        "metadata:\n  name: app\n",
        "data:\n" + "".join(f"  {name}: {value}\n" for name, value in kept.items()),
        made(rng, "stringData:\n  extra: <<alnum 24>>\n").decode(),
    ]
    rng.shuffle(parts)
    whole = {"kind": "Secret", "metadata": {"name": "app"}, "data": kept}
    as_json = json.dumps(whole, indent=rng.choice((None, 2))) + "\n"
    return rng.choice(("---\n" + "".join(parts) + "---\n", as_json)).encode()


def _tlv(tag, content):
    size = len(content)
    head = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + head + content


def _ssh(*texts):
    return b"".join(len(text).to_bytes(4, "big") + text for text in texts)


def key(rng):
    """Return a made-up private key as RFC 8017, RFC 8410 or OpenSSH's PROTOCOL.key have it."""

    def number(size):
        return _tlv(2, b"\x11" + rng.randbytes(size))

    rsa = [number(size) for size in (128, 127, 63, 63, 62, 61, 60)]
    openssh = _ssh(b"none", b"none", b"") + b"\0\0\0\1"
    openssh += _ssh(_ssh(b"ssh-ed25519", rng.randbytes(32)), rng.randbytes(136))
    octets = _tlv(4, _tlv(4, rng.randbytes(32)))
    ed25519 = _tlv(2, b"\0") + _tlv(0x30, _tlv(6, b"\x2b\x65\x70")) + octets
    return rng.choice(
        (
            _tlv(0x30, _tlv(2, b"\0") + rsa[0] + _tlv(2, b"\1\0\1") + b"".join(rsa[1:])),
            _tlv(0x30, ed25519),
            b"openssh-key-v1\0" + openssh,
        )
    )


_DRESSES = (
    "\n".join,
    "\r\n".join,
    " ".join,
    lambda b: "key: |\n" + "".join(f"    {line}\n" for line in b),
    lambda b: "".join(f"# {line}\n" for line in b),
    lambda b: "".join(f"+{line}\n" for line in b),
    lambda b: json.dumps({"key": "\n".join(b)}),
    lambda b: "String k = " + "\n  + ".join(f'"{line}\\n"' for line in b) + ";",
)


@piece_of("private key", 3)
def _private_key(rng):
    text = base64.b64encode(key(rng)).decode()
    label = rng.choice(("RSA ", "", "OPENSSH ", "EC ")) + "PRIVATE KEY"
    dashes = "-" * 5
    body = [text[at : at + 64] for at in range(0, len(text), 64)]
    lines = [f"{dashes}BEGIN {label}{dashes}", *body, f"{dashes}END {label}{dashes}"]
    return rng.choice(_DRESSES)(lines).encode() + b"\n"


@piece_of("base64")
def _base64(rng):
    inner = rng.choice((b"token = %b", b'{"a": "%b"}', b"%b")) % token(rng)
    return b"data: %b\n" % base64.b64encode(inner)


@piece_of("base64 of many lines", 3)
def _base64_block(rng):
    before, after = words(rng, rng.randint(2, 30)), words(rng, rng.randint(0, 20))
    return base64.encodebytes(b"%b\ntoken = %b\n%b" % (before, token(rng), after))


@piece_of("gzip in base64")
def _packed_base64(rng):
    return b"blob: %b\n" % base64.b64encode(gzip.compress(b"token = %b\n" % token(rng), mtime=0))


@piece_of("escapes")
def _escapes(rng):
    form = rng.choice(("%%%02X", "\\u%04x", "&#%d;", "\\x%02x", "%02x"))
    start = rng.randint(0, 4)
    secret = token(rng)
    escaped = "".join(form % byte for byte in secret[start:]).encode()
    return b'{"t": "%b%b", "u": 1}\n' % (secret[:start], escaped)


@piece_of("utf-16 in binary")
def _wide(rng):
    codec = rng.choice(("utf-16-le", "utf-16-be", "utf-32-le"))
    text = f"token = {token(rng).decode()}\n".encode(codec)
    return rng.randbytes(8) + b"\xff\0\1" * 9 + text + b"\xff\0\1" * 9


@piece_of("lfs pointer")
def _pointer(rng):
    digest = rng.randbytes(32).hex().encode()
    head = b"version https://git-lfs.github.com/spec/v1\n"
    return head + b"oid sha256:%b\nsize %d\n" % (digest, rng.randint(1, 10**6))


def _span(rng, joint=b" "):
    """Return words without a line break: up to a few thousand bytes."""
    return words(rng, rng.choice((5, 60, 200, 700))).replace(b" ", joint)


@piece_of("url on a long line", 2)
def _long_url(rng):
    """Of a URL, 1024 bytes are searched for parameters."""
    opening = rng.choice(
        (b"jdbc:mysql://db.acme.io/app?user=app", b"postgresql://db.acme.io/app?a=b")
    )
    password = made(rng, "&password=<<alnum 14>>")
    between = words(rng, rng.choice((5, 60, 120, 170))).replace(b" ", b"&p=")
    return _span(rng) + opening + between + password + b" " + _span(rng) + b"\n"


@piece_of("minified", 2)
def _minified(rng):
    parts = [
        b"var a='%b'" % _span(rng),
        b'{"%b":"%b"}' % (words(rng, 1), _span(rng)),
        made(rng, 'x={"password":"<<alnum 16>>"}'),
        made(rng, '{"kty":"oct","alg":"HS256","k":"<<base64url 43>>"}'),
        b"f(%b)" % token(rng),
        _span(rng, b","),
    ]
    rng.shuffle(parts)
    return b";".join(parts) + b"\n"


@piece_of("base64 on a long line", 2)
def _long_base64(rng):
    text = b"%b token = %b %b" % (_span(rng), token(rng), _span(rng))
    return rng.choice((b"", b"data: ", b"a/b=")) + base64.b64encode(text) + b"\n"


@piece_of("escapes on a long line", 2)
def _long_escapes(rng):
    return b"%b %b %b\n" % (_span(rng), _escapes(rng).rstrip(), _span(rng))


@piece_of("one long line")
def _long_line(rng):
    half = (words(rng, 40) + b",") * rng.randint(80, 200)
    return half + rng.choice((b"", b"password='%b'" % token(rng))) + half


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), data)
    return out.getvalue()
