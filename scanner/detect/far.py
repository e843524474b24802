"""What the far rules say at keywords, which is asked again for every version that has any.

A pattern looks no further than it can match, and its assertions no further than they can; what it
says of the same bytes as lately need not be worked out.
"""

from array import array

from scanner.detect.direct import Direct, Mark, weight
from scanner.detect.memo import Memo
from scanner.kernels import deltas
from scanner.model import Rule
from scanner.rulepack import macros
from scanner.rulepack.linear import sight

_MOST = 4 << 20  # bytes of what is kept


class Far:
    """The far rules of a pack, with a memory."""

    def __init__(self, direct: Direct, rules: tuple[Rule, ...]) -> None:
        """Ask `direct`, made of `rules`, for what is not remembered."""
        self._direct = direct
        self._rules = rules
        self._windows = array("q", bytes(8 * 3 * len(direct.automaton.words)))
        self._measured: set[int] = set()
        self._memo: Memo[tuple[int, int, bytes], tuple[int, list[Mark]]] = Memo(_MOST)

    def marks(self, data: bytes, records: bytes) -> list[Mark]:
        """Return what the far rules say at the keywords of `records`, as the kernel packs them."""
        records = self._tried(records)
        if not records:
            return []
        for word in set(array("q", records)[2::3]).difference(self._measured):
            self._windows[3 * word : 3 * word + 3] = array("q", self._window(word))
            self._measured.add(word)
        met, unknown, left = deltas.by_window(data, records, self._windows, self._memo.entries)
        marks = self._direct.far(data, left)
        for start, end, key in unknown:
            found = self._direct.far(data, ((end, key[0]),))
            self._memo.keep(key, (start, found), len(key[2]) + weight(found))
            marks += found
        for by, its in met:
            marks += [mark.moved(by) for mark in its]
        return marks

    def _tried(self, records: bytes) -> bytes:
        """Return the records of keywords at which a rule is tried, not only searched for."""
        if self._direct.searches is None or not records:
            return records
        flat = array("q", records)
        kept = array("q")
        for at in range(0, len(flat), 3):
            if self._direct.tried(flat[at + 2]):
                kept.extend(flat[at : at + 3])
        return kept.tobytes()

    def _window(self, word: int) -> tuple[int, int, int]:
        """Return the window of a keyword, as `deltas.by_window` takes it."""
        before = after = 0
        one_line = True
        for index in self._direct.automaton.words[word].rules:
            rule = self._rules[index]
            if not rule.far or rule.method == "search":
                continue
            looks = sight(macros.expand(rule.pattern)) if rule.method == "pattern" else None
            if looks is None:
                return -1, 0, 0
            before = max(before, rule.lead + looks.before)
            after = max(after, looks.after)
            one_line = one_line and looks.one_line
        return before, max(after, self._direct.length(word)), int(one_line)
