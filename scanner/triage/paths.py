"""Path globs, as in gitignore: `*.env` in any directory, `conf/**`, `src/*.py`."""

import re
import warnings
from collections.abc import Callable, Iterable

from scanner.errors import UsageError
from scanner.model import Occurrence

_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")
_SPECIAL = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "[": r"\["}


def inside(globs: Iterable[str]) -> Callable[[Occurrence], bool]:
    """Return a filter that keeps occurrences in files whose path matches one of `globs`.

    A glob without `/` matches in any directory, and one that names a directory all that is in it.
    Raises UsageError for what is no glob.
    """
    patterns = [_compiled(glob) for glob in globs]

    def keeps(o: Occurrence) -> bool:
        return o.place in ("file", "path") and any(p.match(o.path) for p in patterns)

    return keeps


def _compiled(glob: str) -> re.Pattern[bytes]:
    try:
        if glob.strip("./"):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                return re.compile(_translate(glob).encode("utf-8", "surrogateescape"))
    except (re.error, FutureWarning):
        pass
    raise UsageError(f"--path {glob!r} is no glob; try '*.env', 'conf/**' or 'src/*.py'")


def below(folder: bytes) -> Callable[[Occurrence], bool]:
    """Return a filter that keeps occurrences in files below `folder`."""

    def keeps(o: Occurrence) -> bool:
        return o.place in ("file", "path") and o.path.startswith(folder + b"/")

    return keeps


def _translate(glob: str) -> str:
    rooted = "/" in glob.rstrip("/")
    body = "".join(_piece(m[0]) for m in _PIECES.finditer(glob.removeprefix("./").strip("/")))
    return f"(?s:{'' if rooted else '(?:[^/]+/)*'}{body}(?:/.*)?)\\Z"


def _piece(text: str) -> str:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text.startswith("["):
        inner = text[1:-1].replace("\\", r"\\").replace("[", r"\[")
        return "[" + inner.replace("!", "^", text[1] == "!") + "]"
    return re.escape(text)
