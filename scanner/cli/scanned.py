"""Runs a scan for a command: progress, interruption, the report and the exit code."""

import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

from scanner.cli.interrupt import Interrupt
from scanner.cli.target import STANDARD_INPUT, Request, scan
from scanner.errors import CLEAN, INCOMPLETE, UsageError
from scanner.model import Confidence, Report
from scanner.report import render
from scanner.report.write import write
from scanner.sources.progress import Progress

if TYPE_CHECKING:
    from scanner.cli.progress import Bar

_MEGABYTE = 1 << 20


def request(*, confidence: str, max_size: int, **options: object) -> Request:
    """Return the request that the options of `options.searching` and others make."""
    fields = {"lowest": Confidence[confidence.upper()], "limit": max_size * _MEGABYTE, **options}
    return Request(**fields)  # type: ignore[arg-type]  # click has checked them


def scanned(
    asked: Request, *, fmt: str, output: str | None, show_secrets: bool, exit_code: int, quiet: bool
) -> int:
    """Run the scan, write its report to `output` or standard output, and return the exit code."""
    interrupt = Interrupt()
    with contextlib.ExitStack() as stack:
        if asked.path != STANDARD_INPUT:  # reading from there would go on until its end
            stack.enter_context(interrupt)
        progress = Progress() if quiet or not sys.stderr.isatty() else stack.enter_context(_bar())
        report = scan(asked, os.environ, progress, interrupt)
    deliver(report, fmt, output, show_secrets=show_secrets)
    if interrupt():
        return 128 + interrupt.signal
    if not report.coverage.complete:
        return INCOMPLETE
    return exit_code if report.findings else CLEAN


def _bar() -> "Bar":
    from scanner.cli.progress import Bar  # noqa: PLC0415 - what draws it is slow to load

    return Bar()


def deliver(report: Report, fmt: str, output: str | None, *, show_secrets: bool) -> None:
    """Write the report to the file `output`, or to standard output.

    Raises UsageError if it cannot be written.
    """
    if output and output != "-":
        write(output, render(report, fmt, show_secrets=show_secrets))
        return
    if sys.stdout is None:
        raise UsageError("there is no standard output; name a file with --output")
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size((100, 24)).columns
    text = render(report, fmt, show_secrets=show_secrets, color=color, width=width)
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit fails again
        raise UsageError(f"standard output cannot be written: {error.strerror}") from None
