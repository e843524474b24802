"""A secret counts for more beside the id that belongs to it, however the content is read."""

import base64
import io
import zipfile

import pace
from hypothesis import given, settings
from hypothesis import strategies as st
from test_versions import delta_between, grown

from scanner.detect.engine import Engine, Result
from scanner.detect.versions import Versions
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import pack, samples

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH


def rule(id_, keyword, confidence, companions=(), within=3, checks=(), method="pattern"):
    pattern = rf"{keyword}(?P<secret>[a-z0-9]{{12}})" if method == "pattern" else ""
    return Rule(
        *(id_, id_, f"Acme {id_}", "api-key", "Acme", Severity.HIGH, confidence, method),
        *((keyword,), pattern, 0, checks, 0.0, "https://acme.example/"),
        companions=companions,
        within=within,
        far=False,
    )


RULES = (
    rule("id", "acmeid=", LOW),
    rule("key", "acmekey=", LOW, ("id",)),
    rule("token", "acmetoken=", MEDIUM, ("id", "key")),
    rule("sure", "acmesure=", HIGH, ("id",)),
    rule("wrong", "acmewrong=", HIGH, checks=("jwt",)),
    rule("generic", "secret", MEDIUM, method="assignment"),
)
PACK = pack.make(RULES)
ENGINE, EVERYTHING = Engine(PACK), Engine(PACK, LOW)
WAITING = Engine(PACK, waiting=True)
ID, KEY, TOKEN = (
    samples.expand(f"acme{name}=<<lowernum 12>>").encode() for name in ("id", "key", "token")
)
SURE, WRONG = KEY.replace(b"key", b"sure"), KEY.replace(b"key", b"wrong")
NAMED = b'secret = "%b"'


def found(content, engine=ENGINE):
    return [(m.rule.id, m.confidence) for m in engine.findings(content).matches]


def lines(*texts, gap=0):
    return (b"\n" * (gap + 1)).join(texts) + b"\n"


def test_alone():
    assert found(ID) == []
    assert found(KEY) == []
    assert found(TOKEN) == [("token", MEDIUM)]


def test_beside_its_companion():
    assert found(lines(ID, KEY)) == [("key", MEDIUM)]
    assert found(lines(KEY, ID)) == [("key", MEDIUM)]
    assert found(lines(ID, TOKEN)) == [("token", HIGH)]


def test_the_reason_names_the_nearest():
    content = lines(ID, TOKEN, b"", KEY)
    (token,) = (m for m in ENGINE.findings(content).matches if m.rule.id == "token")
    assert token.reasons[-1] == "stands beside an Acme id"


def test_no_more_lines_away_than_the_rule_says():
    assert found(lines(ID, KEY, gap=2)) == [("key", MEDIUM)]
    assert found(lines(ID, KEY, gap=3)) == []
    assert found(lines(ID, KEY, gap=3).replace(b"\n", b"\r")) == []
    assert found(lines(ID, KEY, gap=2).replace(b"\n", b"\r\n")) == [("key", MEDIUM)]


def test_what_is_sure_stays_so():
    (match,) = ENGINE.findings(lines(ID, SURE)).matches
    assert match.confidence == HIGH
    assert not any("beside" in reason for reason in match.reasons)


def test_a_disproved_companion_is_none():
    rules = [rule("id", "acmeid=", LOW, checks=("jwt",)), rule("key", "acmekey=", LOW, ("id",))]
    assert found(lines(ID, KEY), Engine(pack.make(rules))) == []


def test_nothing_is_its_own_companion():
    rules = [rule("a", "acmekey=", LOW, ("b",)), rule("b", "acmekey=", LOW, ("a",))]
    assert found(KEY, Engine(pack.make(rules))) == []


def test_two_that_are_unsure_make_each_other_sure():
    rules = [rule("a", "acmekey=", LOW, ("b",)), rule("b", "acmeid=", LOW, ("a",))]
    assert found(lines(ID, KEY), Engine(pack.make(rules))) == [("b", MEDIUM), ("a", MEDIUM)]


