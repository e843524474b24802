"""Names of entries made to fit what a store allows, where `/` divides them."""

import hashlib
import re
from collections.abc import Callable

from scanner.report.escape import as_bytes

_SLASHES = re.compile("//+")
_HASH = 12  # hex digits
SHORTEST = 2 * _HASH  # that a name can be cut to


def fit(name: str, clean: Callable[[str], str], longest: int) -> str:
    """Return `name` as `clean` makes it, without empty parts, at most `longest` long.

    A name that had to be changed ends in a hash of the original, so that two names stay two;
    `clean` must leave that alone.
    """
    fitted = clean(_SLASHES.sub("/", name).strip("/"))
    if fitted == name and 0 < len(name) <= longest:
        return name
    tail = hashlib.sha256(as_bytes(name)).hexdigest()[:_HASH]
    kept = fitted[: longest - len(tail) - 1].rstrip("/")
    return f"{kept}-{tail}" if kept else tail
