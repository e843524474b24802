"""Path globs, as in gitignore: `*.env` in any directory, `conf/**`, `src/*.py`."""

import re
from collections.abc import Callable, Iterable

from scanner.model import Occurrence

_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")
_SPECIAL = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "[": r"\["}


def inside(globs: Iterable[str]) -> Callable[[Occurrence], bool]:
    """Return a filter that keeps occurrences in files whose path matches one of `globs`.

    A glob without `/` matches in any directory, and one that names a directory all that is in it.
    """
    patterns = [re.compile(_translate(glob).encode("utf-8", "surrogateescape")) for glob in globs]

    def keeps(o: Occurrence) -> bool:
        return o.place in ("file", "path") and any(p.match(o.path) for p in patterns)

    return keeps


def below(folder: bytes) -> Callable[[Occurrence], bool]:
    """Return a filter that keeps occurrences in files below `folder`."""

    def keeps(o: Occurrence) -> bool:
        return o.place in ("file", "path") and o.path.startswith(folder + b"/")

    return keeps


def _translate(glob: str) -> str:
    rooted = "/" in glob.rstrip("/")
    body = "".join(_piece(m[0]) for m in _PIECES.finditer(glob.strip("/")))
    return f"(?s:{'' if rooted else '(?:[^/]+/)*'}{body}(?:/.*)?)\\Z"


def _piece(text: str) -> str:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text.startswith("["):
        return "[" + text[1:-1].replace("\\", r"\\").replace("!", "^", text[1] == "!") + "]"
    return re.escape(text)
