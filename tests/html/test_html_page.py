import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from leaky_reports import (
    COMMIT,
    FINDING,
    GAP,
    GONE,
    NASTY,
    PLACE,
    RULE,
    Page,
    full,
    large,
    report,
)

from scanner.model import Secret, Severity, State, Suppression
from scanner.report.html import rows
from scanner.report.html.page import render
from scanner.report.html.reading import MOST_EXAMPLES
from scanner.report.html.timeline import MOST_BARS
from scanner.report.mask import masked


def page(of, *, show_secrets=False):
    return Page(render(of, show_secrets=show_secrets))


def test_a_page_says_what_the_report_says():
    removed = PLACE._replace(path=b"old.env", state=State.HISTORY, removed=GONE)
    text = page(report(FINDING, FINDING._replace(occurrences=(removed,)))).text
    assert "2 leaks in acme" in text
    assert "/srv/acme HEAD 12345678 Branch main" in text
    assert "2026-06-01 08:00 UTC, took 9 seconds" in text
    assert "Coverage: complete Everything that was asked for was read." in text
    assert "Read: 1,234 blobs, 1 commit, 5.6 MB." in text
    for words in ("high", "Acme API key", "acm…[14 characters]", "in HEAD", "conf/app.env:12:9"):
        assert words in text
    assert "Make a second key and switch to it. Revoke or change it, then take it out." in text
    assert "its checksum is right; assigned to API_KEY (high confidence)" in text
    assert "11111111 on 2024-05-01 by Ann Lee: Add" in text
    assert "22222222 on 2024-06-02 by Bo: Remove the key" in text
    assert "since 2024-05-01, still there" in text
    assert "2024-05-01 to 2024-06-02, then in history" in text
    assert "2.1 years" in text
    assert FINDING.fingerprint in text


