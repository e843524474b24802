"""Draws findings of real repositories at random, and scores what a person said of them.

    python benchmarks/judged.py draw --show FILE MIRROR [MIRROR ...]
    python benchmarks/judged.py score MIRROR [MIRROR ...]

Each repository is audited whole at the default threshold. A finding's rank is a hash of its
fingerprint, so the draw repeats; the first of each repository are taken in turn until 300 are
drawn. `draw` writes those without a label to FILE, readable by its owner only, with the secret and
its surroundings, to be judged. `score` compares the draw with the labels, `results/judged.tsv`:
repository, fingerprint and `credential` or `other`. Fingerprints are made with the key below, so
that anybody can repeat them; all of these repositories are public.

A credential in form and place: what stands there is, or is meant as, a secret that opens something,
test keys and test passwords included. Placeholders, hashes, identifiers and prose are not.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any

LABELS = Path(__file__).parent / "results" / "judged.tsv"
KEY = "labels of findings in public repositories"
DRAWN = 300
_AROUND = 300  # characters of a line that are shown on either side

Finding = dict[str, Any]


def audit(mirror: str, folder: str) -> list[Finding]:
    """Return the findings of a repository, secrets included."""
    output = os.path.join(folder, "report.json")
    command = [sys.executable, "-m", "scanner", "scan", "-q", "--no-cache", mirror]
    options = ["-f", "json", "-o", output, "--show-secrets"]
    subprocess.run(
        [*command, *options], env={**os.environ, "LEAKSEAL_KEY": KEY}, check=False, timeout=1200
    )
    findings: list[Finding] = json.loads(Path(output).read_text())["findings"]
    os.unlink(output)
    return findings


def draw(found: dict[str, list[Finding]]) -> list[tuple[str, Finding]]:
    """Return repository and finding of what is drawn from `found`, by repository."""
    ranked = [
        [(name, finding) for finding in sorted(findings, key=_rank)]
        for name, findings in sorted(found.items())
    ]
    turns = (pair for turn in zip_longest(*ranked) for pair in turn if pair)
    return [pair for pair, _ in zip(turns, range(DRAWN), strict=False)]


def _rank(finding: Finding) -> str:
    return hashlib.sha256(finding["fingerprint"].encode()).hexdigest()


def labels() -> dict[tuple[str, str], str]:
    """Return what was said of findings, by repository and fingerprint."""
    rows = (line.split("\t") for line in LABELS.read_text().splitlines()) if LABELS.exists() else ()
    return {(row[0], row[1]): row[2] for row in rows}


def show(mirror: str, finding: Finding) -> str:
    """Return a finding with its surroundings, for the one who judges it."""
    place = finding["occurrences"][0]
    text = _content(mirror, place["object_id"]).split(b"\n")
    line, column = place["line"], place["column"]
    lines = [row.decode("utf-8", "replace") for row in text[max(0, line - 3) : line + 2]]
    low = max(0, column - _AROUND)
    return "\n".join(
        [
            f"## {finding['rule']['id']} · {finding['confidence']} · {place['path']}:{line}",
            f"secret: {finding['secret']!r} · {'; '.join(finding['reasons'])}",
            *(f"    {row[low : column + _AROUND]}" for row in lines),
        ]
    )


def _content(mirror: str, object_id: str) -> bytes:
    command = ["git", "--git-dir", mirror, "cat-file", "-p", object_id]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).stdout


def score(drawn: Iterable[tuple[str, Finding]]) -> str:
    """Return how many of `drawn` are credentials, whole and by confidence and repository."""
    known = labels()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, finding in drawn:
        label = known.get((name, finding["fingerprint"]), "unjudged")
        for group in ("all", f"confidence {finding['confidence']}", name):
            counts[group][label] += 1
    rows = ["| findings | drawn | credentials | share | unjudged |", "|---|---|---|---|---|"]
    for group, count in counts.items():
        judged = count["credential"] + count["other"]
        share = f"{count['credential'] / judged:.1%}" if judged else "-"
        cells = (group, sum(count.values()), count["credential"], share, count["unjudged"])
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("action", choices=("draw", "score"))
    parser.add_argument("--show", metavar="FILE", help="where to write what is to be judged")
    parser.add_argument("mirrors", nargs="+", metavar="MIRROR")
    options = parser.parse_args()
    names = {m: Path(m).resolve().parent.name.replace("+", "/") for m in options.mirrors}
    with tempfile.TemporaryDirectory() as folder:
        found = {names[mirror]: audit(mirror, folder) for mirror in options.mirrors}
    drawn = draw(found)
    if options.action == "score":
        print(score(drawn))
        return
    known, mirrors = labels(), {name: mirror for mirror, name in names.items()}
    handle = os.open(options.show, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        for name, finding in drawn:
            if (name, finding["fingerprint"]) not in known:
                file.write(
                    f"{name}\t{finding['fingerprint']}\t?\n{show(mirrors[name], finding)}\n\n"
                )


if __name__ == "__main__":
    main()
