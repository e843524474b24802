"""From raw runs to medians, ratios and a Markdown table."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

Run = Mapping[str, Any]
"""One run, as compare.py stores it: `variant`, `round`, `outcome`, `wall` and so on."""

_ENDED = ("complete", "incomplete")


def ratio(runs: Iterable[Run], variant: str, reference: str) -> float | None:
    """Return the median, over rounds, of the time of `variant` divided by that of `reference`.

    A round counts if both ended in it and the reference read all it meant to; None if none does.
    """
    times: dict[str, dict[int, float]] = {variant: {}, reference: {}}
    for run in runs:
        fit = ("complete",) if run["variant"] == reference else _ENDED
        if run["variant"] in times and run["outcome"] in fit:
            times[run["variant"]][run["round"]] = run["wall"]
    rounds = times[variant].keys() & times[reference].keys()
    return median(times[variant][r] / times[reference][r] for r in rounds) if rounds else None


def middle(runs: Sequence[Run], key: str) -> float | None:
    """Return the median of `key` over the runs that ended; None if none did."""
    values = [run[key] for run in runs if run["outcome"] in _ENDED]
    return median(values) if values else None


def outcome(runs: Sequence[Run]) -> str:
    """Return what came of the runs, all of them: `complete`, or say `1 of 5 timed out`."""
    seen = [run["outcome"] for run in runs]
    if len(set(seen)) == 1:
        code = f" (exit {runs[0]['exit_code']})" if seen[0] == "failed" else ""
        return f"{seen[0]}{code}"
    return ", ".join(
        f"{seen.count(kind)} of {len(seen)} {kind}"
        for kind in dict.fromkeys(seen)
        if kind != "complete"
    )


def table(runs: Sequence[Run], references: Sequence[str]) -> str:
    """Return a Markdown table of `runs`, which are of one repository and subject."""
    variants = list(dict.fromkeys(run["variant"] for run in runs))
    references = [reference for reference in references if reference in variants]
    heads = ["", "time", "CPU", "memory", "largest process"]
    heads += [f"÷ {reference}" for reference in references] + ["findings", "outcome"]
    lines = [heads, ["---"] + ["--:"] * (len(heads) - 2) + ["---"]]
    for variant in variants:
        own = [run for run in runs if run["variant"] == variant]
        lines.append(
            [
                variant,
                _format(middle(own, "wall"), "{:,.2f} s"),
                _format(middle(own, "cpu"), "{:,.2f} s"),
                _format(middle(own, "peak"), "{:,.0f} MiB", 1 << 20),
                _format(middle(own, "largest"), "{:,.0f} MiB", 1 << 20),
                *(_format(ratio(runs, variant, other), "{:.3g}") for other in references),
                _format(middle(own, "findings"), "{:,.0f}"),
                outcome(own),
            ]
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def update(page: Path, section: str, body: str) -> None:
    """Replace what stands between `<!-- section -->` and `<!-- /section -->` in `page`."""
    begin, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    text = page.read_text()
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page.name} has no {begin} … {end}")
    page.write_text(f"{before}{begin}\n{body}\n{end}{after}")


def _format(value: float | None, form: str, unit: float = 1) -> str:
    return "—" if value is None else form.format(value / unit)
