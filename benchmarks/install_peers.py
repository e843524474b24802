"""Installs the peers that compare.py measures, at the versions pinned in peers.py.

    python benchmarks/install_peers.py [--tools-dir FOLDER] [NAME ...]

Each gets a folder of its own. Packages of PyPI go into a virtual environment; Go modules need `go`,
a few minutes and 4 GB for its caches. What cannot be had is named, and the rest is installed.
"""

import argparse
import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from peers import PEERS, Peer, default_folder, home


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--tools-dir", type=Path, default=default_folder())
    options = parser.parse_args()
    if unknown := set(options.names) - {peer.name for peer in PEERS}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    failed = 0
    for peer in PEERS:
        if options.names and peer.name not in options.names:
            continue
        trouble = install(peer, options.tools_dir.resolve())
        print(f"{peer.name} {peer.version}: {trouble or 'installed'}", flush=True)
        failed += bool(trouble)
    return 1 if failed else 0


def install(peer: Peer, folder: Path) -> str:
    """Install `peer` unless it is there; return why it could not be, or an empty string."""
    target = home(peer, folder)
    program = target / "bin" / peer.name
    if program.exists():
        return ""
    target.mkdir(parents=True, exist_ok=True)
    try:
        if peer.origin == "pypi":
            venv.create(target, with_pip=True, clear=True)
            package = f"{peer.package}=={peer.version}"
            _run([str(target / "bin" / "python"), "-m", "pip", "install", "-q", package], target)
        else:
            _build(peer, program)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(target)
        said = getattr(error, "stderr", "") or getattr(error, "stdout", "") or str(error)
        return f"not installed: {' '.join(said.split())[-300:]}"
    return ""


def _build(peer: Peer, program: Path) -> None:
    # `go install MODULE@VERSION` refuses modules that replace a dependency, as trufflehog does.
    module = f"{peer.package}@v{peer.version}"
    said = _run(["go", "mod", "download", "-json", module], program.parents[1])
    source = json.loads(said)["Dir"]
    _run(["go", "build", "-C", source, "-trimpath", "-o", str(program), "."], program.parents[1])


def _run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
