"""The scanners leakseal is measured against: their versions, and where to find them."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Peer:
    name: str
    """The name of its command, too."""
    version: str
    origin: Literal["pypi", "go"]
    package: str
    """The distribution on PyPI, or the Go module."""


PEERS = (
    Peer("kingfisher", "2.14.0", "pypi", "kingfisher-bin"),
    Peer("gitleaks", "8.30.1", "go", "github.com/zricethezav/gitleaks/v8"),
    # Later ones need a module that the Go module proxy does not serve.
    Peer("betterleaks", "1.1.1", "go", "github.com/betterleaks/betterleaks"),
    Peer("trufflehog", "3.97.0", "go", "github.com/trufflesecurity/trufflehog/v3"),
    Peer("detect-secrets", "1.5.0", "pypi", "detect-secrets"),
)


def default_folder() -> Path:
    """Return where peers are installed unless a folder is named."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "leakseal-benchmarks"


def home(peer: Peer, folder: Path) -> Path:
    """Return the folder of one version of `peer`: another version never stands in for it."""
    return folder / f"{peer.name}-{peer.version}"


def find(peer: Peer, folder: Path) -> Path | None:
    """Return the program of `peer`: the pinned one, else beside Python, else on PATH."""
    places = (home(peer, folder) / "bin", Path(sys.executable).parent)
    for path in (*map(str, places), None):
        if found := shutil.which(peer.name, path=path):
            return _native(Path(found))
    return None


def version(peer: Peer, program: Path, folder: Path) -> str:
    """Return the version of `program`: the pinned one where it lies there, else what it says."""
    if program.is_relative_to(home(peer, folder)):
        return peer.version
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    number = re.search(r"\d+\.\d+\.\d+", said)
    return number[0] if number else "unknown"


def _native(script: Path) -> Path:
    """Return the program that a Python script does nothing but start, else `script`."""
    # It is kinder to the peer: the start of an interpreter is not its work.
    if script.name != "kingfisher" or script.open("rb").read(2) != b"#!":
        return script
    interpreter = script.parent / "python"
    ask = [interpreter, "-c", "import kingfisher; print(kingfisher.get_binary_path())"]
    said = subprocess.run(ask, capture_output=True, text=True)
    return Path(said.stdout.strip()) if said.returncode == 0 else script
