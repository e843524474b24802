"""Applies git's deltas and searches only what they change (gitformat-pack(5)).

A delta says which parts of its base its result holds; so a line that was copied whole need not be
searched again. Numbers are handed over packed, as bytes of 64-bit integers:

copies   offset in the result, offset in the base and length of each stretch that was copied; copies
         that are neighbours in both are one
regions  start and end of what has to be searched: whatever is new, and every place where two copies
         meet, grown to the ends of the lines, at most `reach` bytes each way, and on to the ends of
         blocks of encoded lines
hits     offset after a keyword, and the keyword's number, by offset
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, TypeVar

from scanner.kernels.pure import encoded
from scanner.kernels.pure.walk import Visitor

Change = tuple[bytes, bytes, bytes, int]
"""Copies, regions, hits, and flags.

ODD says that the content may not be plain text: UTF-16, UTF-32, archives and compressed data have
it; so has, without anything being the matter, what the delta has a zero byte in. ENCODED says that
there may be encoded text in the regions.
"""

Value = TypeVar("Value", bound=Sized)

ODD, ENCODED = 1, 2

_ODD = (b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"BZ", b"PK")


class Search:
    """A keyword automaton, ready to run over contents and over what deltas change in them."""

    def __init__(self, find: Callable[[bytes], Iterator[tuple[int, int]]], reach: int) -> None:
        """Search with `find`, which yields the end and number of every keyword in some bytes."""
        self._find = find
        self._reach = reach

    def whole(self, data: bytes) -> Change | None:
        """Return all of `data` as one region with its hits; None if it has nothing to show."""
        hits = array("q")
        for hit in self._find(data):
            hits.extend(hit)
        flags = ODD if _is_odd(data) or b"\0" in data else 0
        if encoded.places(data, 0, len(data)):
            flags |= ENCODED
        if not hits and not flags:
            return None
        return b"", array("q", (0, len(data)) if data else ()).tobytes(), hits.tobytes(), flags

    def apply(self, base: bytes, delta: bytes, limit: int) -> bytes:
        """Return what `delta` makes of `base`; raises as `grow` does."""
        return applied(base, delta, limit)[0]

    def grow(
        self, base: bytes, delta: bytes, limit: int, tracked: bool
    ) -> tuple[bytes, Change | None]:
        """Return what `delta` makes of `base`, and the change, None if it has nothing to show.

        With `tracked` the change always comes. Raises OverflowError if the result is longer than
        `limit`, ValueError if the delta is not for this base or lies about itself.
        """
        data, copies = applied(base, delta, limit)
        regions = list(_regions(base, data, copies, self._reach))
        flags = ODD if _is_odd(data) else 0
        hits = array("q")
        for low, high in regions:
            text = data[low:high]
            if b"\0" in text:
                flags |= ODD
            if not flags & ENCODED and _may_be_encoded(data, low, high):
                flags |= ENCODED
            for end, word in self._find(text):
                hits.append(low + end)
                hits.append(word)
        if not (tracked or hits or flags):
            return data, None
        return data, (_flat(copies), _flat(regions), hits.tobytes(), flags)


class Changed(Visitor):
    """Evaluates the objects of a family by what deltas change in them.

    `count` objects of `size` bytes together had nothing to show.
    """

    def __init__(
        self,
        search: Search,
        limit: int,
        whole: Callable[[int, bytes], Any],
        changed: Callable[[int, bytes, Any, Change], Any],
        same: Callable[[int, bytes], None],
        prefix: bytes,
        kinds: bytes,
        known: Mapping[bytes, Sized],
        longest: int,
    ) -> None:
        """Search what deltas make, of up to `limit` bytes.

        `whole` takes row and content of what is stored whole, `changed` row, content, the base's
        state and the change of everything else that has something to show; both return a state,
        None if there is nothing to keep. `same` takes the others that begin with `prefix`. `kinds`
        are as for `parted`, `known` and `longest` as for `by_line`: where the base's state is None,
        lines that are known to hold nothing are nothing to show.
        """
        self._search, self._limit = search, limit
        self._whole, self._changed, self._same, self._prefix = whole, changed, same, prefix
        self._kinds, self._known, self._longest = kinds, known, longest
        self.count = self.size = 0

    def first(self, row: int, data: bytes) -> Any:
        """Hand over a whole entry."""
        return self._whole(row, data)

    def next(self, row: int, base: bytes, state: Any, delta: bytes) -> tuple[bytes, Any]:
        """Search what a delta changes and hand it over if there is any need."""
        data, change = self._search.grow(base, delta, self._limit, state is not None)
        if change is not None and (state is not None or not self._is_quiet(data, change)):
            return data, self._changed(row, data, state, change)
        if data.startswith(self._prefix):
            self._same(row, data)
        else:
            self.count += 1
            self.size += len(data)
        return data, None

    def _is_quiet(self, data: bytes, change: Change) -> bool:
        """Tell whether it is known that nothing of a change matters."""
        _, _, hits, flags = change
        if flags or any(self._kinds[word] & 2 for word in array("q", hits)[1::2]):
            return False
        return not any(by_line(data, hits, self._known, self._longest))


class Each(Visitor):
    """Takes every object of a family in full."""

    def __init__(self, search: Search, limit: int, take: Callable[[int, bytes, Any], Any]) -> None:
        """Hand row, content and the base's state (at first None) to `take`; it returns a state."""
        self._search, self._limit, self._take = search, limit, take

    def first(self, row: int, data: bytes) -> Any:
        """Hand over a whole entry."""
        return self._take(row, data, None)

    def next(self, row: int, base: bytes, state: Any, delta: bytes) -> tuple[bytes, Any]:
        """Hand over what a delta makes, of up to `limit` bytes."""
        data = self._search.apply(base, delta, self._limit)
        return data, self._take(row, data, state)


