"""Real repositories with planted credentials, and the real command run on them as a process."""

import base64
import json
import os
import random
import stat
import string
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import scanner
from scanner.rulepack.samples import checksum

COMMAND = [sys.executable, "-P", "-m", "scanner"]
KEY = "k" * 32
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@acme.example",
    "GIT_AUTHOR_DATE": "1700000000 +0530",
    "GIT_COMMITTER_NAME": "Carl Committer",
    "GIT_COMMITTER_EMAIL": "carl@acme.example",
    "GIT_COMMITTER_DATE": "1700000001 -0800",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "4",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_CONFIG_KEY_1": "gc.auto",
    "GIT_CONFIG_VALUE_1": "0",
    "GIT_CONFIG_KEY_2": "protocol.file.allow",
    "GIT_CONFIG_VALUE_2": "always",
    "GIT_CONFIG_KEY_3": "core.autocrlf",
    "GIT_CONFIG_VALUE_3": "false",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}


def environment(home, **more):
    """Return an environment that owes nothing to the machine's and the developer's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    covered = {n: v for n, v in os.environ.items() if n.startswith(("COVERAGE", "COV_"))}
    package = str(Path(scanner.__file__).parents[1])
    home = {"HOME": str(home), "XDG_CACHE_HOME": str(home), "LOCALAPPDATA": str(home)}
    return {**kept, **covered, **home, "PYTHONPATH": package, **more}


def token(seed):
    """Return a GitHub token, checksum and all, that is always the same for `seed`."""
    rng = random.Random(f"token {seed}")
    body = "".join(rng.choices(string.ascii_letters + string.digits, k=30))
    return f"ghp_{body}{checksum(body)}".encode()


def git(directory, *args, stdin=b"", check=True, **environ):
    """Run the real git, as a user would, and return its output."""
    done = subprocess.run(
        ["git", *args],
        cwd=directory,
        input=stdin,
        capture_output=True,
        env=environment("/nonexistent") | IDENTITY | environ,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"git {args}: {done.stderr.decode(errors='replace')}")
    return done.stdout


class Repository:
    """A repository to plant in; ids are hexadecimal text."""

    def __init__(self, path, *options):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", *options)
        self._planted = 0

    def token(self):
        """Return a token that was never returned before."""
        self._planted += 1
        return token(f"{self.path.name} {self._planted}")

    def git(self, *args, **options):
        return git(self.path, *args, **options).decode(errors="replace").strip()

    def write(self, path, content):
        """Put a file into the working tree; `path` may be bytes."""
        full = os.path.join(os.fsencode(self.path), os.fsencode(path))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)

    def commit(self, message="Change something", *options, **environ):
        """Commit everything in the working tree; return the commit."""
        self.git("add", "-A", "--force")
        self.git("commit", "-q", "--allow-empty", "-m", message, *options, **environ)
        return self.head()

    def commit_file(self, path, content, message="Change a file"):
        self.write(path, content)
        return self.commit(message)

    def head(self):
        return self.git("rev-parse", "HEAD")

    def blob(self, content):
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def tree(self, **entries):
        """Write a tree of blobs by name; it becomes nobody's."""
        lines = (b"100644 blob %b\t%b\0" % (i.encode(), n.encode()) for n, i in entries.items())
        return self.git("mktree", "-z", stdin=b"".join(lines))

    def loose_commit(self, content, name, *parents, message="On nobody's behalf", **environ):
        """Write a commit with one file that no ref leads to."""
        tree = self.tree(**{name: self.blob(content)})
        links = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *links, "-m", message, **environ)


class Leak(NamedTuple):
    """A planted secret and where it must be reported: a dictionary of fields for each place.

    `verifiable` says that every place is in the object database or the files of the repository
    itself, so that git can be asked whether it is so.
    """

    secret: bytes
    places: tuple
    verifiable: bool = True


def leak(secret, *places, verifiable=True):
    return Leak(secret, places, verifiable)


def at(place, path, state, **fields):
    """Describe a place; what is not named is introduced and removed by no commit."""
    fields = {"introduced": None, "removed": None, **fields}
    return {"place": place, "path": os.fsencode(path), "state": state, **fields}


CASES = {}


def case(plant):
    """Register a function that plants in a Repository and returns one leak or several."""
    CASES[plant.__name__] = plant
    return plant


