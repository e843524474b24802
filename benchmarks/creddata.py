"""Scores the rules on CredData: precision, recall and how far each confidence can be believed.

    python benchmarks/creddata.py CORPUS SCORE [--rules FOLDER] [--processes N] [--by-rule]

CORPUS is a checkout of Samsung/CredData with its data assembled (github.com/Samsung/CredData says
how), that is a folder with `data` and `meta`. SCORE is a script that compares findings with the
labels: it is called as `SCORE --meta CORPUS/meta --data CORPUS/data --json --by-rule FILES`, where
a line of a file is `{"path", "line_start", "line_end", "rule", "value"}`, and prints for each file
`TP`, `FP`, `FN`, `unlab`, `P`, `R`, `F1`, `P_strict` and, in `rules`, how many findings of each
rule stand on true, false and unlabelled lines (`on_true`, `on_false`, `unlab`).

Two tables are printed. The first has a row a threshold: findings of at least that confidence.
Precision counts labelled lines; strict precision takes findings on unlabelled lines for false
alarms, though many are none. The second has a row a confidence: of the findings on labelled lines
that have it, the share whose line is labelled true. CredData replaces true values by random ones
and leaves the words in false ones, so what is measured here flatters every judge of randomness.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from scanner.detect.engine import Engine
from scanner.model import Confidence
from scanner.rulepack import load, pack

LEVELS = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
Row = dict[str, str | int | None]


@cache
def engine(rules: str) -> Engine:
    """Return the engine of this process, which keeps findings of any confidence."""
    return Engine(pack.make(source.rule for source in load.directory(rules)), Confidence.LOW)


def findings(task: tuple[str, str, str]) -> list[tuple[Confidence, Row]]:
    """Return confidence and row of each finding in a file: `task` is root, path and rules."""
    root, path, rules = task
    data = (Path(root) / path).read_bytes()
    rows: list[tuple[Confidence, Row]] = []
    for match in engine(rules).findings(data).matches:
        end = match.line + data.count(b"\n", match.start, match.end)
        value = match.secret.reveal().decode("utf-8", "replace") if end == match.line else None
        row: Row = {"path": path, "line_start": match.line, "line_end": end, "value": value}
        rows.append((match.confidence, row | {"rule": f"{match.rule.id} {match.confidence.name}"}))
    return rows


def tasks(corpus: Path, rules: str) -> Iterator[tuple[str, str, str]]:
    """Yield the files below `corpus/data`, in order."""
    for folder, folders, names in os.walk(corpus / "data"):
        folders.sort()
        for name in sorted(names):
            yield str(corpus), os.path.relpath(os.path.join(folder, name), corpus), rules


def search(corpus: Path, rules: str, processes: int, folder: Path) -> list[Path]:
    """Write the findings of each threshold to a file in `folder`, and return the files."""
    files = [folder / f"{level.name.lower()}.jsonl" for level in LEVELS]
    streams = [file.open("w") for file in files]
    with ProcessPoolExecutor(processes) as pool:
        for rows in pool.map(findings, tasks(corpus, rules), chunksize=50):
            for confidence, row in rows:
                for level, stream in zip(LEVELS, streams, strict=True):
                    if confidence >= level:
                        stream.write(json.dumps(row) + "\n")
    for stream in streams:
        stream.close()
    return files


def scores(corpus: Path, script: str, files: list[Path]) -> dict[str, dict]:
    """Return what the scoring script says of each file, by the file's name without suffix."""
    labels = ["--meta", str(corpus / "meta"), "--data", str(corpus / "data")]
    command = [sys.executable, script, *labels, "--json", "--by-rule", *map(str, files)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def thresholds(result: dict[str, dict]) -> Iterator[str]:
    """Yield the lines of the first table."""
    yield "| threshold | true | false | missed | unlabelled | P | R | F1 | P strict |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, s in result.items():
        counts = " | ".join(str(s[key]) for key in ("TP", "FP", "FN", "unlab"))
        shares = " | ".join(f"{s[key]:.3f}" for key in ("P", "R", "F1", "P_strict"))
        yield f"| {name} | {counts} | {shares} |"


def calibration(rules: dict[str, dict[str, int]]) -> Iterator[str]:
    """Yield the lines of the second table, for all rules and for the generic ones."""
    yield "| confidence | true | false | unlabelled | labelled true | the same, generic rules |"
    yield "|---|---|---|---|---|---|"
    for level in LEVELS:
        mine = {rule: counts for rule, counts in rules.items() if rule.endswith(level.name)}
        generic = [counts for rule, counts in mine.items() if rule.startswith("generic-")]
        true, false, unlabelled = (
            sum(counts[key] for counts in mine.values()) for key in ("on_true", "on_false", "unlab")
        )
        of_all, of_generic = share(list(mine.values())), share(generic)
        yield (
            f"| {level.name.lower()} | {true} | {false} | {unlabelled} | {of_all} | {of_generic} |"
        )


def share(counts: list[dict[str, int]]) -> str:
    """Return the share of findings on labelled lines that stand on true ones, in percent."""
    true = sum(c["on_true"] for c in counts)
    labelled = true + sum(c["on_false"] for c in counts)
    return f"{true / labelled:.1%}" if labelled else "none"


def by_rule(rules: dict[str, dict[str, int]]) -> Iterator[str]:
    """Yield a line a rule and confidence, those with the most findings first."""
    yield "| rule | true | false | unlabelled |"
    yield "|---|---|---|---|"
    for rule, c in sorted(rules.items(), key=lambda item: -sum(item[1].values())):
        yield f"| {rule} | {c['on_true']} | {c['on_false']} | {c['unlab']} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, help="folder with `data` and `meta`")
    parser.add_argument("score", help="the scoring script")
    parser.add_argument("--rules", default=load.builtin_directory(), help="folder of rule packs")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--by-rule", action="store_true", help="a third table, by rule")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = search(options.corpus, options.rules, options.processes, Path(folder))
        result = scores(options.corpus, options.score, files)
    tables = [thresholds(result), calibration(result["low"]["rules"])]
    if options.by_rule:
        tables.append(by_rule(result["low"]["rules"]))
    print("\n\n".join("\n".join(table) for table in tables))


if __name__ == "__main__":
    main()
