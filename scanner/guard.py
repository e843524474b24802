"""`leakseal guard`: what the pre-commit hook runs. Blocks a commit whose staged content leaks.

It runs at every commit, so it imports neither the command line's library nor YAML nor GitPython.
"""

import sys
from collections.abc import Callable, Iterable, Sequence

from scanner.errors import CLEAN, INCOMPLETE, LEAKS, LeaksealError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scanner.model import Confidence
    from scanner.rulepack.pack import RulePack
    from scanner.sources.sighting import Sighting

    Reported = Callable[[Iterable[Sighting]], list[Sighting]]
    Settings = Callable[[RulePack, Confidence], tuple[RulePack, Reported]]

LIMIT = 64 << 20
_LEVELS = ("low", "medium", "high")
USAGE_TEXT = """\
usage: leakseal guard [--confidence low|medium|high]

Search what is staged for the next commit; the content is read from the index. Block it for findings
of the given confidence or more, medium by default.
Exit codes: 0 clean, 1 leaks found, 2 usage, 3 something could not be read, 4 internal error.
"""


def main(arguments: Sequence[str], settings: "Settings | None" = None) -> int:
    """Search the staged content of the repository around the current directory.

    `settings` returns what a project makes of the rules, and what picks what is to be reported.
    Prints each leak on standard error and returns the exit code.
    """
    confidence = _confidence(arguments)
    if confidence is None:
        wanted = list(arguments) in (["-h"], ["--help"])
        (sys.stdout if wanted else sys.stderr).write(USAGE_TEXT)
        return CLEAN if wanted else UsageError.exit_code
    try:
        return _guard(confidence, settings)
    except LeaksealError as error:
        from scanner.report.escape import said  # noqa: PLC0415 - most commits are fine

        _say(f"leakseal: {said(error)}")
        return error.exit_code


def _confidence(arguments: Sequence[str]) -> str | None:
    """Return the confidence asked for; None if that is not what the arguments say."""
    match list(arguments):
        case []:
            return "medium"
        case ["--confidence", level] if level in _LEVELS:
            return level
        case [text] if text in [f"--confidence={level}" for level in _LEVELS]:
            return text.partition("=")[2]
    return None


def _guard(confidence: str, settings: "Settings | None") -> int:
    from scanner.detect.engine import Engine  # noqa: PLC0415 - not needed for --help
    from scanner.gitdb.git import Git  # noqa: PLC0415 - not needed for --help
    from scanner.model import Confidence  # noqa: PLC0415 - not needed for --help
    from scanner.rulepack.pack import builtin  # noqa: PLC0415 - not needed for --help
    from scanner.sources import staged  # noqa: PLC0415 - not needed for --help
    from scanner.sources.tally import Tally  # noqa: PLC0415 - not needed for --help

    git, tally = Git(None, hook=True), Tally()
    parents = staged.heads(git)
    lowest = Confidence[confidence.upper()]
    pack, reported = settings(builtin(), lowest) if settings else (builtin(), None)
    engine = Engine(pack, lowest, waiting=True)
    seen = list(staged.sightings(git, engine, tally, parents, LIMIT))
    if seen:
        from scanner.triage.companions import settled  # noqa: PLC0415 - most commits are clean

        seen = reported(seen) if reported else settled(seen, lowest)
    gaps = [skipped for skipped in tally.coverage().skipped if skipped.incomplete]
    if seen or gaps:
        from scanner.report.brief import blocked  # noqa: PLC0415 - most commits are clean

        for line in blocked([(s.match, s.occurrence) for s in seen], gaps):
            _say(line)
    return INCOMPLETE if gaps else LEAKS if seen else CLEAN


def _say(line: str) -> None:
    sys.stderr.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stderr.flush()
