"""Compares audits with all rules to audits with the first 118: what breadth costs.

    python benchmarks/pack_cost.py MIRROR [MIRROR ...]

The other rules are switched off by settings made for the purpose. The two take turns, and the
medians of the ratios of several rounds are printed: of the time on the clock and of processor time.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from scanner.rulepack.pack import builtin

FIRST = Path(__file__).parent / "results" / "first_pack.txt"
ROUNDS = 5


def audit(mirror: str, *options: str) -> tuple[float, float]:
    """Return seconds on the clock and of processor time that an audit takes."""
    command = [sys.executable, "-m", "scanner", "scan", "-q", "--no-cache", "-f", "json"]
    with tempfile.TemporaryDirectory() as folder:
        output = [*options, "-o", f"{folder}/report.json", mirror]
        began = time.monotonic()
        child = os.posix_spawn(sys.executable, [*command, *output], os.environ)
        _, _, usage = os.wait4(child, 0)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def main(mirrors: list[str]) -> None:
    """Print a row of a table for each of `mirrors`."""
    first = set(FIRST.read_text().split())
    others = sorted({rule.id for rule in builtin().rules} - first)
    print("| repository | time ÷ | processor time ÷ |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.yaml"
        entries = "".join(f"  - {{id: {name}, reason: to compare}}\n" for name in others)
        settings.write_text(f"rules:\n  disable:\n{entries}")
        for mirror in mirrors:
            pairs = [
                (audit(mirror, "--config", str(settings)), audit(mirror)) for _ in range(ROUNDS)
            ]
            clock, busy = (
                statistics.median(full[n] / few[n] for few, full in pairs) for n in (0, 1)
            )
            name = Path(mirror).resolve().parent.name.replace("+", "/")
            print(f"| {name} | {clock:.2f} | {busy:.2f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
