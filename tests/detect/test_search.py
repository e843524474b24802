"""Rules that are searched for: limits, views, overlaps, and time on hostile content."""

import base64
import bz2
import gzip
import lzma
import re
import zipfile

import pace
import pytest
from packing import noise, tarred, zipped

from scanner.detect import search
from scanner.detect.engine import Engine
from scanner.model import Allow, Confidence, Part
from scanner.rulepack import samples
from scanner.rulepack.imported.result import rule
from scanner.rulepack.pack import builtin, make

TOKEN = samples.expand("<<alnum 20>>")
ACME = rule("acme", "acme_([A-Za-z0-9]{20})")


def found(rules, content, allow=()):
    result = Engine(make(rules, allow)).findings(content)
    return [(m.rule.id, m.secret.reveal().decode(), m.line, m.column) for m in result.matches]


def test_places_are_those_of_the_secret():
    assert found([ACME], f"x\n  acme_{TOKEN}".encode()) == [("acme", TOKEN, 2, 8)]
    assert found([ACME], f"é acme_{TOKEN}".encode("utf-16")) == [("acme", TOKEN, 1, 8)]


def test_encoded_text_is_searched_too():
    text = base64.b64encode(f"the key is acme_{TOKEN} and so on".encode())
    (match,) = Engine(make([ACME])).findings(b"data: " + text).matches
    assert (match.secret.reveal().decode(), match.via) == (TOKEN, ("base64",))


def sound_and_looking_encoded():
    yield zipped({"a": b"x%41y\n" * 30 + TOKEN.encode()}, zipfile.ZIP_STORED)
    yield tarred({"a": b"x%41y\n" * 300, "b": b"%42" * 300})
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        packed = (compress(noise(3000, seed)) for seed in range(1000))
        yield from (content for content in packed if re.search(rb"%[2-7][0-9a-f]|&lt;", content))


def test_an_archive_that_looks_encoded_is_sound():
    engine = Engine(make([ACME]))
    assert not [each for each in sound_and_looking_encoded() if engine.findings(each).exceeded]


def test_encoded_archives_are_unpacked():
    packed = gzip.compress(f"acme_{TOKEN}".encode())
    for encoded in (base64.b64encode(packed), b"data: " + packed.hex().encode()):
        (match,) = Engine(make([ACME])).findings(encoded).matches
        assert (match.secret.reveal().decode(), match.via[-1]) == (TOKEN, "gzip#L1")


def test_built_in_rules_find_what_they_found():
    content = samples.expand("TOKEN=<<checksum ghp_ 30>>\n").encode()
    alone = Engine(builtin()).findings(content)
    both = Engine(make([*builtin().rules, ACME])).findings(content + f"acme_{TOKEN}".encode())
    assert both.matches[:-1] == alone.matches
    assert both.matches[-1].rule == ACME


def test_a_rule_of_files_finds_nothing_in_contents():
    files = ACME._replace(method="file", pattern="acme", keywords=("acme_",))
    engine = Engine(make([files, builtin().rules[0]]))
    assert engine.findings(f"acme_{TOKEN}".encode()).matches == ()
    assert engine.named(b"a/acme_b")[0].secret.reveal() == b"file acme_b"


@pytest.mark.parametrize("text", ["schlüssel", "SCHLÜSSEL", "\udcff Schlüssel"])
def test_a_keyword_counts_in_any_case(text):
    german = ACME._replace(keywords=("schlüssel",))
    content = f"{text} acme_{TOKEN}".encode("utf-8", "surrogateescape")
    assert [secret for _, secret, _, _ in found([german], content)] == [TOKEN]
    assert found([german], f"acme_{TOKEN}".encode()) == []


def test_one_place_is_reported_once():
    longer = rule("longer", "(acme_[A-Za-z0-9]{20})")
    assert found([ACME, longer], f"acme_{TOKEN}".encode()) == [("longer", f"acme_{TOKEN}", 1, 1)]


def test_what_counts_in_some_places_only_takes_no_other_s():
    elsewhere = rule("longer", "(acme_[A-Za-z0-9]{20})")
    allow = Allow("", ("longer",), paths=("x",))
    for rules, entries in (
        ([ACME, elsewhere._replace(path="x")], ()),
        ([ACME, elsewhere], (allow,)),
    ):
        matches = found(rules, f"acme_{TOKEN}".encode(), entries)
        assert sorted(m[0] for m in matches) == ["acme", "longer"]


@pytest.mark.parametrize(
    "allow", [Allow("", patterns=("(?i)^TOKEN",), target="match"), Allow("", words=("x",))]
)
def test_built_in_methods_have_a_match_as_well(allow):
    content = samples.expand("token = '<<checksum ghp_ 29>>x'").encode()
    plain = builtin().rules
    assert found(plain, content, [allow._replace(patterns=allow.patterns and ("ghp_",))]) == []


def test_confidence_decides_as_ever():
    unsure = ACME._replace(confidence=Confidence.LOW)
    assert found([unsure], f"acme_{TOKEN}".encode()) == []


def test_matches_without_end_are_a_limit(monkeypatch):
    monkeypatch.setattr(search, "MOST", 10)
    engine = Engine(make([rule("any", "k[0-9]{3}", keywords=("k12",))]))
    result = engine.findings(b"k123 " * 11)
    assert (len(result.matches), result.exceeded) == (
        10,
        (("match-limit", "rule any matches more than 10 times"),),
    )
    assert engine.findings(b"k123 " * 10).exceeded == ()


def test_time_without_end_is_a_limit(monkeypatch):
    monkeypatch.setattr(search, "SECONDS", -1)
    result = Engine(make([ACME])).findings(f"acme_{TOKEN}".encode())
    assert result.exceeded == (("match-limit", "rule acme takes too long"),)


HOSTILE = rule("hostile", r"(?s)(?:a|a?a)*b|key=[^\n]*|(x+x+)+y")


@pytest.mark.parametrize("unit", [b"a", b"key=", b"x", b"key=\n", b"\xff", b"a\n"])
def test_hostile_content_takes_linear_time(unit):
    engine = Engine(make([HOSTILE, ACME._replace(keywords=())]))

    def cost(size):
        return pace.cost(lambda: engine.findings(unit * (size // len(unit))))

    cost(1000)
    assert cost(1 << 19) < 16 * max(5, cost(1 << 16))


def test_many_parts_and_long_lines_take_little_time():
    count = 10_000
    key = rule("key", "key[0-9]{4}")._replace(required=(Part("id", -1, 3), Part("id", 5)))
    part = rule("id", "ident[0-9]{4}")
    allow = [
        Allow("", patterns=("never",), target="line", engine="re2"),
        Allow("", filter='finding["line"] contains "never"'),
    ]

    def work():
        assert found([key, part], b"key1234 ident1234 " * count, [])
        assert found([key, part], b"key1234\nident1234\n" * count, [])
        assert found([key], b"key1234 " * (count // 10), allow) == []

    assert pace.cost(work) < 2000
