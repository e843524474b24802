from hypothesis import given
from hypothesis import strategies as st

from scanner.cache import entry
from scanner.cache.engine import ENGINE_VERSION, engine_name
from scanner.cache.key import Key
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import pack

texts = st.text(st.characters(exclude_categories=[]), max_size=6)
keys = st.builds(Key, texts, st.binary(max_size=6), texts, st.lists(texts).map(tuple), texts)


@given(keys, keys)
def test_two_keys_are_encoded_alike_only_if_they_are_equal(one, other):
    assert (one.encoded() == other.encoded()) == (one == other)


@given(keys)
def test_what_moves_from_one_field_into_the_next_makes_another_key(key):
    joined = key._replace(options=("".join(key.options),))
    assert (joined.encoded() == key.encoded()) == (len(key.options) == 1)
    shifted = key._replace(kind=key.kind + key.rules, rules="")
    assert (shifted.encoded() == key.encoded()) == (key.rules == "")


def test_names_need_the_secret():
    assert entry.name(b"a" * 32, b"key") != entry.name(b"b" * 32, b"key")
    assert len(entry.name(b"a" * 32, b"key")) == 64


def test_the_engine_is_part_of_the_key():
    assert f".{ENGINE_VERSION} " in engine_name()
    assert Key("k", b"c", "r").engine == engine_name()
    assert Key("k", b"c", "r").encoded() != Key("k", b"c", "r", engine="another").encoded()


RULE = Rule(
    id="a", family="f", name="n", kind="k", provider="p", severity=Severity.LOW,
    confidence=Confidence.LOW, method="pattern", keywords=("a", "b"), pattern="x", lead=0,
    checks=("c",), min_entropy=1.0, remediation="r",
)  # fmt: skip


def test_any_field_of_any_rule_changes_the_digest_of_the_pack():
    other = {str: "other", int: 7, float: 7.5, tuple: ("o",)}
    special = {"severity": Severity.HIGH, "confidence": Confidence.HIGH}
    seen = {pack.make([RULE]).digest, pack.make([]).digest, pack.make([RULE, RULE]).digest}
    for field in RULE._fields:
        now = getattr(RULE, field)
        value = not now if isinstance(now, bool) else special.get(field, other.get(type(now)))
        assert value is not None, field
        seen.add(pack.make([RULE._replace(**{field: value})]).digest)
    assert len(seen) == len(RULE._fields) + 3


def test_the_digest_of_the_built_in_pack_is_the_one_of_its_rules():
    assert pack.builtin().digest == pack.digest(pack.builtin().rules)