def run(*args, home, cwd=None, stdin=b"", timeout=60, memory=None, command=COMMAND, **environ):
    """Run leakseal, perhaps with so many bytes of memory; return the completed process."""
    return subprocess.run(
        [*command, *map(str, args)],
        cwd=cwd or home,
        input=stdin,
        capture_output=True,
        env=environment(home, **{"LEAKSEAL_KEY": KEY, **environ}),
        timeout=timeout,
        check=False,
        preexec_fn=(lambda: _limit(memory)) if memory else None,
    )


def _limit(memory):
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class Scan(NamedTuple):
    """What a scan with full secrets said: its exit code, the whole report, places by secret."""

    code: int
    report: dict
    places: dict

    def codes(self):
        """Return the reasons why the scan was not complete."""
        return {s["code"] for s in self.report["coverage"]["skipped"] if s["incomplete"]}


def scan(path, *options, home, **how):
    """Scan `path` for real; fail unless there is a report."""
    done = run("scan", path, "--format", "json", "--show-secrets", *options, home=home, **how)
    assert done.stdout, done.stderr.decode(errors="replace")
    report = json.loads(done.stdout)
    places = {}
    for finding in report["findings"]:
        secret = _bytes(finding, "secret")
        places.setdefault(secret, []).extend(_place(o) for o in finding["occurrences"])
    return Scan(done.returncode, report, places)


def _bytes(mapping, name):
    exact = mapping.get(f"{name}_bytes")
    return base64.b64decode(exact) if exact else mapping[name].encode()


def _place(occurrence):
    commits = {n: (occurrence[n] or {}).get("id") for n in ("introduced", "removed")}
    path = _bytes(occurrence, "path")
    return {**occurrence, **commits, "path": path, "via": tuple(occurrence["via"])}


def check_places(found, planted):
    """Assert that a scan reports every place of a leak, and no other except in `.git`.

    What is stored uncompressed in an archive may also be reported as standing in the file itself.
    """
    places = found.places.get(planted.secret)
    assert places, "not found"
    for wanted in planted.places:
        assert any(wanted.items() <= place.items() for place in places), (wanted, places)
    for place in places:
        explained = any(_explains(wanted, place) for wanted in planted.places)
        assert explained or place["place"] == "git", (place, planted.places)


def _explains(wanted, place):
    if wanted.get("via") and not place["via"]:
        wanted = {name: wanted[name] for name in wanted if name in ("place", "path", "introduced")}
    return wanted.items() <= place.items()


def check_truth(repository, secret, place):
    """Assert, by asking git and the disk, that what a report says of one place is so."""
    content = _content(repository, place)
    if content is None:
        assert secret in place["path"]
        return
    if not place["via"]:
        assert content[place["start"] : place["end"]] == secret
        before = content[: place["start"]].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert place["line"] == before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace"))
        assert place["column"] == column + 1
    assert 0 <= place["start"] < place["end"] <= len(content)
    if place["place"] == "file" and place["introduced"]:
        _check_commits(repository, secret, place)


def _content(repository, place):
    """Return what holds the secret, or None if that is a name."""
    if place["place"] in ("ref", "path"):
        return None
    if place["object_id"]:
        kind = git(repository, "cat-file", "-t", place["object_id"]).decode().strip()
        return git(repository, "cat-file", kind, place["object_id"])
    full = os.path.join(os.fsencode(repository), place["path"])
    if stat.S_ISLNK(os.lstat(full).st_mode):
        return os.readlink(full)
    with open(full, "rb") as file:
        return file.read()


def _check_commits(repository, secret, place):
    """Assert that the secret came with one commit and went with the other."""
    introduced, removed, path = place["introduced"], place["removed"], place["path"]
    holder = "HEAD" if place["state"] == "head" and not removed else introduced
    assert _blob_at(repository, holder, path) == place["object_id"]
    assert place["via"] or _holds(repository, introduced, path, secret)
    for parent in _parents(repository, introduced):
        assert not _holds(repository, parent, path, secret), "a parent has it already"
    if removed:
        assert not _holds(repository, removed, path, secret), "it is still there"
        before = [_holds(repository, p, path, secret) for p in _parents(repository, removed)]
        assert place["via"] or any(before), "no parent had it"


def _parents(repository, commit):
    return git(repository, "rev-parse", f"{commit}^@").decode().split()


def _blob_at(repository, commit, path):
    listed = git(repository, "--literal-pathspecs", "ls-tree", "-z", commit, "--", path)
    for record in listed.split(b"\0"):
        head, _, name = record.partition(b"\t")
        if name == path:
            return head.split()[2].decode()
    return None


def _holds(repository, commit, path, secret):
    blob = _blob_at(repository, commit, path)
    return blob is not None and secret in git(repository, "cat-file", "blob", blob)
