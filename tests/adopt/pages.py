"""Runs what a page of the documentation tells its readers to type."""

import re
import subprocess

_BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CHANGING = (
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "FINGERPRINT"),
    (re.compile(r"\b[0-9a-f]{7,8}\b"), "COMMIT"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "DATE"),
    (re.compile(r"[0-9a-zA-Z]{4}(?=…)"), "HEAD"),
    (re.compile(r"(?<=duration: )[0-9.]+"), "0"),
    (re.compile(r"\b[\d.]+ ([kM]?B)\b"), r"0 \1"),
    (re.compile(r"\b\d+ git files\b"), "0 git files"),
)


def commands(text):
    """Yield (command, expected output or None) in the order of a page."""
    for kind, body in _BLOCK.findall(text):
        if kind == "sh":
            yield body, None
            continue
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def steady(output):
    """Return the lines of an output, with words for what differs each time."""
    for pattern, word in _CHANGING:
        output = pattern.sub(word, output)
    return [line.rstrip() for line in output.splitlines()]


class Reader:
    """Types commands one after the other; the directory of one is that of the next."""

    def __init__(self, folder, environment):
        self.folder = folder
        self._note = folder / "directory"
        self._environment = environment

    def type(self, command):
        """Run a command; return its exit code, and what it shows on both outputs."""
        noted = f"trap 'pwd > \"{self._note}\"' EXIT\n{command}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", noted],
            cwd=self._note.read_text().strip() if self._note.exists() else self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout
