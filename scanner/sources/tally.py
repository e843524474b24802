"""The running coverage statement: what has been read so far, and what was not, with the reason."""

import time
from collections import Counter
from collections.abc import Callable

from scanner.detect.engine import Engine, Result
from scanner.gitdb.damage import SkipLog
from scanner.model import Coverage, Skipped

_MOST_OF_A_CODE = 100
# What is damaged or encrypted inside a file that was itself read in full; no limit of ours is to
# blame, and reading it again would give the same.
UNREADABLE_BY_ANYONE = frozenset(("archive-corrupt", "archive-encrypted"))


class Tally:
    """Counts what is read, remembers what is not, and knows when time is up."""

    def __init__(
        self, seconds: float | None = None, interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """Start the clock; `expired` turns true after `seconds`, or when `interrupted` is true."""
        self._counts: Counter[str] = Counter()
        self._log = SkipLog(_MOST_OF_A_CODE)
        self._together: dict[tuple[str, str, str], dict[str, str]] = {}
        self._end = None if seconds is None else time.monotonic() + seconds
        self._interrupted = interrupted
        self._late = False
        self.bytes_read = 0

    def read(self, what: str, size: int) -> None:
        """Note one more `what` (such as "blobs") of `size` bytes as read."""
        self._counts[what] += 1
        self.bytes_read += size

    def skip(self, code: str, subject: str, detail: str, *, incomplete: bool = True) -> None:
        """Note that `subject` was not read, or not wholly; the first hundred of a code are kept."""
        self.add(Skipped(code, subject, detail, incomplete))

    def add(self, skipped: Skipped) -> None:
        """Note something that was skipped elsewhere."""
        self._log.add(*skipped)

    def together(self, code: str, what: str, which: str, detail: str, example: str) -> None:
        """Note that `which` was not read, which is no gap, in one entry for all such `what`.

        The entry ends with the `example` of the first.
        """
        self._together.setdefault((code, what, detail), {}).setdefault(which, example)

    def search(self, engine: Engine, what: str, subject: str, data: bytes) -> Result:
        """Return the matches in `data`, noting it as read and what limits left unread."""
        result = engine.findings(data)
        self.read(what, len(data))
        self.limits(result, subject)
        return result

    def limits(self, result: Result, subject: str, *, incomplete: bool = True) -> None:
        """Note what limits left unread in `subject`, whose result is given."""
        for code, detail in result.exceeded:
            gap = incomplete and code not in UNREADABLE_BY_ANYONE
            self.skip(code, subject, detail, incomplete=gap)

    def late(self) -> bool:
        """Tell whether the time limit is over, or the scan to end, without noting anything."""
        return self._interrupted() or (self._end is not None and time.monotonic() > self._end)

    def count(self, what: str, number: int, size: int) -> None:
        """Note `number` more `what` of `size` bytes together as read."""
        if number:
            self._counts[what] += number
            self.bytes_read += size

    def expired(self) -> bool:
        """Tell whether the scan has to end, as `late` does; the first time, note it as a gap."""
        if not self._late and self.late():
            self._late = True
            if self._interrupted():
                self.skip("interrupted", "scan", "the scan was ended; the rest was not read")
            else:
                self.skip("time-limit", "scan", "the time limit was reached; the rest was not read")
        return self._late

    def coverage(self) -> Coverage:
        """Return the statement as it stands."""
        counts = dict(sorted(self._counts.items()))
        alike = (
            Skipped(code, f"{what} ({len(all_)})", f"{detail}; {next(iter(all_.values()))}", False)
            for (code, what, detail), all_ in self._together.items()
        )
        return Coverage(counts, self.bytes_read, (*self._log.listing(), *alike))
