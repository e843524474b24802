"""Percent, backslash and HTML escapes: round trips, places, what is copied."""

import html
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.views import encoded

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)
WIDE = st.text(st.sampled_from("abé中😀=&<% \\"), min_size=1, max_size=40).map(lambda t: "a" + t)
PLAIN = st.text(st.sampled_from("abc =:/\n\t,"), max_size=30)

ENCODERS = {
    "percent": {
        "all": lambda t: "".join(f"%{b:02x}" for b in t.encode()),
        "upper": lambda t: "".join(f"%{b:02X}" for b in t.encode()),
        "library": lambda t: urllib.parse.quote(t + "=", safe=""),
    },
    "unicode-escape": {
        "json": lambda t: "".join(
            f"\\u{u:04x}" for u in memoryview(t.encode("utf-16-le")).cast("H")
        ),
        "braces": lambda t: "".join(f"\\u{{{ord(c):x}}}" for c in t),
        "hex": lambda t: "".join(f"\\x{b:02x}" for b in t.encode()),
        "long": lambda t: "".join(f"\\U{ord(c):08x}" for c in t),
        "twice": lambda t: json.dumps("".join(f"\\u{ord(c):04x}" for c in t if c < "\ud800"))[1:-1],
    },
    "html": {
        "decimal": lambda t: "".join(f"&#{ord(c)};" for c in t),
        "hex": lambda t: "".join(f"&#x{ord(c):x};" for c in t),
        "padded": lambda t: "".join(f"&#X{ord(c):06X};" for c in t),
        "library": lambda t: html.escape(t + "<"),
    },
}
CASES = [(step, name) for step, forms in ENCODERS.items() for name in forms]


def views(data, step, source=None):
    return [view for view in encoded(data, source) if view.step == step]


@pytest.mark.parametrize(("step", "form"), CASES)
class TestRoundTrip:
    @given(text=st.one_of(TEXT, WIDE), before=PLAIN, after=PLAIN)
    def test_round_trip(self, step, form, text, before, after):
        if form == "twice":
            text = "".join(c for c in text if c < "\ud800") or "a"
        written = ENCODERS[step][form](text).encode()
        data = before.encode() + written + after.encode()
        (view,) = views(data, step)
        start = view.data.index(text.encode(), len(before[before.rfind("\n") + 1 :]))
        end = start + len(text.encode())
        lower, upper = view.span(start, end)
        assert view.decoded(start, end) or form == "library"
        assert lower == len(before.encode())
        expected = ENCODERS[step][form](text) if form != "library" else None
        if expected is not None:
            assert data[lower:upper] == expected.encode()
        else:
            assert written.startswith(data[lower:upper])

    @given(text=TEXT.filter(lambda t: len(t) > 3), data=st.data())
    def test_a_part_is_exactly_where_it_is(self, step, form, text, data):
        if form == "library":
            return
        index = data.draw(st.integers(0, len(text) - 1))
        content = b"xx" + ENCODERS[step][form](text).encode()
        (view,) = views(content, step)
        lower, upper = view.span(2 + index, 3 + index)
        assert content[lower:upper] == ENCODERS[step][form](text[index]).encode()


