"""Runs a scan for a command: progress, interruption, the report and the exit code."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator

from scanner.cli.interrupt import Interrupt
from scanner.cli.options import shaped
from scanner.cli.stdout import emit
from scanner.cli.target import STANDARD_INPUT, Request, scan
from scanner.errors import CLEAN, INCOMPLETE
from scanner.model import Confidence, Match, Report
from scanner.report import jsonl, prepared, render
from scanner.report.write import check, write
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting

_MEGABYTE = 1 << 20


def request(*, confidence: str, max_size: int, **options: object) -> Request:
    """Return the request that the options of `options.searching` and others make."""
    fields = {"lowest": Confidence[confidence.upper()], "limit": max_size * _MEGABYTE, **options}
    return Request(**fields)  # type: ignore[arg-type]  # click has checked them


def scanned(
    asked: Request, *, fmt: str, output: str | None, show_secrets: bool, exit_code: int, quiet: bool
) -> int:
    """Run the scan, write its report to `output` or standard output, and return the exit code."""
    if output and output != "-":
        check(output)  # a scan may take hours, and its report would be lost
    interrupt = Interrupt()
    with contextlib.ExitStack() as stack:
        if asked.path != STANDARD_INPUT:  # reading from there would go on until its end
            stack.enter_context(interrupt)
        progress = stack.enter_context(shown_progress(quiet=quiet))
        stream = _Stream(show_secrets) if fmt == "jsonl" and output in (None, "", "-") else None
        report = scan(asked, os.environ, progress, interrupt, stream)
    if stream:
        stream.end(report)
    else:
        deliver(report, fmt, output, show_secrets=show_secrets)
    if interrupt():
        return 128 + interrupt.signal
    return outcome(report, exit_code)


@contextlib.contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """Give what shows how far a scan is: a bar on a terminal, unless `quiet`, else nothing.

    Some runners give jobs a terminal. A bar in their logs keeps what follows it from the start of a
    line, where an annotation has to stand.
    """
    if quiet or os.environ.get("CI") or not sys.stderr.isatty():
        yield Progress()
        return
    from scanner.cli.progress import Bar  # noqa: PLC0415 - what draws it is slow to load

    with Bar() as bar:
        yield bar


def deliver(report: Report, fmt: str, output: str | None, *, show_secrets: bool) -> None:
    """Write the report to the file `output`, or to standard output.

    Raises UsageError if it cannot be written.
    """
    shape = shaped()._asdict()
    if output and output != "-":
        write(output, render(report, fmt, show_secrets=show_secrets, **shape))
        return
    color = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size((100, 24)).columns
    emit(render(report, fmt, show_secrets=show_secrets, color=color, width=width, **shape))


def outcome(report: Report, leaks: int) -> int:
    """Return the exit code that the report stands for, `leaks` if there are any and no gaps."""
    if not report.coverage.complete:
        return INCOMPLETE
    return leaks if report.findings else CLEAN


class _Stream:
    """Writes JSON lines to standard output while a scan runs."""

    def __init__(self, show_secrets: bool) -> None:
        self._show_secrets = show_secrets

    def begin(self) -> None:
        """Tell that a scan runs."""
        emit(jsonl.start())

    def held(self, kind: str, id_: bytes, match: Match, fingerprint: str) -> None:
        """Tell what an object holds."""
        emit(jsonl.held(kind, id_, match, fingerprint, show_secrets=self._show_secrets))

    def saw(self, seen: Sighting, fingerprint: str) -> None:
        """Tell of one sighting."""
        emit(jsonl.sighting(*seen, fingerprint, show_secrets=self._show_secrets))

    def end(self, report: Report) -> None:
        """Tell what the scan came to."""
        final = prepared(report, show_secrets=self._show_secrets)
        emit(jsonl.rest(final, show_secrets=self._show_secrets))
