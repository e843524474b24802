"""Base64 and hexadecimal: round trips, places, what is left alone."""

import base64
import bz2
import gzip
import lzma
import random
import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.views import encoded

TEXT = st.text(st.sampled_from("abcdefXYZ0189 =:_-./"), min_size=16, max_size=400).map(str.encode)
SURROUND = st.sampled_from(
    [b"", b"key: ", b'"', b"'", b"\n", b"a=", b"data:text/plain;base64,", b"("]
)
SAMPLE = b"user = someone; pass-phrase = correct horse battery staple"


def views(data, step):
    return [view for view in encoded(data) if view.step == step]


def holding(data, text, step):
    """Return the view of `data` that has `text`, and the parent's bytes that encode it."""
    for view in views(data, step):
        start = view.data.find(text)
        if start >= 0:
            assert view.decoded(start, start + len(text))
            lower, upper = view.span(start, start + len(text))
            return view, data[lower:upper]
    raise AssertionError(f"not found in {data[:200]!r}")


class TestBase64:
    @pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
    @pytest.mark.parametrize("padded", [True, False])
    @given(text=TEXT, before=SURROUND, after=st.sampled_from([b"", b'"', b"\n", b" tail", b"]"]))
    def test_round_trip(self, encode, padded, text, before, after):
        form = encode(text) if padded else encode(text).rstrip(b"=")
        _, place = holding(before + form + after, text, "base64")
        assert place in (form, form.rstrip(b"="))

    @given(text=TEXT, start=st.integers(0, 15), size=st.integers(1, 20))
    def test_a_part_lies_in_the_characters_that_encode_it(self, text, start, size):
        data = b"x: " + base64.b64encode(text)
        part = text[start : start + size]
        (view,) = views(data, "base64")
        at = view.data.index(text) + start
        lower, upper = view.span(at, at + len(part))
        assert (lower - 3) % 4 == 0
        assert part in base64.b64decode(data[lower:upper])
        assert upper - lower <= len(part) // 3 * 4 + 8

    @pytest.mark.parametrize("width", [60, 64, 76, 100])
    @pytest.mark.parametrize("gap", ["\n", "\r\n", "\n    ", "\r\n\t", "\\n", "\\r\\n"])
    @given(text=st.integers(60, 700).map(lambda n: (SAMPLE * 12)[:n]))
    def test_wrapped(self, width, gap, text):
        form = gap.join(textwrap.wrap(base64.b64encode(text).decode(), width)).encode()
        data = b"begin:" + gap.encode() + form + b"\n-----END\n"
        _, place = holding(data, text, "base64")
        assert place == form

    @given(text=st.integers(200, 700).map(lambda n: (SAMPLE * 12)[:n]), start=st.integers(0, 180))
    def test_a_part_of_a_wrapped_block(self, text, start):
        form = base64.encodebytes(text).replace(b"\n", b"\r\n  ")
        (view,) = views(form, "base64")
        lower, upper = view.span(start, start + 15)
        assert text[start : start + 15] in base64.b64decode(form[lower:upper])

    def test_the_name_in_front_stays_in_front(self):
        data = b'a: 1\n  password: "' + base64.b64encode(SAMPLE) + b'"\nb: 2\n'
        (view,) = views(data, "base64")
        assert view.data == b'  password: "' + SAMPLE + b'"'
        assert not view.decoded(0, 10)
        assert data[slice(*view.span(2, 10))] == b"password"
        assert view.decoded(8, 20)
        assert data[slice(*view.span(2, len(view.data)))].startswith(b"password: ")

    def test_many_short_pieces_become_one_view(self):
        texts = [b"the number %d is given here" % n for n in range(2000)]
        data = b"\n".join(b"k%d: %s" % (n, base64.b64encode(t)) for n, t in enumerate(texts))
        (view,) = views(data, "base64")
        assert view.data.splitlines() == [b"k%d: %s" % (n, t) for n, t in enumerate(texts)]
        for n in (0, 1, 999, 1999):
            start = view.data.index(texts[n])
            lower, upper = view.span(start, start + len(texts[n]))
            assert base64.b64decode(data[lower:upper]) == texts[n]

    def test_two_on_one_line(self):
        first, second = base64.b64encode(SAMPLE), base64.b64encode(SAMPLE[::-1])
        (view,) = views(b"a=%s;b=%s" % (first, second), "base64")
        assert view.data == b"a=" + SAMPLE + b";b=" + SAMPLE[::-1]

    def test_at_the_end_of_a_path(self):
        form = base64.b64encode(SAMPLE)
        view, place = holding(b"GET /v1/some/path_of/" + form + b" HTTP/1.1", SAMPLE, "base64")
        assert place == form
        assert view.data.startswith(b"GET " + SAMPLE)

    def test_beyond_ascii(self):
        text = "пароль от базы данных: «секрет»".encode()
        holding(b"k=" + base64.b64encode(text), text, "base64")

    def test_nested(self):
        data = SAMPLE
        for _ in range(4):
            data = b"v: " + base64.b64encode(data)
        for _ in range(4):
            (view,) = views(data, "base64")
            data = view.data
        assert data.endswith(SAMPLE)

    @pytest.mark.parametrize(
        "inner",
        [
            gzip.compress(SAMPLE),
            bz2.compress(SAMPLE),
            lzma.compress(SAMPLE),
            SAMPLE.decode().encode("utf-16-le"),
            SAMPLE.decode().encode("utf-16-be"),
            SAMPLE.decode().encode("utf-16"),
            b"\x30\x82\x04\xbd\x02\x01\x00\x30" + random.Random(5).randbytes(1200),
            b"\x30\x77\x02\x01\x01\x04" + random.Random(6).randbytes(115),
        ],
        ids=["gzip", "bzip2", "xz", "utf-16-le", "utf-16-be", "utf-16", "pkcs8", "sec1"],
    )
    def test_what_unfolds_further_comes_alone(self, inner):
        form = base64.encodebytes(inner)
        data = b"first: " + base64.b64encode(SAMPLE) + b"\nblob: \n" + form
        lone = [view for view in views(data, "base64") if view.data == inner]
        assert len(lone) == 1
        lower, upper = lone[0].span(0, len(inner))
        assert base64.b64decode(data[lower:upper]) == inner


