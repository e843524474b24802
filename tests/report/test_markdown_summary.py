import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Secret, Severity
from scanner.report import render
from scanner.report.markdown import LARGEST

markdown_it = pytest.importorskip("markdown_it")


def tokens(text):
    """Every token of the Markdown, with tables as GitHub reads them, raw HTML included."""
    for token in markdown_it.MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def kinds(text):
    return [token.type for token in tokens(text)]


def cells(text):
    found = list(tokens(text))
    return [found[n + 1].content for n, t in enumerate(found) if t.type == "td_open"]


def test_a_leak_is_a_row(make):
    text = render(make.report(make.finding()), "markdown")
    assert text.startswith("## leakseal: 1 secret in 1 place\n")
    assert cells(text) == [
        "HIGH",
        "`Acme API key`",
        "`acm…[14 characters]`",
        "`conf/app.env:12:9`, in HEAD, `introduced by 10000000 on 2024-05-01 by Ann Lee`",
        "high",
        "`ls1:01234567`",
        "<https://acme.example/keys#revoke>",
    ]
    assert "**COMPLETE: everything that was asked for was read.**" in text


def test_an_incomplete_scan_says_so_in_the_heading(make):
    for findings in ([], [make.finding()]):
        report = make.report(*findings, coverage=make.coverage(make.skipped()))
        text = render(report, "markdown")
        assert "INCOMPLETE" in text.splitlines()[0]
        assert "dump.sql" in text


def test_what_does_not_count_is_counted(make):
    text = render(make.report(suppressed=(make.suppressed(),)), "markdown")
    assert "Not counted: 1 secret, 1 in the baseline." in text


NASTY = [
    "`",
    "``",
    "|",
    "\\",
    "\\|",
    "\n",
    "\r",
    "<b>",
    "<!--",
    "[a](b)",
    "![",
    "https://e.example",
]
NASTY += ["@ann", "#1", "- ", "  \n", "```", "~~~", "&lt;", "*", "_", "# "]
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=4)), max_size=10).map("".join)


@given(texts)
def test_no_name_is_markup_a_link_or_another_cell(make, text):
    raw = text.encode("utf-8", "surrogatepass")
    who = make.commit(author=raw, subject=raw)

    def written(name, raw_name, commit):
        report = make.report(
            make.finding(
                make.occurrence(raw_name, introduced=commit),
                make.occurrence(raw_name),
                rule=make.rule(name=name, remediation="https://acme.example/"),
            ),
            branch=name,
            target=name,
            coverage=make.coverage(make.skipped(subject=name, detail=name)),
        )
        return render(report, "markdown")

    plain = written("x", b"x", make.commit(author=b"x"))
    assert kinds(written(text or "x", raw or b"x", who)) == kinds(plain)


def test_advice_that_is_no_plain_link_is_no_link(make):
    rule = make.rule(remediation="https://e.example/)[x](javascript:alert(1)")
    text = render(make.report(make.finding(rule=rule)), "markdown")
    assert "link_open" not in kinds(text)


def test_a_great_many_leaks_fit_and_the_rest_is_counted(make):
    findings = [
        make.finding(
            make.occurrence(b"d/" * 100 + b"%d" % n),
            fingerprint=f"{n:040d}",
            secret=Secret(b"acme_%034d" % n),
            rule=make.rule(severity=Severity.CRITICAL if n == 2_999 else Severity.LOW),
        )
        for n in range(3_000)
    ]
    text = render(make.report(*findings), "markdown")
    assert len(text.encode()) < LARGEST < 1 << 20
    listed = len(cells(text)) // 7
    assert 1_000 < listed < 3_000
    assert cells(text)[0] == "CRITICAL"
    assert f"The {listed:,} most severe are listed; {3_000 - listed:,} more" in text
    assert "**COMPLETE" in text


def test_secrets_are_redacted_even_if_they_were_asked_for(make):
    report = make.report(make.finding())
    for fmt in ("markdown", "github", "azure"):
        assert render(report, fmt, show_secrets=True) == render(report, fmt)
