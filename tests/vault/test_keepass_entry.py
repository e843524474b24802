"""What KeePass entries hold, what they are called, and what opens the database."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from subjects.keepass import PASSWORD, ask, keepassxc

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Outcome, RefusedError, Store, StoreError, UnfitError

pytest.importorskip("pykeepass", reason="pykeepass is missing: pip install --group servers")

from pykeepass import PyKeePass

FACT_NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)
needs_keepassxc = pytest.mark.skipif(
    keepassxc() is None, reason="keepassxc-cli is missing: run .ci/servers/keepassxc"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one entry, made once."""
    file = tmp_path_factory.mktemp("made") / "store.kdbx"
    put(opened(file), "shop/KEY", b"first")
    return file


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    return shutil.copy(made, tmp_path / "store.kdbx")


def opened(file: Path, inside: str = "", **environ: str) -> Store:
    environ = environ or {"LEAKSEAL_KDBX_PASSWORD": PASSWORD}
    return choose.store(f"kdbx://{file}{inside}", environ, "/")


def put(store: Store, name: str, value: bytes) -> str:
    done = store.put_new(name, Secret(value), "", {})
    assert done.outcome is Outcome.CREATED
    return done.version


def test_any_value_with_any_facts_comes_back(file: Path) -> None:
    store = opened(file)
    numbers = iter(range(10_000))

    @given(
        st.one_of(st.binary(max_size=99), st.text().map(str.encode), st.just(b"x" * 32769)),
        st.dictionaries(FACT_NAMES, st.text(max_size=256), max_size=3),
    )
    def check(value: bytes, facts: dict[str, str]) -> None:
        name = f"any/{next(numbers)}"
        store.put_new(name, Secret(value), "", facts)
        held = store.read(name)
        assert (held.value.reveal(), held.facts) == (value, facts)

    check()


@pytest.mark.parametrize("value", [b"{TITLE}", b"a{REF:P@T:KEY}", b"{x", b"a\rb", b"\xef\xbb\xbfx"])
def test_what_keepassxc_would_change_is_attached(file: Path, value: bytes) -> None:
    put(opened(file), "shop/OTHER", value)
    entry = PyKeePass(file, PASSWORD).find_entries(path=["shop", "OTHER"])
    assert [found.binary for found in entry.attachments] == [value]
    assert not entry.password


@needs_keepassxc
def test_a_password_set_in_keepassxc_wins_over_the_attachment(file: Path) -> None:
    store = opened(file)
    version = put(store, "shop/OTHER", b"\0ours")
    ask("edit", "-q", "-p", file, "shop/OTHER", lines=("theirs",))
    held = store.read("shop/OTHER")
    assert held.value == Secret(b"theirs")
    assert held.version != version
    assert store.read("shop/OTHER", version).value == Secret(b"\0ours")


def test_versions_within_a_second_have_names_of_their_own(file: Path) -> None:
    store = opened(file)
    version = put(store, "shop/OTHER", b"0")
    database = PyKeePass(file, PASSWORD)
    entry = database.find_entries(path=["shop", "OTHER"])
    entry.save_history()  # as a program would that keeps the time
    entry.password = "1"
    database.save()
    assert store.read("shop/OTHER").version == f"{version}.2"
    done = store.put_version("shop/OTHER", Secret(b"2"), "", {}, f"{version}.2")
    assert done.outcome is Outcome.CREATED
    held = [store.read("shop/OTHER", name) for name in (version, f"{version}.2", done.version)]
    assert [one.value.reveal() for one in held] == [b"0", b"1", b"2"]


def test_names_that_mean_two_entries_or_none(file: Path) -> None:
    database = PyKeePass(file, PASSWORD)
    for title in ("TWICE", "TWICE", "a/b", ""):
        database.add_entry(database.root_group, title, "", title, force_creation=True)
    database.save()
    store = opened(file)
    assert store.names() == ["TWICE", "shop/KEY"]
    with pytest.raises(StoreError, match="2 entries are called TWICE"):
        store.read("TWICE")
    with pytest.raises(StoreError, match="2 entries"):
        store.put_new("TWICE", Secret(b"value"), "", {})
    with pytest.raises(UnfitError):
        store.put_new("shop/{x", Secret(b"value"), "", {})


