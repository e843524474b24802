"""JSON as text that may be printed anywhere, also into the log of a CI job."""

import json


def dumps(value: object) -> str:
    """Return `value` as pure ASCII in which no CI runner sees a command of its own.

    Runners look for `##[` and the like anywhere in a line; the second of two `#`, which only
    strings can hold, is written as `\\u0023`, which reads the same.
    """
    return json.dumps(value).replace("##", "#\\u0023")
