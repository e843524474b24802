"""UTF-16 and UTF-32: what is recognised, and that spans are exact."""

import random
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.detect.views import embedded_wide, transcode

CODECS = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
MARK = "\ufeff"
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=80)
MIXED = st.text(st.sampled_from("abcXYZ019 =:\r\n\té中😀"), min_size=1, max_size=3000)


@pytest.mark.parametrize("codec", CODECS)
class TestTranscode:
    @given(text=MIXED, data=st.data())
    @example(text="a" * 1023 + "😀" + "b" * 2000, data=None)
    def test_spans_are_exact(self, codec, text, data):
        content = (MARK + text).encode(codec)
        view = transcode(content)
        assert (view.step, view.data.decode()) == (codec, text)
        assert view.decoded(0, len(view.data))
        first, last = (
            (0, len(text))
            if data is None
            else sorted(data.draw(st.integers(0, len(text))) for _ in "12")
        )
        last = max(last, first + 1) if first < len(text) else last
        if first < last:
            start = len(text[:first].encode())
            lower, upper = view.span(start, start + len(text[first:last].encode()))
            assert content[lower:upper].decode(codec) == text[first:last]

    @given(text=PRINTABLE)
    def test_without_a_mark(self, codec, text):
        content = text.encode(codec)
        view = transcode(content)
        assert (view.step, view.data) == (codec, text.encode())
        width = len("a".encode(codec))
        assert view.span(3, 7) == (3 * width, 7 * width)

    def test_long_and_partly_another_script(self, codec):
        text = "пароль = Secret\r\n" * 20_000
        view = transcode(text.encode(codec))
        assert view.data.decode() == text
        start = len(text[:200_000].encode())
        lower, upper = view.span(start, start + 4)
        assert text.encode(codec)[lower:upper].decode(codec)[0] == text[200_000]

    def test_marked_content_with_invalid_units_is_still_read(self, codec):
        unit = struct.pack(("<" if codec.endswith("le") else ">") + "HI"["32" in codec], 0xDC00)
        text = "password = abc " * 20
        content = (MARK + text).encode(codec) + unit + text.encode(codec)
        view = transcode(content)
        assert view.data.decode() == text + "\ufffd" + text
        start = len(view.data) - len(text)
        lower, upper = view.span(start, len(view.data))
        assert content[lower:upper].decode(codec) == text


def test_a_single_character_after_a_mark():
    assert transcode(b"\xff\xfea\0").data == b"a"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain ASCII",
        b"\xef\xbb\xbfwith a UTF-8 mark",
        "Latin-1: é".encode("latin-1"),
        b"\xff\xfe" + random.Random(1).randbytes(5000),
        random.Random(2).randbytes(5000),
        bytes(5000),
        struct.pack("<2000H", *range(2000)),
        struct.pack("<500I", *range(500)),
        b"ab\0\0" * 500,
        b"text and\0zeros\0" * 40,
    ],
)
def test_is_something_else(content):
    assert transcode(content) is None


@pytest.mark.parametrize("codec", CODECS)
class TestEmbedded:
    @given(text=PRINTABLE, before=st.binary(max_size=40), after=st.binary(max_size=40))
    def test_text_in_binary_is_found(self, codec, text, before, after):
        width = len("a".encode(codec))
        content = before + b"\xff" + bytes(4) + text.encode(codec) + bytes(4) + b"\xff" + after
        views = list(embedded_wide(content))
        hits = [view for view in views if text.encode() in view.data]
        assert hits
        spans = set()
        for view in hits:
            start = view.data.index(text.encode())
            assert view.decoded(start, start + 1)
            spans.add(view.span(start, start + len(text)))
        begin = len(before) + 5
        # Zeros on both sides: either byte order reads it, up to three bytes apart.
        assert any(
            abs(lower - begin) < width and upper - lower == width * len(text)
            for lower, upper in spans
        )

    def test_right_between_other_bytes(self, codec):
        text = "token=abcdefgh"
        content = b"\xfe\x01\x02" + text.encode(codec) + b"\x81\x82"
        (view,) = embedded_wide(content)
        assert (view.step, view.data) == (codec, text.encode())
        lower, upper = view.span(0, len(text))
        assert content[lower:upper].decode(codec) == text

    def test_letters_around_do_not_spoil_it(self, codec):
        text = "token=abcdefgh"
        content = b"XYZ" + text.encode(codec) + b"XYZ"
        assert any(text.encode() in view.data for view in embedded_wide(content))

    def test_runs_are_joined(self, codec):
        texts = [f"number {n} of many" for n in range(1000)]
        content = b"\x80\x81\x82\x83".join(text.encode(codec) for text in texts)
        (view,) = embedded_wide(content)
        assert view.data.decode().split("\n") == texts
        start = view.data.index(b"number 777")
        lower, upper = view.span(start, start + 10)
        assert content[lower:upper].decode(codec) == "number 777"


def test_short_runs_are_left_alone():
    assert list(embedded_wide(b"\xff\xff" + "7 chars".encode("utf-16-le") + b"\xff\xff")) == []


def test_content_without_zeros_has_none():
    assert list(embedded_wide(b"abc" * 1000)) == []
