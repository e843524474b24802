"""A migration that is killed, or whose disk fails, at every change it makes to the disk."""

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import DATABASE, PASSWORD, SECRETS, TOKEN, Shop, shop

from scanner.remediate.ledger.ledger import Ledger
from scanner.remediate.ledger.record import State

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")
pytestmark = pytest.mark.slow

_FAULTS = str(Path(__file__).parent / "faults")
_SHARES = 3


def _faulty(made: Shop, fault: str, at: int) -> "dict[str, str]":
    environ = {"PYTHONPATH": _FAULTS, "LEAKSEAL_FAULTS": "1", "FAULT": fault, "FAULT_AT": str(at)}
    return environ | {"FAULT_COUNT": str(made.home / "changes")}


def _every(folder: Path, share: int) -> Iterator[tuple[int, Shop]]:
    """Yield a planned shop for each change that an undisturbed migration makes to the disk.

    Of these it is one of `_SHARES` shares, which several processors do at the same time.
    """
    folder.joinpath("planned").mkdir()
    planned = shop(folder / "planned")
    planned.plan()
    whole = _copied(planned, folder / "whole")
    done = whole.apply(environ=_faulty(whole, "", 0))
    assert done.returncode == 0, done.stderr
    changes = int((whole.home / "changes").read_text())
    assert changes > _SHARES
    for at in range(1 + share, changes + 1, _SHARES):
        yield at, _copied(planned, folder / str(at))


def _copied(made: Shop, folder: Path) -> Shop:
    shutil.copytree(made.top.parent, folder)
    return Shop(folder / made.top.name, folder / made.home.name)


def _check_nothing_is_lost(made: Shop, at: int) -> None:
    """Check that every secret can be read in its file or from a store that gave it back."""
    files = b"".join(
        v for k, v in made.contents().items() if not k.startswith(".leakseal")
    ).decode()
    gone = [secret for secret in SECRETS if secret not in files]
    if gone:
        run = made.leakseal("run", "--", "env")
        assert run.returncode == 0, (at, run.stderr)
        assert all(secret in run.stdout for secret in gone), at
    for run_id in Ledger(str(made.top / ".leakseal/ledger")).runs():
        states: dict[str, set[State]] = {}
        for record in Ledger(str(made.top / ".leakseal/ledger")).records(run_id):
            reached = states.setdefault(record.step.subject.fingerprint, set())
            assert record.step.state is not State.REWRITING or State.VERIFIED in reached
            reached.add(record.step.state)


def _check_resumed(made: Shop, at: int) -> None:
    resumed = made.leakseal("migrate", "resume")
    if "nothing to go on with" in resumed.stdout:  # it ended before it began
        resumed = made.apply()
    assert resumed.returncode == 0, (at, resumed.stdout, resumed.stderr)
    printed = made.leakseal(
        "run", "--", "sh", "-c", "./deploy.sh && python3 app/settings.py"
    ).stdout
    assert printed == f"{TOKEN}\n{DATABASE} {PASSWORD}\n", at
    assert "no problem" in made.leakseal("log", "verify").stdout, at
    left = [name for name in made.contents() if name.endswith(".draft")]
    assert left == [], at
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Seal")
    assert made.leakseal("scan", "--no-history").returncode == 0, at


@pytest.mark.parametrize("share", range(_SHARES))
def test_killed_at_every_change_of_the_disk(tmp_path: Path, share: int) -> None:
    for at, made in _every(tmp_path, share):
        killed = made.apply(environ=_faulty(made, "kill", at))
        assert killed.returncode == -9, (at, killed.stderr)
        _check_nothing_is_lost(made, at)
        _check_resumed(made, at)


@pytest.mark.parametrize("share", range(_SHARES))
def test_a_disk_that_is_full_at_every_change(tmp_path: Path, share: int) -> None:
    for at, made in _every(tmp_path, share):
        failed = made.apply(environ=_faulty(made, str(errno.ENOSPC), at))
        assert failed.returncode in (0, 2, 3, 4), (at, failed.stderr)
        assert "internal error" not in failed.stderr, (at, failed.stderr)
        assert "Traceback" not in failed.stderr, (at, failed.stderr)
        _check_nothing_is_lost(made, at)
        _check_resumed(made, at)
