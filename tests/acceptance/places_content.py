"""Cases: what the content of a file can look like, from encodings to archives in archives."""

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from urllib.parse import quote

from planting import at, case, leak

_BODY = b"# settings of the service\nuser = ann\ntoken = %b\nend = true\n"
_LINE, _COLUMN = 3, 9


def encoded(name, make, *via, line=None, column=None):
    """Register a case: a file in HEAD whose content `make` makes of the token."""

    def plant(r):
        secret = r.token()
        path = f"content/{name.replace('_', '-')}.data"
        commit = r.commit_file(path, make(secret))
        fields = {"introduced": commit, "via": via}
        if line:
            fields["line"] = line
        if column:
            fields["column"] = column
        return leak(secret, at("file", path, "head", **fields))

    plant.__name__ = name
    case(plant)


def written_in(codec, mark=""):
    """Return a maker of text in a codec, after a byte order mark if there is one."""
    return lambda secret: (mark + (_BODY % secret).decode()).encode(codec)


encoded("utf_8_with_a_mark", written_in("utf-8", "\ufeff"), line=_LINE, column=_COLUMN)
encoded(
    "utf_8_neighbours",
    lambda s: "# sch\u00f6n\n'\u4e2d\u6587 \U0001f511': '".encode() + s + "'\u00fc\n".encode(),
    line=2,
    column=10,
)
encoded("latin_1_neighbours", lambda s: b"gr\xfc\xdfe\ncl\xe9=%b\xe9\n" % s, line=2)
for _codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
    _name = _codec.replace("-", "_")
    encoded(f"{_name}_with_a_mark", written_in(_codec, "\ufeff"), _codec, line=_LINE)
    encoded(_name, written_in(_codec), _codec, line=_LINE, column=_COLUMN)
encoded(
    "utf_16_in_a_binary",
    lambda s: bytes(range(256)) * 4 + _key_value(s).encode("utf-16-le") + b"\xff\x00\x01" * 50,
    "utf-16-le",
)

encoded("crlf", lambda s: (_BODY % s).replace(b"\n", b"\r\n"), line=_LINE, column=_COLUMN)
encoded("cr_only", lambda s: (_BODY % s).replace(b"\n", b"\r"), line=_LINE, column=_COLUMN)
encoded("no_final_newline", lambda s: b"a = 1\ntoken = %b" % s, line=2, column=_COLUMN)
encoded("nothing_but_the_token", lambda s: s, line=1, column=1)
encoded("binary_with_nuls", lambda s: b"\x7fELF\0\0\1\2%b\0\0\xff\xfe\0" % s, line=1)
encoded(
    "one_long_line", lambda s: b"a,b;" * 100_000 + s + b";c,d" * 100_000, line=1, column=400_001
)


def _key_value(secret):
    return f"token = {secret.decode()}\n"


def _wrapped(secret):
    """Return MIME base64 of a letter, wrapped at 76 characters, so that it cuts the token."""
    return b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(b"Dear all! " * 9 + secret)


