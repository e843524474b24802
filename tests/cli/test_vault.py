"""`leakseal vault doctor`, as a real process, on SOPS files and, where it is there, KeePass."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from scanner.vault import choose

SOPS = "sops://secrets.enc.yaml"
PROBE = "leakseal-doctor-probe"


class Place:
    """A working directory and a home of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {"HOME": str(path / "home"), "PATH": os.environ["PATH"]}

    def doctor(self, *arguments: str, **environ: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "scanner", "vault", "doctor", *arguments],
            env=self.environ | environ,
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def files(self) -> list[Path]:
        return sorted(self.path.rglob("*"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_it_says_what_a_store_can_do_and_writes_nothing(place: Place) -> None:
    code, output, error = place.doctor(SOPS)
    assert (code, error) == (0, "")
    lines = output.splitlines()
    assert lines[0] == SOPS
    assert "  older versions cannot be read" in lines
    known = [line.split()[1] for line in lines if line.startswith("ok ")]
    assert known == ["address", "login", "permission", "name", "size"]
    assert place.files() == []


def test_a_value_that_is_too_large_is_fatal(place: Place) -> None:
    code, output, _ = place.doctor(SOPS, "--name", "shop/KEY", "--size", "99999999", "--json")
    (found,) = json.loads(output)
    assert code == 3
    assert found["uri"] == SOPS
    assert found["checks"]["size"] == "problem"
    assert found["checks"]["name"] == found["checks"]["login"] == "ok"
    assert [problem["code"] for problem in found["problems"] if problem["fatal"]] == ["size"]
    assert "shop/KEY" in next(p["message"] for p in found["problems"] if p["code"] == "size")


def test_the_write_test_leaves_an_entry_and_says_which(place: Place) -> None:
    code, output, _ = place.doctor(SOPS, "--write-test", "--size", "999", "--name", "shop/PROBE")
    assert code == 0
    assert "remove this entry yourself" in output
    store = choose.store(SOPS, place.environ, str(place.path))
    (name,) = store.names()
    assert name.startswith("shop/PROBE-")
    assert f"wrote {store.address(name)} and read it back" in output
    value = store.read(name).value.reveal()
    assert len(value) == 999
    assert value.decode() not in output
    _, again, _ = place.doctor(SOPS, "--write-test", "--json")
    (found,) = json.loads(again)
    assert found["left"].startswith(f"{SOPS}#{PROBE}-")
    assert len(store.names()) == 2


def test_nothing_is_written_where_something_forbids_it(place: Place) -> None:
    code, output, _ = place.doctor(SOPS, "--write-test", "--size", "99999999")
    assert (code, "wrote" in output) == (3, False)
    assert place.files() == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("ftp://x",), (SOPS, "--size", "-1"), (SOPS, "--kind", "x"), ("sops://secrets.txt",)],
)
def test_wrong_usage(place: Place, arguments: tuple[str, ...]) -> None:
    code, output, error = place.doctor(*arguments)
    assert (code, output) == (2, "")
    assert error.startswith("leakseal: ")


def test_what_a_terminal_would_act_upon_is_not_shown(place: Place) -> None:
    code, output, error = place.doctor("sops://\x1b[31m.yaml", "--name", "\x1b[2J")
    assert code in (0, 2, 3)
    assert "\x1b" not in output + error


@pytest.mark.skipif(find_spec("pykeepass") is None, reason="pykeepass is missing")
def test_several_stores_are_told_one_after_the_other(place: Place) -> None:
    code, output, _ = place.doctor(SOPS, "kdbx://secrets.kdbx")
    first, second = output.split("\n\n")
    assert code == 3
    assert "fatal" not in first
    assert "unknown  permission" in second
    assert "fatal    login: no key for the KeePass database; set LEAKSEAL_KDBX_PASSWORD" in second
    code, output, _ = place.doctor(
        "kdbx://secrets.kdbx", "--write-test", LEAKSEAL_KDBX_PASSWORD="-".join(("a", "b"))
    )
    assert code == 0
    assert f"wrote kdbx://secrets.kdbx#{PROBE}-" in output
