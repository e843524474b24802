"""Measures what `leakseal guard` adds to a commit: five changed files in a repository of 10,000.

    python benchmarks/guard.py [--pairs N] [--out results.json] [--update docs/performance.md]

In every pair a Python that does nothing and the guard run once each, in turn first; what counts is
the median of the differences.
"""

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import machine
import summary
import synthetic
from bench import leakseal

FILES, CHANGED, SIZE = 10_000, 5, 4_000


def build(target: Path) -> None:
    """Make a repository with a tree of many files, some of them changed and staged."""
    subprocess.run(["git", "init", "-q", target], check=True)
    content = next(synthetic.contents(1, None, SIZE))
    for number in range(FILES):
        path = target / f"folder{number % 100}" / f"module{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"# %d\n%b" % (number, content))
    git = ["git", "-C", target, "-c", "user.name=Nobody", "-c", "user.email=nobody@example.com"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "all"], check=True)
    for number in range(CHANGED):
        with (target / f"folder{number}" / f"module{number}.py").open("ab") as file:
            file.write(b"def changed(value):\n    return value + %d\n" % number)
    subprocess.run([*git, "add", "."], check=True)


def seconds(command: list[str], folder: Path) -> float:
    """Return how long a command takes, which must succeed."""
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def gather(pairs: int) -> dict[str, Any]:
    """Return the raw results."""
    bare = [sys.executable, "-I", "-c", "pass"]
    commands = {"bare": bare, "guard": [str(leakseal()), "guard"]}
    runs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="leakseal-bench-") as scratch:
        target = Path(scratch) / "repository"
        build(target)
        for number in range(-2, pairs):  # the first two warm up
            names = list(commands) if number % 2 else list(reversed(commands))
            took = {name: seconds(commands[name], target) for name in names}
            if number >= 0:
                runs.append(took)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine.facts(),
        "files": FILES,
        "changed": CHANGED,
        "commands": {"bare": "python -I -c pass", "guard": "leakseal guard"},
        "runs": runs,
    }


def render(results: dict[str, Any]) -> str:
    """Return what was found in Markdown."""
    runs = results["runs"]
    bare, guard, more = (
        1000 * median(values)
        for values in (
            [run["bare"] for run in runs],
            [run["guard"] for run in runs],
            [run["guard"] - run["bare"] for run in runs],
        )
    )
    return (
        f"{results['date']}. {machine.sentence(results['machine'])}\n\n"
        f"{results['changed']} changed files, {results['files']:,} in all, {len(runs)} pairs: "
        f"the guard takes {guard:.0f} ms, a Python that does nothing {bare:.0f} ms; "
        f"the median of the differences is **{more:.0f} ms**."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=31)
    parser.add_argument("--out", type=Path, help="write raw results here, as JSON")
    parser.add_argument("--update", type=Path, help="put the text between the marks of this page")
    options = parser.parse_args()
    results = gather(options.pairs)
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n")
    print(render(results))
    if options.update:
        summary.update(options.update, "guard", render(results))


if __name__ == "__main__":
    main()
