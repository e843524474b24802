"""Names of files, directories and refs, searched as content, all in one go."""

from collections.abc import Iterable

from scanner.detect.engine import Engine
from scanner.model import Match
from scanner.sources.tally import Tally

_BATCH = 1 << 16


class Names:
    """A set of names to search."""

    def __init__(self) -> None:
        """Start with no names."""
        self._names: set[bytes] = set()

    def add(self, names: Iterable[bytes]) -> None:
        """Take in `names`; each is searched once, however often it is added."""
        self._names.update(names)

    def search(self, engine: Engine, tally: Tally) -> dict[bytes, tuple[Match, ...]]:
        """Return the names that hold credentials, with their matches."""
        found: dict[bytes, tuple[Match, ...]] = {}
        batch: list[bytes] = []
        size = 0
        for name in sorted(self._names):
            batch.append(name)
            size += len(name) + 1
            if size > _BATCH:
                found.update(_search(batch, engine))
                batch, size = [], 0
        found.update(_search(batch, engine))
        for name in self._names:
            tally.read("names", len(name))
        return found


def _search(names: list[bytes], engine: Engine) -> dict[bytes, tuple[Match, ...]]:
    """Search names joined by line breaks first: nearly always there is nothing in any of them."""
    search = engine.named if engine.findings(b"\n".join(names)).matches else engine.filed
    if search == engine.filed and not engine.file_rules:
        return {}
    each = ((name, search(name)) for name in names)
    return {name: matches for name, matches in each if matches}
