import json
from types import SimpleNamespace

import jsonschema
import pytest

from scanner.cli.watched import Early, watched
from scanner.model import Match, Secret, State
from scanner.report import jsonl, render
from scanner.sources.sighting import Sighting

TEXT = b"Qx7-stands-in-a-name-kZ9"


@pytest.fixture(scope="session")
def fits(report_schema):
    """Check the final lines against the parts of the report's schema that they are."""

    def check(kind, members):
        schema = {"$ref": f"#/$defs/{kind}", "$defs": report_schema["$defs"]}
        jsonschema.Draft202012Validator(schema).validate(members)

    return check


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def match(make, value):
    return Match(
        rule=make.rule(),
        secret=Secret(value),
        start=1,
        end=9,
        line=3,
        column=4,
        confidence=make.finding().confidence,
        reasons=("beside " + TEXT.decode(),),
        via=("zip:" + TEXT.decode(),),
    )


def test_a_finished_report_is_a_stream_without_sightings(make, fits):
    report = make.report(
        make.finding(),
        suppressed=(make.suppressed(),),
        absent=(make.absent(),),
        coverage=make.coverage(make.skipped(), make.skipped(incomplete=False)),
        baseline="b",
    )
    told = lines(render(report, "jsonl"))
    assert [line.pop("type") for line in told] == [
        "start",
        "finding",
        "suppressed",
        "absent",
        "skipped",
        "skipped",
        "end",
    ]
    fits("finding", told[1])
    fits("suppressed", told[2])
    fits("absent", told[3])
    end = told[-1]
    assert end["summary"]["secrets"] == 1
    assert end["coverage"]["complete"] is False
    assert "skipped" not in end["coverage"]
    assert (end["head"], end["baseline"]) == ("12345678" * 5, "b")


def test_a_sighting_says_nothing_in_the_words_of_the_repository(make):
    who = make.commit(author=TEXT, email=TEXT, subject=TEXT, when=TEXT.decode())
    place = make.occurrence(TEXT, state=State.HISTORY, introduced=who, removed=who)
    value = b"acme_" + b"Zq7xW2" * 3
    text = jsonl.sighting(match(make, value), place, "f1", show_secrets=False)
    assert TEXT.decode() not in text
    assert value.decode() not in text
    (told,) = lines(text)
    assert told == {
        "type": "sighting",
        "fingerprint": "f1",
        "rule": "acme-api-key",
        "severity": "high",
        "confidence": "high",
        "redacted": "acme…[23 characters]",
        "state": "history",
        "place": "file",
        "object_id": "ab" * 20,
        "line": 12,
        "column": 9,
        "introduced": "1" + "0" * 39,
        "removed": "1" + "0" * 39,
    }


def test_with_secrets_a_sighting_says_where_and_what(make):
    place = make.occurrence(b"\xff.env", introduced=None)
    (told,) = lines(jsonl.sighting(match(make, TEXT), place, "f1", show_secrets=True))
    assert told["path"] == "\ufffd.env"
    assert "path_bytes" in told
    assert told["secret"] == TEXT.decode()
    assert told["introduced"] == ""


def test_an_object_is_told_of_once_before_it_is_known_where_it_stands(make):
    told = []
    watch = SimpleNamespace(held=lambda *each: told.append(jsonl.held(*each, show_secrets=False)))
    name = SimpleNamespace(fingerprint=lambda family, secret: f"{family}:{len(secret)}")
    done = []
    progress = SimpleNamespace(start=lambda *_: None, done=done.append)
    unwanted = match(make, b"unwanted")
    early = Early(progress, lambda each: each.match is not unwanted, lambda: name, watch)
    value = b"acme_" + b"Zq7xW2" * 3
    for _ in range(2):
        early.found("blob", b"\xab" * 20, (match(make, value), unwanted))
    early.done(7)
    assert done == [7]
    (line,) = lines("".join(told))
    assert line == {
        "type": "object",
        "kind": "blob",
        "fingerprint": "acme:23",
        "rule": "acme-api-key",
        "severity": "high",
        "confidence": "high",
        "redacted": "acme…[23 characters]",
        "object_id": "ab" * 20,
        "line": 3,
        "column": 4,
    }
    shown = jsonl.held("blob", b"", match(make, value), "f", show_secrets=True)
    assert json.loads(shown)["secret"] == value.decode()


def test_sightings_are_told_before_the_next_is_looked_for(make):
    seen = [Sighting(match(make, b"value-%d" % n), make.occurrence()) for n in range(3)]
    events = []

    def source():
        for number, each in enumerate(seen):
            events.append(f"looked {number}")
            yield each

    def identity():
        events.append("named")
        return SimpleNamespace(fingerprint=lambda family, secret: f"{family}:{secret.decode()}")

    watch = SimpleNamespace(
        begin=lambda: events.append("began"),
        saw=lambda each, fingerprint: events.append(f"told {fingerprint}"),
    )
    told = watched(source(), lambda each: each is not seen[1], identity, watch)
    assert list(told) == seen
    assert events == [
        "began",
        "looked 0",
        "named",
        "told acme:value-0",
        "looked 1",
        "looked 2",
        "told acme:value-2",
    ]
