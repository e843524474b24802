"""`leakseal guard`: what the pre-commit hook runs. Blocks a commit whose staged content leaks.

It runs at every commit, so it imports neither the command line's library nor YAML nor GitPython.
"""

import sys
from collections.abc import Sequence

from scanner.errors import CLEAN, INCOMPLETE, LEAKS, LeaksealError, UsageError

LIMIT = 64 << 20
USAGE_TEXT = """\
usage: leakseal guard

Search what is staged for the next commit; the content is read from the index.
Exit codes: 0 clean, 1 leaks found, 2 usage, 3 something could not be read, 4 internal error.
"""


def main(arguments: Sequence[str]) -> int:
    """Search the staged content of the repository around the current directory.

    Prints each leak on standard error and returns the exit code.
    """
    if arguments:
        wanted = list(arguments) in (["-h"], ["--help"])
        (sys.stdout if wanted else sys.stderr).write(USAGE_TEXT)
        return CLEAN if wanted else UsageError.exit_code
    try:
        return _guard()
    except LeaksealError as error:
        _say(f"leakseal: {error}")
        return error.exit_code


def _guard() -> int:
    from scanner.detect.engine import Engine  # noqa: PLC0415 - not needed for --help
    from scanner.gitdb.git import Git  # noqa: PLC0415 - not needed for --help
    from scanner.rulepack.pack import builtin  # noqa: PLC0415 - not needed for --help
    from scanner.sources import staged  # noqa: PLC0415 - not needed for --help
    from scanner.sources.tally import Tally  # noqa: PLC0415 - not needed for --help

    git, tally = Git(None, hook=True), Tally()
    parents = staged.heads(git)
    seen = list(staged.sightings(git, Engine(builtin()), tally, parents, LIMIT))
    gaps = [skipped for skipped in tally.coverage().skipped if skipped.incomplete]
    if seen or gaps:
        from scanner.report.brief import blocked  # noqa: PLC0415 - most commits are clean

        for line in blocked([(s.match, s.occurrence) for s in seen], gaps):
            _say(line)
    return INCOMPLETE if gaps else LEAKS if seen else CLEAN


def _say(line: str) -> None:
    sys.stderr.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stderr.flush()
