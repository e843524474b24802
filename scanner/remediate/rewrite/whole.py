"""Files that are nothing but a secret: key files, certificates with their key, key stores."""

import re

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{3,60})-----.{1,200000}?-----END \1-----", re.DOTALL)
_PUTTY = b"PuTTY-User-Key-File-"


def is_secret(content: bytes, start: int, end: int) -> bool:
    """Tell whether a file is the secret that was found in it from `start` to `end`.

    Certificates and other PEM blocks (RFC 7468) beside a key belong to it.
    """
    if not content[:start].strip() and not content[end:].strip():
        return True
    if content.startswith(_PUTTY) or b"\0" in content:
        return start == 0
    return b"-----BEGIN " in content[start:end] and not _BLOCK.sub(b"", content).strip()
