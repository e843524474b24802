import re

from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Severity, State
from scanner.report import render
from scanner.report.coverage import MOST_EXAMPLES
from scanner.report.text import MOST_PLACES

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_a_whole_report(make):
    removed = make.commit(2, author=b"Bo", when="2024-06-02T00:00:00Z")
    finding = make.finding(
        make.occurrence(via=("zip:a.txt", "base64")),
        make.occurrence(b"old.env", state=State.HISTORY, removed=removed),
        make.occurrence(b"", place="commit", line=3, column=5, state=State.HISTORY),
    )
    skipped = make.skipped(), make.skipped(code="excluded", subject="vendor", incomplete=False)
    report = make.report(finding, coverage=make.coverage(*skipped))
    assert render(report, "text").splitlines()[1:] == [
        "",
        "HIGH  Acme API key · Acme · high confidence",
        "  acm…[14 characters] · fingerprint ls1:01234567",
        "  in HEAD · 3 places:",
        "    conf/app.env:12:9 (in zip:a.txt, base64)"
        " · introduced by 10000000 on 2024-05-01 by Ann Lee",
        "    old.env:12:9 · in history only"
        " · introduced by 10000000 on 2024-05-01 by Ann Lee"
        " · removed by 20000000 on 2024-06-02 by Bo",
        "    commit abababab:3:5 · in history only"
        " · introduced by 10000000 on 2024-05-01 by Ann Lee",
        "  Why   the checksum is right; a variable named API_KEY holds it",
        "  Next  revoke or change it, then take it out: https://acme.example/keys#revoke",
        "",
        "Found 1 secret in 3 places.",
        "  By severity: 1 high",
        "  By state: 1 in HEAD",
        "",
        "INCOMPLETE: 1 thing not read, or not wholly; leaks may hide in there.",
        "  Read: 1,234 blobs, 1 commit, 5.6 MB",
        "  Not read: over-size (1)",
        "    dump.sql: 120 MB are more than the limit of 64 MB",
        "  No gap: excluded (1)",
        "    vendor: 120 MB are more than the limit of 64 MB",
    ]


def test_the_head_line_names_target_and_commit(make):
    assert (
        render(make.report(), "text")
        .splitlines()[0]
        .endswith(" · /srv/acme · HEAD 12345678 on main")
    )
    assert render(make.report(head=""), "text").splitlines()[0].endswith(" · /srv/acme")


def test_the_worst_comes_first(make):
    low = make.finding(rule=make.rule(severity=Severity.LOW, name="Small key"))
    worst = make.finding(rule=make.rule(severity=Severity.CRITICAL, name="Great key"))
    text = render(make.report(low, worst), "text")
    assert text.index("Great key") < text.index("Small key")


def test_nothing_found_is_said_with_what_was_read(make):
    text = render(make.report(), "text")
    assert "No leaks found in 1,234 blobs, 1 commit.\n" in text
    assert "COMPLETE: everything that was asked for was read." in text
    assert "INCOMPLETE" not in text


def test_nothing_found_in_part_of_it_is_never_called_complete(make):
    text = render(make.report(coverage=make.coverage(make.skipped())), "text")
    assert "No leaks found in 1,234 blobs, 1 commit, but not everything could be read." in text
    assert "INCOMPLETE: 1 thing not read" in text
    assert not re.search(r"\bCOMPLETE|\bclean", text)


def test_what_was_left_out_as_asked_does_not_make_it_incomplete(make):
    report = make.report(coverage=make.coverage(make.skipped(incomplete=False)))
    text = render(report, "text")
    assert "\nCOMPLETE:" in text
    assert "  No gap: over-size (1)" in text


def test_long_lists_are_cut_and_say_so(make):
    places = [make.occurrence(b"f%d" % n) for n in range(MOST_PLACES + 37)]
    gone = [make.skipped(subject=f"s{n}") for n in range(MOST_EXAMPLES + 4)]
    text = render(make.report(make.finding(*places), coverage=make.coverage(*gone)), "text")
    assert "    … and 37 more places (see --format json)\n" in text
    assert "    … and 4 more (see --format json)\n" in text
    assert f"f{MOST_PLACES}:" not in text
    assert f"s{MOST_EXAMPLES}:" not in text


