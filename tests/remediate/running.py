"""Runs a program before and after its secrets were replaced."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Literal, Rewrite
from scanner.remediate.rewrite.languages import language_of

SECRETS = re.compile(rb"-----BEGIN[\s\S]+?-----END-----|sample-horses")
Run = Callable[[Path, dict[str, str]], bytes]


def moved(path: Path) -> tuple[bytes, dict[str, str]]:
    """Return a program with every secret in it replaced, and the environment it needs."""
    content = path.read_bytes()
    language = language_of(os.fsencode(path), content)
    assert language is not None
    wishes, environment = [], {}
    for number, match in enumerate(SECRETS.finditer(content)):
        literal = language.locate(content, *match.span())
        assert isinstance(literal, Literal), (literal, content[match.start() - 30 : match.end()])
        wishes.append(Wanted(literal, f"LEAKSEAL_{number}"))
        environment[f"LEAKSEAL_{number}"] = os.fsdecode(literal.value.reveal())
    done = change(content, language, wishes)
    assert all(isinstance(rewrite, Rewrite) for rewrite in done.rewrites), done.rewrites
    assert b"sample-horses" not in done.content
    return done.content, environment


def same(folder: Path, name: str, source: str, run: Run) -> None:
    path = folder / name
    path.write_bytes(source.encode())
    before = run(path, {})
    assert b"sample-horses" in before
    content, environment = moved(path)
    path.write_bytes(content)
    assert run(path, environment) == before


def command(*words: str) -> Run:
    """Return what runs a file by a command with `{}` for its path; skips if it is not there."""
    program = shutil.which(words[0])
    if program is None:
        pytest.skip(f"{words[0]} is not installed")

    def run(path: Path, environment: dict[str, str]) -> bytes:
        arguments = [program, *(word.format(path) for word in words[1:])]
        done = subprocess.run(
            arguments, cwd=path.parent, env={**os.environ, **environment}, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run