def test_once_is_enough():
    """What was raised in decoded text is not raised again for what stands around it."""
    block = base64.b64encode(lines(ID, KEY, b"padding so that it is long enough"))
    assert found(lines(ID, block)) == [("key", MEDIUM)]


def test_across_encodings():
    block = base64.b64encode(lines(KEY, b"padding so that it is long enough"))
    assert found(lines(ID, block)) == [("key", MEDIUM)]
    assert found(block) == []


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def test_within_a_member_of_an_archive():
    assert found(archive(both=lines(ID, KEY, b"x" * 99))) == [("key", MEDIUM)]
    assert found(archive(one=ID + b"x" * 99, other=KEY + b"\n" + b"x" * 99)) == []


def test_utf_16():
    assert found(lines(ID, KEY).decode().encode("utf-16")) == [("key", MEDIUM)]


def test_what_waits_for_another_file_is_kept_only_if_asked_for():
    assert found(KEY, WAITING) == [("key", LOW)]
    assert found(ID, WAITING) == [("id", LOW)]
    assert found(KEY, Engine(PACK, HIGH, waiting=True)) == []
    assert found(lines(ID, KEY), WAITING) == [("id", LOW), ("key", MEDIUM)]


def test_a_name_beats_a_form_that_is_unsure():
    content = NAMED % KEY
    assert found(content) == [("generic", MEDIUM)]
    assert found(lines(ID, content)) == [("key", MEDIUM)]


def test_what_is_disproved_does_not_come_back_under_another_name():
    content = NAMED % WRONG
    assert found(content) == []
    assert found(WRONG, EVERYTHING) == []
    encoded = base64.b64encode(WRONG + b" and more of it")
    assert found(NAMED % encoded) == []


def test_a_password_by_its_place_does_not_come_back_either():
    password = rule("password", "passwd:", HIGH)._replace(
        kind="password", pattern="passwd:(?P<secret>[a-z0-9=]{22})"
    )
    engine = Engine(pack.make((*RULES, password)))
    assert found(b"passwd:" + WRONG, engine) == []
    assert found(b"passwd:" + SURE + b"0", engine) != []


def test_a_disproved_form_leaves_another_form_alone():
    other = rule("other", "acmewrong=", MEDIUM)
    assert found(WRONG, Engine(pack.make((*RULES, other)))) == [("other", MEDIUM)]


PIECES = [
    ID,
    KEY,
    TOKEN,
    b"",
    b"text",
    NAMED % KEY,
    base64.b64encode(KEY * 3),
]


@st.composite
def versions(draw):
    """A file's lines and what some edits make of them."""
    content = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14))
    history = [b"\n".join(content)]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        if draw(st.booleans()):
            content[at:at] = draw(st.lists(st.sampled_from(PIECES), max_size=5))
        else:
            del content[at : at + draw(st.integers(1, 4))]
        history.append(b"\n".join(content))
    return history


@settings(max_examples=150, deadline=None)
@given(history=versions(), engine=st.sampled_from([ENGINE, EVERYTHING, WAITING]))
def test_read_by_what_changed(history, engine):
    """A line put between two parts, and one part put in or taken out, change the other's place."""
    kept_versions = Versions(engine)
    data = history[0]
    kept = kept_versions.first(data)
    for following in history[1:]:
        data, kept = grown(kept_versions, data, kept, delta_between(data, following))
        assert data == following
        result = Result((), ()) if kept is None else kept_versions.result(kept, data)
        assert result == engine.findings(data)


def test_many_parts_cost_no_more_than_each_by_itself():
    def cost(count):
        content = lines(*(ID if n % 2 else KEY for n in range(count)))
        return min(pace.cost(lambda: ENGINE.findings(content)) for _ in range(3))

    cost(100)
    assert cost(8000) < 40 * max(cost(500), 0.2)
