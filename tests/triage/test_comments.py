"""Which comments accept a secret, in which syntax, and what only looks like one."""

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.triage.comments import markers

VALUE = "c0ffee" + "-12345"


def accepts(line, *, foreign=False):
    """Tell whether a line accepts the secret in it, and whether the next one's."""
    raw = line.encode()
    start = raw.find(VALUE.encode())
    end = start + len(VALUE)
    found = markers(raw, foreign=foreign)
    here = [
        m for m in found
        if m.here and start >= 0 and (m.end <= start or m.start >= end) and start < m.quoted
    ]  # fmt: skip
    return bool(here), any(m.next for m in found)


@pytest.mark.parametrize(
    "line",
    [
        "key = 'VALUE'  # leakseal:allow made for tests",
        "key = 'VALUE'#leakseal:allow",
        'key := "VALUE" // leakseal:allow',
        'call("VALUE");// leakseal:allow',
        "key = `VALUE`; /* leakseal:allow */ more();",
        "/* leakseal:allow */ key = 'VALUE'",
        "SELECT 'VALUE'; -- leakseal:allow",
        'key = "VALUE" --leakseal:allow',
        'local key = "VALUE" --[[ leakseal:allow ]]',
        "key = VALUE ; leakseal:allow",
        '(setq key "VALUE") ;; leakseal:allow',
        "key = 'VALUE' % leakseal:allow",
        "<key>VALUE</key> <!-- leakseal:allow -->",
        'key = "VALUE" {- leakseal:allow -}',
        'let key = "VALUE" (* leakseal:allow *)',
        "{% key = 'VALUE' %} {# leakseal:allow #}",
        "{{ 'VALUE' }} {{!-- leakseal:allow --}}",
        "{{ 'VALUE' }} {{/* leakseal:allow */}}",
        "<%= 'VALUE' %> <%-- leakseal:allow --%>",
        "set KEY=VALUE & REM leakseal:allow",
        'Const Key = "VALUE" \' leakseal:allow',
        "Const Key = \"VALUE\" ' leakseal:allow don't worry",
        "define(KEY, VALUE) dnl leakseal:allow",
        "key = 'VALUE' ! leakseal:allow",
        '$key = "VALUE" <# leakseal:allow #>',
        '(define key "VALUE") #| leakseal:allow |#',
        "# key = VALUE leakseal:allow",
        "# it's only VALUE, leakseal:allow",
        "key: it's-VALUE # leakseal:allow",
        "url = 'https://u:VALUE@host' # see https://host/#x leakseal:allow",
        "key = b'VALUE'  # noqa leakseal:allow=rule-one,rule_2 reason",
    ],
)
def test_a_comment_on_the_line_accepts(line):
    assert accepts(line.replace("VALUE", VALUE))[0]


@pytest.mark.parametrize(
    "line",
    [
        "# leakseal:allow", "  // leakseal:allow why", "/* leakseal:allow */", "-- leakseal:allow",
        "; leakseal:allow", "% leakseal:allow", "<!-- leakseal:allow why -->", "REM leakseal:allow",
        "rem leakseal:allow", "@REM leakseal:allow", ":: leakseal:allow", "' leakseal:allow",
        "''' leakseal:allow", '" leakseal:allow', "{- leakseal:allow -}", "(* leakseal:allow *)",
        "{# leakseal:allow #}", "dnl leakseal:allow", "! leakseal:allow", " * leakseal:allow",
        ".. leakseal:allow", '.\\" leakseal:allow', "{{! leakseal:allow }}",
        "{/* leakseal:allow */}",
        "--[[ leakseal:allow ]]", "#| leakseal:allow |#", "#= leakseal:allow =#",
        "NB. leakseal:allow",
        "<# leakseal:allow #>", "C leakseal:allow", "/// leakseal:allow", "#! leakseal:allow",
    ],
)  # fmt: skip
def test_a_line_with_nothing_but_a_comment_accepts_the_next(line):
    assert accepts(line)[1]


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # leakseal:allow",
        "/* leakseal:allow */ x = 1",
        "x /* leakseal:allow */",
        '["leakseal:allow",',
        "'leakseal:allow',",
        '"# leakseal:allow"',
        "leakseal:allow",
        "allow: leakseal:allow",
    ],
)
def test_a_line_with_more_than_a_comment_does_not_accept_the_next(line):
    assert not accepts(line)[1]


