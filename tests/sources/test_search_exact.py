"""Rules that are searched for find the same by deltas as in full contents."""

import pytest
import test_delta_exact as exact
from delta_packs import packs
from delta_repositories import history

import scanner.sources.packs
from scanner.detect.engine import Engine
from scanner.model import Allow, Confidence, Part
from scanner.rulepack.imported.result import rule
from scanner.rulepack.pack import builtin, make

KEYED = (
    rule("prefix", r"\b(gh[pousr]_[A-Za-z0-9]{20,40})"),
    rule("far", r"(?s)(?:password|token).{0,400}?\n[^\n]{0,80}?([A-Za-z0-9]{12,40})"),
    rule("pair", r"AKIA[A-Z0-9]{16}")._replace(required=(Part("any", 4),)),
    rule(
        "any", r"[=:]\s*[\"']?([A-Za-z0-9/+]{16,64})", keywords=("key", "secret"), min_entropy=3.0
    ),
    rule("hidden", r"user(?:name)?\s*[=:]\s*(\w+)")._replace(silent=True),
)
ALWAYS = (
    rule("hex", r"\b[0-9a-f]{32,64}\b"),
    rule("short", r"[A-Z]{2}\d{6,}", keywords=("a1",)),
)
ALLOW = (
    Allow("words", words=("test", "example"), engine="re2"),
    Allow("line", ("any",), patterns=(r"^\s*#",), target="line", engine="re2"),
    Allow(
        "filter", ("far",), filter='entropy(finding["secret"]) < 3.0 || len(finding["match"]) > 300'
    ),
    Allow("waits", ("prefix",), patterns=("[a-m]$",), paths=("x",), every=True, engine="re2"),
)


def engines(rules):
    pack = make(rules, ALLOW)
    return {lowest: Engine(pack, lowest) for lowest in (Confidence.MEDIUM, Confidence.LOW)}


@pytest.fixture(params=["keyed", "always", "both"])
def engine(request, monkeypatch):
    some = {"keyed": KEYED, "always": KEYED + ALWAYS, "both": builtin().rules + KEYED}
    monkeypatch.setattr(exact, "ENGINES", engines(some[request.param]))
    return request.param


@pytest.mark.parametrize("make_objects", [history, packs], ids=["git", "deltas"])
def test_exact(engine, make_objects):
    found = 0
    for seed in range(5 if make_objects is packs else 3):
        _, expected = exact.check(exact.case(make_objects, seed))
        found += sum(map(len, expected.blobs.values()))
    assert found > 5


def test_exact_with_several_processes(engine, monkeypatch):
    monkeypatch.setattr(scanner.sources.packs, "_WORTH_A_PROCESS", 0)
    for seed in range(4):
        exact.check(exact.case(history if seed % 2 else packs, seed))


def test_exact_in_damaged_repositories(engine):
    for seed in range(4):
        exact.check(exact.case(history if seed % 2 else packs, seed, damaged=True))
