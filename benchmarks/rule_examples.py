"""Scores the built-in rules on short texts that are said to hold a secret or not.

    python benchmarks/rule_examples.py EXAMPLES.jsonl [--missed] [--flagged]

A line is an object with `text`, `expect` (whether a secret should be reported in it) and `family`.
A text counts as found if anything is reported in it at medium confidence or above.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from scanner.detect.engine import Engine
from scanner.rulepack.pack import builtin


def main() -> None:
    """Print how many positives are found and how many negatives are flagged."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("examples", type=Path)
    parser.add_argument("--missed", action="store_true", help="list the positives not found")
    parser.add_argument("--flagged", action="store_true", help="list the negatives flagged")
    options = parser.parse_args()
    engine = Engine(builtin())
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in options.examples.read_text().splitlines()
    ]
    counts: Counter[tuple[bool, bool]] = Counter()
    for row in rows:
        rules = [match.rule.id for match in engine.findings(row["text"].encode()).matches]
        counts[row["expect"], bool(rules)] += 1
        listed = options.missed if row["expect"] else options.flagged
        if listed and row["expect"] != bool(rules):
            print(row["family"], ",".join(rules), repr(row["text"][:200]), sep="\t")
    for expected, what in ((True, "positives found"), (False, "negatives flagged")):
        found = counts[expected, True]
        total = found + counts[expected, False]
        print(f"{what}: {found} of {total}, {found / max(1, total):.1%}")


if __name__ == "__main__":
    main()
