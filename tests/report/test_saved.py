import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.model import (
    Absent,
    CommitInfo,
    Confidence,
    Coverage,
    Finding,
    Occurrence,
    Report,
    Rule,
    Secret,
    Severity,
    Skipped,
    State,
    Suppression,
    Withheld,
)
from scanner.report import FORMATS, render, saved

names = st.binary(max_size=12)
texts = st.text(max_size=12)
native = names.map(lambda raw: raw.decode("utf-8", "surrogateescape"))
ids = st.binary(min_size=20, max_size=20).map(bytes.hex)
numbers = st.integers(0, 10**9)
days = st.sampled_from(["", "2024-01-31"])
commits = st.builds(CommitInfo, ids, names, names, texts, names)
occurrences = st.builds(
    Occurrence,
    place=st.sampled_from(saved.PLACES),
    path=names,
    object_id=st.one_of(st.just(""), ids),
    line=numbers,
    column=numbers,
    start=numbers,
    end=numbers,
    via=st.tuples(texts),
    state=st.sampled_from(State),
    introduced=st.none() | commits,
    removed=st.none() | commits,
)
rules = st.builds(
    Rule,
    id=st.text(min_size=1, max_size=8),
    family=texts,
    name=texts,
    kind=texts,
    provider=texts,
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
    method=st.just(""),
    keywords=st.just(()),
    pattern=st.just(""),
    lead=st.just(0),
    checks=st.just(()),
    min_entropy=st.just(0.0),
    remediation=texts,
    rotation=texts,
)
suppressions = st.builds(
    Suppression, st.sampled_from(["baseline", "inline", "allow"]), texts, texts, days, days
)


def findings(accepted):
    return st.builds(
        Finding,
        fingerprint=st.text(min_size=1, max_size=8),
        rule=rules,
        secret=st.binary(min_size=1, max_size=40).map(Secret),
        confidence=st.sampled_from(Confidence),
        reasons=st.tuples(texts),
        occurrences=st.lists(occurrences, min_size=1, max_size=3).map(tuple),
        companions=st.lists(texts, max_size=2).map(tuple),
        suppressions=st.tuples(suppressions) if accepted else st.just(()),
    )


reports = st.builds(
    Report,
    target=native,
    head=st.one_of(st.just(""), ids),
    branch=native,
    origin=native,
    findings=st.lists(findings(False), max_size=3).map(tuple),
    coverage=st.builds(
        Coverage,
        st.dictionaries(texts, numbers, max_size=3),
        numbers,
        st.lists(
            st.builds(Skipped, st.just("over-size"), native, texts, st.booleans()), max_size=2
        ).map(tuple),
    ),
    started=texts,
    ended=texts,
    rules_digest=texts,
    key_source=texts,
    key=st.sampled_from(["", "hmac:0123456789abcdef", "root:" + "ab" * 20]),
    suppressed=st.lists(findings(True), max_size=2).map(tuple),
    baseline=native,
    absent=st.lists(
        st.builds(
            Absent,
            st.just("ab" * 20),
            texts,
            native,
            st.builds(Suppression, st.just("baseline"), texts, texts, days, days),
        ),
        max_size=2,
    ).map(tuple),
)


@given(reports, st.booleans())
def test_a_report_that_is_read_back_is_written_the_same(report, show_secrets):
    text = render(report, "json", show_secrets=show_secrets)
    back = saved.parse(text.encode(), "report.json")
    assert saved.has_secrets(back) == (show_secrets or not (report.findings or report.suppressed))
    assert render(back, "json", show_secrets=show_secrets) == text


def full(make):
    return make.report(
        make.finding(make.occurrence(b"\xff", removed=make.commit(2)), make.occurrence()),
        suppressed=(make.suppressed(),),
        coverage=make.coverage(make.skipped()),
        baseline="b",
        absent=(make.absent(),),
    )


def test_every_format_is_the_same_from_a_saved_report(make):
    report = full(make)
    back = saved.parse(render(report, "json").encode(), "report.json")
    for fmt in FORMATS:
        assert render(back, fmt) == render(report, fmt), fmt


def test_secrets_are_withheld_unless_they_are_in_the_report(make):
    back = saved.parse(render(full(make), "json").encode(), "r")
    assert isinstance(back.findings[0].secret, Withheld)
    shown = saved.parse(render(full(make), "json", show_secrets=True).encode(), "r")
    assert shown.findings[0].secret == make.secret()


