"""Reading only what deltas change gives the same as reading every object in full."""

import os
import random
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import delta_packs
import delta_repositories
import pytest
from delta_packs import Packs, packs
from delta_repositories import git, history
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import scanner.sources.packs
from scanner.detect.engine import Engine
from scanner.gitdb.git import Git
from scanner.gitdb.objects import HASHES, Limits
from scanner.gitdb.odb import ObjectDatabase
from scanner.model import Confidence
from scanner.rulepack.pack import builtin
from scanner.sources.evaluate import evaluate
from scanner.sources.tally import Tally

ENGINES = {
    lowest: Engine(builtin(), lowest, waiting=True)
    for lowest in (Confidence.MEDIUM, Confidence.LOW)
}
KINDS = ("blobs", "trees", "commits", "tags")
# Bases that do not all fit make a walk drop and rebuild them; a small limit skips objects.
ALL, TIGHT, SMALL = Limits(), Limits(base_budget=20_000, cache_size=1 << 16), Limits(9000)


class Outcome(NamedTuple):
    """All that an evaluation says, with secrets as bytes; what was skipped in any order."""

    blobs: dict
    commits: dict
    tags: dict
    names: dict
    graph: dict
    missing: set
    pointers: dict
    counts: dict
    bytes_read: int
    skipped: list


class Damage(NamedTuple):
    """What happens to a file of the object database; the numbers choose the file and the byte."""

    what: str
    file: int
    at: int


class Case(NamedTuple):
    """Objects and how they are stored, what happens to them then, and how they are read."""

    stored: NamedTuple
    damages: tuple[Damage, ...]
    limits: Limits
    lowest: Confidence


def case(make, seed, *, damaged=False):
    """Return a case, always the same for one seed."""
    rng = random.Random(seed)
    whats = ("flip", "flip and seal", "flip and seal", "cut", "remove", "remove index")
    damages = (
        Damage(rng.choice(whats), rng.getrandbits(16), rng.getrandbits(24))
        for _ in range(rng.randint(1, 3) if damaged else 0)
    )
    limits, lowest = rng.choice((ALL, ALL, TIGHT, SMALL)), rng.choice(list(ENGINES))
    return Case(make(rng.getrandbits(64)), tuple(damages), limits, lowest)


def outcome(objects_dir, hash_name, case, runner, *, exhaustive):
    odb = ObjectDatabase(str(objects_dir), hash_name, case.limits, runner)
    tally = Tally()
    engine = ENGINES[case.lowest]
    hash_size = HASHES[hash_name]
    told = {}
    how = {
        "exhaustive": exhaustive,
        "workers": 2,
        "found": lambda kind, id_, matches: told.update({(kind, id_): matches}),
    }
    result = evaluate(odb, engine, tally, hash_size, lambda _: None, **how)
    odb.close()
    by_kind = {"blob": result.blobs, "commit": result.commits, "tag": result.tags}
    held = {(kind, id_): m for kind, found in by_kind.items() for id_, m in found.items()}
    assert {name: told.get(name) for name in held} == held
    assert case.damages or told.keys() == held.keys()
    coverage = tally.coverage()
    found = (result.blobs, result.commits, result.tags, result.names)
    plain = ({id_: tuple(map(_plain, m)) for id_, m in matches.items()} for matches in found)
    rest = (coverage.counts, coverage.bytes_read, sorted(coverage.skipped))
    return Outcome(*plain, result.graph, result.missing, result.pointers, *rest)


def _plain(match):
    return (match.rule.id, match.secret.reveal(), *match[2:])


def differences(expected, got):
    """Return, in words, everything in which two outcomes differ."""
    found = []
    for name in Outcome._fields:
        whole, delta = getattr(expected, name), getattr(got, name)
        if isinstance(whole, dict):
            pairs = {id_: (whole.get(id_), delta.get(id_)) for id_ in {*whole, *delta}}
        else:
            pairs = {b"": (whole, delta)}
        for id_, (first, second) in sorted(pairs.items()):
            if first != second:
                shown = id_.hex() if isinstance(id_, bytes) else id_
                found.append(f"{name} {shown}: {_both(first, second)}")
    return found


def _both(first, second):
    """Show only what is in one of two collections and not in the other, if that tells enough."""
    many = (tuple, list, set, type(None))
    if isinstance(first, many) and isinstance(second, many):
        only = [i for i in first or () if i not in (second or ())]
        other = [i for i in second or () if i not in (first or ())]
        if only or other:
            return f"only in full {only!r}, only by deltas {other!r}"
    return f"{first!r} in full, {second!r} by deltas"


def compared(case):
    """Store a case; return how many objects there are, the outcome, and the differences."""
    with tempfile.TemporaryDirectory() as base:
        directory = Path(base, "repository.git")
        if isinstance(case.stored, Packs):
            count = delta_packs.write(case.stored, directory)
            objects, hash_name, runner = directory, case.stored.hash_name, None
        else:
            count = None
            delta_repositories.write(case.stored, directory)
            objects, hash_name = directory / "objects", case.stored.packing.hash_name
            runner = Git(str(directory))
        damage(objects, hash_name, case.damages)
        expected = outcome(objects, hash_name, case, runner, exhaustive=True)
        got = outcome(objects, hash_name, case, runner, exhaustive=False)
        return count, expected, differences(expected, got)


