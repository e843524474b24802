"""Draws line charts as SVG that can be read on light and on dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, GAP = 400, 300, 30  # of a panel, in pixels
LEFT, RIGHT, TOP, BOTTOM = 58, 24, 36, 48  # margins around its plot
LEGEND = 34
_LIGHT = ("#0969da", "#8250df", "#bc4c00", "#1a7f37", "#cf222e", "#6e7781")
_DARK = ("#58a6ff", "#bc8cff", "#f0883e", "#3fb950", "#ff7b72", "#8b949e")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "12 3", "1 4")


@dataclass(frozen=True)
class Series:
    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Panel:
    title: str
    x: str
    """What the axis shows, with its unit."""
    y: str
    series: tuple[Series, ...]


def least_squares(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return slope and intercept of the line that fits `points` best; needs two different x."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return slope, mean_y - slope * mean_x


def ticks(highest: float, wanted: int = 5) -> list[float]:
    """Return round values from 0 on, the last at or above `highest`."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [i * step for i in range(math.ceil(highest / step - 1e-9) + 1)]


def svg(title: str, panels: Sequence[Panel]) -> str:
    """Return the picture: panels side by side, one legend below them."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.series))
    width = len(panels) * WIDTH + (len(panels) - 1) * GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + LEGEND}" '
        f'width="{width}" height="{HEIGHT + LEGEND}" role="img" aria-labelledby="t">',
        f'<title id="t">{escape(title)}</title>',
        f"<style>{_style(len(names))}</style>",
        '<rect class="page" width="100%" height="100%"/>',
    ]
    for place, panel in enumerate(panels):
        parts.append(f'<g transform="translate({place * (WIDTH + GAP)} 0)">')
        parts += _panel(panel, names)
        parts.append("</g>")
    step = width / len(names)
    for place, name in enumerate(names):
        x, y = place * step + 12, HEIGHT + LEGEND / 2
        parts.append(f'<path class="s{place}" d="M{x:.1f} {y}h28"/>')
        parts.append(f'<circle class="d{place}" cx="{x + 14:.1f}" cy="{y}" r="3"/>')
        parts.append(f'<text x="{x + 35:.1f}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, names: Sequence[str]) -> list[str]:
    points = [point for line in panel.series for point in line.points]
    xs, ys = ticks(max(x for x, _ in points)), ticks(max(y for _, y in points))
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def across(x: float) -> float:
        return LEFT + x / xs[-1] * (right - LEFT)

    def up(y: float) -> float:
        return bottom - y / ys[-1] * (bottom - TOP)

    parts = [f'<text class="title" x="{LEFT}" y="20">{escape(panel.title)}</text>']
    for y in ys:
        parts.append(f'<path class="grid" d="M{LEFT} {up(y):.1f}H{right}"/>')
        parts.append(f'<text class="end" x="{LEFT - 7}" y="{up(y) + 4:.1f}">{y:,g}</text>')
    for x in xs:
        parts.append(f'<path class="axis" d="M{across(x):.1f} {bottom}v5"/>')
        parts.append(f'<text class="mid" x="{across(x):.1f}" y="{bottom + 19}">{x:,g}</text>')
    parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>')
    middle = (LEFT + right) / 2
    parts.append(f'<text class="mid" x="{middle}" y="{bottom + 39}">{escape(panel.x)}</text>')
    middle = (TOP + bottom) / 2
    turn = f'transform="rotate(-90 14 {middle})"'
    parts.append(f'<text class="mid" x="14" y="{middle}" {turn}>{escape(panel.y)}</text>')
    for line in panel.series:
        place = names.index(line.name)
        spots = [(across(x), up(y)) for x, y in sorted(line.points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        parts.append(f'<path class="s{place}" d="M{path}"/>')
        parts += [f'<circle class="d{place}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots]
    return parts


def _style(series: int) -> str:
    shape = (
        "text{font:12px system-ui,sans-serif}.title{font-weight:600;font-size:13px}"
        ".mid{text-anchor:middle}.end{text-anchor:end}path{fill:none;stroke-width:1}"
    )
    shape += "".join(
        f".s{i}{{stroke-width:2;stroke-dasharray:{_DASHES[i % len(_DASHES)] or 'none'}}}"
        for i in range(series)
    )
    light = _colors(_LIGHT, series, page="#ffffff", ink="#1f2328", grid="#d1d9e0")
    dark = _colors(_DARK, series, page="#0d1117", ink="#e6edf3", grid="#30363d")
    return f"{shape}{light}@media(prefers-color-scheme:dark){{{dark}}}"


def _colors(palette: Sequence[str], series: int, *, page: str, ink: str, grid: str) -> str:
    lines = "".join(
        f".s{i}{{stroke:{palette[i % len(palette)]}}}.d{i}{{fill:{palette[i % len(palette)]}}}"
        for i in range(series)
    )
    return (
        f".page{{fill:{page}}}text{{fill:{ink}}}.axis{{stroke:{ink}}}.grid{{stroke:{grid}}}{lines}"
    )
