"""Makes repositories whose one file has many versions, for growth curves."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

_VERBS = ("load", "store", "parse", "render", "merge", "split", "open", "close", "read", "check")
_NOUNS = ("value", "user", "page", "order", "index", "table", "record", "branch", "column")
_KEYWORDS = ("token", "password", "secret")


def build(
    target: Path, *, versions: int, changed: int | None = None, size: int = 1_000_000
) -> None:
    """Make the bare repository `target`: one file of about `size` bytes in so many `versions`.

    Each version replaces `changed` consecutive bytes, whole lines of them, at a place drawn by a
    generator with a fixed seed; one line if `changed` is None. Repacked with `git repack -adf`.
    """
    subprocess.run(["git", "init", "-q", "--bare", target], check=True)
    load = ["git", "-C", target, "fast-import", "--quiet", "--done"]
    with subprocess.Popen(load, stdin=subprocess.PIPE) as writer:
        assert writer.stdin
        writer.stdin.write(b"feature done\n")
        for number, content in enumerate(contents(versions, changed, size)):
            writer.stdin.write(
                b"commit refs/heads/main\ncommitter Nobody <nobody@example.com> %d +0000\n"
                b"data 0\nM 644 inline source.py\ndata %d\n" % (number, len(content))
            )
            writer.stdin.write(content + b"\n")
        writer.stdin.write(b"done\n")
    if writer.returncode:
        raise SystemExit("git fast-import failed")
    (target / "HEAD").write_text("ref: refs/heads/main\n")
    subprocess.run(["git", "-C", target, "repack", "-adfq"], check=True)


def contents(versions: int, changed: int | None, size: int) -> Iterator[bytes]:
    """Yield each version of the file in turn."""
    draw = random.Random(versions)
    lines: list[bytes] = []
    length = 0
    while length < size:
        lines.append(_line(draw))
        length += len(lines[-1])
    yield b"".join(lines)
    for _ in range(versions - 1):
        at = draw.randrange(len(lines))
        replaced = 0
        while True:
            lines[at % len(lines)] = _line(draw)
            replaced += len(lines[at % len(lines)])
            at += 1
            if changed is None or replaced >= changed:
                break
        yield b"".join(lines)


def _line(draw: random.Random) -> bytes:
    verb, noun, other = draw.choice(_VERBS), draw.choice(_NOUNS), draw.choice(_NOUNS)
    if draw.randrange(100) == 0:  # now and then a word that rules look for, as in real code
        noun = draw.choice(_KEYWORDS)
    number = draw.randrange(10**6)
    return f"    {noun}_{number} = {verb}_{other}({noun}, {other}, limit={number})\n".encode()
