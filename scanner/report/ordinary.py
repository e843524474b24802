"""Which secrets are ordinary words, and where a name gives such a word as a value."""

import re

_GIVEN = re.compile(rb"[=:'\"`] ?\Z")


def is_word(value: bytes) -> bool:
    """Tell whether `value` is one word that people, programs or products have, such as `docker`."""
    if not value.isalpha():
        return False
    from scanner.detect import words  # noqa: PLC0415 - a large table; rarely needed

    return words.is_word(value.lower())


def is_given(text: bytes, start: int) -> bool:
    """Tell whether what begins at `start` in `text` is assigned there or quoted."""
    return _GIVEN.search(text[max(0, start - 2) : start]) is not None
