"""Values as the text that Parameter Store keeps.

What it does not keep as it is, becomes a `data:` URI (RFC 2397): mark and value are one text, so
no reader and no other writer can part them.
"""

import re
from base64 import b64decode, b64encode
from contextlib import suppress

MARK = "data:application/octet-stream;base64,"
# `{{` refers to another parameter, which AWS refuses in a value:
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
_ENCODED = re.compile(
    "\\A" + re.escape(MARK) + "|{{|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]"
)


def as_text(value: bytes) -> str:
    """Return the text that is kept for `value`."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return _encoded(value)
    return _encoded(value) if _ENCODED.search(text) else text


def as_bytes(text: str) -> bytes:
    """Return the value that `text` is kept for."""
    if text.startswith(MARK):
        with suppress(ValueError):
            value = b64decode(text.removeprefix(MARK), validate=True)
            if as_text(value) == text:  # otherwise somebody else wrote it, and means the text
                return value
    return text.encode("utf-8", "surrogatepass")


def _encoded(value: bytes) -> str:
    return MARK + b64encode(value).decode()