def test_the_page_loads_nothing_and_runs_only_what_is_its_own():
    parsed = page(full("x"))
    policy = parsed.all("meta")[1]
    assert policy["http-equiv"] == "Content-Security-Policy"
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        digest = b64encode(sha256(parsed.raw[tag].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy["content"]
    assert "default-src 'none'" in policy["content"]
    assert "unsafe" not in policy["content"]
    assert not re.search(r"url\(|@import|https?:", parsed.raw["style"])
    assert not re.search(r"innerHTML|eval|https?:|fetch|import", parsed.raw["script"])
    for tag, attributes in parsed.tags:
        assert not {"src", "srcset", "style", "action", "background"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")]
        if "href" in attributes:
            own = ("data:image/svg+xml," if tag == "link" else "#", "https://acme.example/")
            assert attributes["href"].startswith(own)


def test_links_lead_to_the_web_only_and_tell_it_nothing():
    good = page(report(FINDING)).all("a")
    assert {
        "href": "https://acme.example/keys#revoke",
        "rel": "noopener noreferrer",
    } in good
    for link in ("javascript:alert(1)", "//acme.example", "https://a b", "data:text/html,x", ""):
        finding = FINDING._replace(rule=RULE._replace(remediation=link))
        parsed = page(report(finding))
        assert all(a["href"].startswith("#") for a in parsed.all("a"))
        assert link in parsed.text


@given(st.one_of(st.text(min_size=1), st.sampled_from(NASTY)))
@example(NASTY[0])
@example(NASTY[1])
@example(NASTY[2])
@example(NASTY[3])
@example(NASTY[4])
def test_what_a_repository_says_never_becomes_markup(words):
    plain, hostile = page(full("x")), page(full(f"x{words}"))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert [set(a) for _, a in hostile.tags] == [set(a) for _, a in plain.tags]
    assert hostile.raw == plain.raw
    assert "".join(hostile.texts).replace("\n", "").isprintable()


def test_bytes_that_are_no_text_and_characters_that_turn_it_round_are_escaped():
    place = PLACE._replace(path=b"a\xff\x1b" + "\u202e".encode())
    assert r"a\xff\x1b\u202e:12:9" in page(report(FINDING._replace(occurrences=(place,)))).text


def written(value):
    yield value
    yield b64encode(value).rstrip(b"=")
    yield value.hex().encode()
    yield quote_from_bytes(value, "").encode()


@given(
    st.binary(min_size=1, max_size=16).map(lambda middle: b"Qx7" + middle + b"kZ9vJ4w"),
    st.integers(0, 3),
)
def test_no_secret_is_in_the_page_in_any_form(value, which):
    form = list(written(value))[which].decode("utf-8", "surrogateescape")
    before = full(form)
    leaks = tuple(
        f._replace(secret=Secret(value), rule=RULE, companions=()) for f in before.findings
    )
    kept = tuple(f._replace(secret=Secret(value), rule=RULE) for f in leaks)
    gaps = before.coverage._replace(skipped=(GAP._replace(subject=form, detail=form),))
    source = render(
        masked(before._replace(findings=leaks, suppressed=kept, coverage=gaps)),
        show_secrets=False,
    )
    parsed = Page(source)
    seen = [source, parsed.text, *(v or "" for _, a in parsed.tags for v in a.values())]
    raw = "\n".join(seen).encode("utf-8", "surrogatepass")
    for view in (raw, unquote_to_bytes(raw)):
        assert not [w for w in written(value) if w in view]


def test_a_secret_that_was_asked_for_is_shown_and_the_page_warns_of_it():
    text = page(report(FINDING), show_secrets=True).text
    assert "acme_" + "000Zq7xW2" in text
    assert "This page holds secrets in clear" in text
    assert "000Zq7xW2" not in page(report(FINDING)).text


def test_the_same_report_makes_the_same_page():
    of = large(30)
    assert render(of, show_secrets=False) == render(of, show_secrets=False)


def test_nothing_found_is_said_with_what_was_read():
    text = page(report()).text
    assert "No leaks found in acme" in text
    assert "Coverage: complete" in text
    assert "None found in what was asked for." in text
    assert "Exposure over time" not in text


def test_what_was_not_read_stands_at_the_top_and_nothing_is_called_clean():
    noted = GAP._replace(code="path-filter", subject="*.env", detail="only these", incomplete=False)
    parsed = page(report(gaps=[GAP, noted]))
    text = parsed.text
    assert "No leaks found in what was read of acme" in text
    assert "Coverage: NOT complete 1 thing not read, or not wholly" in text
    assert "Finding none here does not mean that there are none." in text
    assert "over-size 1 thing dump.sql: 120 MB are more than the limit of 64 MB" in text
    assert "Noted, and no gap: 1 entry path-filter 1 entry *.env: only these" in text
    assert text.index("NOT complete") < text.index("leaked secrets")
    assert not re.search(r"Coverage: complete|\bclean\b", text)


def test_what_does_not_count_as_a_leak_has_a_section_of_its_own():
    why = Suppression("baseline", "a dead test key", "Ann", "2026-01-05", "2027-01-01")
    kept = FINDING._replace(suppressions=(why,))
    parsed = page(report(suppressed=(kept,)))
    assert "None found in what was asked for." in parsed.text
    after = parsed.text.partition("Found, and not counted as leaks")[2]
    for words in ("baseline", "a dead test key", "Ann", "2027-01-01", "since 2026-01-05"):
        assert words in after
    both = page(report(FINDING, suppressed=(kept,)))
    ids = [attributes["id"] for _, attributes in both.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_links_within_the_page_lead_somewhere():
    other = FINDING._replace(fingerprint="ff" * 16, companions=(FINDING.fingerprint, "elsewhere"))
    parsed = page(report(FINDING, other))
    ids = {attributes["id"] for _, attributes in parsed.tags if "id" in attributes}
    inner = [a["href"][1:] for a in parsed.all("a") if a["href"].startswith("#")]
    assert "f1" in inner
    assert set(inner) <= ids
    named = [
        v
        for _, a in parsed.tags
        for k, v in a.items()
        if k in ("aria-labelledby", "aria-describedby")
    ]
    assert {name for value in named for name in value.split()} <= ids
    assert "Belongs with Acme API key , elsewhere" in parsed.text


def test_long_lists_are_cut_and_say_so():
    places = tuple(PLACE._replace(path=b"f%d" % n) for n in range(rows.MOST_PLACES + 37))
    gaps = [GAP._replace(subject=f"s{n}") for n in range(MOST_EXAMPLES + 4)]
    text = page(report(FINDING._replace(occurrences=places), gaps=gaps)).text
    assert f"{rows.MOST_PLACES + 37} places" in text
    assert "… and 37 more places (see --format json)" in text
    assert f"f{rows.MOST_PLACES - 1}:12" in text
    assert f"f{rows.MOST_PLACES}:12" not in text
    assert "… and 4 more (see --format json )" in text


def test_the_more_findings_the_fewer_places_of_each(monkeypatch):
    monkeypatch.setattr(rows, "MOST_PLACES_IN_ALL", 20)
    many = FINDING._replace(occurrences=(PLACE,) * 9)
    listed = rows.rows((many, many, FINDING), "f", None, show_secrets=False)
    assert [len(row.spots) + row.left for row in listed] == [9, 9, 1]
    assert sum(len(row.spots) for row in listed) <= 20
    assert [len(row.spots) for row in listed] == [9, 9, 1]
    listed = rows.rows((many, many, many), "f", None, show_secrets=False)
    assert [(len(row.spots), row.left) for row in listed] == [(6, 3)] * 3


def test_each_leak_counts_once_in_each_breakdown_and_the_rest_is_counted():
    severe = FINDING._replace(rule=RULE._replace(severity=Severity.CRITICAL, provider=""))
    parsed = page(large(400)._replace(findings=(severe, *large(399).findings)))
    tables = parsed.text.partition("How they spread")[2].partition("Leaks 400")[0]
    for title in ("Severity", "State", "Kind", "Provider", "Author of the first commit", "Age"):
        assert title in tables
    assert "not known 1" in tables
    assert f"The first {MOST_BARS} of" in parsed.text


def test_a_leak_no_commit_brought_is_counted_and_not_drawn():
    loose = FINDING._replace(occurrences=(PLACE._replace(introduced=None, state=State.WORKTREE),))
    assert "Exposure over time" not in page(report(loose)).text
    assert "Not drawn: 1 secret that no commit" in page(report(FINDING, loose)).text


@pytest.mark.parametrize(
    "when",
    [
        "",
        "1970-01-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2099-01-01",
        "x" * 400,
    ],
)
def test_a_commit_may_lie_about_its_date(when):
    place = PLACE._replace(introduced=COMMIT._replace(when=when), state=State.HISTORY, removed=GONE)
    for ended in ("2026-06-01T08:00:09Z", ""):
        odd = FINDING._replace(occurrences=(place,))
        assert "2 leaks in acme" in page(report(FINDING, odd, ended=ended)).text
        assert "1 leak in acme" in page(report(odd, ended=ended)).text
