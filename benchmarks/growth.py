"""Measures how cost grows with a history, and draws docs/growth.svg.

    python benchmarks/growth.py [--runs N] [--out results.json] [--update docs/performance.md]

Two families of synthetic repositories, each with one file of a megabyte: one with more and more
versions that change a line each, one with 200 versions that change more and more bytes each.
"""

import argparse
import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import chart
import compare
import machine
import summary
import synthetic
from bench import measure_all, prepare, usable, warm_up

NAMES = ("leakseal", "leakseal (exhaustive)", "kingfisher", "gitleaks")
VERSIONS = (10, 250, 500, 1000, 2000)
CHANGED = (1_000, 25_000, 50_000, 100_000, 200_000)  # bytes
VERSIONS_OF_CHANGED = 200
PICTURE = Path(__file__).parent.parent / "docs" / "growth.svg"
FAMILIES = {
    "versions": (
        "One line changed per version",
        "versions of a file of 1 MB",
        1000,
        "1,000 versions",
    ),
    "changed": (
        f"{VERSIONS_OF_CHANGED} versions of a file of 1 MB",
        "kB changed per version",
        1000 / VERSIONS_OF_CHANGED,
        "MB changed",
    ),
}
"""Of each: title of its panel, its axis, and what to multiply a slope by to get which unit."""


def gather(options: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Build the repositories, run the tools, and return the raw results."""
    bench, versions = prepare(options, scratch)
    wanted, left_out = usable(bench, NAMES)
    variants = [v for v in wanted if v.subject == "history" and v.name in NAMES]
    warm_up(bench, variants)
    points = [("versions", n, n, None) for n in options.versions]
    points += [("changed", c / 1000, VERSIONS_OF_CHANGED, c) for c in options.changed]
    results = []
    for family, x, count, changed in points:
        target = scratch / f"{family}-{x:g}.git"
        synthetic.build(target, versions=count, changed=changed)
        runs = measure_all(bench, variants, target, target.stem, options.runs)
        results.append({"family": family, "x": x, "runs": runs})
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine.facts(),
        "tools": {k: v for k, v in versions.items() if any(w.tool == k for w in variants)},
        "jobs": options.jobs,
        "rounds": options.runs,
        "left_out": {k: v for k, v in left_out.items() if k in NAMES},
        "commands": {v.name: bench.shown(v, target) for v in variants},
        "results": results,
    }


def panels(results: Iterable[Mapping[str, Any]]) -> list[chart.Panel]:
    """Return the two panels of the picture: seconds, medians over the runs."""
    drawn = []
    for family, (title, axis, _, _) in FAMILIES.items():
        lines: dict[str, list[tuple[float, float]]] = {}
        for result in results:
            if result["family"] != family:
                continue
            for name in dict.fromkeys(run["variant"] for run in result["runs"]):
                own = [run for run in result["runs"] if run["variant"] == name]
                seconds = summary.middle(own, "wall")
                if seconds is not None:
                    lines.setdefault(name, []).append((result["x"], seconds))
        series = tuple(chart.Series(name, tuple(points)) for name, points in lines.items())
        drawn.append(chart.Panel(title, axis, "seconds", series))
    return drawn


def slopes(drawn: Iterable[chart.Panel]) -> str:
    """Return a Markdown table of what one more version, or megabyte of change, costs."""
    cells: dict[str, list[str]] = {}
    for panel, (_, _, factor, _) in zip(drawn, FAMILIES.values(), strict=True):
        for line in panel.series:
            slope, rest = chart.least_squares(line.points)
            cells.setdefault(line.name, []).append(f"{slope * factor:,.3f} s + {rest:,.2f} s")
    units = " | ".join(f"per {unit}" for _, _, _, unit in FAMILIES.values())
    rows = [f"| {name} | {' | '.join(values)} |" for name, values in cells.items()]
    return "\n".join([f"| | {units} |", "|---|--:|--:|", *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    compare.add_common(parser, runs=3)
    numbers = {"type": lambda text: [int(n) for n in text.split(",")], "metavar": "N,N,…"}
    parser.add_argument("--versions", default=VERSIONS, **numbers)
    parser.add_argument("--changed", default=CHANGED, help="bytes", **numbers)
    parser.add_argument("--svg", type=Path, default=PICTURE, help="default: docs/growth.svg")
    options = parser.parse_args()
    results = compare.results_of(options, gather)
    drawn = panels(results["results"])
    options.svg.write_text(chart.svg("Time of a full audit as a history grows", drawn))
    text = f"{compare.preamble(results)}\n\n{slopes(drawn)}"
    print(text)
    if options.update:
        summary.update(options.update, "growth", text)


if __name__ == "__main__":
    main()
