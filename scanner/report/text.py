"""The report for people: findings grouped by secret, then the totals and what was read.

What does not count as a leak is only counted, or listed after the leaks if that was asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap

from scanner import __version__
from scanner.model import Coverage, Finding, Occurrence, Report
from scanner.report.coverage import statement
from scanner.report.escape import visible
from scanner.report.summary import expired, exposure, summarize, uncounted
from scanner.report.words import SHORT_ID, amount, because, commits, place, secret_text

MOST_PLACES = 10
_NARROWEST = 40
_SHORT_FINGERPRINT = 12
_STYLES = {
    "CRITICAL": "bold white on red",
    "HIGH": "bold red",
    "MEDIUM": "bold yellow",
    "LOW": "bold blue",
    "strong": "bold",
    "weak": "dim",
    "good": "bold green",
    "bad": "bold red",
}

_Paint = Callable[[str, str], str]


def render(
    report: Report, *, show_secrets: bool, color: bool, width: int, show_suppressed: bool = False
) -> str:
    """Return the whole text; prose is wrapped at `width` characters, places never are."""
    paint = _painter(color)
    width = max(width, _NARROWEST)
    blocks = [_head(report)]
    listed = [*report.findings, *(report.suppressed if show_suppressed else ())]
    blocks += [_finding(f, show_secrets, paint, width) for f in listed]
    blocks.append([*_totals(report, paint), *_uncounted(report, show_suppressed)])
    blocks.append(_coverage(report, paint, width))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _painter(color: bool) -> _Paint:
    if not color:
        return lambda _, text: text
    from rich.color import ColorSystem  # noqa: PLC0415 - only a terminal needs it
    from rich.style import Style  # noqa: PLC0415 - likewise

    styles = {name: Style.parse(words) for name, words in _STYLES.items()}
    return lambda name, text: styles[name].render(text, color_system=ColorSystem.STANDARD)


def _head(report: Report) -> list[str]:
    words = [f"leakseal {__version__}", visible(report.target)]
    if report.head:
        branch = f" on {visible(report.branch)}" if report.branch else ""
        words.append(f"HEAD {visible(report.head[:SHORT_ID])}{branch}")
    return [" · ".join(words)]


def _finding(finding: Finding, show_secrets: bool, paint: _Paint, width: int) -> list[str]:
    rule = finding.rule
    leaks = not finding.suppressions
    severity = rule.severity.name
    label = paint(severity, severity) if leaks else f"{paint('good', 'ACCEPTED')} {severity}"
    headline = [paint("strong", visible(rule.name)), visible(rule.provider)]
    headline.append(f"{finding.confidence.name.lower()} confidence")
    fingerprint = visible(finding.fingerprint[:_SHORT_FINGERPRINT])
    state = exposure(finding)
    places = amount(len(finding.occurrences), "places")
    return [
        f"{label}  {' · '.join(filter(None, headline))}",
        f"  {secret_text(finding, show_secrets)} · fingerprint {fingerprint}",
        f"  {paint('strong', state.words)} · {places}:",
        *_places(finding, paint),
        *_labelled("With", _companions(finding), paint, width),
        *_labelled("Why", "; ".join(visible(reason) for reason in finding.reasons), paint, width),
        *_labelled("Next", _advice(finding) if leaks else "", paint, width),
        *(
            line
            for s in finding.suppressions
            for line in _labelled("But", because(s), paint, width)
        ),
    ]


def _places(finding: Finding, paint: _Paint) -> Iterator[str]:
    for occurrence in finding.occurrences[:MOST_PLACES]:
        yield f"    {_place(occurrence, finding, paint)}"
    left = len(finding.occurrences) - MOST_PLACES
    if left > 0:
        yield f"    … and {left:,} more {'place' if left == 1 else 'places'} (see --format json)"


def _place(occurrence: Occurrence, finding: Finding, paint: _Paint) -> str:
    about = commits(occurrence)
    if occurrence.state != exposure(finding):
        about.insert(0, occurrence.state.words)
    return " · ".join([place(occurrence), *(paint("weak", words) for words in about)])


def _companions(finding: Finding) -> str:
    names = [visible(name[:_SHORT_FINGERPRINT]) for name in finding.companions]
    return f"belongs with {', '.join(names)}" if names else ""


def _advice(finding: Finding) -> str:
    link, rotation = visible(finding.rule.remediation), visible(finding.rule.rotation)
    steps = "evoke or change it, then take it out" + (f": {link}" if link else "")
    return f"{rotation.removesuffix('.')}. R{steps}" if rotation else f"r{steps}"


def _labelled(label: str, prose: str, paint: _Paint, width: int) -> list[str]:
    if not prose:
        return []
    lines = wrap(prose, width - 8, break_long_words=False, break_on_hyphens=False)
    return [f"  {paint('weak', f'{label:4}')}  {lines[0]}", *(f"        {x}" for x in lines[1:])]


def _totals(report: Report, paint: _Paint) -> list[str]:
    if not report.findings:
        return [_no_leaks(report.coverage, paint)]
    total = summarize(report.findings)
    severities = ((n, level.name.lower()) for level, n in total.by_severity.items())
    states = ((n, state.words) for state, n in total.by_state.items())
    found = f"{amount(total.secrets, 'secrets')} in {amount(total.places, 'places')}"
    return [
        paint("bad", f"Found {found}."),
        f"  By severity: {_counted(severities)}",
        f"  By state: {_counted(states)}",
    ]


def _uncounted(report: Report, shown: bool) -> Iterator[str]:
    total = len(report.suppressed)
    if total:
        kinds = ", ".join(f"{number:,} {words}" for words, number in uncounted(report))
        more = "" if shown else " (list them with --show-suppressed)"
        yield f"Not counted: {amount(total, 'secrets')}, {kinds}{more}."
    again = expired(report)
    if again:
        yield f"Counted again: {amount(again, 'secrets')} accepted once, until a day that is over."


def _no_leaks(coverage: Coverage, paint: _Paint) -> str:
    read = statement(coverage).read or "nothing"
    if coverage.complete:
        return paint("good", f"No leaks found in {read}.")
    return paint("bad", f"No leaks found in {read}, but not everything could be read.")


def _counted(pairs: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{number:,} {words}" for number, words in pairs if number)


def _coverage(report: Report, paint: _Paint, width: int) -> list[str]:
    told = statement(report.coverage)
    style = "good" if report.coverage.complete else "bad"
    verdict = wrap(told.verdict, width)
    lines = [paint(style, line) for line in verdict]
    lines.append(f"  Read: {told.read or 'nothing'}, {told.size}")
    return [*lines, *(f"  {line}" for line in told.skipped)]
