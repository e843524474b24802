import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Severity, State
from scanner.report import render
from scanner.report.annotations import MOST

GITHUB = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
AZURE = re.compile(r"##vso\[task\.logissue ([^\]]*)\](.*)")


def github(report):
    """What the runner of GitHub Actions reads from the log: level, properties, message."""
    for line in render(report, "github").split("\n"):
        if line.lstrip().startswith("::"):
            level, properties, message = GITHUB.fullmatch(line).groups()
            named = dict(pair.split("=", 1) for pair in properties.split(","))
            yield level, {k: unquote(v) for k, v in named.items()}, unquote(message)


def azure(report):
    """What the agent of Azure Pipelines reads from the log: properties and message."""
    for line in render(report, "azure").split("\n"):
        if orders := re.findall(r"##\w*\[", line):
            assert len(orders) == 1
            properties, message = AZURE.fullmatch(line).groups()
            named = dict(pair.split("=", 1) for pair in properties.split(";"))
            decoded = {k: unquote(v.replace("%AZP25", "%25")) for k, v in named.items()}
            yield decoded, unquote(message.replace("%AZP25", "%25"))


def test_a_leak_is_annotated_at_its_line(make):
    report = make.report(make.finding())
    ((level, properties, message),) = github(report)
    assert level == "error"
    assert properties == {
        "file": "conf/app.env",
        "line": "12",
        "col": "9",
        "title": "Acme API key",
    }
    assert message.startswith("acm…[14 characters] in HEAD, 1 place: conf/app.env:12:9")
    assert message.endswith("https://acme.example/keys#revoke")
    ((properties, message),) = azure(report)
    assert properties == {
        "type": "error",
        "sourcepath": "conf/app.env",
        "linenumber": "12",
        "columnnumber": "9",
        "code": "acme-api-key",
    }
    assert message.startswith("Acme API key: acm…[14 characters] in HEAD")


def test_what_is_in_no_file_of_the_checkout_names_none(make):
    report = make.report(make.finding(make.occurrence(b"old.env", state=State.HISTORY)))
    ((_, properties, message),) = github(report)
    assert set(properties) == {"title"}
    assert "old.env" in message
    ((properties, _),) = azure(report)
    assert set(properties) == {"type", "code"}


@pytest.mark.parametrize(
    ("severity", "level", "type_"),
    [
        (Severity.CRITICAL, "error", "error"),
        (Severity.HIGH, "error", "error"),
        (Severity.MEDIUM, "warning", "warning"),
        (Severity.LOW, "notice", "warning"),
    ],
)
def test_levels_follow_severity(make, severity, level, type_):
    report = make.report(make.finding(rule=make.rule(severity=severity)))
    assert [found[0] for found in github(report)] == [level]
    assert [found["type"] for found, _ in azure(report)] == [type_]


def many(make, number):
    levels = list(Severity)
    return [
        make.finding(fingerprint=f"{n}", rule=make.rule(severity=levels[n % 4]))
        for n in range(number)
    ]


def test_no_more_than_the_platform_keeps_and_the_last_line_counts_all(make):
    report = make.report(*many(make, 100), coverage=make.coverage(make.skipped()))
    found = list(github(report))
    levels = [level for level, *_ in found]
    assert [levels.count(level) for level in ("error", "warning", "notice")] == [MOST] * 3
    assert found[0][1]["title"] == "The scan is incomplete"
    last = render(report, "github").splitlines()[-1]
    assert last.startswith("leakseal: 100 secrets found. INCOMPLETE")
    assert "Annotated are 30 of 101" in last
    types = [properties["type"] for properties, _ in azure(report)]
    assert [types.count(word) for word in ("error", "warning")] == [MOST] * 2
    assert "Annotated are 20 of 101" in render(report, "azure").splitlines()[-1]


def test_nothing_found_is_one_plain_line(make):
    for fmt in ("github", "azure"):
        (line,) = render(make.report(), fmt).splitlines()
        assert line == (
            "leakseal: 0 secrets found. COMPLETE: everything that was asked for was read."
        )


NASTY = ["::", "##[", "##vso[", "]", ";", ",", ":", "%", "%25", "\r\n", "\n::error::", "=", "#"]
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=5)), max_size=8).map("".join)


@given(texts)
def test_no_name_adds_a_command_or_a_property(make, text):
    raw = text.encode("utf-8", "surrogatepass")
    who = make.commit(author=raw)
    report = make.report(
        make.finding(
            make.occurrence(raw, introduced=who), rule=make.rule(name=text, id=text, remediation="")
        ),
        coverage=make.coverage(make.skipped(subject=text, detail=text)),
    )
    found = list(github(report))
    assert len(found) == 2
    assert all(set(p) <= {"file", "line", "col", "title"} for _, p, _ in found)
    assert len(list(azure(report))) == 2


def test_an_odd_name_comes_back_as_it_is(make):
    place = make.occurrence(b"a,b:c%d;e]f.env")
    ((_, properties, _),) = github(make.report(make.finding(place)))
    assert properties["file"] == "a,b:c%d;e]f.env"
    ((properties, _),) = azure(make.report(make.finding(place)))
    assert properties["sourcepath"] == "a,b:c%d;e]f.env"


@pytest.mark.parametrize("fmt", ["text", "json", "jsonl", "sarif", "gitlab", "codequality", "csv"])
@pytest.mark.parametrize(
    "order", ["##vso[task.setvariable variable=PATH]x", "##[error]x", "::stop-commands::x"]
)
def test_no_other_format_gives_orders_to_a_ci_job(make, fmt, order):
    raw = order.encode()
    place = make.occurrence(raw, introduced=make.commit(author=raw, subject=raw), via=(order,))
    report = make.report(
        make.finding(place, reasons=(("long " * 12 + order + " ") * 20,)),
        branch=order,
        target=order,
        coverage=make.coverage(make.skipped(subject=order, detail=order)),
    )
    text = render(report, fmt)
    assert not re.search(r"##\w*\[", text)
    assert not re.search(r"^\s*::", text, re.MULTILINE)
