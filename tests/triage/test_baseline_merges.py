"""Baselines that two branches changed, merged by git as it comes."""

import hashlib
import os
import random
import subprocess
import sys
from datetime import date

import pytest

from scanner.errors import UsageError
from scanner.triage import baseline, baseline_merge
from scanner.triage.baseline import Baseline, Entry

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TODAY = date(2026, 11, 26)
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
}


class Repository:
    def __init__(self, path):
        self.path = path
        self.file = path / baseline.NAME
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        (path / ".gitattributes").write_text(f"{baseline.NAME} merge=union\n")

    def git(self, *arguments):
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=self.path, env=ENVIRONMENT, capture_output=True)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)

    def commit(self, made):
        self.file.write_text(baseline.text(made), encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "baseline")

    def read(self):
        return baseline.read(str(self.file))


def entry(rng, reason="was there"):
    print_ = hashlib.sha1(rng.randbytes(8)).hexdigest()
    return Entry(print_, "a-rule", f"src/{rng.randrange(50)}.py", reason, "", "2026-01-02", "")


def names(made):
    return {each.fingerprint for each in made.entries}


def changed(made, rng, most=60):
    """Return `made` with some removed and some added, and which."""
    gone = set(rng.sample(sorted(names(made)), rng.randint(1, most)))
    new = [entry(rng) for _ in range(rng.randint(1, most))]
    left = baseline.without(made, gone, TODAY)
    return baseline.with_entries(left, new), gone, {each.fingerprint for each in new}


def merged(repository, base, one, other):
    repository.commit(base)
    repository.git("checkout", "-q", "-b", "one")
    repository.commit(one)
    repository.git("checkout", "-q", "-b", "other", "main")
    repository.commit(other)
    repository.git("merge", "-q", "one", "-m", "merge")
    found = repository.read()
    repository.git("checkout", "-q", "main")
    repository.git("branch", "-q", "-D", "one", "other")
    return found


def check(repository, seeds):
    for seed in seeds:
        rng = random.Random(seed)
        base = baseline.with_entries(Baseline("root:", ()), [entry(rng) for _ in range(500)])
        one, gone, new = changed(base, rng)
        other, gone_too, new_too = changed(base, rng)
        found = merged(repository, base, one, other)
        assert names(found) == (names(base) - gone - gone_too) | new | new_too, seed
        kept = {each.fingerprint: each for each in (*base.entries, *one.entries, *other.entries)}
        assert all(kept[each.fingerprint] == each for each in found.entries)


def test_five_hundred_entries_merge_without_conflict_to_exactly_what_both_sides_meant(tmp_path):
    check(Repository(tmp_path / "repository"), range(4))


@pytest.mark.slow
def test_many_random_merges_are_exact(tmp_path):
    check(Repository(tmp_path / "repository"), range(100, 160))


def test_branches_that_go_on_and_merge_again_and_again_stay_exact(tmp_path):
    repository = Repository(tmp_path / "repository")
    rng = random.Random(7)
    base = baseline.with_entries(Baseline("root:", ()), [entry(rng) for _ in range(100)])
    repository.commit(base)
    repository.git("branch", "-q", "other")
    wanted = names(base)
    for _ in range(4):
        for branch in ("main", "other"):
            repository.git("checkout", "-q", branch)
            made, gone, new = changed(repository.read(), rng, most=8)
            gone &= wanted
            wanted = (wanted - gone) | new
            repository.commit(made)
        repository.git("merge", "-q", "main", "-m", "merge")
        assert names(repository.read()) == wanted
        repository.git("checkout", "-q", "main")
        repository.git("merge", "-q", "other", "-m", "merge")


