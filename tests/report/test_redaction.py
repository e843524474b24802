import csv
import html
import io
import json
import random
import re
import string
import time
from base64 import b64decode, b64encode
from urllib.parse import quote_from_bytes, unquote_to_bytes
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.model import Secret, Severity, State
from scanner.report import FORMATS, render

JSON = ("json", "jsonl", "sarif", "gitlab", "codequality")
NASTY = ['"', "'", "\\", "\x1b[31m", "\0", "\n", "<b>&amp;", "[bold]", "{0}", "%41", "é", "\u202e"]
pieces = st.one_of(
    st.binary(min_size=1, max_size=8), st.sampled_from(NASTY).map(lambda text: text.encode())
)
# Built so that nothing else in a report can equal one by chance.
values = st.lists(pieces, min_size=1, max_size=5).map(lambda p: b"Qx7" + b"".join(p) + b"kZ9vJ4w")


def written(value):
    """The value as others write it; what a reader could search a report for."""
    yield value
    for altchars in (b"+/", b"-_"):
        yield b64encode(value, altchars).rstrip(b"=")
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for safe in ("/", ""):
        yield quote_from_bytes(value, safe).encode()
    yield "".join(f"%{byte:02x}" for byte in value).encode()


def as_str(raw):
    return raw.decode("utf-8", "surrogateescape")


def report_full_of(make, value, form):
    """A report that quotes `form` of the secret `value` wherever the repository has a say."""
    text = as_str(form)
    who = make.commit(author=b"by " + form, email=form, subject=b"use " + form + b" now")
    places = [
        make.occurrence(b"dir/" + form, place=kind, via=("zip:" + text,), introduced=who)
        for kind in ("file", "path", "ref", "note", "git", "commit", "tag", "object", "stdin")
    ]
    gone = make.skipped(subject=text, detail="cannot read " + text)
    known = make.suppression(reason="for " + text, owner=text)
    return make.report(
        make.finding(*places, secret=Secret(value), reasons=("beside " + text,)),
        make.finding(make.occurrence(form), secret=make.secret("1"), fingerprint="other"),
        target="/srv/" + text,
        branch="for/" + text,
        origin="/mirror/" + text,
        key_source=text,
        baseline="base/" + text,
        suppressed=(
            make.suppressed(make.occurrence(form), by=(known, known._replace(kind="inline"))),
        ),
        coverage=make.coverage(gone),
    )


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (found for item in value.items() for found in strings(item))
    elif isinstance(value, list):
        yield from (found for item in value for found in strings(item))


def unescaped(text):
    plain = re.sub(r"\\x(..)", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\u(....)", lambda match: chr(int(match[1], 16)), plain)


def everything_in(output, fmt):
    """All that a reader gets out of the output: raw, parsed, unescaped, decoded."""
    yield output.encode()
    yield unescaped(output).encode("utf-8", "surrogatepass")
    yield unescaped(output).encode("latin-1", "ignore")
    for found in values_in(output, fmt):
        yield found.encode()
        yield unquote_to_bytes(found)
        if re.fullmatch(r"(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?", found):
            yield b64decode(found)


def values_in(output, fmt):
    """The strings that a program which knows the format reads from the output."""
    if fmt in ("json", "sarif", "gitlab", "codequality"):
        yield from strings(json.loads(output))
    elif fmt == "jsonl":
        yield from (found for line in output.splitlines() for found in strings(json.loads(line)))
    elif fmt == "junit":
        for element in ElementTree.fromstring(output).iter():
            yield from (element.text or "", *element.attrib.values())
    elif fmt == "csv":
        yield from (cell for row in csv.reader(io.StringIO(output, newline="")) for cell in row)
    elif fmt in ("html", "markdown"):
        yield html.unescape(output)
    elif fmt in ("github", "azure"):
        yield from (unquote_to_bytes(line).decode("utf-8", "replace") for line in output.split())


@settings(deadline=None, max_examples=max(15, settings.default.max_examples // 3))
@given(values, st.data())
def test_no_format_gives_a_secret_away(make, value, data):
    form = data.draw(st.sampled_from(list(written(value))))
    report = report_full_of(make, value, form)
    for fmt in FORMATS:
        for color in (False, True) if fmt == "text" else (False,):
            output = render(report, fmt, color=color, show_suppressed=color)
            for view in everything_in(output, fmt):
                assert not [w for w in written(value) if w in view], fmt


@given(values)
def test_a_secret_that_was_asked_for_is_there(make, value):
    report = make.report(make.finding(secret=Secret(value)))
    document = json.loads(render(report, "json", show_secrets=True))["findings"][0]
    exact = document.get("secret_bytes")
    assert (b64decode(exact) if exact else document["secret"].encode()) == value
    assert "kZ9vJ4w" in render(report, "text", show_secrets=True)
    assert "kZ9vJ4w" in render(report, "sarif", show_secrets=True)


def test_an_unknown_format_is_a_usage_error(make):
    with pytest.raises(UsageError, match="choose one of text, json, jsonl, sarif"):
        render(make.report(), "yaml")


def large(make):
    random_source = random.Random(7)
    letters = string.ascii_letters + string.digits
    names = ["".join(random_source.choices(letters, k=30)) for _ in range(2000)]
    levels, states = list(Severity), list(State)
    findings = []
    for number in range(2000):
        value = "".join(random_source.choices(letters, k=40))
        places = [
            make.occurrence(
                f"src/{random_source.choice(names)}/{number}/{n}.py".encode(),
                state=random_source.choice(states),
                introduced=make.commit(number * 20 + n, subject=f"Change {number} {n}".encode()),
            )
            for n in range(20)
        ]
        # Each name of the first place holds the secret of the finding before.
        if findings:
            places[0] = places[0]._replace(path=findings[-1].secret.reveal() + b".txt")
        findings.append(
            make.finding(
                *places,
                fingerprint=f"ls1:{number:064x}",
                secret=Secret(value.encode()),
                rule=make.rule(id=f"r{number % 120}", severity=random_source.choice(levels)),
            )
        )
    return make.report(*findings)


@pytest.mark.slow
def test_a_large_report_comes_out_whole_and_the_same_each_time(make, record_property):
    report = large(make)
    mixed = list(report.findings)
    random.Random(1).shuffle(mixed)
    for fmt in FORMATS:
        begin = time.perf_counter()
        output = render(report, fmt)
        seconds = time.perf_counter() - begin
        record_property(f"seconds_{fmt}", seconds)
        print(f"{fmt}: {seconds:.2f} s, {len(output) / 1e6:.1f} MB")
        assert render(report._replace(findings=tuple(mixed)), fmt) == output
        raw = output.encode()
        assert not [f for f in report.findings[:50] if f.secret.reveal() in raw]
        if fmt in JSON:
            assert output.isascii()
            list(values_in(output, fmt))


def test_the_output_does_not_hang_on_the_order_of_findings_or_of_hashes(make):
    one, two = make.finding(fingerprint="a"), make.finding(fingerprint="b", secret=make.secret("1"))
    for fmt in FORMATS:
        output = render(make.report(one, two), fmt)
        assert output == render(make.report(two, one), fmt)
        assert output.endswith("\n")
