"""Parts of one credential in several files: which of them make each other sure, which belong.

A secret whose form says little counts when the key's id came with the same commit. Each sighting
is looked at once or twice, and only rules that name companions, or are named, cost anything.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from scanner.detect.companions import with_article
from scanner.model import Confidence, Finding, Occurrence, State
from scanner.sources.sighting import Sighting

_MOST_LINKS = 16  # of one finding
_ELSEWHERE = "stands elsewhere with what belongs to it"
_Origin = tuple[Hashable, str]
"""What brought something, and words for having come with it."""
_Together = Mapping[tuple[Hashable, str], Sequence[tuple[int, bytes]]]
"""By what brought it and rule: the numbers of findings and their paths."""


def settled(sightings: Iterable[Sighting], lowest: Confidence) -> list[Sighting]:
    """Return the sightings to report: those at `lowest` confidence or above.

    A low one whose companion came with it, in another file, is raised to medium first. It came with
    it if one commit introduced both, or if both are staged; what no commit is known for belongs
    with what stands in the same folder. What is sure in one place is so wherever it stands.
    """
    seen = list(sightings)
    wanted = {name for s in seen for name in s.match.rule.companions if _waits(s)}
    if wanted:
        parts = _Parts(s for s in seen if s.match.rule.id in wanted)
        seen = [_raised(s, parts.beside(s)) if _waits(s) else s for s in seen]
        sure = {_what(s) for s in seen if s.match.rule.companions and not _waits(s)}
        seen = [_raised(s, _ELSEWHERE) if _waits(s) and _what(s) in sure else s for s in seen]
        seen = _continued(seen)
    return [s for s in seen if s.match.confidence >= lowest]


def linked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, each with the fingerprints of those that belong with it.

    Those are companions that stand within the lines that their rule asks for or, where there are
    none such, came from another file with it. If A is one of B's, B is one of A's.
    """
    rules = {f.rule.id: f.rule for f in findings if f.rule.companions}
    served = {name for rule in rules.values() for name in rule.companions}
    numbers = [n for n, f in enumerate(findings) if f.rule.id in served]
    if not numbers:
        return tuple(findings)
    standing, together = _Standing(findings, numbers), _together(findings, numbers)
    links: list[set[int]] = [set() for _ in findings]
    for n, f in enumerate(findings):
        if f.rule.companions:
            for other in standing.near(f) or _elsewhere(f, together):
                if other != n and max(len(links[n]), len(links[other])) < _MOST_LINKS:
                    links[n].add(other)
                    links[other].add(n)
    names = (tuple(sorted(findings[n].fingerprint for n in others)) for others in links)
    return tuple(f._replace(companions=n) if n else f for f, n in zip(findings, names, strict=True))


def _what(s: Sighting) -> tuple[str, bytes]:
    return s.match.rule.id, s.match.secret.reveal()


def _continued(seen: list[Sighting]) -> list[Sighting]:
    """Return `seen`; a commit that made a secret sure, or unsure, did not remove it."""
    changed = {
        (*_what(s), s.occurrence.path, s.occurrence.introduced.id)
        for s in seen
        if s.match.rule.companions and s.occurrence.introduced
    }
    return [
        s._replace(occurrence=s.occurrence._replace(removed=None))
        if (gone := s.occurrence.removed) and (*_what(s), s.occurrence.path, gone.id) in changed
        else s
        for s in seen
    ]


def _waits(s: Sighting) -> bool:
    return bool(s.match.rule.companions) and s.match.confidence == Confidence.LOW


def _origins(o: Occurrence) -> Iterator[_Origin]:
    """Yield what brought an occurrence, as far as that is known."""
    if o.introduced is not None:
        yield ("commit", o.introduced.id), "came with the same commit"
    elif o.place in ("file", "path"):
        if o.state == State.STAGED:
            yield ("staged",), "is staged as well"
        yield _folder(o), "stands in the same folder"


def _folder(o: Occurrence) -> Hashable:
    return "folder", o.path.rpartition(b"/")[0]


def _offers(o: Occurrence) -> Iterator[Hashable]:
    """Yield where an occurrence is a part of what else is there; a committed file has a folder."""
    yield from (origin for origin, _ in _origins(o))
    if o.introduced is not None and o.place in ("file", "path") and o.state <= State.WORKTREE:
        yield _folder(o)


class _Parts:
    """By what brought them, which rules found something in which files."""

    def __init__(self, sightings: Iterable[Sighting]) -> None:
        self._paths: dict[tuple[Hashable, str], tuple[bytes, bytes | None]] = {}
        self._names: dict[str, str] = {}
        for s in sightings:
            name, path = s.match.rule.id, s.occurrence.path
            self._names[name] = s.match.rule.name
            for origin in _offers(s.occurrence):
                first, second = self._paths.setdefault((origin, name), (path, None))
                if second is None and path != first:
                    self._paths[origin, name] = first, path

    def beside(self, s: Sighting) -> str:
        """Return in words what came with `s` in another file; nothing if nothing did.

        Within one file its rule says how near a companion has to be.
        """
        for origin, words in _origins(s.occurrence):
            for name in s.match.rule.companions:
                paths = self._paths.get((origin, name))
                if paths is not None and (paths[1] is not None or paths[0] != s.occurrence.path):
                    return f"{with_article(self._names[name])} {words}"
        return ""


def _raised(s: Sighting, words: str) -> Sighting:
    if not words:
        return s
    reasons = (*s.match.reasons, words)
    return s._replace(match=s.match._replace(confidence=Confidence.MEDIUM, reasons=reasons))


class _Standing:
    """The lines at which findings stand in each content."""

    def __init__(self, findings: Sequence[Finding], numbers: Iterable[int]) -> None:
        self._places: dict[tuple[Hashable, str], list[tuple[int, int]]] = {}
        for n in numbers:
            for o in findings[n].occurrences:
                key = _content(o), findings[n].rule.id
                self._places.setdefault(key, []).append((o.line, n))
        for places in self._places.values():
            places.sort()

    def near(self, f: Finding) -> dict[int, None]:
        """Return the numbers of the nearest companions of `f`, at most one on each side."""
        found: dict[int, None] = {}
        for o in f.occurrences:
            for name in f.rule.companions:
                places = self._places.get((_content(o), name), ())
                at = bisect_left(places, (o.line, -1))
                for line, n in places[max(0, at - 1) : at + 1]:
                    if abs(line - o.line) <= f.rule.within:
                        found[n] = None
            if len(found) >= _MOST_LINKS:
                break
        return found


def _content(o: Occurrence) -> tuple[str, bytes, str, State]:
    return o.place, o.path, o.object_id, o.state


def _together(findings: Sequence[Finding], numbers: Iterable[int]) -> _Together:
    """Return where the findings with these `numbers` came from; some, where there are many."""
    together: dict[tuple[Hashable, str], list[tuple[int, bytes]]] = {}
    for n in numbers:
        for o in findings[n].occurrences:
            for origin in _offers(o):
                met = together.setdefault((origin, findings[n].rule.id), [])
                if len(met) <= _MOST_LINKS:
                    met.append((n, o.path))
    return together


def _elsewhere(f: Finding, together: _Together) -> dict[int, None]:
    """Return the numbers of companions of `f` that came with it in other files."""
    found: dict[int, None] = {}
    for o in f.occurrences:
        for origin, _ in _origins(o):
            for name in f.rule.companions:
                met = together.get((origin, name), ())
                found.update((n, None) for n, path in met if path != o.path)
        if len(found) >= _MOST_LINKS:
            break
    return found
