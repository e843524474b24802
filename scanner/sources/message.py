"""The message of the commit being made, as the file that git hands to its commit-msg hook."""

import os
from collections.abc import Iterator, Mapping

from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.files import read_regular
from scanner.gitdb.git import Git
from scanner.gitdb.told import configured
from scanner.model import State
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally

_SETTINGS = r"^(core\.comment(char|string)|commit\.cleanup)$"
_CANDIDATES = b"#;@!$%^&|:"  # which core.commentChar=auto chooses from
_SCISSORS = b" ------------------------ >8 ------------------------"


def sightings(
    path: str, engine: Engine, tally: Tally, limit: int, environ: Mapping[str, str]
) -> Iterator[Sighting]:
    """Yield what the message in the file at `path` holds, without what git strips from it.

    Lines count as in the file. `environ` is the hook's environment. Raises UsageError if the file
    cannot be read.
    """
    try:
        data = read_regular(path, limit + 1)
    except OSError as error:
        why = error.strerror or "it is not a regular file"
        raise UsageError(f"the file of the commit message cannot be read: {why}") from None
    if len(data) > limit:
        tally.skip("over-size", "the commit message", "is larger than the limit")
        return
    # Nearly always there is nothing in all of it, and git need not be asked what it strips.
    if engine.findings(data).matches:
        data = _kept(data, environ)
    for match in tally.search(engine, "messages", "the commit message", data).matches:
        yield sighting(match, "commit", b"", State.STAGED)


def _kept(data: bytes, environ: Mapping[str, str]) -> bytes:
    """Return the message with empty lines for what git strips.

    Git strips comments only where an editor was to be used, and tells the hook if none was
    (`git commit --cleanup`).
    """
    if environ.get("GIT_EDITOR") == ":":
        return data
    settings = configured(Git(None, environ=environ, hook=True), _SETTINGS, environ)
    cleanup = settings.pop("commit.cleanup", "default")
    lines = data.split(b"\n")
    said = os.fsencode(list(settings.values())[-1]) if settings else b"#"
    mark = _automatic(lines) if said.lower() == b"auto" else said
    if not mark:
        return data
    end = _cut(lines, mark, always=cleanup == "scissors")
    comments = cleanup in ("default", "strip")
    kept = (b"" if comments and line.startswith(mark) else line for line in lines[:end])
    return b"\n".join(kept)


def _cut(lines: list[bytes], mark: bytes, *, always: bool) -> int:
    """Return the number of lines that git keeps: all, or those above its scissors.

    Unless it is told to cut there `always`, it does so only for a diff of its own (`git commit
    --verbose`), above which it explains itself.
    """
    for number, line in enumerate(lines):
        explained = any(each.startswith(mark) for each in lines[number + 1 : number + 2])
        if line == mark + _SCISSORS and (always or explained):
            return number
    return len(lines)


def _automatic(lines: list[bytes]) -> bytes:
    """Return the character git has chosen for its own comments, nothing if there are none.

    It stands alone on lines between the parts of what git writes below the message.
    """
    for line in reversed(lines):
        mark = line.removesuffix(_SCISSORS)
        if len(mark) == 1 and mark in _CANDIDATES:
            return mark
    return b""
