"""The file of a KeePass database: who can read it, who else writes it, what happens to damage."""

import hashlib
import shutil
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from subjects.keepass import PASSWORD, ask, keepassxc

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import ConflictError, IntegrityError, Outcome, Store, StoreError

pytest.importorskip("pykeepass", reason="pykeepass is missing: pip install --group servers")

from pykeepass import PyKeePass

from scanner.vault.keepass.file import DatabaseFile
from scanner.vault.keepass.format import Codec
from scanner.vault.keepass.key import Key

ENVIRON = {"LEAKSEAL_KDBX_PASSWORD": PASSWORD}
KEY = Key(Secret(PASSWORD.encode()), None)
needs_keepassxc = pytest.mark.skipif(
    keepassxc() is None, reason="keepassxc-cli is missing: run .ci/servers/keepassxc"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one entry, made once."""
    folder = tmp_path_factory.mktemp("made")
    put(choose.store("kdbx://store.kdbx", ENVIRON, str(folder)), "shop/KEY", b"first")
    return folder / "store.kdbx"


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    return shutil.copy(made, tmp_path / "store.kdbx")


def opened(file: Path, password: str = PASSWORD) -> Store:
    return choose.store(f"kdbx://{file}", {"LEAKSEAL_KDBX_PASSWORD": password}, "/")


def put(store: Store, name: str, value: bytes) -> Outcome:
    return store.put_new(name, Secret(value), "", {}).outcome


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_only_the_owner_can_read_it_and_what_was_before_is_kept(file: Path) -> None:
    before = file.read_bytes()
    store = opened(file)
    for number in range(3):
        assert put(store, f"shop/KEY_{number}", b"value") is Outcome.CREATED
        assert mode(file) == 0o600
    backup = file.with_name("store.kdbx.bak")
    assert (backup.read_bytes(), mode(backup)) == (before, 0o600)
    assert sorted(file.parent.iterdir()) == [file, backup]


def test_a_mode_that_somebody_chose_stays(file: Path) -> None:
    file.chmod(0o640)
    put(opened(file), "shop/OTHER", b"value")
    assert mode(file) == 0o640


def test_the_wrong_password_opens_nothing_and_changes_nothing(file: Path) -> None:
    before = file.read_bytes()
    store = opened(file, "another")
    with pytest.raises(IntegrityError) as error:
        put(store, "shop/OTHER", b"value")
    assert error.value.exit_code == 5
    assert "password" in str(error.value)
    assert [problem.code for problem in store.preflight([])] == ["login"]
    assert file.read_bytes() == before


def test_damage_is_always_noticed(made: Path) -> None:
    raw = made.read_bytes()
    codec = Codec(KEY, str(made))
    assert codec.decrypted(raw) is not None

    @given(st.integers(0, len(raw) - 1), st.integers(1, 255), st.booleans())
    def check(place: int, change: int, cut: bool) -> None:
        rest = b"" if cut else bytes([raw[place] ^ change]) + raw[place + 1 :]
        with pytest.raises((IntegrityError, StoreError)):
            codec.decrypted(raw[:place] + rest)

    check()


def header(raw: bytes, name: bytes, number: bytes) -> bytes:
    """Return the file with another number in its key derivation, and the right checksum."""
    start = raw.index(struct.pack("<I", len(name)) + name) + 4 + len(name) + 4
    end = raw.index(hashlib.sha256(raw[: raw.index(b"\r\n\r\n") + 4]).digest())
    changed = raw[:start] + number + raw[start + len(number) : end]
    return changed + hashlib.sha256(changed).digest() + raw[end + 32 :]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        (b"M", struct.pack("<Q", 1 << 40)),
        (b"I", struct.pack("<Q", 1 << 40)),
        (b"P", struct.pack("<I", 1 << 20)),
        (b"$UUID", bytes(16)),
    ],
)
def test_a_header_cannot_ask_for_endless_work(file: Path, name: bytes, number: bytes) -> None:
    file.write_bytes(header(file.read_bytes(), name, number))
    with pytest.raises(StoreError, match="deriv"):
        opened(file).names()


def test_an_older_format_is_refused(file: Path) -> None:
    seed = struct.pack("<BH", 4, 32) + bytes(32)
    signature = file.read_bytes()[:8]
    file.write_bytes(signature + struct.pack("<HH", 1, 3) + seed + struct.pack("<BH", 0, 0))
    with pytest.raises(StoreError, match="older format"):
        opened(file).names()


def test_a_file_that_is_no_database_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing secret")
    with pytest.raises(IntegrityError):
        opened(tmp_path / "notes").names()
    with pytest.raises(StoreError):
        opened(tmp_path).names()


@needs_keepassxc
@pytest.mark.parametrize(
    ("cipher", "compressed"), [("aes256", True), ("chacha20", False), ("twofish", False)]
)
def test_a_password_that_writing_would_spoil_is_noticed(
    file: Path, cipher: str, compressed: bool
) -> None:
    database = PyKeePass(file, PASSWORD)
    fields = database.kdbx.header.value.dynamic_header
    fields.cipher_id.data, fields.compression_flags.data.compression = cipher, compressed
    database.save()
    assert opened(file).names() == ["shop/KEY"]
    ask("add", "-q", "-p", file, "shop/THEIRS", lines=("a\x01b",))
    before = file.read_bytes()
    with pytest.raises(StoreError, match="control characters"):
        put(opened(file), "shop/OURS", b"value")
    assert file.read_bytes() == before


@needs_keepassxc
def test_what_keepassxc_adds_meanwhile_survives(file: Path) -> None:
    store = opened(file)
    assert store.names() == ["shop/KEY"]
    ask("add", "-q", "-p", file, "shop/THEIRS", lines=("theirs",))
    assert put(store, "shop/OURS", b"ours") is Outcome.CREATED
    assert store.names() == ["shop/KEY", "shop/OURS", "shop/THEIRS"]
    ask("rm", "-q", file, "shop/THEIRS")  # goes to the recycle bin
    assert store.names() == ["shop/KEY", "shop/OURS"]
    shown = ask("show", "-q", "-s", "-a", "Password", file, "shop/OURS")
    assert shown == b"ours\n"


def test_a_change_between_reading_and_writing_stops_the_writing(file: Path) -> None:
    ours, theirs = DatabaseFile(str(file), KEY), opened(file)
    ours.load().database_name = "ours"
    put(theirs, "shop/THEIRS", b"theirs")
    with pytest.raises(ConflictError, match="another program"):
        ours.save()
    assert opened(file).names() == ["shop/KEY", "shop/THEIRS"]
    assert ours.load().database_name == "leakseal"


def test_the_key_is_derived_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import low_level

    derived = []
    original = low_level.hash_secret_raw

    def spy(**arguments: object) -> bytes:
        derived.append(arguments)
        return original(**arguments)

    monkeypatch.setattr(low_level, "hash_secret_raw", spy)
    store = opened(file)
    for number in range(5):
        put(store, f"shop/KEY_{number}", b"value")
        store.read(f"shop/KEY_{number}")
    assert len(derived) == 1


_WRITER = """
import sys
from scanner.model import Secret
from scanner.vault import choose
store = choose.store(sys.argv[1], {"LEAKSEAL_KDBX_PASSWORD": sys.argv[2]}, "/")
for number in range(int(sys.argv[4])):
    store.put_new(f"{sys.argv[3]}/{number}", Secret(b"value %d" % number), "", {})
    print(number, flush=True)
"""


def writer(file: Path, group: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, f"kdbx://{file}", PASSWORD, group, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once_lose_nothing(file: Path) -> None:
    for process in [writer(file, group, 10) for group in ("one", "two")]:
        assert process.communicate()[0].split() == [str(number) for number in range(10)]
    expected = {f"{group}/{number}" for group in ("one", "two") for number in range(10)}
    assert set(opened(file).names()) == expected | {"shop/KEY"}


def test_what_was_put_is_there_after_the_process_is_killed(file: Path) -> None:
    process = writer(file, "bulk", 10_000)
    assert process.stdout is not None
    done = [process.stdout.readline() for _ in range(7)]
    process.kill()
    done += process.communicate()[0].splitlines(keepends=True)
    store = opened(file)
    for line in done:
        value = store.read(f"bulk/{int(line)}").value
        assert value == Secret(b"value %d" % int(line))
    assert put(store, "shop/AFTER", b"value") is Outcome.CREATED
    assert len(list(file.parent.iterdir())) == 2  # no draft stays