def test_where_a_path_is_redacted_the_object_leads_there(make):
    value = make.secret()
    place = make.occurrence(b"keys/" + value.reveal() + b".pem", object_id="12ab" * 10)
    text = render(make.report(make.finding(place, make.occurrence(), secret=value)), "text")
    assert f"    keys/{value.redacted()}.pem:12:9 in object 12ab12ab · " in text
    assert "    conf/app.env:12:9 · " in text


def test_an_object_is_named_by_the_ref_that_leads_to_it(make):
    named = make.occurrence(b"refs/tags/key", place="object", object_id="12ab" * 10)
    nobodys = named._replace(path=b"")
    text = render(make.report(make.finding(named, nobodys)), "text")
    assert "    object 12ab12ab, which refs/tags/key names:12:9 · " in text
    assert "    object 12ab12ab, which no commit places:12:9 · " in text


def test_hostile_names_stay_on_their_line_in_plain_sight(make):
    place = make.occurrence(
        "[bold]x[/]\x1b]0;t\x07\n\u202e".encode() + b"\xff",
        introduced=make.commit(author=b"\rEve\x1b[2J"),
    )
    report = make.report(make.finding(place), branch="b\x1b[1m", target="t\u2028")
    for color in (False, True):
        text = render(report, "text", color=color)
        assert r"    [bold]x[/]\x1b]0;t\x07\x0a\u202e\xff:12:9" in text
        assert r"\x0dEve\x1b[2J" in text
        assert ANSI.sub("", text).replace("\n", "").isprintable()


@given(st.binary(max_size=30), st.integers(0, 200))
def test_colour_changes_nothing_but_colour(make, name, width):
    report = make.report(
        make.finding(make.occurrence(name, introduced=make.commit(author=name))),
        coverage=make.coverage(make.skipped()),
    )
    plain = render(report, "text", width=width)
    coloured = render(report, "text", color=True, width=width)
    assert plain.replace("\n", "").isprintable()
    assert ANSI.sub("", coloured) == plain
    assert coloured.count("\x1b[0m") > 5


def test_prose_is_wrapped_and_places_are_not(make):
    path = b"d/" * 100 + b"f"
    finding = make.finding(make.occurrence(path), reasons=("so it is " * 40,))
    lines = render(make.report(finding), "text", width=60).splitlines()
    assert any(path.decode() in line for line in lines)
    assert all(len(line) <= 60 for line in lines if "so it is" in line)
    assert sum("so it is" in line for line in lines) > 5


def test_a_secret_that_was_asked_for_is_shown_whole_on_one_line(make):
    value = ("-----BEGIN" + " KEY-----\n" + "Qx7" * 400 + "\n\x1b").encode()
    finding = make.finding(secret=type(make.secret())(value))
    text = render(make.report(finding), "text", show_secrets=True)
    assert "Qx7" * 400 + r"\x0a\x1b · fingerprint" in text


def test_what_does_not_count_is_counted_by_what_says_so(make):
    kinds = ("baseline", "baseline", "inline", "allow")
    accepted = tuple(make.suppressed(by=(make.suppression(kind=kind),)) for kind in kinds)
    text = render(make.report(suppressed=accepted), "text")
    assert (
        "Not counted: 4 secrets, 2 in the baseline, 1 allowed by a comment, 1 allowed by the"
        " settings (list them with --show-suppressed).\n"
    ) in text
    assert "acm…" not in text


def test_what_does_not_count_is_listed_after_the_leaks_if_asked_for(make):
    bare = make.suppression(kind="inline", reason="", owner="", added="", expires="")
    accepted = make.suppressed(by=(make.suppression(), bare), rule=make.rule(name="Test key"))
    text = render(make.report(make.finding(), suppressed=(accepted,)), "text", show_suppressed=True)
    assert text.index("HIGH  Acme API key") < text.index("ACCEPTED HIGH  Test key")
    assert (
        "  But   in the baseline: a key of the test server (owner Ann Lee, since 2024-01-02, until"
        "\n        2999-12-31)\n"
        "  But   allowed by a comment: no reason given\n"
    ) in text
    assert text.count("  Next  ") == 1
    assert "Not counted: 1 secret, 1 in the baseline.\n" in text


def test_a_leak_that_was_accepted_until_a_day_that_is_over_is_pointed_out(make):
    again = make.finding(reasons=("was accepted until 2020-01-01: for the test",))
    text = render(make.report(again, make.finding()), "text")
    assert "Counted again: 1 secret accepted once, until a day that is over.\n" in text
