"""A small repository with leaks, and leakseal as a process in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scanner.rulepack.samples import expand

DATABASE = expand("postgresql://shop:<<alnum 20>>@db.acme.io/shop")
TOKEN = expand("<<checksum ghp_ 30>>")
PASSWORD = expand("<<password 20>>")
FILES = {
    "app/settings.py": (
        f'DATABASE_URL = "{DATABASE}"\r\nSMTP = {{"password": "{PASSWORD}"}}\r\n'
        'print(DATABASE_URL, SMTP["password"])\r\n'
    ),
    ".env": f"DEBUG=1\nGITHUB_TOKEN={TOKEN}\n",
    "deploy.sh": f'#!/bin/sh\ngithub_token="{TOKEN}"\necho "$github_token"',
}
_KEPT = ("PATH", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "RUSTUP_HOME", "CARGO_HOME")
_TOOLS = {"RUSTUP_HOME": "~/.rustup", "CARGO_HOME": "~/.cargo", "GOCACHE": "~/.cache/go-build"}
SECRETS = (DATABASE, TOKEN, PASSWORD)


class Shop(NamedTuple):
    """The repository and the home folder of whoever works in it."""

    top: Path
    home: Path

    def git(self, *arguments: str) -> str:
        """Return what git says."""
        command = ["git", "-C", str(self.top), *arguments]
        done = subprocess.run(command, env=self.environ(), check=True, capture_output=True)
        return done.stdout.decode()

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment with nothing of the tester's but where programs are."""
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        for name, folder in _TOOLS.items():  # a home without them cannot compile
            environ.setdefault(name, os.path.expanduser(folder))
        environ |= {"HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1"}
        return environ | {"XDG_CACHE_HOME": str(self.home / "cache")} | dict(more or {})

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of leakseal with `arguments`."""
        return [sys.executable, "-m", "scanner", *arguments]

    def start(self, *words: str) -> str:
        """Run a program in the repository and return what it prints."""
        done = subprocess.run(
            words, cwd=self.top, env=self.environ(), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def leakseal(
        self, *arguments: str, environ: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run leakseal in the repository and return how it ended."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.top,
            env=self.environ(environ),
            capture_output=True,
            text=True,
            check=False,
        )

    def plan(self, *options: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Scan, plan, and return the plan, which is `plan.json` beside the repository."""
        report = self.home / "report.json"
        scanned = self.leakseal("scan", "--no-history", "--format", "json", "-o", str(report))
        assert scanned.returncode == 1, scanned.stderr
        words = ("migrate", "plan", str(report), "-o", str(self.plan_file), *options)
        planned = self.leakseal(*words, environ=environ)
        assert planned.returncode == 1, planned.stderr
        found: dict[str, Any] = json.loads(self.plan_file.read_bytes())
        return found

    @property
    def logs(self) -> Path:
        """Return a folder for what is watched."""
        return self.home.parent / "logs"

    @property
    def plan_file(self) -> Path:
        """Return where `plan` puts the plan."""
        return self.home / "plan.json"

    def apply(self, *options: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Apply the plan."""
        return self.leakseal("migrate", "apply", str(self.plan_file), *options, **more)

    def contents(self) -> dict[str, bytes]:
        """Return what the files of the work tree hold."""
        found = {}
        for path in sorted(self.top.rglob("*")):
            name = path.relative_to(self.top).as_posix()
            if path.is_file() and not name.startswith(".git/"):
                found[name] = path.read_bytes()
        return found


def shop(folder: Path, files: Mapping[str, str] = FILES) -> Shop:
    """Return a new repository with `files` committed."""
    made = Shop(folder / "shop", folder / "home")
    made.top.mkdir()
    made.home.mkdir()
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("config", "user.name", "Ann")
    made.git("config", "user.email", "ann@acme.io")
    for path, text in files.items():
        file = made.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    if "deploy.sh" in files:
        (made.top / "deploy.sh").chmod(0o755)
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Open the shop")
    return made
