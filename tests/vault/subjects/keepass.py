"""KeePass databases, read by KeePassXC or, where that is missing, by pykeepass itself."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

PASSWORD = "-".join(("correct", "horse", "battery"))


def keepassxc() -> str | None:
    """Return the path of keepassxc-cli, if there is one."""
    servers = os.environ.get("LEAKSEAL_SERVERS", str(Path.home() / ".cache/leakseal-servers"))
    built = Path(servers) / "bin" / "keepassxc-cli"
    named = os.environ.get("LEAKSEAL_TEST_KEEPASSXC")
    return named or (str(built) if built.exists() else shutil.which("keepassxc-cli"))


def ask(*arguments: str | Path, lines: tuple[str, ...] = ()) -> bytes:
    """Return what keepassxc-cli prints when it is given the password and then `lines`."""
    program = keepassxc()
    assert program is not None
    done = subprocess.run(
        [program, *map(str, arguments)],
        input="".join(f"{line}\n" for line in (PASSWORD, *lines)).encode(),
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    return done.stdout


def split(address: str) -> tuple[Path, list[str]]:
    parts = urlsplit(address)
    return Path(unquote(parts.path)), unquote(parts.fragment).split("/")


class ByKeePassXC:
    """Reads the program's export, once for each state of a file; that has no attachments."""

    def __init__(self) -> None:
        self.exported = (b"", ElementTree.Element("nothing"))

    def read(self, file: Path, path: list[str]) -> bytes:
        raw = file.read_bytes()
        if raw != self.exported[0]:
            self.exported = raw, ElementTree.fromstring(ask("export", "-q", file))
        entry = self._entry(path)
        fields = {field.findtext("Key"): field.findtext("Value") for field in entry.iter("String")}
        if fields["Password"] or entry.find("Binary[Key='value.bin']") is None:
            return (fields["Password"] or "").encode()
        with TemporaryDirectory() as folder:  # on its standard output it would change bytes
            exported = Path(folder) / "value.bin"
            ask("attachment-export", "-q", file, "/".join(path), "value.bin", exported)
            return exported.read_bytes()

    def _entry(self, path: list[str]) -> ElementTree.Element:
        group = self.exported[1].find("Root/Group")
        for name in path[:-1]:
            assert group is not None
            group = next(g for g in group.findall("Group") if g.findtext("Name") == name)
        assert group is not None
        for entry in group.findall("Entry"):
            fields = {f.findtext("Key"): f.findtext("Value") for f in entry.findall("String")}
            if fields["Title"] == path[-1]:
                history = entry.find("History")
                if history is not None:
                    entry.remove(history)
                return entry
        raise LookupError(path)

    def write(self, file: Path, path: list[str], value: bytes) -> None:
        ask("edit", "-q", "-p", file, "/".join(path), lines=(value.decode(),))


class ByPyKeePass:
    """Reads and writes with pykeepass alone."""

    def read(self, file: Path, path: list[str]) -> bytes:
        entry = self._open(file)[1](path)
        attached = [found for found in entry.attachments if found.filename == "value.bin"]
        password = entry.password or ""
        return attached[0].binary if attached and not password else password.encode()

    def write(self, file: Path, path: list[str], value: bytes) -> None:
        database, find = self._open(file)
        entry = find(path)
        entry.save_history()
        entry.password = value.decode()
        entry.touch(modify=True)
        database.save()

    def _open(self, file: Path):
        from pykeepass import PyKeePass

        database = PyKeePass(file, PASSWORD)

        def find(path: list[str]):
            return next(entry for entry in database.entries if entry.path == path)

        return database, find


class KeePass:
    """One new file for each base."""

    def __init__(self, folder: Path) -> None:
        self.environ = {"LEAKSEAL_KDBX_PASSWORD": PASSWORD}
        self.reader = ByKeePassXC() if keepassxc() else ByPyKeePass()
        self._fresh = (folder / f"{number}.kdbx" for number in count())

    def fresh(self) -> str:
        return f"kdbx://{next(self._fresh)}"

    def independent(self, address: str) -> bytes:
        return self.reader.read(*split(address))

    def put_behind(self, address: str, value: bytes) -> None:
        self.reader.write(*split(address), value)


class Subject:
    name = "kdbx"

    def missing(self) -> str:
        return "" if find_spec("pykeepass") else "pykeepass is missing: pip install --group servers"

    @contextmanager
    def running(self, folder: Path) -> Iterator[KeePass]:
        yield KeePass(folder)


SUBJECTS = (Subject(),)
