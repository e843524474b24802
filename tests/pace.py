"""What work costs, counted in a fixed piece of work done beside it: no two machines are alike."""

import re
import time
from collections.abc import Callable

TEXT = b"key = value, " * 2000


def cost(work: Callable[[], object]) -> float:
    """Return how many pieces of fixed work, of about 10 ms each, `work()` takes the processor."""
    before = _seconds(_piece)
    spent = _seconds(work)
    return spent / max(before, _seconds(_piece))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _piece() -> None:
    for _ in range(15):
        words = TEXT.split(b",")
        assert len(re.findall(rb"(?:[a-z]+) =", TEXT)) == len(words) - 1
        assert len({word + b"%d" % n for n, word in enumerate(words)}) == len(words)
