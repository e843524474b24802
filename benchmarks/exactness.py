"""Checks on real repositories that reading by deltas gives the same as reading in full.

    python benchmarks/exactness.py REPOSITORY [REPOSITORY ...]

Prints a line a repository: its objects, the findings of any confidence, and "equal" or what
differs: the first ids, and the figures by rule. No secret is shown, and of what an object holds
only a keyed digest is kept. The exit code is 1 if anything differs, 2 if a repository cannot be
opened.
"""

import hashlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.errors import LeaksealError
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository
from scanner.model import Confidence, Match, Skipped
from scanner.rulepack.pack import builtin
from scanner.sources.evaluate import evaluate
from scanner.sources.tally import Tally

_KEY = os.urandom(16)
_SHOWN = 5
_CROWD = "of the same kind"  # what closes a list of skips that is cut off
_KINDS = ("blobs", "trees", "commits", "tags")


class Held(NamedTuple):
    """What one object holds: a digest of its matches, and how many they are."""

    digest: bytes
    findings: int


class Outcome(NamedTuple):
    """An evaluation in little memory, and how many seconds it took; `rules` counts findings."""

    held: dict[str, dict[bytes, Held]]
    digests: dict[str, bytes]
    rules: Counter[str]
    counts: Counter[str]
    skipped: Counter[str]
    seconds: float


def outcome(repository: Repository, engine: Engine, *, exhaustive: bool) -> Outcome:
    """Return what one of the two ways of reading says of all objects of `repository`."""
    odb = ObjectDatabase(repository.objects_dir, repository.object_format, git=repository.git)
    tally = Tally()
    began = time.monotonic()
    size = repository.hash_size
    result = evaluate(odb, engine, tally, size, lambda _: None, exhaustive=exhaustive)
    seconds = time.monotonic() - began
    odb.close()
    coverage = tally.coverage()
    found = {kind: getattr(result, kind) for kind in ("blobs", "commits", "tags", "names")}
    digests = {
        "graph": _digest(sorted(result.graph.items())),
        "missing": _digest(sorted(result.missing)),
        "pointers": _digest(sorted(result.pointers.items())),
    }
    return Outcome(
        {kind: {i: _held(m) for i, m in objects.items()} for kind, objects in found.items()},
        digests,
        Counter(m.rule.id for objects in found.values() for ms in objects.values() for m in ms),
        Counter({**coverage.counts, "bytes": coverage.bytes_read}),
        _skips(coverage.skipped),
        seconds,
    )


def _digest(items: Iterable[object]) -> bytes:
    digest = hashlib.blake2b(key=_KEY, digest_size=16)
    for item in items:
        digest.update(repr(item).encode() + b"\n")
    return digest.digest()


def _held(matches: tuple[Match, ...]) -> Held:
    rows = sorted((m.rule.id, m.secret.reveal(), *m[2:]) for m in matches)
    return Held(_digest(rows), len(matches))


def _skips(skipped: Iterable[Skipped]) -> Counter[str]:
    """Return what was skipped; of a code with more than are listed, only how often it occurred."""
    listed = list(skipped)
    crowds = {s.code for s in listed if s.detail == _CROWD}
    counts: Counter[str] = Counter()
    for s in listed:
        more = int(s.subject.partition(" ")[0]) if s.detail == _CROWD else 1
        counts[s.code if s.code in crowds else f"{s.code} {s.subject}"] += more
    return counts


def differences(full: Outcome, delta: Outcome) -> Iterator[str]:
    """Yield, in words and without any secret, what differs between the two readings."""
    for kind, held in full.held.items():
        other = delta.held[kind]
        ids = [i for i in sorted({*held, *other}) if held.get(i) != other.get(i)]
        if ids:
            # A name may be the credential itself.
            shown = "" if kind == "names" else ": " + " ".join(i.hex() for i in ids[:_SHOWN])
            yield f"{len(ids)} {kind}{shown}"
    for name, digest in full.digests.items():
        if digest != delta.digests[name]:
            yield name
    for what in ("rules", "counts", "skipped"):
        first, second = getattr(full, what), getattr(delta, what)
        for name in sorted(n for n in {*first, *second} if first[n] != second[n]):
            yield f"{name}: {first[name]} in full, {second[name]} by deltas"


def line(repository: Repository, engine: Engine) -> tuple[str, bool]:
    """Return what is to be said of `repository`, and whether both readings are equal."""
    full = outcome(repository, engine, exhaustive=True)
    delta = outcome(repository, engine, exhaustive=False)
    found = list(differences(full, delta))
    objects = sum(full.counts.get(kind, 0) for kind in _KINDS)
    findings = full.rules.total()
    said = "; ".join(found) or "equal"
    times = f"{full.seconds:.1f} s in full, {delta.seconds:.1f} s by deltas"
    return f"{objects:,} objects, {findings:,} findings, {times}: {said}", not found


def main(paths: list[str]) -> int:
    """Print a line for each of `paths`; return the exit code."""
    engine = Engine(builtin(), Confidence.LOW)
    code = 0
    for path in paths:
        try:
            repository = Repository.discover(path)
        except LeaksealError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
        if repository is None:
            print(f"{path}: not a repository", file=sys.stderr)
            return 2
        text, equal = line(repository, engine)
        print(f"{path}: {text}", flush=True)
        code = code if equal else 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
