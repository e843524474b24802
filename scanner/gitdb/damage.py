"""What can be wrong with stored objects: the errors readers raise and the log of what was skipped.

The errors stay inside this package; whoever walks a repository turns them into `Skipped` values.
"""

from scanner.errors import LeaksealError
from scanner.model import NOT_LISTED, Skipped


class DamageError(LeaksealError):
    """Stored bytes are not what git would have written; `code` names the kind of damage."""

    code = "corrupt-object"


class PackDamageError(DamageError):
    """A pack, or an index of packs, cannot be used as a whole."""

    code = "corrupt-pack"


class OversizeError(DamageError):
    """An object is larger than the limit."""

    code = "over-size"


class MissingBaseError(DamageError):
    """A delta whose base cannot be found or read."""

    code = "missing-base"


class SkipLog:
    """Collects `Skipped` values: a hundred of each code in full, the rest as a number."""

    def __init__(self, cap: int) -> None:
        """Keep at most `cap` values of each code."""
        self._cap = cap
        self._kept: list[Skipped] = []
        self._counts: dict[tuple[str, bool], int] = {}
        self._listed: dict[tuple[str, bool], int] = {}

    def add(self, code: str, subject: str, detail: str, incomplete: bool = True) -> None:
        """Record that `subject` was not read; `incomplete` is False if nothing is lost by it."""
        skipped = Skipped(code, subject, detail, incomplete)
        count = self._counts.get((code, incomplete), 0)
        self._counts[code, incomplete] = count + skipped.things
        if count < self._cap and detail != NOT_LISTED:
            self._kept.append(skipped)
            self._listed[code, incomplete] = self._listed.get((code, incomplete), 0) + 1

    def rewind(self, to: list[Skipped]) -> None:
        """Forget everything but what an earlier `listing` returned."""
        self._kept = []
        self._counts = {}
        self._listed = {}
        for skipped in to:
            self.add(*skipped)

    def listing(self) -> list[Skipped]:
        """Return what was recorded, and a closing line for each code that went over the cap."""
        return self._kept + [
            Skipped(code, f"{count - listed} more", NOT_LISTED, incomplete)
            for (code, incomplete), count in self._counts.items()
            if count > (listed := self._listed.get((code, incomplete), 0))
        ]