class TestLines:
    def test_only_lines_with_escapes_are_taken(self):
        data = b"plain\nuser=%41dmin&x=1\nplain too\n  b=%42\n"
        (view,) = views(data, "percent")
        assert view.data == b"user=Admin&x=1\n  b=B"

    def test_copied_text_is_told_from_decoded(self):
        data = b"first\nname=secret %41bc tail"
        (view,) = views(data, "percent")
        assert view.data == b"name=secret Abc tail"
        assert not view.decoded(0, 11)
        assert view.decoded(0, 13)
        assert not view.decoded(13, 20)
        assert data[slice(*view.span(5, 11))] == b"secret"
        assert data[slice(*view.span(12, 15))] == b"%41bc"
        assert data[slice(*view.span(16, 20))] == b"tail"

    @pytest.mark.parametrize(
        ("step", "escape"),
        [("percent", b"%41"), ("unicode-escape", b"\\u0041"), ("html", b"&#65;")],
    )
    def test_of_a_long_line_what_is_around(self, step, escape):
        data = b"x" * 20_000 + escape + b"y" * 20_000 + escape + b"z" * 100_000
        (view,) = views(data, step)
        first, second = view.data.split(b"\n")
        assert first == b"x" * 4096 + b"A" + b"y" * 4096
        assert second == b"y" * 4096 + b"A" + b"z" * 4096
        start = view.data.rindex(b"A")
        assert data[slice(*view.span(start, start + 1))] == escape
        assert data[slice(*view.span(start - 3, start))] == b"yyy"

    @pytest.mark.parametrize(
        ("step", "escape"),
        [("percent", b"%41"), ("unicode-escape", b"\\u0041"), ("html", b"&#x000041;")],
    )
    @given(before=st.integers(0, 12), filler=st.sampled_from([b"", b".", b"....."]))
    def test_a_line_full_of_escapes_is_not_torn(self, step, escape, before, filler):
        data = b"." * before + (escape + filler) * 3000
        (view,) = views(data, step)
        assert view.data == b"." * before + (b"A" + filler) * 3000
        for n in (0, 1, 1000, 2999):
            start = before + n * (1 + len(filler))
            lower, upper = view.span(start, start + 1)
            assert (lower, data[lower:upper]) == (before + n * len(escape + filler), escape)
            if filler:
                assert not view.decoded(start + 1, start + 2)

    @pytest.mark.parametrize(
        "data",
        [
            b"100% of it, 50%, %d %s %02d %08x %-5s %%\n",
            b"int *p = &value; x && y; a & b; &unknownname;",
            b"C:\\users\\x\\utils \\d+\\w",
            b'"\\u4e2d\\u6587"',
            b"\\xe4\\x00\\x1f\\u0000",
            b"&#0; &#xD800; &#1114112; &eacute;",
            b"\\u{110000} \\ud83d",
        ],
    )
    def test_is_left_alone(self, data):
        assert list(encoded(data)) == []

    def test_named_entities(self):
        (view,) = views(b"a&amp;b&lt;c&quot;&apos;&lbrace;&eacute;&nosuch;&nbsp;", "html")
        assert view.data.decode() == "a&b<c\"'{é&nosuch;\xa0"

    def test_newlines_between_escapes(self):
        (view,) = views(b"%0d%0aKey: %76\n", "percent")
        assert view.data == b"\r\nKey: v"


class TestNesting:
    def test_twice_encoded(self):
        (outer,) = views(b"k=%2541%2542", "percent")
        assert outer.data == b"k=%41%42"
        (inner,) = views(outer.data, "percent", outer)
        assert inner.data == b"k=AB"

    def test_every_combination_is_reached_once(self):
        data = b"a%41 \\u0042 &#67;"
        found = []

        def follow(content, source, path):
            for view in encoded(content, source):
                found.append((*path, view.step))
                follow(view.data, view, (*path, view.step))

        follow(data, None, ())
        assert sorted(found) == sorted(set(found))
        assert ("percent", "unicode-escape", "html") in found
        assert len(found) == 7

    def test_html_in_percent_in_json(self):
        data = b'"q": "\\u0025\\u0032\\u0036amp%3Bx"'
        (first,) = views(data, "unicode-escape")
        assert first.data == b'"q": "%26amp%3Bx"'
        (second,) = views(first.data, "percent", first)
        assert second.data == b'"q": "&amp;x"'
        (third,) = views(second.data, "html", second)
        assert third.data == b'"q": "&x"'


@given(st.binary(max_size=300), st.sampled_from([b"%", b"\\u", b"\\x", b"&#"]))
def test_spans_stay_inside(rubbish, mark):
    data = mark + b"41;" + mark.join(rubbish[n : n + 5] for n in range(0, len(rubbish), 5))
    for view in encoded(data):
        for start in range(0, len(view.data), 5):
            lower, upper = view.span(start, min(start + 6, len(view.data)))
            assert 0 <= lower <= upper <= len(data)
            view.decoded(start, start + 1)
