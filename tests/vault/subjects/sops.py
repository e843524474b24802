"""A SOPS file, read and changed by sops itself."""

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit


def binary() -> str:
    """Return the path of sops; empty if this machine has none."""
    built = os.environ.get("LEAKSEAL_SERVERS") or os.path.expanduser("~/.cache/leakseal-servers")
    named = os.environ.get("LEAKSEAL_TEST_SOPS") or os.path.join(built, "bin", "sops")
    return shutil.which(named) or shutil.which("sops") or ""


def run(*arguments: str | Path, environ: Mapping[str, str], stdin: bytes = b"") -> bytes:
    """Run sops and return its output; a failure shows what it said."""
    done = subprocess.run(
        [binary(), *arguments],
        input=stdin,
        env={**environ, "PATH": os.environ["PATH"], "SOPS_DISABLE_VERSION_CHECK": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def index(*keys: str) -> str:
    """Return keys as sops takes them to a value in the tree: quoted, but with no escapes."""
    return "".join(f'["{key}"]' for key in keys)


class SopsFile:
    """SOPS files in a folder, with an age key of their own."""

    def __init__(self, folder: Path) -> None:
        self.environ = {"HOME": str(folder)}
        self._folder = folder
        self._numbers = itertools.count()

    def fresh(self) -> str:
        return f"sops://{self._folder}/secrets{next(self._numbers)}.enc.yaml"

    def independent(self, address: str) -> bytes:
        path, name = _parts(address)
        return run("decrypt", "--extract", index(name), path, environ=self.environ)

    def put_behind(self, address: str, value: bytes) -> None:
        path, name = _parts(address)
        content = json.dumps(value.decode()).encode()
        run("set", "--value-stdin", path, index(name), environ=self.environ, stdin=content)


def _parts(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.path, unquote(parts.fragment)


class SopsSubject:
    name = "sops"

    def missing(self) -> str:
        return "" if binary() else "there is no sops: run .ci/servers/sops"

    @contextmanager
    def running(self, folder: Path) -> Iterator[SopsFile]:
        yield SopsFile(folder)


SUBJECTS = (SopsSubject(),)