encoded(
    "base64",
    lambda s: b"a: 1\ndata: " + base64.b64encode(b"token = %b" % s) + b"\n",
    "base64",
    line=2,
)
encoded(
    "base64_without_padding",
    lambda s: b"data: " + base64.b64encode(b"token: %b!" % s).rstrip(b"=") + b"\n",
    "base64",
    line=1,
)
encoded(
    "base64url",
    lambda s: b"data=" + base64.urlsafe_b64encode(b"???>>>~~~ %b" % s) + b"\n",
    "base64",
    line=1,
)
encoded(
    "nested_base64",
    lambda s: b"\n\nd: " + base64.b64encode(b"inner: " + base64.b64encode(b"token=%b" % s)),
    "base64",
    "base64",
    line=3,
)
encoded("mime_base64", _wrapped, "base64")
encoded("hex", lambda s: b"key: " + (b"token=%b" % s).hex().encode() + b"\n", "hex", line=1)
encoded("upper_hex", lambda s: b"#\n" + (b"t=%b" % s).hex().upper().encode(), "hex", line=2)
encoded(
    "percent",
    lambda s: b"GET /?q=1&t=" + "".join(f"%{byte:02X}" for byte in s).encode() + b" HTTP/1.1",
    "percent",
    line=1,
    column=13,
)
encoded(
    "percent_in_part",
    lambda s: (
        b"https://acme.example/?redirect="
        + quote(f"/?t%{s[:1].hex()}", "").encode()[:0]
        + s[:3]
        + b"%5F"
        + s[4:]
        + b"\n"
    ),
    "percent",
    line=1,
)
encoded(
    "unicode_escapes",
    lambda s: b'{"t": "' + "".join(f"\\u{byte:04x}" for byte in s).encode() + b'"}\n',
    "unicode-escape",
    line=1,
    column=8,
)
encoded(
    "decimal_entities",
    lambda s: b"<p>\n<b>" + "".join(f"&#{byte};" for byte in s).encode() + b"</b>",
    "html",
    line=2,
)
encoded(
    "hex_entities",
    lambda s: b"<b>" + "".join(f"&#x{byte:x};" for byte in s).encode() + b"</b>",
    "html",
    line=1,
)
encoded("named_entities", lambda s: b"<b>" + s.replace(b"_", b"&lowbar;") + b"</b>\n", "html")
encoded(
    "base64_in_utf_16",
    lambda s: (
        "\ufeff<data>\n" + base64.b64encode(b"token = %b" % s).decode() + "\n</data>\n"
    ).encode("utf-16-le"),
    "utf-16-le",
    "base64",
    line=2,
)
encoded(
    "utf_16_in_base64",
    lambda s: b"powershell -enc " + base64.b64encode(_key_value(s).encode("utf-16-le")) + b"\n",
    "base64",
    "utf-16-le",
    line=1,
)


def zipped(members, method=zipfile.ZIP_DEFLATED):
    """Return a zip of names and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def tarred(members):
    """Return an uncompressed tar of names and contents."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _body(secret):
    return _BODY % secret


def _java(secret):
    manifest = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n"}
    return zipped({**manifest, "app/Main.class": b"\xca\xfe\xba\xbe\0\0\0\x34\1\0\x28" + secret})


def _word(secret):
    text = b"<w:document><w:body><w:t>Token %b</w:t></w:body></w:document>" % secret
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": text})


encoded("gz", lambda s: gzip.compress(_body(s), mtime=0), "gzip#L3")
encoded("bz2", lambda s: bz2.compress(_body(s)), "bzip2#L3")
encoded("xz", lambda s: lzma.compress(_body(s)), "xz#L3")
encoded("zip", lambda s: zipped({"a.txt": b"", "conf/app.env": _body(s)}), "zip:conf/app.env#L3")
encoded("stored_zip", lambda s: zipped({"app.env": _body(s)}, zipfile.ZIP_STORED), "zip:app.env#L3")
encoded("jar", _java, "zip:app/Main.class#L1")
encoded("docx", _word, "zip:word/document.xml#L1")
encoded("tar", lambda s: tarred({"etc/app.env": _body(s)}), "tar:etc/app.env#L3")
encoded(
    "zip_in_a_tar_gz",
    lambda s: gzip.compress(tarred({"deep/app.zip": zipped({"app.env": _body(s)})}), mtime=0),
    "gzip#L1",
    "tar:deep/app.zip#L1",
    "zip:app.env#L3",
)
encoded(
    "base64_in_a_zip",
    lambda s: zipped({"secret.yaml": b"a: 1\ndata: " + base64.b64encode(b"token=%b" % s)}),
    "zip:secret.yaml#L2",
    "base64",
)
encoded(
    "gz_in_base64",
    lambda s: b"blob: " + base64.b64encode(gzip.compress(_body(s), mtime=0)) + b"\n",
    "base64",
    "gzip#L3",
    line=1,
)
