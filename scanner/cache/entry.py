"""The bytes of one kept result: a header, then the value compressed by zlib.

    offset  bytes  what
    0       8      "leakseal"
    8       2      version of this format
    10      8      length of the value
    18      32     BLAKE2b (RFC 7693) with the user's key, over name, the fields above and the rest
    50      …      zlib stream (RFC 1950)

Numbers are big-endian.
"""

import hashlib
import hmac
import struct
import zlib

LARGEST_VALUE = 256 << 20
KEY_SIZE = 32
_MAGIC = b"leakseal"
_VERSION = 1
_FIELDS = struct.Struct(">8sHQ")
_TAG_SIZE = 32
_HEADER = _FIELDS.size + _TAG_SIZE
# What zlib cannot compress it stores, with five bytes for each block.
LARGEST_ENTRY = LARGEST_VALUE + (LARGEST_VALUE >> 10) + _HEADER + 64


def name(secret: bytes, key: bytes) -> str:
    """Return the file name, 64 hex digits, under which the result for an encoded `key` is kept."""
    return hashlib.blake2b(key, key=secret, digest_size=32, person=b"result name").hexdigest()


def seal(secret: bytes, name: str, value: bytes) -> bytes:
    """Return the entry that holds `value` under `name`."""
    fields = _FIELDS.pack(_MAGIC, _VERSION, len(value))
    body = zlib.compress(value, 1)
    return b"".join((fields, _tag(secret, name, fields, body), body))


def unseal(secret: bytes, name: str, entry: bytes) -> bytes | None:
    """Return the value, or None for whatever `seal` did not make of this name with this secret.

    Nothing is decompressed before the tag was found right, and never more than LARGEST_VALUE.
    """
    if len(entry) < _HEADER:
        return None
    view = memoryview(entry)
    fields, tag, body = view[: _FIELDS.size], view[_FIELDS.size : _HEADER], view[_HEADER:]
    magic, version, length = _FIELDS.unpack(fields)
    if magic != _MAGIC or version != _VERSION or length > LARGEST_VALUE:
        return None
    if not hmac.compare_digest(tag, _tag(secret, name, fields, body)):
        return None
    return _inflated(body, length)


def _tag(secret: bytes, name: str, fields: bytes | memoryview, body: bytes | memoryview) -> bytes:
    tag = hashlib.blake2b(name.encode(), key=secret, digest_size=_TAG_SIZE, person=b"result entry")
    tag.update(fields)
    tag.update(body)
    return tag.digest()


def _inflated(body: memoryview, length: int) -> bytes | None:
    stream = zlib.decompressobj()
    try:
        value = stream.decompress(body, length + 1)
    except zlib.error:
        return None
    return value if stream.eof and len(value) == length else None
