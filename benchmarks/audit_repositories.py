"""Audits repositories and prints a table: time, memory, findings, coverage.

    python benchmarks/audit_repositories.py REPOSITORY [REPOSITORY ...]

Each is audited once by a process of its own, as `leakseal scan REPOSITORY -f json`. Time is that of
the whole process; memory is its peak resident set, in which mapped packs count. No secret is shown.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path


def audit(repository: str, folder: Path) -> str:
    """Return one row of the table."""
    output = folder / "report.json"
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "scanner", "scan", "--no-cache", repository]
    began = time.monotonic()
    options = ["-q", "-f", "json", "-o", str(output)]
    child = os.posix_spawn(sys.executable, [*command, *options], os.environ)
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - began
    report = json.loads(output.read_text())
    counts = report["coverage"]["counts"]
    objects = sum(counts.get(kind, 0) for kind in ("blobs", "trees", "commits", "tags"))
    skipped = sorted({entry["code"] for entry in report["coverage"]["skipped"]})
    confidences = [finding["confidence"] for finding in report["findings"]]
    return " | ".join(
        (
            "",
            Path(repository).parent.name.replace("+", "/"),
            f"{objects:,}",
            f"{report['coverage']['bytes_read'] / 1e6:,.0f} MB",
            f"{seconds:,.1f} s",
            f"{usage.ru_maxrss / 1024:,.0f} MiB",
            f"{len(confidences)} ({confidences.count('high')} high)",
            str(os.waitstatus_to_exitcode(status)),
            ", ".join(skipped) or "complete",
            "",
        )
    ).strip()


def main(repositories: list[str]) -> None:
    """Print the table for `repositories`."""
    print("| repository | objects | read | time | peak memory | findings | exit | gaps |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for repository in repositories:
            print(audit(repository, Path(folder)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
