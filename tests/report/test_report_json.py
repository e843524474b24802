import base64
import copy
import json
import re

import jsonschema
import pytest

from scanner.model import Secret, Severity, State
from scanner.report import render


@pytest.fixture(scope="session")
def errors(report_schema):
    validator = jsonschema.Draft202012Validator(report_schema)
    return lambda document: [error.message for error in validator.iter_errors(document)]


@pytest.fixture
def full(make):
    places = [make.occurrence(f"f{n}".encode(), state=state) for n, state in enumerate(State)]
    places += [
        make.occurrence(b"\xff", place=kind, line=0, column=0, object_id="")
        for kind in ("commit", "tag", "ref", "path", "object", "git", "stdin")
    ]
    odd = make.commit(author=b"\xe9", email=b"\xe9", subject=b"\xe9", id="ab" * 32)
    places.append(make.occurrence(introduced=None, removed=odd, via=("base64",)))
    levels = [make.finding(rule=make.rule(severity=level)) for level in Severity]
    gone = make.skipped(subject="\udcff"), make.skipped(incomplete=False)
    return make.report(
        make.finding(*places, secret=Secret(b"Qx7-not-utf-8-\xff")),
        *levels,
        target="\udcff",
        branch="\udcff",
        origin="/m/\udcff",
        coverage=make.coverage(*gone),
        absent=(make.absent(path="\udcff"),),
    )


def loaded(report, **options):
    return json.loads(render(report, "json", **options))


def test_the_schema_is_one(report_schema):
    jsonschema.Draft202012Validator.check_schema(report_schema)


@pytest.mark.parametrize("show_secrets", [False, True])
def test_reports_fit_the_schema(make, full, errors, show_secrets):
    bare = make.report(head="", branch="", origin="", target="-")
    for report in (full, bare):
        assert errors(loaded(report, show_secrets=show_secrets)) == []


def objects(value, path=()):
    if isinstance(value, dict):
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, (dict, list)):
            yield from objects(inner, (*path, key))


def changed(document, path, change):
    document = copy.deepcopy(document)
    inner = document
    for key in path:
        inner = inner[key]
    change(inner)
    return document


def test_no_object_takes_an_unknown_member_or_misses_one(full, errors):
    document = loaded(full, show_secrets=True)
    for path in objects(document):
        if path == ("coverage", "counts"):
            continue
        assert errors(changed(document, path, lambda o: o.update(surprise=1))), path
        inner = document
        for key in path:
            inner = inner[key]
        for name in inner:
            if name not in ("secret", "secret_bytes") and not name.endswith("_bytes"):
                assert errors(changed(document, path, lambda o, n=name: o.pop(n))), (path, name)


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ((), "schema", "leakseal.report/2"),
        ((), "head", "main"),
        (("coverage",), "complete", "yes"),
        (("coverage", "counts"), "blobs", -1),
        (("summary",), "secrets", 1.5),
        (("findings", 0), "state", "gone"),
        (("findings", 0), "confidence", 3),
        (("findings", 0), "occurrences", []),
        (("findings", 0, "rule"), "severity", "HIGH"),
        (("findings", 0, "occurrences", 0), "place", "cloud"),
        (("findings", 0, "occurrences", 0), "line", -1),
        (("findings", 0, "occurrences", 0), "path", None),
        (("findings", 0, "occurrences", 0), "path_bytes", "not base64!"),
        (("findings", 0, "occurrences", 0, "introduced"), "id", "HEAD"),
    ],
)
def test_a_broken_report_does_not_fit(full, errors, path, name, value):
    document = loaded(full)
    assert errors(changed(document, path, lambda o: o.update({name: value})))


def test_every_state_and_severity_of_the_model_is_in_the_schema(report_schema):
    known = report_schema["$defs"]
    assert known["state"]["enum"] == [state.name.lower() for state in State]
    assert known["severity"]["enum"] == [level.name.lower() for level in reversed(Severity)]


def test_every_place_of_the_model_is_in_the_schema(report_schema):
    from scanner.model import Occurrence

    told = re.search(r"holds it: (.*?)\.", Occurrence.__doc__, re.DOTALL)[1]
    known = report_schema["$defs"]["occurrence"]["properties"]["place"]["enum"]
    assert sorted(re.findall(r'"(\w+)"', told)) == sorted(known)


def test_bytes_that_are_not_utf8_come_back_exactly(full):
    document = loaded(full, show_secrets=True)
    found = next(f for f in document["findings"] if "secret_bytes" in f)
    by_kind = {place["place"]: place for place in found["occurrences"] if "path_bytes" in place}
    assert by_kind["path"]["path"] == "\ufffd"
    assert base64.b64decode(by_kind["path"]["path_bytes"]) == b"\xff"
    assert base64.b64decode(found["secret_bytes"]) == b"Qx7-not-utf-8-\xff"
    assert base64.b64decode(document["target_bytes"]) == b"\xff"
    assert found["occurrences"][-1]["removed"]["author"] == "\ufffd"


def test_a_valid_name_comes_once(make):
    place = loaded(make.report(make.finding(make.occurrence("é\ufffd".encode()))))
    place = place["findings"][0]["occurrences"][0]
    assert place["path"] == "é\ufffd"
    assert "path_bytes" not in place


def test_everything_a_finding_knows_is_told(make):
    removed = make.commit(2)
    report = make.report(make.finding(make.occurrence(via=("gzip",), removed=removed)))
    document = loaded(report)
    assert document["summary"]["by_state"]["head"] == 1
    assert document["coverage"]["counts"] == {"blobs": 1234, "commits": 1, "tags": 0}
    finding = document["findings"][0]
    assert "secret" not in finding
    assert finding["redacted"] == "acm…[14 characters]"
    assert finding["occurrences"] == [
        {
            "place": "file",
            "path": "conf/app.env",
            "object_id": "ab" * 20,
            "line": 12,
            "column": 9,
            "start": 200,
            "end": 220,
            "via": ["gzip"],
            "state": "head",
            "introduced": {
                "id": "1" + "0" * 39,
                "author": "Ann Lee",
                "email": "ann@acme.example",
                "when": "2024-05-01T10:20:30+02:00",
                "subject": "Add settings",
            },
            "removed": {
                "id": "2" + "0" * 39,
                "author": "Ann Lee",
                "email": "ann@acme.example",
                "when": "2024-05-01T10:20:30+02:00",
                "subject": "Add settings",
            },
        }
    ]


def test_each_finding_has_a_line_of_its_own(make):
    findings = [make.finding(secret=make.secret(str(n))) for n in range(5)]
    lines = render(make.report(*findings), "json").splitlines()
    assert sum(line.startswith('{"fingerprint"') for line in lines) == 5
