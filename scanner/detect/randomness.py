"""How much a text looks drawn at random rather than written: entropy and letter-pair surprise."""

from itertools import pairwise
from math import log2

from scanner.detect._bigrams import TABLE

_CLASSES = 28
_CLASS_OF = bytes(
    b - 97 if 97 <= b <= 122 else b - 65 if 65 <= b <= 90 else 26 if 48 <= b <= 57 else 27
    for b in range(256)
)
_BITS = tuple((ord(cell) - 48) / 4 for cell in TABLE)


def entropy(text: bytes) -> float:
    """Return Shannon's entropy of `text` in bits a byte; 0 for an empty one."""
    size = len(text)
    counts = [text.count(byte) for byte in set(text)]
    return -sum(n / size * log2(n / size) for n in counts)


def surprise(text: bytes) -> float:
    """Return the mean bits of surprise of a character after its neighbour; 0 below two characters.

    Identifiers and prose stay near 4; characters drawn at random come out near 6 and above.
    """
    classes = text.translate(_CLASS_OF)
    if len(classes) < 2:
        return 0.0
    bits = sum(_BITS[first * _CLASSES + second] for first, second in pairwise(classes))
    return bits / (len(classes) - 1)


def looks_random(text: bytes) -> bool:
    """Tell whether `text` looks like a generated token.

    Short texts must be more surprising, since a few odd letter pairs occur in every abbreviation.
    """
    size = len(text)
    if size < 8:
        return False
    bits = entropy(text)
    most = log2(size)
    needed = 5.6 if size < 12 else 5.2 if size < 20 else 4.9
    if not text.isalpha() and text.isalnum() and all(b in b"0123456789abcdefABCDEF" for b in text):
        return bits >= min(3.0, 0.75 * most) and not text.isdigit()
    return bits >= min(3.3, 0.75 * most) and surprise(text) >= needed
