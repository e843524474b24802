"""The event that started a GitHub job: the file that GITHUB_EVENT_PATH names."""

import json
from collections.abc import Mapping
from typing import Any

from scanner.errors import UsageError
from scanner.gitdb.files import read_regular

LARGEST = 26 << 20
"""In bytes. GitHub sends no event of more than 25 MB:
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

_OTHERWISE = "name the commits with --base and --head"


def read(path: str) -> Mapping[str, Any]:
    """Return the event in the file at `path`; raises UsageError if none can be read there."""
    if not path:
        raise UsageError(f"GITHUB_EVENT_PATH is not set; {_OTHERWISE}")
    try:
        content = read_regular(path, LARGEST + 1)
    except (OSError, ValueError):
        raise UsageError(f"the file of GITHUB_EVENT_PATH cannot be read; {_OTHERWISE}") from None
    if len(content) > LARGEST:
        raise UsageError(f"the event is larger than {LARGEST >> 20} MiB; {_OTHERWISE}")
    try:
        event = json.loads(content)
    except (ValueError, RecursionError):
        raise UsageError(f"the file of GITHUB_EVENT_PATH is not JSON; {_OTHERWISE}") from None
    if not isinstance(event, dict):
        raise UsageError(f"the file of GITHUB_EVENT_PATH holds no event; {_OTHERWISE}")
    return event


def field(event: Mapping[str, Any], path: str) -> str:
    """Return the text at a `path` such as `pull_request.head.sha`, or nothing.

    A number counts as the text it is written as.
    """
    value: Any = event
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12:
        return str(value)
    return value if isinstance(value, str) else ""


def flag(event: Mapping[str, Any], path: str) -> bool:
    """Tell whether the value at `path` is true."""
    *outer, last = path.split(".")
    value: Any = event
    for key in outer:
        value = value.get(key) if isinstance(value, Mapping) else None
    return isinstance(value, Mapping) and value.get(last) is True
