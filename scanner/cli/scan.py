"""`leakseal scan`: reads its options, runs the scan, writes the report."""

import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.interrupt import Interrupt
from scanner.cli.target import STANDARD_INPUT, Request, scan
from scanner.errors import CLEAN, INCOMPLETE, LEAKS, UsageError
from scanner.model import Confidence, Report
from scanner.report import FORMATS, render
from scanner.report.write import write
from scanner.sources.progress import Progress

if TYPE_CHECKING:
    from scanner.cli.progress import Bar

_MEGABYTE = 1 << 20


@click.command(name="scan")
@click.argument("path", default=".")
@click.option("--no-history", is_flag=True, help="Only the index and the files on disk.")
@click.option("--staged", is_flag=True, help="Only what the next commit would add.")
@click.option("--range", "revisions", metavar="A..B", help="Only what these commits add.")
@click.option("--since", metavar="DATE", help="Only what commits since DATE add.")
@click.option(
    "--path", "globs", metavar="GLOB", multiple=True, help="Only files that match; repeatable."
)
@click.option(
    "--confidence",
    type=click.Choice(["low", "medium", "high"]),
    default="medium",
    show_default=True,
    help="The least sure findings to report.",
)
@click.option(
    "-f", "--format", "fmt", type=click.Choice(FORMATS), default="text", show_default=True
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to FILE (mode 0600).")
@click.option("--show-secrets", is_flag=True, help="Print secrets in full. Think twice.")
@click.option("--key-file", metavar="FILE", help="The key for fingerprints.")
@click.option(
    "--max-size",
    type=click.IntRange(1, 4096),
    default=256,
    show_default=True,
    metavar="MIB",
    help="The largest object or file to read.",
)
@click.option("--timeout", type=click.FloatRange(0), metavar="SECONDS", help="Stop after this.")
@click.option(
    "--exit-code",
    type=click.IntRange(0, 255),
    default=LEAKS,
    show_default=True,
    help="What to exit with if leaks are found.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many processes read history; all CPUs by default.",
)
@click.option(
    "--exhaustive", is_flag=True, help="Read every object in full: slower, with the same result."
)
@click.option(
    "--rules",
    metavar="FILE",
    multiple=True,
    help="Rules of this file too: ours, gitleaks', betterleaks', Nosey Parker's; repeatable.",
)
@click.option("--no-builtin", is_flag=True, help="Only the rules of --rules.")
@click.option("--config", metavar="FILE", help="The settings; .leakseal.yaml by default.")
@click.option("--audit", is_flag=True, help="Do not trust the repository's own settings.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of other audits.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@click.option("-v", "--verbose", is_flag=True, help="Say more on standard error.")
def command(
    fmt: str,
    output: str | None,
    show_secrets: bool,
    exit_code: int,
    quiet: bool,
    max_size: int,
    confidence: str,
    **options: Any,
) -> int:
    """Find credentials in PATH: a repository, a directory, a file, or - for standard input.

    A repository is audited whole: every object of its history, reachable or not, commit messages,
    tags, names, the index, the working tree and the git directory.
    """
    request = Request(lowest=Confidence[confidence.upper()], limit=max_size * _MEGABYTE, **options)
    interrupt = Interrupt()
    with contextlib.ExitStack() as stack:
        if request.path != STANDARD_INPUT:  # reading from there would go on until its end
            stack.enter_context(interrupt)
        progress = Progress() if quiet or not sys.stderr.isatty() else stack.enter_context(_bar())
        report = scan(request, os.environ, progress, interrupt)
    _deliver(report, fmt, output, show_secrets)
    if interrupt():
        return 128 + interrupt.signal
    if not report.coverage.complete:
        return INCOMPLETE
    return exit_code if report.findings else CLEAN


def _bar() -> "Bar":
    from scanner.cli.progress import Bar  # noqa: PLC0415 - what draws it is slow to load

    return Bar()


def _deliver(report: Report, fmt: str, output: str | None, show_secrets: bool) -> None:
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
