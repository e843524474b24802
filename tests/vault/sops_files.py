"""SOPS files for tests, each in a home of its own."""

from collections.abc import Mapping
from pathlib import Path

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Put, Store

NAME = "secrets.enc.yaml"


class Home:
    """A folder with the keys of one user and a SOPS file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "tree" / NAME
        self.file.parent.mkdir(parents=True)
        self.environ = {"HOME": str(folder)}
        self.keys = folder / ".config" / "sops" / "age" / "keys.txt"

    def store(self, uri: str = f"sops://{NAME}") -> Store:
        return choose.store(uri, self.environ, str(self.file.parent))

    def put(self, name: str, value: bytes, facts: Mapping[str, str] | None = None) -> Put:
        return self.store().put_new(name, Secret(value), "", facts or {})

    def value(self, name: str, uri: str = f"sops://{NAME}") -> bytes:
        return self.store(uri).read(name).value.reveal()

    def lines(self) -> list[str]:
        return self.file.read_text().splitlines()

    @property
    def recipient(self) -> str:
        return self.keys.read_text().split("public key: ")[1].split()[0]