def damage(objects_dir, hash_name, damages):
    for what, file, at in damages:
        suffixes = {"remove index": (".idx",), "flip and seal": (".pack",)}.get(what, ("", ".pack"))
        paths = sorted(p for p in objects_dir.rglob("*") if p.is_file() and p.suffix in suffixes)
        if not paths:
            continue
        path = paths[file % len(paths)]
        if what.startswith("remove"):
            path.unlink()
            continue
        os.chmod(path, 0o644)
        data = bytearray(path.read_bytes())
        at %= len(data) or 1
        if what == "cut":
            del data[at:]
        elif data:
            data[at] ^= 0xFF
        path.write_bytes(data)
        if what == "flip and seal":
            for pack in objects_dir.rglob("*.pack"):
                delta_packs.seal(pack, hash_name)


def fewer(items):
    """Yield `items`, a tuple, without some: halves, quarters, … single ones."""
    size = len(items) // 2 or 1
    while size and items:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        size //= 2


def smaller(case):
    """Yield cases that have less in them: objects, pieces, changes of an object."""
    stored = case.stored
    packed = isinstance(stored, Packs)
    first, then = stored._fields[:2]
    firsts, thens = getattr(stored, first), getattr(stored, then)

    def with_(name, items):
        return case._replace(stored=stored._replace(**{name: items}))

    for items in fewer(thens):
        yield with_(then, items)
    for items in fewer(firsts):
        if items:
            yield with_(first, items)
    for n, item in enumerate(firsts):
        for pieces in fewer(item[0] if packed else item):
            less = (pieces, *item[1:]) if packed else pieces
            yield with_(first, (*firsts[:n], less, *firsts[n + 1 :]))
    name = "changes" if packed else "edits"
    for n, item in enumerate(thens):
        for items in fewer(getattr(item, name)):
            yield with_(then, (*thens[:n], item._replace(**{name: items}), *thens[n + 1 :]))


@lru_cache(4)  # a failing case is run again to be reported
def smallest(case, tries=400):
    """Return a case with less in it that still differs, and what differs."""
    found = compared(case)[2]
    again = True
    while again and tries > 0:
        again = False
        for candidate in smaller(case):
            tries -= 1
            still = compared(candidate)[2]
            if still:
                case, found, again = candidate, still, True
                break
            if tries <= 0:
                break
    return case, found


def check(case):
    count, expected, found = compared(case)
    if found:
        case, found = smallest(case)
        pytest.fail("\n".join([repr(case), *found]))
    return count, expected


def seeds(examples):
    """Decorate a test of a seed; making the seed smaller would only make another case."""

    def decorate(test):
        phases = [Phase.explicit, Phase.reuse, Phase.generate]
        plan = settings(max_examples=examples, deadline=None, phases=phases)
        return plan(given(st.integers(0, (1 << 24) - 1))(test))

    return decorate


def what_git_packs(seed):
    check(case(history, seed))


def any_deltas(seed):
    drawn = case(packs, seed)
    count, expected = check(drawn)
    read = sum(expected.counts.get(kind, 0) for kind in KINDS)
    assert read == count or drawn.limits == SMALL


def damaged_repositories(seed):
    check(case(history, seed, damaged=True))


def damaged_packs(seed):
    check(case(packs, seed, damaged=True))


def several_processes(seed):
    """Use processes for what is so little that one would do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner.sources.packs, "_WORTH_A_PROCESS", 0)
        check(case(history if seed % 2 else packs, seed))


test_what_git_packs = seeds(25)(what_git_packs)
test_any_deltas = seeds(40)(any_deltas)
test_damaged_repositories = seeds(10)(damaged_repositories)
test_damaged_packs = seeds(25)(damaged_packs)
test_several_processes = seeds(10)(several_processes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("examples", "test"),
    [
        (150, what_git_packs),
        (300, any_deltas),
        (50, damaged_repositories),
        (75, damaged_packs),
        (30, several_processes),
    ],
)
def test_many_more(examples, test):
    seeds(examples)(test)()


def test_the_generator_is_not_vacuous(tmp_path):
    """Over the same histories every time, findings stay, move, come and go from base to child."""
    seen = Counter()
    for seed in range(12):
        directory = tmp_path / str(seed)
        drawn = Case(history(seed), (), ALL, Confidence.MEDIUM)
        delta_repositories.write(drawn.stored, directory)
        hash_name = drawn.stored.packing.hash_name
        blobs = outcome(directory / "objects", hash_name, drawn, None, exhaustive=True).blobs
        for child, base in _bases(directory):
            seen["blobs"] += 1
            if base:
                seen["deltas"] += 1
                seen.update(_changes(blobs.get(base, ()), blobs.get(child, ())))
    assert seen["deltas"] > 0.4 * seen["blobs"], seen
    for what in ("lost", "gained", "kept", "moved"):
        assert seen[what] > 0.1 * seen["deltas"], seen


def test_most_packs_made_by_hand_are_read_by_deltas(tmp_path):
    objects = sound = 0
    for seed in range(20):
        drawn = packs(seed)
        objects += delta_packs.write(drawn, tmp_path / str(seed))
        odb = ObjectDatabase(str(tmp_path / str(seed)), drawn.hash_name)
        sound += sum(len(pack) for pack in odb.sound_packs())
    assert sound > 0.5 * objects


def _bases(directory):
    """Yield the ids of each blob and of its delta's base, if it is stored as one."""
    form = "--batch-check=%(objectname) %(objecttype) %(deltabase)"
    for line in git(directory, "cat-file", "--batch-all-objects", form).decode().splitlines():
        child, kind, base = line.split()
        if kind == "blob":
            yield bytes.fromhex(child), bytes.fromhex(base) if base.strip("0") else b""


def _changes(before, after):
    was, is_ = ({m[:2] for m in matches} for matches in (before, after))
    happened = {
        "lost": was - is_,
        "gained": is_ - was,
        "kept": set(before) & set(after),
        "moved": [m for m in after if m[:2] in was and m not in before],
    }
    return [what for what, matches in happened.items() if matches]