def test_a_removal_and_a_change_of_neighbours_both_hold(tmp_path):
    repository = Repository(tmp_path / "repository")
    rng = random.Random(3)
    base = baseline.with_entries(Baseline("root:", ()), [entry(rng) for _ in range(6)])
    first, second, third = base.entries[:3]
    one = baseline.without(base, [second.fingerprint], TODAY)
    changes = {e.fingerprint: e._replace(reason="new", revision=1) for e in (first, third)}
    other = base._replace(entries=tuple(changes.get(e.fingerprint, e) for e in base.entries))
    found = merged(repository, base, one, other)
    assert names(found) == names(base) - {second.fingerprint}
    assert {e.reason for e in found.entries if e.fingerprint in changes} == {"new"}


def test_entries_taken_out_by_hand_are_never_a_conflict_and_nothing_else_is_lost(tmp_path):
    repository = Repository(tmp_path / "repository")
    rng = random.Random(5)
    base = baseline.with_entries(Baseline("root:", ()), [entry(rng) for _ in range(500)])

    def by_hand():
        gone = set(rng.sample(sorted(names(base)), 40))
        left = base._replace(entries=tuple(e for e in base.entries if e.fingerprint not in gone))
        return baseline.with_entries(left, [entry(rng) for _ in range(40)]), gone

    (one, gone), (other, gone_too) = by_hand(), by_hand()
    found = merged(repository, base, one, other)
    assert names(found) >= (names(base) - gone - gone_too) | (names(one) | names(other)) - names(
        base
    )


def test_the_merge_driver_is_exact_for_what_is_taken_out_by_hand_too():
    for seed in range(20):
        rng = random.Random(seed)
        base = baseline.with_entries(Baseline("root:", ()), [entry(rng) for _ in range(60)])
        sides, wanted, added = [], names(base), set()
        for by_hand in (True, rng.random() < 0.5):
            side, gone, new = changed(base, rng, most=15)
            sides.append(side._replace(removed=()) if by_hand else side)
            wanted -= gone
            added |= new
        found = baseline_merge.merged(base, *sides)
        assert names(found) == wanted | added
        assert found == baseline_merge.merged(base, *reversed(sides))


def test_the_merge_driver_takes_the_later_of_two_changes_and_keeps_what_is_alike():
    rng = random.Random(1)
    old = entry(rng)
    base = Baseline("root:", (old,))
    one = Baseline("root:", (old._replace(reason="one", revision=1),))
    other = Baseline("root:", (old._replace(reason="other", revision=2),))
    assert baseline_merge.merged(base, one, other) == other
    assert baseline_merge.merged(base, one, base) == one
    assert baseline_merge.merged(base, Baseline("root:", ()), other).entries == ()
    with pytest.raises(UsageError, match="different keys"):
        baseline_merge.merged(base, one, Baseline("root:" + "ab" * 20, ()))


def test_git_calls_the_merge_driver(tmp_path):
    repository = Repository(tmp_path / "repository")
    program = f"PYTHONPATH='{ROOT}' '{sys.executable}' -m scanner baseline merge %O %A %B"
    repository.git("config", "merge.leakseal.driver", program)
    attributes = repository.path / ".git" / "info" / "attributes"
    attributes.write_text(f"{baseline.NAME} merge=leakseal\n")
    rng = random.Random(2)
    base = baseline.with_entries(Baseline("root:", ()), [entry(rng) for _ in range(4)])
    one = base._replace(entries=base.entries[1:])
    other = base._replace(entries=base.entries[:1] + base.entries[2:])
    assert merged(repository, base, one, other).entries == base.entries[2:]


def test_two_branches_that_each_made_one_merge(tmp_path):
    repository = Repository(tmp_path / "repository")
    rng = random.Random(9)
    same = [entry(rng) for _ in range(30)]
    one = baseline.with_entries(Baseline("root:", ()), [*same, *(entry(rng) for _ in range(20))])
    other = baseline.with_entries(Baseline("root:", ()), [*same, *(entry(rng) for _ in range(20))])
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "none yet")
    repository.git("branch", "-q", "other")
    repository.commit(one)
    repository.git("checkout", "-q", "other")
    repository.commit(other)
    repository.git("merge", "-q", "main", "-m", "merge")
    assert names(repository.read()) == names(one) | names(other)
