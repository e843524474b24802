"""`leakseal guard`: what git's hooks run. Blocks a commit, a message or a push that leaks.

It runs at every commit, so it imports neither the command line's library nor YAML nor GitPython.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from scanner.errors import CLEAN, INCOMPLETE, LEAKS, LeaksealError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from scanner.detect.engine import Engine
    from scanner.model import Confidence, Match, Secret
    from scanner.rulepack.pack import RulePack
    from scanner.sources.blobs import Counts
    from scanner.sources.sighting import Sighting
    from scanner.sources.tally import Tally

    Settings = Callable[[RulePack, Confidence], tuple[RulePack, "Chosen"]]

    class Chosen(Protocol):
        """What the settings make of what was found."""

        @property
        def foreign(self) -> bool:
            """Tell whether comments made for other tools count."""

        def __call__(self, seen: Iterable[Sighting]) -> list[Sighting]:
            """Return what the settings leave of it."""

        def counts(self, match: Match, path: bytes) -> bool:
            """Tell whether the settings do not accept `match` for its `path`."""

    class Loader(Protocol):
        """Reads settings."""

        def __call__(self, path: str, *, named: bool) -> Settings:
            """Return what those at `path` say; the user may have `named` that path."""


_LARGEST = 64  # MiB
_MOST_LINES = 64 << 20  # bytes of what git tells a hook on standard input
_RECEIVING = 60  # seconds that a push waits for the server's answer at most, unless it says so
_GRACE = 2  # seconds after the time limit until what does not look at the clock is ended
_WORDS = {"pre-commit": (0, 0), "commit-msg": (1, 1), "pre-push": (0, 2), "pre-receive": (0, 0)}
HOOKS = tuple(_WORDS)
_LEVELS = ("low", "medium", "high")
USAGE_TEXT = """\
usage: leakseal guard [pre-commit] [OPTIONS]
       leakseal guard commit-msg [OPTIONS] FILE
       leakseal guard pre-push [OPTIONS] [REMOTE [URL]]
       leakseal guard pre-receive [OPTIONS]

For git's hooks of these names; the arguments are those that git gives them.
  pre-commit    search what is staged for the next commit, as it is in the index
  commit-msg    search the message of the commit in FILE
  pre-push      search the commits, tags and names that the push named on standard input brings
  pre-receive   the same in the repository that receives it, whose own settings do not count

  --confidence low|medium|high  block for findings that are as sure as this; medium by default
  --config FILE                 the settings; .leakseal.yaml by default, none for pre-receive
  --max-size MIB                the largest file to read; 64 by default
  --timeout SECONDS             block if it takes longer; 60 for pre-receive by default

Exit codes: 0 clean, 1 leaks found, 2 usage, 3 something could not be read, 4 internal error.
Everything but 0 blocks.
"""


class Asked:
    """What the arguments say; `words` are those that git adds."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Read the arguments; raise ValueError if they make no sense."""
        self.words: list[str] = []
        given = {"--confidence": "medium", "--config": "", "--max-size": "", "--timeout": ""}
        rest = iter(arguments)
        for text in rest:
            name, equals, value = text.partition("=")
            if name in given:
                given[name] = value if equals else next(rest, "")
                if not given[name]:
                    raise ValueError
            elif text.startswith("-") and text != "-":
                raise ValueError
            else:
                self.words.append(text)
        self.hook = self.words.pop(0) if self.words else "pre-commit"
        least, most = _WORDS.get(self.hook, (1, 0))
        if not least <= len(self.words) <= most or given["--confidence"] not in _LEVELS:
            raise ValueError
        self.confidence = given["--confidence"].upper()
        self.config = given["--config"]
        self.limit = _number(given["--max-size"], _LARGEST) << 20
        self.timeout = _number(given["--timeout"], _RECEIVING if self.receives else 0)

    @property
    def receives(self) -> bool:
        """Tell whether this is the hook of a server, which trusts nothing that is pushed."""
        return self.hook == "pre-receive"


def main(arguments: Sequence[str], settings: "Loader | None" = None) -> int:
    """Do what the hook asks for, in the repository around the current directory.

    `settings` returns what the settings in a file make of the rules, and what picks what is to be
    reported; it is told whether the user named the file. Prints each leak on standard error and
    returns the exit code.
    """
    try:
        asked = Asked(arguments)
    except ValueError:
        wanted = list(arguments)[-1:] in (["-h"], ["--help"])
        (sys.stdout if wanted else sys.stderr).write(USAGE_TEXT)
        return CLEAN if wanted else UsageError.exit_code
    try:
        return _guard(asked, settings)
    except LeaksealError as error:
        _failed(error)
        return error.exit_code


