"""Raises what stands beside a part that belongs to it, such as a secret beside its key's id."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from scanner.detect.lines import positions
from scanner.detect.overlaps import Found
from scanner.model import Confidence, Rule


class Companions:
    """Which rules of a pack find parts of one credential."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Prepare those of `rules` that name others."""
        self.served = frozenset(name for rule in rules for name in rule.companions)
        """The ids of the rules that others name."""

    def waits(self, f: Found) -> bool:
        """Tell whether another file may hold what `f` belongs to, or what belongs to it."""
        return f.rule.id in self.served or bool(f.rule.companions and not f.near)

    def raised(self, data: bytes, found: list[Found]) -> list[Found]:
        """Return `found`, all that `data` holds; what has a companion near is surer by a level.

        A companion may be as doubtful as it likes, and it may itself be taken by something else
        that stands in the same place. It does not overlap what it raises.
        """
        if not self.served:
            return found
        asking = [n for n, f in enumerate(found) if _asks(f)]
        if not asking:
            return found
        wanted = frozenset(name for n in asking for name in found[n].rule.companions)
        parts = [f for f in found if f.rule.id in wanted and not f.disproved]
        if not parts:
            return found
        near = _Near(data, parts, [found[n] for n in asking])
        raised = list(found)
        for n in asking:
            name = near.nearest(found[n])
            if name:
                raised[n] = _raised(found[n], name)
        return raised


class _Near:
    """The parts in a content by position, and the lines of them and of what asks for them."""

    def __init__(self, data: bytes, parts: list[Found], asking: list[Found]) -> None:
        self._by_start: dict[str, list[tuple[int, int]]] = {}
        self._by_end: dict[str, list[tuple[int, int]]] = {}
        self._names = {f.rule.id: f.rule.name for f in parts}
        for f in parts:
            self._by_start.setdefault(f.rule.id, []).append((f.start, f.end))
            self._by_end.setdefault(f.rule.id, []).append((f.end, f.start))
        for places in (*self._by_start.values(), *self._by_end.values()):
            places.sort()
        offsets = sorted({offset for f in (*parts, *asking) for offset in (f.start, f.end)})
        lines = (line for line, _ in positions(data, offsets))
        self._line = dict(zip(offsets, lines, strict=True))

    def nearest(self, f: Found) -> str:
        """Return the name of the rule of the nearest companion of `f`; nothing for none near."""
        best: tuple[int, str] | None = None
        for name in f.rule.companions:
            for gap in self._gaps(f, name):
                if gap <= f.rule.within and (best is None or (gap, name) < best):
                    best = gap, name
        return self._names[best[1]] if best else ""

    def _gaps(self, f: Found, name: str) -> Iterable[int]:
        """Yield how many lines lie between `f` and the last part before it, the first after it."""
        after, before = self._by_start.get(name, []), self._by_end.get(name, [])
        at = bisect_left(after, (f.end, 0))
        if at < len(after):
            yield self._line[after[at][0]] - self._line[f.end]
        at = bisect_right(before, (f.start, f.start)) - 1
        if at >= 0:
            yield self._line[f.start] - self._line[before[at][0]]


def _asks(f: Found) -> bool:
    surest = f.confidence == Confidence.HIGH
    return bool(f.rule.companions) and not (surest or f.near or f.disproved)


def _raised(f: Found, name: str) -> Found:
    words = f"stands beside {with_article(name)}"
    confidence = Confidence(f.confidence + 1)
    return f._replace(confidence=confidence, reasons=(*f.reasons, words), near=True)


def with_article(name: str) -> str:
    """Return `an AWS access key ID` for `AWS access key ID`."""
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"
