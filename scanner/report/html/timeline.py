"""The time line of exposure: how many secrets could be read when, and the worst ones singly.

A secret that was removed from the files stays readable in the history; both are told apart.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from scanner.report.html.lifetime import DAY, Lifetime, moment
from scanner.report.html.rows import Row

MOST_BARS = 25
HEIGHT = 96  # of the chart, in pixels
_STEPS = 120
_TICKS = 8
_EDGE = 2  # per cent on either side where a label would stick out
_SEAM = 0.08  # per cent; columns overlap by it so that nothing shines through
_NEVER = float("inf")


class Tick(NamedTuple):
    """A date on the axis."""

    x: str
    label: str


class Column(NamedTuple):
    """A stretch of the chart over which nothing changes; heights are in pixels."""

    x: str
    width: str
    standing: str
    readable: str


class Line(NamedTuple):
    """One secret: from `start` to `turn` it stood in files, from there on only in history."""

    row: Row
    start: str
    turn: str
    span: str
    words: str


class Period(NamedTuple):
    """A month or a year in numbers; the last two at its end."""

    name: str
    came: int
    gone: int
    standing: int
    removed: int


class Timeline(NamedTuple):
    """What the page draws; `undated` counts the leaks that no commit with a date brought."""

    first: str
    last: str
    ticks: list[Tick]
    columns: list[Column]
    lines: list[Line]
    periods: list[Period]
    most: int
    dated: int
    undated: int
    standing: int
    removed: int


class _Span(NamedTuple):
    start: float
    end: float  # infinite where it was not removed


def timeline(lives: list[Lifetime], rows: list[Row], now: float | None) -> Timeline | None:
    """Return the time line up to `now`, the end of the scan; None if no leak has a date.

    `lives` and `rows` tell of the same findings in the same order. Dates after `now` count as now.
    """
    dated = [(life, row) for life, row in zip(lives, rows, strict=True) if life.start is not None]
    if not dated:
        return None
    spans = [_span(life) for life, _ in dated]
    known = [at for span in spans for at in span if at != _NEVER]
    end = max(known) if now is None else now
    start = min(*(span.start for span in spans), end - DAY)
    spans = [_within(span, end) for span in spans]
    scale = _Scale(start, end)
    removed = sum(span.end <= end for span in spans)
    columns, most = _columns(spans, scale)
    return Timeline(
        first=_date(start),
        last=_date(end),
        ticks=_ticks(scale),
        columns=columns,
        lines=[
            _line(row, span, scale)
            for (_, row), span in zip(dated[:MOST_BARS], spans, strict=False)
        ],
        periods=_periods(spans, scale),
        most=most,
        dated=len(dated),
        undated=len(rows) - len(dated),
        standing=len(spans) - removed,
        removed=removed,
    )


class _Scale(NamedTuple):
    start: float
    end: float

    def at(self, moment_: float) -> float:
        return 100 * (min(moment_, self.end) - self.start) / (self.end - self.start)


def _span(life: Lifetime) -> _Span:
    start = life.start or 0.0
    return _Span(start, _NEVER if life.gone is None or life.end is None else life.end)


def _within(span: _Span, end: float) -> _Span:
    start = min(span.start, end)
    return _Span(start, span.end if span.end == _NEVER else min(max(start, span.end), end))


def _line(row: Row, span: _Span, scale: _Scale) -> Line:
    start, turn = scale.at(span.start), scale.at(span.end)
    came = row.came.date if row.came else ""
    if row.gone:
        words = f"{came} to {row.gone.date}, then in history"
    else:
        words = f"since {came}, {row.end}"
    return Line(row, _percent(start), _percent(turn), _percent(turn - start), words)


def _columns(spans: list[_Span], scale: _Scale) -> tuple[list[Column], int]:
    """Return the chart and its highest number."""
    step = (scale.end - scale.start) / _STEPS
    edges = [scale.start + step * number for number in range(1, _STEPS)] + [scale.end]
    came, gone = _counted(spans, edges)
    most = max(came)
    columns = []
    numbered = list(enumerate(zip(came, gone, strict=True)))
    for (all_, left), run in groupby(numbered, key=lambda item: item[1]):
        steps = [number for number, _ in run]
        x, width = 100 * steps[0] / _STEPS, 100 * len(steps) / _STEPS
        high, low = HEIGHT * all_ / most, HEIGHT * (all_ - left) / most
        if all_:
            columns.append(
                Column(_percent(x), _percent(width + _SEAM), f"{low:.1f}", f"{high:.1f}")
            )
    return columns, most


def _counted(spans: list[_Span], edges: list[float]) -> tuple[list[int], list[int]]:
    """Return for each of the edges how many had come, and how many had been removed, by then."""
    starts, ends = sorted(span.start for span in spans), sorted(span.end for span in spans)
    return [bisect_right(starts, e) for e in edges], [bisect_right(ends, e) for e in edges]


def _periods(spans: list[_Span], scale: _Scale) -> list[Period]:
    """Return the numbers by month or, for more than two years, by year."""
    first, last = datetime.fromtimestamp(scale.start, UTC), datetime.fromtimestamp(scale.end, UTC)
    monthly = scale.end - scale.start <= 2 * 366 * DAY
    names = [str(year) for year in range(first.year, last.year + 1)]
    if monthly:
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        names = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in months]
    begins = [_begin(name) for name in names[1:]]
    came, gone = _counted(spans, [*(begin - 1 for begin in begins), scale.end])
    before = zip([0, *came], [0, *gone], strict=False)
    return [
        Period(name, c - c0, g - g0, c - g, g)
        for name, c, g, (c0, g0) in zip(names, came, gone, before, strict=False)
        if c - c0 or g - g0
    ]


def _begin(period: str) -> float:
    return moment(f"{period}-01" if "-" in period else f"{period}-01-01") or 0.0


def _ticks(scale: _Scale) -> list[Tick]:
    """Return the starts of years, months or days on the axis, a handful of them."""
    first, last = datetime.fromtimestamp(scale.start, UTC), datetime.fromtimestamp(scale.end, UTC)
    years = list(range(first.year + 1, last.year + 1))
    months = [
        f"{month // 12:04d}-{month % 12 + 1:02d}"
        for month in range(first.year * 12 + first.month, last.year * 12 + last.month)
    ]
    names = months if len(years) < 3 else [f"{year:04d}" for year in years]
    every = -(-len(names) // _TICKS) or 1
    ticks = [(scale.at(_begin(name)), name) for name in names[::every]]
    return [Tick(_percent(x), name) for x, name in ticks if _EDGE <= x <= 100 - _EDGE]


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _percent(number: float) -> str:
    return f"{number:.2f}%"
