"""What is remembered is bounded, and says what working it out anew would."""

import random
import re
from array import array

import pytest

from scanner.detect import pem
from scanner.detect.automaton import pairs
from scanner.detect.direct import Direct
from scanner.detect.engine import Engine
from scanner.detect.far import Far
from scanner.detect.memo import Memo
from scanner.detect.versions import Versions
from scanner.detect.views import encoded
from scanner.rulepack import load, pack, samples

SOURCES = load.directory(load.builtin_directory())
PACK = pack.make(source.rule for source in SOURCES)
FAR = [source for source in SOURCES if source.rule.far]
NEAR = [source for source in SOURCES if not source.rule.far]
DIRECT = Direct(PACK)  # takes a while to make
EDGES = (b"", b"\n", b" ", b'"', b"a", b"=", b"\\n", b"\r\n", b"\n\n", b"x" * 40, b"= b\nc: ")
AROUND = [(before, after) for before in EDGES for after in EDGES]


def test_a_memo_returns_what_was_kept():
    memo = Memo(1 << 16)
    assert memo.get(b"a") is None
    assert memo.keep(b"a", 1, 10) == 1
    assert memo.get(b"a") == 1


def test_a_memo_is_emptied_when_full():
    memo = Memo(1 << 16)
    for number in range(10_000):
        memo.keep(number, b"", 500)
    kept = [number for number in range(10_000) if memo.get(number) is not None]
    assert 0 < len(kept) * 1000 <= 1 << 16
    assert kept[-1] == 9_999


def test_a_memo_keeps_nothing_that_would_fill_it():
    memo = Memo(1 << 16)
    memo.keep(b"small", 1, 10)
    assert memo.keep(b"large", 2, 1 << 15) == 2
    assert memo.get(b"large") is None
    assert memo.get(b"small") == 1


def packed(hits):
    return array("q", [number for hit in hits for number in hit]).tobytes()


def triples(records):
    flat = array("q", records)
    return zip(flat[::3], flat[1::3], flat[2::3], strict=True)


@pytest.mark.parametrize("source", FAR, ids=lambda source: source.rule.id)
def test_far_rules_say_the_same_with_a_memory(source):
    """The surroundings change, one byte after the other, as far as a rule can look."""
    direct, far = DIRECT, Far(DIRECT, PACK.rules)
    rng = random.Random(source.rule.id)
    for template in (*source.examples, *source.counterexamples):
        text = samples.expand(template).encode("utf-8")
        contents = [b + text + a for b, a in rng.sample(AROUND, 30)]
        for _ in range(20):
            changed = bytearray(rng.choice(contents))
            changed[rng.randrange(len(changed))] = rng.choice(b"\n\r \"'=aA0\0{<")
            contents.append(bytes(changed))
        rng.shuffle(contents)
        for content in contents:
            _, records = direct.parted(packed(direct.automaton.hits(content)))
            hits = [(end, word) for _, end, word in triples(records)]
            assert sorted(far.marks(content, records)) == sorted(direct.far(content, hits))


@pytest.mark.parametrize("source", NEAR, ids=lambda source: source.rule.id)
def test_near_rules_say_the_same_with_a_memory(source):
    """They look at nothing but the line, wherever it stands and whatever is around it."""
    direct = DIRECT
    direct.lines.entries.clear()
    rng = random.Random(source.rule.id)
    for template in (*source.examples[:2], *source.counterexamples[:1]):
        text = samples.expand(template).encode("utf-8")
        contents = [b + text + a for b, a in rng.sample(AROUND, 12)]
        for _ in range(4):
            changed = bytearray(rng.choice(contents))
            changed[rng.randrange(len(changed))] = rng.choice(b"\n\r \"'=aA0\0{<")
            contents.append(bytes(changed))
        for content in contents:
            near, _ = direct.parted(packed(direct.automaton.hits(content)))
            expected = direct._marks(content, pairs(near), direct._near)
            assert sorted(direct.near(content, near)) == sorted(expected)


def test_keys_are_read_the_same_with_a_memory():
    key = samples.expand(next(s for s in FAR if s.rule.id == "rsa-private-key").examples[0])
    rng = random.Random(3)
    direct = DIRECT
    for _ in range(300):
        changed = bytearray(key.encode())
        for _ in range(rng.randrange(3)):
            at = rng.randrange(len(changed))
            changed[at : at + rng.randrange(3)] = rng.choice((b"\n", b"-", b'"', b"\\n", b"", b"x"))
        content = bytes(changed) * rng.randrange(1, 3)
        again = direct.found(content)
        pem._READ.entries.clear()
        pem._WORDS.entries.clear()
        assert direct.found(content) == again


def test_views_are_searched_the_same_with_a_memory():
    texts = [
        samples.expand(text).encode()
        for source in SOURCES[::9]
        for text in (source.examples[0], source.counterexamples[0])
    ]
    rng = random.Random(5)
    engine, forgetful = Engine(PACK), Engine(PACK)
    for _ in range(200):
        lines = [_dressed(rng.choice(texts), rng) for _ in range(rng.randrange(1, 4))]
        content = b"\n".join(lines)
        for _ in range(2):
            forgetful._memo.entries.clear()
            assert engine.hidden(encoded(content)) == forgetful.hidden(encoded(content))


def _dressed(text, rng):
    return rng.choice(
        (
            b"v = '" + text.hex().encode() + b"'",
            text.replace(b"=", b"%3D").replace(b"\n", b"%0A"),
            text.replace(b"e", b"\\u0065"),
            text.replace(b'"', b"&quot;").replace(b"-", b"&#45;"),
            text,
        )
    )


def test_an_archive_that_broke_a_limit_is_opened_again():
    """What was missed is named for each content that has it, not for the first alone."""
    gzip = bytes.fromhex("1f8b0800000000000003") + b"cut short, and then nothing but this text"
    content = b"x = '" + gzip.hex().encode() + b"'\n"
    versions = Versions(Engine(PACK))
    results = [versions.result(versions.first(content), content) for _ in range(2)]
    assert results[0].exceeded
    assert results[0] == results[1] == Engine(PACK).findings(content)


def test_lines_of_no_key_are_passed_over_without_a_difference(monkeypatch):
    """Lines without anything long enough are not taken apart; that is a matter of speed only."""
    key = samples.expand(next(s for s in FAR if s.rule.id == "rsa-private-key").examples[0])
    lines = key.encode().partition(b"-----END")[0].splitlines(keepends=True)
    strays = (
        b"a = 1\n",
        b"Proc-Type: 4,ENCRYPTED\n",
        b"x" * 24 + b"\n",
        b"\\n" * 30 + b"\n",
        b"\n",
    )
    rng = random.Random(8)
    contents = []
    for _ in range(200):
        changed = [lines[0]]
        for line in lines[1:]:
            changed += rng.choices(strays, k=rng.randrange(3) // 2)
            at = rng.randrange(len(line))
            piece = rng.choice((b"Proc-Type: 4,ENCRYPTED", b"DEK-Info: AES-128-CBC,00112233"))
            cut = rng.choice((b"", b"\\n", b"\\/", b"\\u002b", b'" "', piece, b" "))
            changed.append(line[:at] + cut + line[at:] if rng.random() < 0.5 else line)
        contents.append(b"".join(changed))
    direct = DIRECT
    quick = [direct.found(content) for content in contents]
    monkeypatch.setattr(pem, "_MAYBE_BODY", re.compile(b""))
    pem._READ.entries.clear()
    assert [direct.found(content) for content in contents] == quick
    assert sum(map(bool, quick)) > 20
