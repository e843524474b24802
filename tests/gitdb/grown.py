"""Repositories made by git, and object databases read whole."""

import hashlib
import os
import random
import subprocess

from scanner.gitdb.objects import HASHES
from scanner.gitdb.odb import ObjectDatabase

IDENTITY = {
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0530",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
    "GIT_COMMITTER_DATE": "1700000001 -0800",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "3",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_CONFIG_KEY_1": "gc.auto",
    "GIT_CONFIG_VALUE_1": "0",
    "GIT_CONFIG_KEY_2": "protocol.file.allow",
    "GIT_CONFIG_VALUE_2": "always",
}


def git(directory, *args, stdin=b"", check=True):
    """Run the real git, as a user would, and return its output."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *args],
        cwd=directory,
        input=stdin,
        capture_output=True,
        env=environ | IDENTITY,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout.strip()


def seeded(number, length):
    """Return `length` bytes of text lines that do not compress away and are always the same."""
    rng = random.Random(number)
    lines = (b"%d %x\n" % (n, rng.getrandbits(160)) for n in range(length // 40 + 1))
    return b"".join(lines)[:length]


def grow(directory, commits, files=3, seed=0):
    """Add commits that each change, move about and lengthen a few files."""
    rng = random.Random(seed)
    for number in range(commits):
        for name in range(files):
            path = os.path.join(directory, f"file{name}.txt")
            old = b""
            if os.path.exists(path):
                with open(path, "rb") as file:
                    old = file.read()
            at = rng.randrange(len(old) + 1)
            with open(path, "wb") as file:
                file.write(old[:at] + seeded(rng.random(), 300) + old[at:])
        git(directory, "add", "-A")
        git(directory, "commit", "-qm", f"change {number}")


def everything(directory):
    """Return what git itself says a repository holds: (id, kind, SHA-256 of the content)."""
    raw = git(
        directory,
        "cat-file",
        "--batch-all-objects",
        "--unordered",
        "--batch-check=%(objectname) %(objecttype)",
    )
    found = set()
    for line in raw.splitlines():
        name, kind = line.split()
        found.add((name.decode(), kind))
    request = b"".join(name.encode() + b"\n" for name, _ in sorted(found))
    stream = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=directory,
        input=request,
        capture_output=True,
        env=os.environ | IDENTITY,
        check=True,
    ).stdout
    result = set()
    position = 0
    while position < len(stream):
        end = stream.index(b"\n", position)
        name, kind, size = stream[position:end].split()
        data = stream[end + 1 : end + 1 + int(size)]
        result.add((name.decode(), kind, hashlib.sha256(data).digest()))
        position = end + 2 + int(size)
    return result


def read_all(database):
    """Return what the database under test yields, and check that nothing comes twice."""
    found = [(o.id.hex(), o.kind, hashlib.sha256(o.data).digest()) for o in database.objects()]
    assert len(found) == len(set(found))
    return set(found)


def open_objects(objects_dir, hash_name="sha1", **options):
    assert hash_name in HASHES
    return ObjectDatabase(str(objects_dir), hash_name, **options)


def contents(database):
    """Return the content of all objects; a second pass must find the same and say the same."""
    found = sorted(item.data for item in database.objects())
    skipped = database.skipped
    assert sorted(item.data for item in database.objects()) == found
    assert sorted(database.skipped) == sorted(skipped)
    return found


def codes(database):
    return {skipped.code for skipped in database.skipped}


def flip(path, position):
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 0xFF]))


def only_pack(repository):
    (path,) = (repository / ".git" / "objects" / "pack").glob("*.pack")
    return path
