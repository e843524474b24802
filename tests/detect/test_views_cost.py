"""Large and hostile content: the work stays in proportion, and little comes out of little."""

import base64
import random

import pace
import pytest

from scanner.detect.views import embedded_wide, encoded, transcode

SIZE = 50_000_000
MOST = 6000  # pieces; generous, the sizes of what comes out are the measure


def filled(unit, size=SIZE):
    return (unit * (size // len(unit) + 1))[:size]


def counted(data):
    found = []
    work = ((view.step, len(view.data)) for view in encoded(data))
    assert pace.cost(lambda: found.extend(work)) < MOST
    return found


@pytest.mark.parametrize(
    "unit", [b"A", b"&", b"%", b"\\", b"-", b"a" * 17 + b" ", b"0f" * 20 + b"/"]
)
def test_large_content_with_nothing_in_it(unit):
    assert counted(filled(unit)) == []


def test_one_line_of_escapes():
    data = filled(b"%41")
    ((step, size),) = counted(data)
    assert step == "percent"
    assert SIZE // 3 - 2 <= size <= SIZE // 3 + 2


def test_one_line_of_base64():
    data = base64.b64encode(filled(b"the quick brown fox ", SIZE // 4 * 3))

    def work():
        (view,) = encoded(data)
        assert len(view.data) == SIZE // 4 * 3
        for start in range(0, len(view.data), 1000):
            lower, upper = view.span(start, start + 30)
            assert 40 <= upper - lower <= 44

    assert pace.cost(work) < MOST


def test_an_image_in_base64_costs_a_look():
    noise = random.Random(3).randbytes(3_000_000)
    assert counted(b"data:image/png;base64," + filled(base64.b64encode(noise))) == []
    assert counted(base64.encodebytes(noise)) == []


def test_views_of_many_lines_are_few():
    data = filled(b"first line\nkey=%41%42\n", 5_000_000)
    ((step, size),) = counted(data)
    assert step == "percent"
    assert size < len(data)
    pieces = filled(b'k: "' + base64.b64encode(b"a secret of some length") + b'"\n', 30_000_000)
    found = counted(pieces)
    assert 1 < len(found) <= 4
    assert all(size <= 17 << 20 for _, size in found)


def test_every_line_with_every_escape_is_bounded_over_all_levels():
    data = filled(b"%41 \\u0042 &#67; %2525 plain text of the line\n", 500_000)
    total = 0
    pending = [(data, None)]
    while pending:
        content, source = pending.pop()
        for view in encoded(content, source):
            total += len(view.data)
            pending.append((view.data, view))
    assert total < 20 * len(data)


@pytest.mark.parametrize("unit", [b"a\0" * 7 + b"\x80", b"\0", b"a\0\0\0" * 7 + b"\1", b"\1\2\3\0"])
def test_zeros_without_text(unit):
    data = b"\x01\x02\x80" + filled(unit, 20_000_000)

    def work():
        assert transcode(data) is None
        assert list(embedded_wide(data)) == []

    assert pace.cost(work) < MOST


def test_wide_text_of_any_size_gives_spans_cheaply():
    data = "key = värde 😀\r\n".encode("utf-16-le") * 600_000
    view = transcode(data)

    def work():
        for start in range(0, len(view.data), 5000):
            lower, upper = view.span(start, start + 10)
            assert 4 <= upper - lower <= 24

    assert pace.cost(work) < MOST
