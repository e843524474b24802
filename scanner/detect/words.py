"""Whether a text is made of words: those of English, of programs and of product names."""

import re
from functools import cache, lru_cache

SHORTEST, LONGEST = 3, 14
ENDINGS = (b"s", b"d", b"r", b"es", b"ed", b"er", b"ly", b"ing")
_SHORT = frozenset(
    b"""ad am an as at be by db do go he id if in io ip is it js me my no of ok on or os pw
    so to ui up us vm we""".split()
)
_RUNS = re.compile(rb"[a-z]+")
_LETTERS = re.compile(rb"[A-Za-z]+")
_ALPHANUMERIC = re.compile(rb"[A-Za-z0-9]+")
_MOST = 128


@cache
def _known() -> frozenset[bytes]:
    from scanner.detect._words import WORDS  # noqa: PLC0415 - read only where a value is judged

    return frozenset(WORDS.split()) | _SHORT


@lru_cache(1 << 12)
def is_word(text: bytes) -> bool:
    """Tell whether `text`, in lower case, is a known word, as it is or with an English ending."""
    known = _known()
    if text in known or (text.endswith(b"ies") and text[:-3] + b"y" in known):
        return True
    return any(
        text.endswith(ending) and len(text) - len(ending) >= 4 and text[: -len(ending)] in known
        for ending in ENDINGS
    )


def words_share(text: bytes) -> float:
    """Return the share of the letters and digits in `text` that are letters of words."""
    size = sum(map(len, _ALPHANUMERIC.findall(text)))
    return worded(text) * sum(map(len, _LETTERS.findall(text))) / size if size else 0.0


@lru_cache(1 << 12)
def worded(text: bytes) -> float:
    """Return the share of the letters in `text` that belong to words, in any case; 0 if no letter.

    `getHTTPResponse` is 1; letters drawn at random stay below a half, since only words that fill a
    run of letters nearly whole count.
    """
    runs = _RUNS.findall(text[:_MOST].lower())
    letters = sum(map(len, runs))
    return sum(len(run) - _left_over(run) for run in runs) / letters if letters else 0.0


def _left_over(run: bytes) -> int:
    """Return how many letters no word covers when `run` is split best; all, if too many are.

    A word pays for itself only from the fourth letter on, so that short ones don't fill gaps.
    """
    if is_word(run):
        return 0
    size = len(run)
    costs = [(0.0, 0)] * (size + 1)  # cost and letters left over, up to here
    for end in range(1, size + 1):
        cost, left = costs[end - 1]
        best = cost + 1.0, left + 1
        for begin in range(max(0, end - LONGEST), end - 1):
            length = end - begin
            price = 0.4 if length >= 4 else 0.9 if length == 3 else 1.6
            cost, left = costs[begin]
            if cost + price < best[0] and is_word(run[begin:end]):
                best = cost + price, left
        costs[end] = best
    cost, left = costs[size]
    return left if 10 * left <= 3 * size and 5 * cost <= 2 * size else size