class Commits(Visitor):
    """Takes every commit in full.

    The compiled one hands over only those that have something to show or are not as git writes
    them. Of the others there are `count`, of `size` bytes together.
    """

    count = size = 0

    def __init__(
        self, search: Search, limit: int, take: Callable[[int, bytes], object], hash_size: int
    ) -> None:
        """Hand row and content to `take`; ids have `hash_size` bytes."""
        self._search, self._limit, self._take = search, limit, take

    def first(self, row: int, data: bytes) -> None:
        """Hand over a whole entry."""
        self._take(row, data)

    def next(self, row: int, base: bytes, state: object, delta: bytes) -> tuple[bytes, object]:
        """Hand over what a delta makes, of up to `limit` bytes."""
        data = self._search.apply(base, delta, self._limit)
        return data, self._take(row, data)

    @property
    def links(self) -> tuple[bytes, bytes]:
        """Return row and number of parents of those not handed over, and tree and parents."""
        return b"", b""


def carry(places: bytes, copies: bytes, regions: bytes) -> list[tuple[int, int, int]]:
    """Return where places of a base stand in a content made from it.

    `places` are starts and ends, ascending by start, packed. Each result is the number of a place,
    and its start and end in the result. A place is copied as often as a copy holds the whole of it;
    what lies in a region does not count, since it is searched anew.
    """
    flat = array("q", places)
    starts, ends = flat[::2], flat[1::2]
    marks = array("q", regions)
    lows, highs = marks[::2], marks[1::2]
    stretches = array("q", copies)
    found = []
    for at in range(0, len(stretches), 3):
        target, source, length = stretches[at : at + 3]
        for i in range(bisect_left(starts, source), bisect_left(starts, source + length)):
            if ends[i] > source + length:
                continue
            start, end = starts[i] - source + target, ends[i] - source + target
            row = bisect_left(highs, end)
            if row == len(highs) or lows[row] > start:
                found.append((i, start, end))
    return found


def shift(records: bytes, stride: int, copies: bytes, regions: bytes) -> bytes:
    """Return records of `stride` numbers where copies put them, as `carry` does with their first.

    All numbers of a record move with its first one.
    """
    flat = array("q", records)
    places = array("q", [n for first in flat[::stride] for n in (first, first + 1)])
    moved = array("q")
    for i, start, _ in carry(places.tobytes(), copies, regions):
        by = start - flat[i * stride]
        moved.extend(n + by for n in flat[i * stride : (i + 1) * stride])
    return moved.tobytes()


