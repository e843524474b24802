"""What the contract suite must know of a store: a real server or file, and another reader of it.

A module of subjects must import without the libraries, servers and programs that its stores need;
`Subject.missing` says what is not there.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Protocol


class Running(Protocol):
    """A store that runs. `environ` is what leakseal is given to reach it."""

    environ: Mapping[str, str]

    def fresh(self) -> str:
        """Return a base URI below which nothing is stored yet; file paths in it are absolute."""
        ...

    def independent(self, address: str) -> bytes:
        """Return the value at the URI of an entry, read by a program or library not of leakseal."""
        ...

    def put_behind(self, address: str, value: bytes) -> None:
        """Overwrite the value at `address` as somebody else would, past leakseal."""
        ...


class Subject(Protocol):
    """One kind of store."""

    name: str

    def missing(self) -> str:
        """Return what this machine lacks to run it; empty if it can run."""
        ...

    def running(self, folder: Path) -> AbstractContextManager[Running]:
        """Start it with its files in `folder`; once for all tests."""
        ...


def subjects() -> Iterator[Subject]:
    """Yield every kind of store."""
    for name in ("sops", "aws", "hashicorp", "kubernetes", "keepass"):
        yield from import_module(f"subjects.{name}").SUBJECTS
