"""Measures leakseal against its peers, side by side, and prints a table for each repository.

    python benchmarks/compare.py [--runs N] [--out results.json] REPOSITORY [REPOSITORY ...]

In every round each tool runs once, a process of its own, in an order that turns with the rounds, so
that noise hits all alike. Ratios are taken within rounds; the tables show medians. Tools that are
not installed and variants that a tool does not know are named and left out; a run that fails stays.
"""

import argparse
import datetime
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import machine
import repository
import summary
from bench import measure_all, prepare, usable, warm_up
from peers import default_folder
from variants import REFERENCES


def preamble(results: Mapping[str, Any]) -> str:
    """Return when, where and with what `results` were measured, in Markdown."""
    tools = ", ".join(f"{tool} {number}" for tool, number in results["tools"].items())
    rounds = f"medians of {results['rounds']} rounds" if results["rounds"] > 1 else "one round"
    parts = [
        f"{results['date']}. {machine.sentence(results['machine'])}",
        f"{tools}. Threads of each: {results['jobs']}; {rounds}.",
    ]
    if results["left_out"]:
        reasons = ", ".join(f"{k} ({v})" for k, v in results["left_out"].items())
        parts.append(f"Left out: {reasons}.")
    return "\n\n".join(parts)


def render(results: Mapping[str, Any]) -> str:
    """Return the tables of `results` in Markdown."""
    parts = [preamble(results)]
    for result in results["results"]:
        size = result["size"]
        title = f"**{result['repository']}**, {result['subject']}: "
        title += f"{size['commits']:,} commits, {size['objects']:,} objects, "
        title += f"{size['packed_bytes'] / 1e6:,.0f} MB packed"
        title += f", {size['absent']} objects absent" if size["absent"] else ""
        parts += [title, summary.table(result["runs"], REFERENCES)]
    return "\n\n".join(parts)


def gather(options: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Run everything and return the raw results."""
    bench, versions = prepare(options, scratch)
    variants, left_out = usable(bench, options.tools)
    variants = [
        variant
        for variant in variants
        if variant.subject in options.subjects and variant.name not in options.without
    ]
    warm_up(bench, variants)
    results = []
    for path in options.repositories:
        size, called = repository.size(path), repository.name(path)
        for subject in options.subjects:
            own = [variant for variant in variants if variant.subject == subject]
            place = path
            if subject == "tree":
                place = scratch / "trees" / called.replace("/", "+")
                repository.clone(path, place)
            results.append(
                {
                    "repository": called,
                    "subject": subject,
                    "size": size,
                    "commands": {variant.name: bench.shown(variant, place) for variant in own},
                    "runs": measure_all(bench, own, place, called, options.runs) if own else [],
                }
            )
            shutil.rmtree(scratch / "trees", ignore_errors=True)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine.facts(),
        "tools": {k: v for k, v in versions.items() if any(w.tool == k for w in variants)},
        "jobs": options.jobs,
        "rounds": options.runs,
        "timeout": options.timeout,
        "left_out": left_out,
        "results": results,
    }


def add_common(parser: argparse.ArgumentParser, runs: int) -> None:
    """Add the options that every command of this kind has."""
    add = parser.add_argument
    add("--runs", type=int, default=runs, help=f"rounds (default: {runs})")
    add("--jobs", type=int, default=2, help="threads of each tool (default: 2)")
    add("--timeout", type=float, default=1800, help="seconds a run may take (default: 1800)")
    add("--tools-dir", type=Path, default=default_folder(), help="where peers are installed")
    add("--out", type=Path, help="write raw results here, as JSON")
    add("--from", dest="source", type=Path, help="run nothing: render these raw results")
    add("--update", type=Path, help="put the tables between the markers of this page, too")


def results_of(
    options: argparse.Namespace, gathering: Callable[[argparse.Namespace, Path], dict[str, Any]]
) -> dict[str, Any]:
    """Return the results to render: those of `--from`, else what `gathering` measures now."""
    options.tools_dir = options.tools_dir.resolve()
    if options.source:
        stored: dict[str, Any] = json.loads(options.source.read_text())
        return stored
    with tempfile.TemporaryDirectory(prefix="leakseal-bench-") as scratch:
        results = gathering(options, Path(scratch).resolve())
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("repositories", nargs="*", type=Path, metavar="REPOSITORY", help="bare or with a tree")
    add("--tools", type=lambda text: text.split(","), default=[], help="tools or variants: a,b")
    add("--without", type=lambda text: text.split(","), default=[], help="but not these variants")
    add("--mark", default="comparison", help="which markers of the page (default: comparison)")
    add("--subjects", type=lambda text: text.split(","), default=["history", "tree"])
    add_common(parser, runs=5)
    options = parser.parse_args()
    if not options.repositories and not options.source:
        parser.error("name a repository")
    results = results_of(options, gather)
    print(render(results))
    if options.update:
        summary.update(options.update, options.mark, render(results))


if __name__ == "__main__":
    main()