def parted(hits: bytes, lengths: "array[int]", kinds: bytes) -> tuple[bytes, bytes]:
    """Return those of `hits` whose words have near rules, and records of those with far rules.

    A record is start, end and number of a keyword; they are in order. `lengths` and `kinds` are by
    word; a kind is 1 for near rules, 2 for far ones, 3 for both. Raises ValueError for other words.
    """
    flat = array("q", hits)
    if len(lengths) != len(kinds):
        raise ValueError("there are not as many lengths as words")
    near, far = array("q"), []
    for end, word in zip(flat[::2], flat[1::2], strict=True):
        if not 0 <= word < len(kinds):
            raise ValueError("no such word")
        if kinds[word] & 1:
            near.extend((end, word))
        if kinds[word] & 2:
            far.append((end - lengths[word], end, word))
    return near.tobytes(), _flat(sorted(far))


def by_line(
    data: bytes, hits: bytes, known: Mapping[bytes, Value], longest: int
) -> tuple[list[tuple[int, Value]], list[tuple[int, bytes]], list[tuple[int, int]]]:
    """Look up the lines that `hits` stand on, each with the line break that ends it.

    Returns where the lines in `known` begin with what stands there, unless that is empty; then
    where the others begin, and the lines; then the hits on lines of more than `longest` bytes.
    Raises ValueError for hits outside of `data`.
    """
    met, unknown, left = [], [], []
    end = 0
    flat = array("q", hits)
    for at, word in zip(flat[::2], flat[1::2], strict=True):
        if not 0 < at <= len(data):
            raise ValueError("a hit is outside of the content")
        if at <= end:
            continue
        low = max(0, at - longest)
        start = data.rfind(b"\n", max(0, low - 1), at - 1) + 1
        after = data.find(b"\n", at - 1, at + longest) + 1
        after = after or len(data)
        if (low and start < low) or after - start > longest:
            left.append((at, word))
            continue
        end = after
        line = data[start:end]
        value = known.get(line)
        if value is None:
            unknown.append((start, line))
        elif value:
            met.append((start, value))
    return met, unknown, left


def by_window(
    data: bytes,
    records: bytes,
    windows: "array[int]",
    known: Mapping[tuple[int, int, bytes], tuple[int, Value]],
) -> tuple[
    list[tuple[int, Value]],
    list[tuple[int, int, tuple[int, int, bytes]]],
    list[tuple[int, int]],
]:
    """Look up what is around keywords, given as records of start, end and number.

    `windows` has three numbers by word: how many bytes before its start matter, and after it, and
    whether (1) none matter beyond its line and the line breaks on either side. The first is -1 if
    there is no bound. A key of `known` is a word, the bytes before it, and all bytes that matter; a
    value is where the keyword began, and what to return of it. Returns how much further on those
    met are, with what is known of them, unless that is empty; then start, end and key of the
    others; then end and number of those without a bound. Raises ValueError for records outside of
    `data` or `windows`.
    """
    met, unknown, left = [], [], []
    flat = array("q", records)
    for start, end, word in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        if not (0 <= start <= end <= len(data) and 0 <= 3 * word < len(windows)):
            raise ValueError("a keyword is outside of the content")
        before, after, one_line = windows[3 * word : 3 * word + 3]
        if before < 0:
            left.append((end, word))
            continue
        low, high = max(0, start - before), start + after
        if one_line:
            low = max(low, data.rfind(b"\n", low, start))
            high = data.find(b"\n", start, high) + 1 or high
        key = word, start - low, data[low:high]
        value = known.get(key)
        if value is None:
            unknown.append((start, end, key))
        elif value[1]:
            met.append((start - value[0], value[1]))
    return met, unknown, left


def carried(records: bytes, copies: bytes, regions: bytes, new: bytes) -> bytes:
    """Return records, as `parted` gives them, where copies put them, with `new` ones among them."""
    flat, more = array("q", records), array("q", new)
    places = array("q", [n for at in range(0, len(flat), 3) for n in flat[at : at + 2]])
    moved = [
        (start, end, flat[3 * i + 2]) for i, start, end in carry(places.tobytes(), copies, regions)
    ]
    moved += zip(more[::3], more[1::3], more[2::3], strict=True)
    return _flat(sorted(moved))


def _flat(rows: Iterable[tuple[int, ...]]) -> bytes:
    return array("q", [number for row in rows for number in row]).tobytes()


