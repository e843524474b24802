"""Where encoded text stands: a matter of its lines alone, and the same for either kernel."""

import base64
import importlib
import random
from array import array
from html.entities import html5

import pace
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.detect.views import Anchors, anchors, block_lines, encoded
from scanner.kernels.pure import encoded as pure

TEXT = b"name = someone; pass-phrase: correct horse battery staple, " * 90


@pytest.fixture(scope="module", params=["pure", "fast"])
def kernel(request):
    return loaded(request.param)


def loaded(name):
    try:
        return importlib.import_module(f"scanner.kernels.{name}.encoded")
    except ImportError:
        return pytest.skip("kernels are not compiled here")


def block(encode, seed, size, width, gap, spoil):
    """Return text or noise, encoded in lines of one width, maybe with one other character."""
    source = random.Random(seed)
    inner = TEXT[source.randrange(50) :][:size] if seed % 3 else source.randbytes(size)
    form = bytearray(encode(inner))
    at = source.randrange(len(form))
    if spoil == "line":
        at -= at % width
        form[at : at + width] = b"/" * len(form[at : at + width])
    elif spoil:
        form[at] = ord(spoil)
    return gap.join(bytes(form[n : n + width]) for n in range(0, len(form), width))


def digits(inner):
    return inner.hex().encode()


ENCODED = st.builds(
    block,
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode, digits]),
    st.integers(0, 1000),
    st.integers(10, 400),
    st.sampled_from([60, 61, 64, 64, 76, 100, 1024, 2000]),
    st.sampled_from([b"\n", b"\n", b"\r\n", b"\n    ", b"\r\n\t", b"\\n", b"\\r\\n"]),
    st.sampled_from(["", "", "", "z", "-", "=", "line"]),
)
LARGE = st.builds(
    block,
    st.sampled_from([base64.b64encode, digits]),
    st.integers(0, 1000),
    st.integers(800, 5000),
    st.sampled_from([64, 1024, 1028, 9000]),
    st.sampled_from([b"\n", b"\r\n"]),
    st.just(""),
)
DIGEST = st.tuples(st.sampled_from([16, 20, 32, 64]), st.integers(0, 1000)).map(
    lambda pair: random.Random(pair[1]).randbytes(pair[0])
)
ESCAPES = st.lists(
    st.sampled_from(
        b"%41 %C3%A9 %c3 %2 %0a %00 \\u0041 \\x41 \\u00 \\u{41} \\u{000041} \\u{0000041}"
        b" \\U00000041 \\\\u0042 \\ud83d\\ude00 &amp; &#65; &#x41; &#0000065; &#00000065; &fjlig;"
        b" &eacute; &value; &#x0; &#9; &#128; &#31; % & \\".split()
    ),
    max_size=6,
).map(b"".join)
CODE = st.sampled_from(
    [
        b"def getUserAccountByIdentifier(self):",
        b"    return some.path/to/a_file-name/in/it.html",
        b"//" * 39,
        b"-" * 64,
        b"A" * 64,
        b"path/to/",
        b'key: "',
        b"=",
        b"==",
        b"--",
        b"  ",
        b"\\n",
        b"",
    ]
)
PIECE = st.one_of(
    CODE, CODE, ESCAPES, ENCODED, ENCODED, DIGEST.map(digits), DIGEST.map(base64.b64encode), LARGE
)
LINE = st.tuples(st.lists(PIECE, max_size=3).map(b"".join), st.sampled_from([b"\n", b"\r\n"])).map(
    b"".join
)
LINES = st.lists(LINE, max_size=8).map(b"".join)
CONTENT = st.tuples(LINES, PIECE).map(b"".join)


def starts(content):
    """Return where the physical lines of a content begin, and its end."""
    inner = (n + 1 for n, byte in enumerate(content) if byte == 10 and n + 1 < len(content))
    return [0, *inner, len(content)]


def unpacked(found):
    """Return runs and escapes of each kind as tuples of positions."""
    runs = [array("q", packed) for packed in found[:2]]
    return [
        *([tuple(kind[n : n + 3]) for n in range(0, len(kind), 3)] for kind in runs),
        *([(place,) for place in array("q", packed)] for packed in found[2:]),
    ]


def moved(found, low, high, by=0):
    """Return the anchors that begin in a range, `by` bytes further on."""
    return [
        [tuple(n + by for n in anchor) for anchor in kind if low <= anchor[0] < high]
        for kind in found
    ]


