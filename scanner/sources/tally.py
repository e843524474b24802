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
_UNREADABLE_BY_ANYONE = frozenset(("archive-corrupt", "archive-encrypted"))


class Tally:
    """Counts what is read, remembers what is not, and knows when time is up."""

    def __init__(
        self, seconds: float | None = None, interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """Start the clock; `expired` turns true after `seconds`, or when `interrupted` is true."""
        self._counts: Counter[str] = Counter()
        self._log = SkipLog(_MOST_OF_A_CODE)
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

    def search(self, engine: Engine, what: str, subject: str, data: bytes) -> Result:
        """Return the matches in `data`, noting it as read and what limits left unread."""
        result = engine.findings(data)
        self.read(what, len(data))
        self.limits(result, subject)
        return result

    def limits(self, result: Result, subject: str) -> None:
        """Note what limits left unread in `subject`, whose result is given."""
        for code, detail in result.exceeded:
            self.skip(code, subject, detail, incomplete=code not in _UNREADABLE_BY_ANYONE)

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
        return Coverage(counts, self.bytes_read, tuple(self._log.listing()))