def _number(text: str, default: int) -> int:
    """Return a whole number from 1 to a million; raises ValueError."""
    if not text:
        return default
    number = int(text) if text.isdecimal() and len(text) < 8 else 0
    if not 1 <= number <= 1_000_000:
        raise ValueError
    return number


def _guard(asked: Asked, settings: "Loader | None") -> int:
    from scanner.detect.engine import Engine  # noqa: PLC0415 - not needed for --help
    from scanner.model import Confidence  # noqa: PLC0415 - not needed for --help
    from scanner.rulepack.pack import builtin  # noqa: PLC0415 - not needed for --help
    from scanner.sources.tally import UNREADABLE_BY_ANYONE, Tally  # noqa: PLC0415 - likewise

    lowest = Confidence[asked.confidence]
    own = _settings(asked, settings)
    pack, chosen = own(builtin(), lowest) if own else (builtin(), None)
    # What is less sure than asked for does not block, but may stand in a name that is printed.
    engine = Engine(pack, min(lowest, Confidence.MEDIUM), waiting=True)
    tally = Tally(asked.timeout or None)
    end = _ended_late(asked)
    found = list(_sightings(asked, engine, tally, _counting(asked, engine, chosen)))
    tally.expired()
    end()
    reported = _reported(asked, found, engine, lowest, chosen)
    skipped = tally.coverage().skipped
    gaps = [each for each in skipped if each.incomplete]
    notes = [s for s in skipped if not s.incomplete and s.code not in UNREADABLE_BY_ANYONE]
    if reported or gaps or notes:
        from scanner.report.brief import blocked  # noqa: PLC0415 - most commits are clean
        from scanner.report.escape import as_bytes  # noqa: PLC0415 - likewise

        texts = [as_bytes(text) for gap in (*gaps, *notes) for text in (gap.subject, gap.detail)]
        texts += [s.occurrence.path for s in reported]
        hidden = [s.match.secret for s in found] + _held(engine, texts)
        seen = [(s.match, s.occurrence) for s in reported]
        for line in blocked(asked.hook, seen, gaps, notes, hidden):
            _say(line)
    return INCOMPLETE if gaps else LEAKS if reported else CLEAN


def _settings(asked: Asked, load: "Loader | None") -> "Settings | None":
    """Return what the settings that count say; those of what is pushed to a server do not."""
    from scanner.triage.settings_file import around  # noqa: PLC0415 - not needed for --help

    path = asked.config or (None if asked.receives else around())
    return load(path, named=bool(asked.config)) if path and load else None


def _sightings(
    asked: Asked, engine: "Engine", tally: "Tally", counts: "Counts"
) -> "Iterator[Sighting]":
    """Yield what stands in what the hook is about."""
    if asked.hook == "commit-msg":
        from scanner.sources import message  # noqa: PLC0415 - only this hook's

        yield from message.sightings(asked.words[0], engine, tally, asked.limit, os.environ)
    elif asked.hook == "pre-commit" and not _of_a_range():
        from scanner.gitdb.git import Git  # noqa: PLC0415 - only where git is needed
        from scanner.sources import staged  # noqa: PLC0415 - only this hook's

        git = Git(None, hook=True)
        heads = staged.heads(git)
        yield from staged.sightings(git, engine, tally, heads, asked.limit, counts, hook=True)
    else:
        yield from _pushed(asked, engine, tally, counts)