def test_names_in_a_report_with_secrets_are_masked_when_it_is_shown_without(make):
    value = make.secret().reveal()
    report = make.report(make.finding(make.occurrence(b"for/" + value)))
    raw = render(report, "json", show_secrets=True).encode()
    assert raw.count(value) == 2
    for fmt in FORMATS:
        assert value.decode() not in render(saved.parse(raw, "r"), fmt), fmt


def refused(raw):
    with pytest.raises(UsageError) as error:
        saved.parse(raw if isinstance(raw, bytes) else json.dumps(raw).encode(), "r.json")
    message = str(error.value)
    assert message.startswith("r.json ")
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"schema": 1}']
)
def test_what_is_no_report_is_refused_with_advice(raw):
    assert "is no report; make one with: leakseal scan --format json" in refused(raw)


@pytest.mark.parametrize("schema", ["leakseal.report/2", "leakseal.stream/1", "\x1b[2J"])
def test_another_version_is_refused_by_name(make, schema):
    document = json.loads(render(full(make), "json"))
    message = refused({**document, "schema": schema})
    assert "does not read; it reads leakseal.report/1" in message
    assert "\x1b" not in message


def places(value, path=()):
    """Every member of every object in a document, by its path."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


def changed(document, path, change):
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    change(inner, path[-1])
    return document


def test_whatever_is_missing_odd_or_new_is_damage(make):
    document = json.loads(render(full(make), "json", show_secrets=True))
    count = 0
    for path in places(document):
        if path[0] == "schema" or path[:2] == ("coverage", "counts"):
            continue
        if path[0] == "summary" and len(path) > 1:  # compared as a whole
            continue
        count += 1
        assert "is damaged: " in refused(changed(document, path, _odd)), path
        if isinstance(path[-1], str):
            if not path[-1].endswith("_bytes") and path[-1] != "secret":
                assert "missing" in refused(changed(document, path, dict.__delitem__)), path
            new = changed(document, path, lambda inner, _: inner.update(surprise=1))
            assert refused(new).endswith("surprise is not known. Make the report again."), path
    assert count > 100


def _odd(inner, key):
    inner[key] = 1.5


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("coverage", "complete"), True),
        (("coverage", "counts", "blobs"), -1),
        (("coverage", "counts", "blobs"), True),
        (("summary", "secrets"), 0),
        (("findings",), []),
        (("findings", 0, "occurrences"), []),
        (("findings", 0, "state"), "stash"),
        (("findings", 0, "redacted"), "x\x1b[2J"),
        (("findings", 0, "redacted"), "other"),
        (("suppressed", 0, "redacted"), "##vso[task.x]…[9 characters]"),
        (("findings", 0, "rule", "severity"), "CRITICAL"),
        (("findings", 0, "occurrences", 0, "path_bytes"), "YQ=="),
        (("findings", 0, "occurrences", 0, "path_bytes"), "?"),
        (("findings", 0, "occurrences", 0, "place"), "cloud"),
        (("findings", 0, "occurrences", 0, "introduced", "id"), "HEAD"),
        (("findings", 0, "reasons"), ["\ud800"]),
        (("suppressed", 0, "suppressions"), []),
        (("suppressed", 0, "suppressions", 0, "kind"), "whim"),
        (("suppressed", 0, "suppressions", 0, "expires"), "soon"),
        (("head",), "main"),
        (("branch",), "\ud800"),
        (("tool", "name"), "other"),
    ],
)
def test_a_report_that_contradicts_itself_or_the_schema_is_damaged(make, path, value):
    document = json.loads(render(full(make), "json", show_secrets=True))

    def put(inner, key):
        inner[key] = value

    message = refused(changed(document, path, put))
    assert "is damaged: " in message
    assert message.isprintable()


def test_numbers_that_json_does_not_know_are_refused(make):
    text = render(full(make), "json").replace('"bytes_read": 5600000', '"bytes_read": NaN')
    assert "is no report" in refused(text.encode())


def test_a_report_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(saved, "LARGEST", 2 << 20)
    assert "is larger than 2 MiB" in refused(b" " * ((2 << 20) + 1))
