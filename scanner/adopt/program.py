"""Where the leakseal that runs is on this machine."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator

from scanner.errors import UsageError

_NAMES = ("leakseal", "leakseal.exe")


def path() -> str:
    """Return the absolute path of the program, `/` between its parts; raise UsageError if none."""
    for candidate in _candidates():
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return os.path.abspath(candidate).replace(os.sep, "/")
    raise UsageError(
        "there is no program named leakseal beside this Python or on PATH;"
        " install it with pip, see README.md"
    )


def _candidates() -> Iterator[str]:
    if os.path.basename(sys.argv[0]) in _NAMES:
        yield sys.argv[0]  # as it was called: what a link leads to may change with an update
    for name in _NAMES:
        yield os.path.join(sysconfig.get_path("scripts"), name)
    yield shutil.which("leakseal") or ""