def test_a_base_is_a_group(file: Path) -> None:
    put(opened(file, "#shop/my%20app"), "KEY", b"value")
    assert opened(file).names() == ["shop/KEY", "shop/my app/KEY"]
    assert opened(file, "#shop").names() == ["KEY", "my app/KEY"]
    assert opened(file, "#sho").names() == []


@pytest.mark.parametrize("rest", ["?x=y", "/", "%00", "#a//b", "#a/", "#{x}"])
def test_addresses_that_make_no_sense(file: Path, rest: str) -> None:
    with pytest.raises(UsageError):
        opened(file, rest)


def test_a_file_is_relative_to_the_folder(made: Path) -> None:
    environ = {"LEAKSEAL_KDBX_PASSWORD": PASSWORD}
    uri = f"kdbx://{made.parent.name}/{made.name}"
    assert choose.store(uri, environ, str(made.parent.parent)).names() == ["shop/KEY"]


def test_the_password_is_in_a_file_that_only_its_owner_can_read(file: Path) -> None:
    password = file.with_name("password")
    password.write_text(f"{PASSWORD}\n")
    password.chmod(0o640)
    environ = {"LEAKSEAL_KDBX_PASSWORD_FILE": str(password)}
    with pytest.raises(RefusedError, match="chmod 600"):
        opened(file, **environ)
    password.chmod(0o600)
    assert opened(file, **environ).names() == ["shop/KEY"]
    password.write_bytes(b"\xff")
    with pytest.raises(RefusedError, match="UTF-8"):
        opened(file, **environ)
    os.mkfifo(file.with_name("pipe"))
    for wrong in (file.with_name("pipe"), file.with_name("absent"), file.parent):
        environ = {"LEAKSEAL_KDBX_PASSWORD_FILE": str(wrong)}
        with pytest.raises(RefusedError, match="LEAKSEAL_KDBX_PASSWORD_FILE"):
            opened(file, **environ)


def test_without_any_key_it_says_what_to_set(file: Path) -> None:
    with pytest.raises(RefusedError, match="set LEAKSEAL_KDBX_PASSWORD_FILE"):
        opened(file, UNRELATED="x")


@pytest.mark.parametrize(
    ("content", "password"),
    [(b"\x01" * 32, {}), (b"any other file", {"LEAKSEAL_KDBX_PASSWORD": PASSWORD})],
    ids=["alone", "with a password"],
)
def test_a_key_file_opens_it(tmp_path: Path, content: bytes, password: dict[str, str]) -> None:
    file, key = tmp_path / "store.kdbx", tmp_path / "key"
    key.write_bytes(content)
    environ = {"LEAKSEAL_KDBX_KEY_FILE": str(key), **password}
    put(opened(file, **environ), "KEY", b"value")
    assert opened(file, **environ).names() == ["KEY"]
    if keepassxc():
        options = ["-k", key, *([] if password else ["--no-password"])]
        assert ask("show", "-q", "-s", "-a", "Password", *options, file, "KEY") == b"value\n"


def test_a_place_in_a_repository_is_said(file: Path) -> None:
    folder = file.parent
    subprocess.run(["git", "init", "-q", folder], check=True)
    (problem,) = opened(file).preflight([])
    assert (problem.code, problem.fatal) == ("address", False)
    (folder / ".gitignore").write_text("*.kdbx\n")
    assert opened(file).preflight([]) == []


def test_a_place_without_a_file_or_a_folder_is_said(tmp_path: Path) -> None:
    (problem,) = opened(tmp_path / "store.kdbx").preflight([])
    assert (problem.code, problem.fatal) == ("address", False)
    problems = opened(tmp_path / "absent" / "store.kdbx").preflight([])
    assert [(problem.code, problem.fatal) for problem in problems][-1] == ("address", True)
