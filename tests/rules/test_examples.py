"""Every rule of the built-in pack against its own examples and counterexamples."""

from functools import cache

import pytest

from scanner.detect.engine import Engine
from scanner.detect.structure import CHECKS
from scanner.model import Confidence, Rule
from scanner.rulepack import generate, load, pack, samples

SOURCES = load.directory(load.builtin_directory())


@cache
def engine() -> Engine:
    return Engine(pack.make(source.rule for source in SOURCES), Confidence.MEDIUM)


def found(rule: Rule, text: str) -> list[str]:
    content = samples.expand(text).encode()
    if rule.confidence == Confidence.LOW:  # not reported itself: what it finds is a companion
        return [f.rule.id for f in engine().direct.found(content)]
    return [m.rule.id for m in engine().findings(content).matches]


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.rule.id)
def test_examples_are_found_and_counterexamples_are_not(source):
    id_ = source.rule.id
    assert [text for text in source.examples if id_ not in found(source.rule, text)] == []
    assert [text for text in source.counterexamples if id_ in found(source.rule, text)] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.rule.id)
def test_rule_is_well_formed(source):
    rule = source.rule
    assert rule.id == rule.id.lower()
    assert rule.name.count("(") == rule.name.count(")")
    assert rule.remediation.startswith("https://")
    assert set(rule.checks) <= set(CHECKS)
    assert set(rule.companions) <= {source.rule.id for source in SOURCES} - {rule.id}


def test_generated_module_is_up_to_date():
    with open(generate.__file__.replace("generate.py", "_builtin.py"), encoding="utf-8") as file:
        assert file.read() == generate.module_text()


def test_builtin_pack_equals_the_yaml():
    assert pack.builtin() == pack.make(source.rule for source in SOURCES)
