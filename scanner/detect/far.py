"""What the far rules say at keywords, which is asked again for every version that has any.

A pattern looks no further than it can match, and its assertions no further than they can; what it
says of the same bytes as lately need not be worked out.
"""

from array import array
from typing import NamedTuple

from scanner.detect.direct import Direct, Mark
from scanner.detect.memo import Memo
from scanner.model import Rule
from scanner.rulepack.linear import sight

_MOST = 4 << 20  # bytes of what is kept


class _Window(NamedTuple):
    """What the far rules of a keyword look at: bytes before its start, and after it.

    `one_line` tells that they look no further than its line, with the line break on either side.
    """

    before: int
    after: int
    one_line: bool

    def around(self, data: bytes, start: int) -> tuple[int, int]:
        """Return start and end of what is looked at for a keyword at `start`."""
        low, high = max(0, start - self.before), start + self.after
        if self.one_line:
            low = max(low, data.rfind(b"\n", low, start))
            high = data.find(b"\n", start, high) + 1 or high
        return low, high


class Far:
    """The far rules of a pack, with a memory."""

    def __init__(self, direct: Direct, rules: tuple[Rule, ...]) -> None:
        """Ask `direct`, made of `rules`, for what is not remembered."""
        self._direct = direct
        self._rules = rules
        self._windows: dict[int, _Window | None] = {}
        self._memo: Memo[tuple[int, int, bytes], tuple[int, list[Mark]]] = Memo(_MOST)

    def marks(self, data: bytes, records: bytes) -> list[Mark]:
        """Return what the far rules say at the keywords of `records`, as the kernel packs them."""
        marks: list[Mark] = []
        flat = array("q", records)
        for start, end, word in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            if word not in self._windows:
                self._windows[word] = self._window(word)
            window = self._windows[word]
            if window is None:
                marks += self._direct.far(data, ((end, word),))
                continue
            low, high = window.around(data, start)
            key = word, start - low, data[low:high]
            known = self._memo.get(key)
            if known is None:
                found = self._direct.far(data, ((end, word),))
                size = high - low + sum(256 + len(mark.secret) for mark in found)
                known = self._memo.keep(key, (start, found), size)
            if known[1]:
                marks += [mark.moved(start - known[0]) for mark in known[1]]
        return marks

    def _window(self, word: int) -> _Window | None:
        """Return the window of a keyword; None if one of its rules has no bound to speak of."""
        before = after = 0
        one_line = True
        for index in self._direct.automaton.words[word].rules:
            rule = self._rules[index]
            if not rule.far:
                continue
            looks = sight(rule.pattern) if rule.method == "pattern" else None
            if looks is None:
                return None
            before = max(before, rule.lead + looks.before)
            after = max(after, looks.after)
            one_line = one_line and looks.one_line
        return _Window(before, max(after, self._direct.length(word)), one_line)