def _pushed(
    asked: Asked, engine: "Engine", tally: "Tally", counts: "Counts"
) -> "Iterator[Sighting]":
    from scanner.gitdb.git import Git  # noqa: PLC0415 - only where git is needed
    from scanner.sources import pushed, remotes, updates  # noqa: PLC0415 - only hooks of pushes

    lines = _told() if asked.hook != "pre-commit" else b""
    if asked.receives:
        git = Git.receiving()
        there, changed = pushed.ALL_REFS, updates.receiving(lines)
    else:
        git = Git(None, hook=True)
        remote = asked.words[0] if asked.words else os.environ.get("PRE_COMMIT_REMOTE_NAME", "")
        by_framework = not lines and os.environ.get("PRE_COMMIT") == "1"
        # What is new on the other side is not said by the framework.
        changed = [] if by_framework else updates.pushing(lines)
        there = () if asked.hook == "pre-commit" else remotes.tracked(git, remote, changed)
        changed = updates.from_pre_commit(git, os.environ) if by_framework else changed
    search = pushed.Pushed(git, engine, tally, asked.limit, counts)
    yield from search.sightings(changed, there)
    if not asked.receives and search.unknown(changed):
        _say("leakseal: the remote has commits that are not here; what it is known to have is left")
        _say("out, all else was searched. For an exact answer: git fetch, then push again.")


def _of_a_range() -> bool:
    """Tell whether pre-commit runs its hooks for commits (`--from-ref`, `--to-ref`), as in CI."""
    names = ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF")
    return os.environ.get("PRE_COMMIT") == "1" and all(map(os.environ.get, names))


def _told() -> bytes:
    """Return what git says on standard input; raises UsageError if nobody says anything there."""
    by_framework = os.environ.get("PRE_COMMIT") == "1"
    # git always gives its hooks a pipe. A terminal or /dev/null would pass for a push of nothing.
    silent = sys.stdin is None or stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)
    if silent and not by_framework:
        raise UsageError("this hook reads from standard input what git tells it; see --help")
    lines = b"" if silent else sys.stdin.buffer.read(_MOST_LINES + 1)
    if len(lines) > _MOST_LINES:
        raise UsageError("git names more refs than can be read")
    return lines


def _reported(
    asked: Asked,
    found: "list[Sighting]",
    engine: "Engine",
    lowest: "Confidence",
    chosen: "Chosen | None",
) -> "list[Sighting]":
    """Return what of all that was `found` blocks: every hook's way from sightings to leaks.

    What a project accepts, in its baseline or in comments, does not count for a server.
    """
    if found and chosen:
        found = chosen(found)
    elif found:
        from scanner.triage.companions import settled  # noqa: PLC0415 - most commits are clean

        found = settled(found, lowest)
    if found and not asked.receives:
        from scanner.triage import hook  # noqa: PLC0415 - likewise

        found = hook.reported(found, engine, foreign=bool(chosen and chosen.foreign))
    return found


def _counting(asked: Asked, engine: "Engine", chosen: "Chosen | None") -> "Counts":
    """Return what tells whether a leak counted where it stood, or was accepted there.

    It is asked only where something is found.
    """
    inline = None

    def counts(match: "Match", path: bytes, id_: bytes) -> bool:
        nonlocal inline
        if chosen and not chosen.counts(match, path):
            return False
        if asked.receives:
            return True
        if inline is None:
            from scanner.triage import hook  # noqa: PLC0415 - most commits are clean

            inline = hook.comments(engine, foreign=bool(chosen and chosen.foreign))
        return not inline.accepts(match, path, id_)

    return counts


def _ended_late(asked: Asked) -> "Callable[[], None]":
    """End the process some time after the limit whatever it does; return what calls that off."""
    if not asked.timeout:
        return lambda: None
    import threading  # noqa: PLC0415 - only with a time limit

    def late() -> None:
        _say(f"leakseal: the time limit of {asked.timeout} seconds was reached; blocked.")
        os._exit(INCOMPLETE)

    timer = threading.Timer(asked.timeout + _GRACE, late)
    timer.daemon = True
    timer.start()
    return timer.cancel


def _held(engine: "Engine", texts: list[bytes]) -> "list[Secret]":
    """Return what `texts` hold, which are about to be printed."""
    return [m.secret for text in dict.fromkeys(texts) for m in engine.findings(text).matches]


def _failed(error: LeaksealError) -> None:
    """Say what went wrong, without what may be a secret in it."""
    from scanner.detect.engine import Engine  # noqa: PLC0415 - most commits are fine
    from scanner.report.escape import said  # noqa: PLC0415 - likewise
    from scanner.report.told import redacted  # noqa: PLC0415 - likewise
    from scanner.rulepack.pack import builtin  # noqa: PLC0415 - likewise

    _say(f"leakseal: {redacted(said(error), Engine(builtin()))}")


def _say(line: str) -> None:
    sys.stderr.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stderr.flush()
