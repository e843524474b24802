"""Generic credentials: a name that says password, secret or key, and the value assigned to it.

A keyword hit is widened to the whole name (`names`); the text after it is read as an assignment
(`assignment`); the value is then judged by what it looks like (`literals`), since the name alone
proves nothing. docs/judgement.md tells the whole way with an example.
"""

from collections.abc import Callable, Iterator
from functools import cache

from scanner.detect.candidate import Candidate
from scanner.detect.names import Promise, name_at, promise
from scanner.model import Rule

_NOT_OF_A_NAME = b" =:>(\"'"


def candidates(data: bytes, start: int, end: int, rule: Rule) -> Iterator[Candidate]:
    """Yield the value that is assigned to the name around the keyword at `data[start:end]`."""
    end = start + len(data[start:end].rstrip(_NOT_OF_A_NAME))
    first, last = name_at(data, start, end)
    promised = promise(data[first:last])
    if promised is not None:
        found = _assigned()(data, first, last, promised)
        if found is not None:
            yield found


@cache
def _assigned() -> Callable[[bytes, int, int, Promise], Candidate | None]:
    from scanner.detect.assigned import candidate  # noqa: PLC0415 - the guard starts without it

    return candidate