class TestHex:
    @given(
        text=TEXT,
        upper_case=st.booleans(),
        before=st.sampled_from([b"", b"0x", b'"', b"key=", b"sum-"]),
    )
    def test_round_trip(self, text, upper_case, before):
        form = text.hex().upper() if upper_case else text.hex()
        _, place = holding(before + form.encode() + b"\n", text, "hex")
        assert place == form.encode()

    @given(text=TEXT, start=st.integers(0, 15))
    def test_a_part_is_exactly_where_it_is(self, text, start):
        data = b"k=" + text.hex().encode()
        (view,) = views(data, "hex")
        at = view.data.index(text) + start
        lower, upper = view.span(at, at + 1)
        assert bytes.fromhex(data[lower:upper].decode()) == text[start : start + 1]

    def test_wrapped(self):
        form = "\n".join(textwrap.wrap((SAMPLE * 5).hex(), 64)).encode()
        view, place = holding(form, SAMPLE * 5, "hex")
        assert place == form
        lower, upper = view.span(40, 80)
        assert bytes.fromhex(form[lower:upper].decode()) == (SAMPLE * 5)[40:80]

    def test_base64_inside(self):
        (outer,) = views(b"0x" + base64.b64encode(SAMPLE).hex().encode(), "hex")
        holding(outer.data, SAMPLE, "base64")


def randoms(count):
    source = random.Random(7)
    return [source.randbytes(32) for _ in range(count)]


@pytest.mark.parametrize(
    "data",
    [
        b"def getUserAccountByIdentifier(self): return someVeryLongIdentifierNameHere\n" * 50,
        b"some/path/to/a/directory/with/a/long-name_in_it/indeed.html\n" * 50,
        b"\n".join(value.hex().encode() for value in randoms(200)),
        b"\n".join(base64.b64encode(value) for value in randoms(200)),
        b"sha512-" + base64.b64encode(b"".join(randoms(2))),
        b"url(data:image/png;base64,"
        + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(randoms(99))),
        base64.encodebytes(b"".join(randoms(500))),
        b"-" * 500 + b"_" * 500 + b"/" * 500 + b"A" * 500 + b"0" * 500,
        b"00112233-4455-6677-8899-aabbccddeeff " * 20,
        base64.b64encode(b"\x30\x82\x04\xbd\x30\x82\x03\xa5\xa0\x03" + b"".join(randoms(30))),
    ],
    ids=["names", "paths", "digests", "tokens", "sri", "image", "wrapped", "rules", "uuid", "x509"],
)
def test_is_left_alone(data):
    assert list(encoded(data)) == []


def test_what_a_view_only_copied_is_not_decoded_again():
    data = b"a%3Db " + base64.b64encode(SAMPLE)
    percent = next(view for view in encoded(data) if view.step == "percent")
    assert list(encoded(percent.data, percent)) == []
    assert list(encoded(percent.data)) != []


@given(st.binary(max_size=200).map(lambda b: base64.b64encode(b) + b"\n" + b.hex().encode()))
def test_spans_stay_inside(data):
    for view in encoded(data):
        for start in range(0, len(view.data), 7):
            lower, upper = view.span(start, min(start + 9, len(view.data)))
            assert 0 <= lower <= upper <= len(data)


@given(st.lists(st.sampled_from([b"A", b"a9" * 10, b"=", b"\n", b"\\n", b"-", b"YWJj" * 15, b" "])))
def test_any_mixture(pieces):
    data = b"".join(pieces)
    for view in encoded(data):
        assert len(view.data) <= len(data)
        view.span(0, len(view.data))
        assert re.search(rb"[ -~]", view.data)