def _may_be_encoded(data: bytes, low: int, high: int) -> bool:
    """Tell whether there may be encoded text in the lines of a region."""
    if (low and data[low - 1] != 10) or (high < len(data) and data[high - 1] != 10):
        return True  # not whole lines: the caller has to look further
    return encoded.places(data, low, high) is not None


def _is_odd(data: bytes) -> bool:
    """Tell whether content begins or ends as archives and wide text without zero bytes may."""
    return (
        data.startswith(_ODD)
        or (len(data) >= 22 and data.startswith(b"PK", len(data) - 22))
        or data.startswith(b"ustar", 257)
    )


def applied(base: bytes, delta: bytes, limit: int) -> tuple[bytes, list[tuple[int, int, int]]]:
    """Return what `delta` makes of `base`, and what it copied; raises as `Search.grow` does."""
    declared, position = _size(delta, 0)
    size, position = _size(delta, position)
    if declared != len(base):
        raise ValueError("delta is for a base of another size")
    if size > limit:
        raise OverflowError(f"{size} bytes")
    parts: list[bytes] = []
    copies: list[tuple[int, int, int]] = []
    at = 0
    end = len(delta)
    try:
        while position < end:
            code = delta[position]
            position += 1
            if code & 0x80:
                offset = length = 0
                for bit in range(7):
                    if code >> bit & 1:
                        if bit < 4:
                            offset |= delta[position] << 8 * bit
                        else:
                            length |= delta[position] << 8 * (bit - 4)
                        position += 1
                length = length or 0x10000
                if at + length > size or offset + length > declared:
                    raise ValueError("delta copies outside of its base or its result")
                parts.append(base[offset : offset + length])
                if copies and copies[-1][0] + copies[-1][2] == at:
                    target, source, before = copies[-1]
                    if source + before == offset:
                        copies[-1] = target, source, before + length
                    else:
                        copies.append((at, offset, length))
                else:
                    copies.append((at, offset, length))
                at += length
            elif code:
                stop = position + code
                if at + code > size or stop > end:
                    raise ValueError("delta inserts more than it holds or declares")
                parts.append(delta[position:stop])
                position = stop
                at += code
            else:
                raise ValueError("delta holds a reserved instruction")
    except IndexError:
        raise ValueError("delta ends within an instruction") from None
    if at != size:
        raise ValueError("delta makes fewer bytes than it declares")
    return b"".join(parts), copies


def _size(delta: bytes, position: int) -> tuple[int, int]:
    """Return the little-endian base-128 number at `position` and the position after it."""
    value = shift = 0
    for code in delta[position : position + 8]:
        position += 1
        value |= (code & 0x7F) << shift
        if code < 0x80:
            return value, position
        shift += 7
    raise ValueError("delta has no valid size")


def _regions(
    base: bytes, data: bytes, copies: list[tuple[int, int, int]], reach: int
) -> Iterator[tuple[int, int]]:
    """Yield start and end of what has to be searched, ascending, none touching another."""
    low = high = -1
    begin = start = base_end = 0
    for child, origin, length in (*copies, (len(data), len(base), 0)):
        # `start` to `child` is new; what precedes it, from `begin` on, ends at `base_end` in the
        # base.
        if start != child or base_end != origin:
            first, last = start, child
            if start and (data[start - 1] != 10 or child == len(data)):
                lowest = max(0, start - 1 - reach)
                first = data.rfind(b"\n", lowest, start - 1) + 1 or lowest
            # The first line of anything begins nowhere else, so it is another line in the middle.
            if child < len(data) and (
                not child or data[child - 1] != 10 or not origin or base[origin - 1] != 10
            ):
                last = data.find(b"\n", child, child + reach) + 1 or min(child + reach, len(data))
            # A block of encoded lines counts as one line, whether it was one or has become one.
            while first > begin and (
                encoded.joined(data, first) or encoded.joined(base, base_end - (start - first))
            ):
                first = max(begin, data.rfind(b"\n", 0, first - 1) + 1)
            while last < child + length and (
                encoded.joined(data, last) or encoded.joined(base, origin + (last - child))
            ):
                last = min(child + length, data.find(b"\n", last) + 1 or len(data))
            if first < last:
                if first <= high:
                    low, high = min(low, first), max(high, last)
                else:
                    if high >= 0:
                        yield low, high
                    low, high = first, last
        begin, start, base_end = child, child + length, origin + length
    if high >= 0:
        yield low, high
