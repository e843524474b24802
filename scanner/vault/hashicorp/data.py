"""How a value is kept in the data at a path: `{"value": "…"}`, JSON as the server stores it.

What is not text in UTF-8 is kept in base64, with `"encoding": "base64"` beside it. So is text that
the server would make larger than that: it keeps `<` and control characters in six bytes.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from scanner.model import Secret
from scanner.vault.hashicorp.place import KEY
from scanner.vault.store import UnfitError

ENCODING = "encoding"
# The server stores at most 1 MiB at a path (max_entry_size of its Raft storage); some 250 bytes of
# that are its own, more with long paths. A value must fit in base64, in four thirds of its size.
_ROOM = (1 << 20) - 2048
LARGEST = _ROOM // 4 * 3
_SIX_BYTES = re.compile(r"[<>&\u2028\u2029]")  # as Go's encoding/json writes them, \uXXXX


def encode(value: Secret, key: str) -> dict[str, Any]:
    """Return the data that holds `value` under `key`; raise UnfitError if that cannot be."""
    content = value.reveal()
    if len(content) > LARGEST:
        raise UnfitError(f"a value of {len(content)} bytes is too large: Vault takes {LARGEST}")
    text = _text(content)
    if text is not None:
        return {key: text}
    if key != KEY:
        raise UnfitError(f"only the key {KEY} can hold what is not text; #{key} is another")
    return {key: b64encode(content).decode(), ENCODING: "base64"}


def decode(data: Mapping[str, Any], key: str) -> bytes | None:
    """Return the value under `key`; None if what is there is not a text or not base64."""
    text = data.get(key)
    if not isinstance(text, str):
        return None
    try:
        if key == KEY and data.get(ENCODING) == "base64":
            return b64decode(text, validate=True)
        return text.encode()
    except ValueError:  # no base64, or half a surrogate pair
        return None


def _text(content: bytes) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    stored = json.dumps(text, ensure_ascii=False)
    size = len(stored.encode()) + 5 * len(_SIX_BYTES.findall(stored))
    return text if size <= _ROOM else None