def listing(views):
    def spans(view):
        step = max(1, len(view.data) // 20)
        return [view.span(n, n + 5) for n in range(0, len(view.data), step)]

    return [(view.step, view.data, spans(view)) for view in views]


class TestLocality:
    @given(CONTENT, st.data())
    def test_of_a_range_is_of_the_whole_in_the_range(self, kernel, content, data):
        whole = unpacked(kernel.places(content, 0, len(content)) or Anchors())
        places = starts(content)
        for _ in range(4):
            low, high = sorted(data.draw(st.sampled_from(places)) for _ in "12")
            start, end = kernel.block_lines(content, low, high)
            assert start <= low <= high <= end
            assert {start, end} <= set(places)
            found = unpacked(kernel.places(content, start, end) or Anchors())
            assert found == moved(whole, start, end)

    @given(LINES, LINES, LINES, CONTENT)
    def test_only_the_lines_of_a_change_have_to_be_searched(self, before, old, new, after):
        base, child = before + old + after, before + new + after
        by = len(child) - len(base)
        was = block_lines(base, len(before), len(before + old))
        now = block_lines(child, len(before), len(before + new))
        low, high = min(was[0], now[0]), max(was[1] + by, now[1])
        inherited = unpacked(anchors(base))
        parts = (
            moved(inherited, 0, low),
            unpacked(anchors(child, low, high)),
            moved(inherited, high - by, len(base), by),
        )
        assert unpacked(anchors(child)) == [
            before + inside + after for before, inside, after in zip(*parts, strict=True)
        ]

    def test_what_is_no_block_is_not_grown(self, kernel):
        code = b"def f(x):\n    return x\n\n" * 30
        rules = b"/" * 78 + b"\n// name\n" + b"# " + b"-" * 70 + b"\n" + b"x" * 70 + b" y\n"
        pem = b"-----BEGIN X-----\n" + base64.encodebytes(TEXT[:150]) + b"-----END X-----\n"
        content = code + rules + code + pem + code
        first = content.index(b"BEGIN X-----\n") + 13
        last = content.index(b"-----END")
        for place in starts(content):
            if not first < place < last:
                assert kernel.block_lines(content, place, place) == (place, place)
        middle = content.index(b"\n", first) + 1
        assert kernel.block_lines(content, middle, middle) == (first, last)

    @pytest.mark.parametrize("gap", [b"\n", b"\r\n", b"\n  "])
    def test_a_block_goes_through_lines_without_letters(self, kernel, gap):
        lines = base64.b64encode(TEXT[:48]), b"/" * 64, b"+" * 64, b"A" * 64, b"A" * 20
        content = b"x\n" + gap.join(lines) + b"\n" + b"y\n"
        for place in starts(content)[2:-2]:
            assert kernel.block_lines(content, place, place) == (2, len(content) - 2)

    def test_padding_stands_on_the_line(self, kernel):
        form = base64.b64encode(b"correct horse!")
        assert form.endswith(b"=")
        assert kernel.places(form, 0, len(form))
        broken = form[:-1] + b"\n="
        assert kernel.places(broken, 0, len(broken)) is None


class TestKernels:
    @given(CONTENT, st.integers(-5, 3000), st.integers(-5, 3000))
    def test_they_agree_on_any_range(self, content, start, end):
        fast = loaded("fast")
        assert fast.places(content, 0, len(content)) == pure.places(content, 0, len(content))
        assert fast.places(content, start, end) == pure.places(content, start, end)
        assert fast.block_lines(content, start, end) == pure.block_lines(content, start, end)

    @given(st.binary(max_size=18), st.integers(0, 6), st.sampled_from(b"aA\x00\t\x80\xc3\xff"))
    @example(b"BZh91AY&SY-", 0, 97)
    @example(b"openssh-key-v1\0", 0, 97)
    @example(b"0\x82ab\x02\x01\x00\x30", 0, 97)
    def test_they_judge_alike(self, head, repeated, byte):
        fast = loaded("fast")
        wide = bytes((byte, 0)) * repeated
        for start in (b"", wide, wide[1:], b"\xff\xfe", b"\xfe\xff", b"\xc3\xa9", b"0\x81", b"0A"):
            assert fast.readable(start + head) == pure.readable(start + head)

    def test_named_entities_are_those_that_stand_for_ascii(self, kernel):
        for name, text in html5.items():
            content = b"x &" + name.encode() + b" y"
            found = kernel.places(content, 0, len(content))
            assert (found is not None) == (name.endswith(";") and text.isascii()), name

    def test_every_number_of_a_character(self, kernel):
        for code in range(300):
            text = code < 128 and (code >= 32 or code in (9, 10, 13))
            for form in (b"&#%d;", b"&#%07d;", b"&#x%x;", b"&#X%06X;"):
                assert (kernel.places(form % code, 0, 99) is not None) == text
            if code < 256:
                for form in (b"\\x%02x", b"\\u%04X", b"\\u{%02x}", b"\\u{%06x}", b"\\U%08x"):
                    assert (kernel.places(form % code, 0, 99) is not None) == text, form % code
                assert (kernel.places(b"%%%02x" % code, 0, 99) is not None) == text


class TestEncoded:
    @given(CONTENT)
    def test_from_anchors_are_the_same_views(self, content):
        found = anchors(content)
        assert listing(encoded(content, found=found)) == listing(encoded(content))
        assert bool(found) == bool(list(encoded(content)))

    @given(CONTENT)
    def test_anchors_lie_inside(self, content):
        *runs, percent, backslash, html = unpacked(anchors(content))
        for start, end, stop in runs[0] + runs[1]:
            assert 0 <= start < end <= stop <= len(content)
        for mark, kind in ((b"%", percent), (b"\\", backslash), (b"&", html)):
            assert all(content[place : place + 1] == mark for (place,) in kind)

    def test_nothing_without_anchors(self):
        content = b"key: " + base64.b64encode(TEXT)
        assert list(encoded(content, found=Anchors())) == []


def test_lines_of_digits_after_one_that_has_others_are_a_block(kernel):
    line = digits(TEXT[:32]) + b"\n"
    content = line * 3 + line[:50] + b"z" + line[51:] + line * 3
    found = unpacked(kernel.places(content, 0, len(content)))
    assert [end - start for start, _, end in found[1]] == [64, 64, 64, 50, 3 * 65 - 1]


def test_lines_of_digits_before_one_that_has_others_are_linear(kernel):
    line = digits(TEXT[:32])
    content = (line + b"\n") * 50_000 + b"z" * 64 + b"\n"
    found = []
    assert pace.cost(lambda: found.extend(kernel.places(content, 0, len(content)))) < 2000
    assert unpacked(found)[1] == [(n, n + 64, n + 64) for n in range(0, 65 * 50_000, 65)]
