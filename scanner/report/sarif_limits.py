"""What GitHub takes of a SARIF file, and the cut that keeps a file within it.

Code scanning refuses a file over 10 MB after gzip or with over 25,000 results in a run, 25,000
rules, 1,000 locations in a result or 20 tags of a rule, and keeps the first 5,000 results by
severity (GitHub's documentation: "SARIF results exceed one or more limits"). One run, one location
and the related ones of a result, and the few tags of a rule are below these by construction.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence

from scanner.model import Finding

MOST_RESULTS = 25_000
MOST_SHOWN = 5_000
MOST_RELATED = 50
LEAST_RELATED = 3  # where a file with `MOST_RELATED` would be too large
LARGEST = 10_000_000  # bytes after gzip
_MARGIN = 256 << 10  # for what the compressor still holds, and for words about the cut


def without_rest(found: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings that may be listed, the most severe if there are too many."""
    return found[:MOST_RESULTS]


def fitting(frame: str, results: Iterable[str]) -> list[str]:
    """Return the first of `results` that with `frame` are few and, after gzip, small enough."""
    gzip = zlib.compressobj(wbits=31)
    size = len(gzip.compress(frame.encode()))
    kept: list[str] = []
    for each in results:
        size += len(gzip.compress(each.encode()))
        if size > LARGEST - _MARGIN or len(kept) == MOST_RESULTS:
            break
        kept.append(each)
    return kept


def over(total: int, listed: int, related: int) -> Iterator[str]:
    """Yield in words what was left out of a file that lists `listed` of `total` results."""
    if listed < total:
        yield (
            f"Only the {listed:,} most severe of {total:,} results are listed, since GitHub"
            f" takes {MOST_RESULTS:,} and 10 MB after gzip at most. All are in --format json."
        )
    if related < MOST_RELATED:
        yield f"No result lists more than {1 + related} places, to keep the file below 10 MB."
    if listed > MOST_SHOWN:
        yield f"GitHub shows the {MOST_SHOWN:,} most severe results of a file only."