@pytest.mark.parametrize(
    "line",
    [
        'password = "leakseal:allow VALUE"',
        'password = "VALUE # leakseal:allow"',
        "password = 'VALUE // leakseal:allow'",
        "password = `VALUE /* leakseal:allow */`",
        'password = "VALUE \\" # leakseal:allow"',
        'password = "VALUE # leakseal:allow',
        "password = 'VALUE leakseal:allow",
        "'''VALUE leakseal:allow'''",
        '"VALUE leakseal:allow',
        "password = 'O'Brien VALUE # leakseal:allow'",
        "url = https://u:VALUE@host/leakseal:allow",
        "url = https://u:VALUE@host/#leakseal:allow",
        "url = https://u:VALUE@host//leakseal:allow",
        "curl -u VALUE --comment leakseal:allow",
        "VALUE leakseal:allow",
        '{"password": "VALUE", "comment": "leakseal:allow"}',
        '{"password": "VALUE", "#": "leakseal:allow"}',
        "/* old */ key = 'VALUE' leakseal:allow",
        "key = 'VALUE' # leakseal:allowed",
        "key = 'VALUE' # not-leakseal:allow",
        "key = 'VALUE' # leakseal:allow=",
        "key = 'VALUE' # Leakseal:Allow",
        "# key = 'VALUE leakseal:allow'",
        '# key = "VALUE leakseal:allow"',
        "key = 'VALUE' # 'leakseal:allow'",
        "x#leakseal:allow VALUE",
        "key = 'VALUE'  # gitleaks:allow",
    ],
)
def test_what_is_in_a_string_or_in_no_comment_accepts_nothing(line):
    assert accepts(line.replace("VALUE", VALUE)) == (False, False)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("gitleaks:allow", (True, False)),
        ("betterleaks:allow", (True, False)),
        ("trufflehog:ignore", (True, False)),
        ("kingfisher:ignore", (True, False)),
        ("ggignore", (True, False)),
        ("pragma: allowlist secret", (True, False)),
        ("pragma: whitelist secret", (True, False)),
        ("secretlint-disable-line", (True, False)),
        ("nosec", (True, False)),
        ("nosec B101, B105", (True, False)),
        ("nosec G101 -- a test", (True, False)),
        ("noqa: E501, S105", (True, False)),
        ("nosec B101", (False, False)),
        ("nosec: G404", (False, False)),
        ("noqa", (False, False)),
        ("noqa: S101", (False, False)),
        ("pragma: allowlist nextline secret", (False, False)),
        ("gitleaks:allowed", (False, False)),
    ],
)
def test_comments_for_other_tools_count_if_they_are_about_secrets(comment, expected):
    line = f"key = '{VALUE}'  # {comment}"
    assert accepts(line, foreign=True) == expected
    assert accepts(line) == (False, False)


def test_comments_for_the_next_line_do_not_count_on_their_own():
    line = "# pragma: allowlist nextline secret"
    assert accepts(f"{line} {VALUE}", foreign=True) == (False, True)
    assert accepts("# kingfisher:ignore", foreign=True) == (False, True)
    assert accepts("# gitleaks:allow", foreign=True) == (False, False)


@given(
    st.text(st.sampled_from(" \t\"'`\\#/*-;%!<>{}()|=abr."), max_size=60), st.binary(max_size=20)
)
def test_any_line_is_read_and_a_marker_never_lies_in_a_closed_string(around, tail):
    line = around.encode() + b"leakseal:allow" + tail
    for marker in markers(line, foreign=True):
        assert line[marker.start : marker.end].startswith(b"leakseal:allow")
        assert marker.end <= marker.until <= len(line)
    quoted = b"'" + around.replace("'", "").replace("\\", "").encode() + b" leakseal:allow'"
    assert not any(m.here and m.quoted > 1 for m in markers(quoted, foreign=False))


def test_a_long_line_is_not_looked_at_and_a_nasty_one_costs_little():
    assert not markers(b"#" * 10_000 + b" leakseal:allow", foreign=True)

    def work():
        for part in (b"'a", b'"', b"`x", b"/*", b"'", b"\\", b"# '", b"leakseal:allow "):
            markers((b"# leakseal:allow " + part * 8000)[:8000], foreign=True)
            markers((part * 8000)[:8000], foreign=True)

    assert pace.cost(work) < 1000
