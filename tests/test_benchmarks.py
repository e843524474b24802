"""The benchmarks' own arithmetic and measuring: what a wrong figure would come from."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

if sys.platform != "linux":
    pytest.skip("the benchmarks read /proc", allow_module_level=True)

import chart
import complete_repository
import measure
import repository
import summary
import synthetic
from variants import VARIANTS, Output

HUNGRY = "import time; held = b'x' * (60 << 20); time.sleep(0.3)"
FORKS = """
import os, time
held = b'x' * (60 << 20)
for _ in range(3):
    if os.fork() == 0:
        break
time.sleep(0.3)
"""


def run(tmp_path: Path, code: str, **options: float) -> measure.Cost:
    command = [sys.executable, "-S", "-c", code]
    return measure.run(command, stdout=tmp_path / "out", stderr=tmp_path / "err", **options)


def test_memory_of_a_process_is_seen(tmp_path: Path) -> None:
    cost = run(tmp_path, HUNGRY)
    assert cost.exit_code == 0
    assert cost.samples > 1
    assert 60 << 20 < cost.peak < 200 << 20
    assert cost.largest > 60 << 20


def test_pages_that_processes_share_count_once(tmp_path: Path) -> None:
    assert 60 << 20 < run(tmp_path, FORKS).peak < 150 << 20


def test_memory_of_processes_that_share_nothing_adds_up(tmp_path: Path) -> None:
    start = f"import subprocess, sys; run = [sys.executable, '-S', '-c', {HUNGRY!r}]\n"
    start += "for child in [subprocess.Popen(run), subprocess.Popen(run)]: child.wait()"
    assert run(tmp_path, start).peak > 120 << 20


def test_processor_time_of_descendants_counts(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {burn!r}])"
    assert run(tmp_path, start).cpu > 0.3


def test_a_run_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    start = "import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"
    began = time.monotonic()
    cost = run(tmp_path, start, timeout=0.3)
    assert cost.timed_out
    assert cost.exit_code < 0
    assert time.monotonic() - began < 600


def made(variant: str, walls: list[float], *outcomes: str) -> list[summary.Run]:
    outcomes = outcomes or ("complete",) * len(walls)
    return [
        {"variant": variant, "round": i, "wall": wall, "outcome": outcome, "exit_code": 1}
        | dict.fromkeys(("cpu", "peak", "largest", "findings"), 1)
        for i, (wall, outcome) in enumerate(zip(walls, outcomes, strict=True))
    ]


def test_a_ratio_is_the_median_of_the_ratios_within_rounds() -> None:
    # Round two was slow for both; medians of the times would give 2 / 10.
    runs = made("ours", [1, 20, 2]) + made("theirs", [10, 50, 8])
    assert summary.ratio(runs, "ours", "theirs") == 0.25
    assert summary.ratio(runs, "ours", "nobody's") is None


def test_a_reference_that_broke_off_gives_no_ratio() -> None:
    runs = made("ours", [1, 1]) + made("theirs", [4, 2], "incomplete", "complete")
    assert summary.ratio(runs, "ours", "theirs") == 0.5
    assert summary.ratio(runs, "theirs", "ours") == 3


def test_failures_stay_in_the_table() -> None:
    late = made("late", [9, 1, 3], "timed out", "complete", "complete")
    assert summary.middle(late, "wall") == 2
    assert summary.outcome(late) == "1 of 3 timed out"
    dead = made("dead", [1, 1], "failed", "failed")
    assert summary.outcome(dead) == "failed (exit 1)"
    rows = summary.table(late + dead, ("late",)).splitlines()
    assert rows[-1] == "| dead | — | — | — | — | — | — | failed (exit 1) |"


def test_a_page_is_changed_between_its_markers_only(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- t -->\nold\n<!-- /t -->\nb\n")
    summary.update(page, "t", "new")
    assert page.read_text() == "a\n<!-- t -->\nnew\n<!-- /t -->\nb\n"
    with pytest.raises(ValueError, match="has no"):
        summary.update(page, "other", "new")


@pytest.mark.parametrize(
    ("tool", "output", "read"),
    [
        ("leakseal", Output(3, b'{"findings": [1]}', b""), ("incomplete", 1)),
        ("kingfisher", Output(200, b'{"findings": [1, 2]}\n{"findings": 2}', b""), ("complete", 2)),
        ("kingfisher", Output(2, b'{"findings": []}', b""), ("failed", 0)),
        ("gitleaks", Output(1, b"[{}]", b""), ("complete", 1)),
        ("gitleaks", Output(1, b"[{}]", b"\x1b[31mERR\x1b[0m fatal"), ("incomplete", 1)),
        ("trufflehog", Output(0, b'{"a": 1}\n{"b": 2}\n', b"note\n"), ("complete", 2)),
        ("trufflehog", Output(0, b"", b'{"level":"error"}'), ("incomplete", 0)),
        (
            "detect-secrets",
            Output(0, b'{"results": {"f": [1, 2], "g": [3]}}', b""),
            ("complete", 3),
        ),
    ],
)
def test_output_is_read(tool: str, output: Output, read: tuple[str, int]) -> None:
    for variant in VARIANTS:
        if variant.tool == tool:
            assert variant.read(output) == read


def test_names_tell_nothing_of_the_machine(tmp_path: Path) -> None:
    assert repository.name(tmp_path / "owner+name" / "repo") == "owner/name"
    assert repository.name(tmp_path / "name.git") == "name"
    assert repository.name(tmp_path / "name" / ".git") == "name"


def test_least_squares_and_ticks() -> None:
    slope, rest = chart.least_squares([(0, 1), (1, 3), (2, 5)])
    assert (slope, rest) == (pytest.approx(2), pytest.approx(1))
    assert chart.ticks(0.93) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert chart.ticks(2000) == [0, 500, 1000, 1500, 2000]


def test_an_absent_blob_gets_a_stand_in(tmp_path: Path) -> None:
    source, target = tmp_path / "source.git", tmp_path / "target.git"
    synthetic.build(source, versions=3, size=2000)
    git = ["git", "-C", str(source)]
    (pack,) = (source / "objects" / "pack").glob("*.pack")
    packed = pack.rename(source / "moved.pack").read_bytes()
    pack.with_suffix(".idx").unlink()
    subprocess.run([*git, "unpack-objects", "-q"], input=packed, check=True)
    blob = subprocess.check_output([*git, "rev-parse", "main~1:source.py"], text=True).strip()
    (source / "objects" / blob[:2] / blob[2:]).unlink()
    assert complete_repository.absent(source) == {blob.encode()}
    assert complete_repository.complete(source, target) == 1
    assert complete_repository.absent(target) == frozenset()
    log = ["git", "-C", str(target), "show", "main~1:source.py"]
    assert subprocess.check_output(log) == complete_repository.STAND_IN
    assert repository.size(target)["commits"] == 3
