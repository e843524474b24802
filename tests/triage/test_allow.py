"""What paths and commits decide once it is known where a match stands."""

import pytest

from scanner.model import Allow, Confidence, Match, Secret
from scanner.rulepack.imported.result import rule
from scanner.rulepack.pack import make
from scanner.triage.allow import placed

RULE = rule("acme", "acme_[a-z]{9}")
COMMIT = "4bf7c2b91e0d" + "0" * 28


def reason(allow, path=b"src/app.py", commit="", waits=(), made=RULE):
    match = Match(made, Secret(b"x"), 0, 1, 1, 1, Confidence.MEDIUM, (), (), waits)
    return placed(match, path, commit, make([made], [allow] if allow else []))


@pytest.mark.parametrize(
    ("allow", "held"),
    [
        (Allow("why", paths=("^src/",), engine="re2"), True),
        (Allow("why", paths=("^src/",)), True),
        (Allow("why", paths=("^lib/", "py$")), True),
        (Allow("why", paths=("^lib/",)), False),
        (Allow("why", ("acme",), paths=("^src/",)), True),
        (Allow("why", ("other",), paths=("^src/",)), False),
        (Allow("why", commits=("4BF7c2b".lower(),)), True),
        (Allow("why", commits=("4bf7c2c",)), False),
        (Allow("why", paths=("^lib/",), commits=("4bf7",)), True),
        (Allow("why", paths=("^lib/",), commits=("4bf7",), every=True), False),
        (Allow("why", paths=("^src/",), commits=("4bf7",), every=True), True),
        (Allow("why", words=("x",)), False),  # the content decided it
        (Allow("why", paths=("^src/",), words=("x",)), True),
        (Allow("why", paths=("^src/",), words=("x",), every=True), False),
        (Allow("why", paths=("^src/",), filter="true", every=True), False),
    ],
)
def test_entries(allow, held):
    assert reason(allow, commit=COMMIT) == ("why" if held else None)


def test_what_waited_for_the_place():
    allow = Allow("why", paths=("^src/",), words=("x",), every=True)
    assert reason(allow, waits=(0,)) == "why"
    assert reason(allow, path=b"lib/app.py", waits=(0,)) is None
    assert reason(allow, waits=(1,)) is None


def test_what_is_not_known_satisfies_nothing():
    allow = Allow("", paths=("",), commits=("",))
    assert reason(allow, path=b"", commit="") is None
    assert reason(allow, path=b"a") == "an allow entry says so"


def test_a_rule_may_be_for_some_files():
    made = RULE._replace(path=r"(?i)\.env$")
    assert reason(None, path=b"app/.ENV", made=made) is None
    assert reason(None, path=b"app/env", made=made) == "the rule is for other files"
    assert reason(None, path=b"", made=made) == "the rule is for other files"
    assert reason(None, path=b"caf\xe9/.env", made=made) is None
