"""What unpacking may cost, over all archives in one piece of content together."""

_MEBIBYTE = 1 << 20
_REMARKS = 100  # that are kept


class Budget:
    """Counts what unpacking has used; every limit is asked while bytes come out, not afterwards.

    `exceeded` gathers, in order, what could not be unpacked as pairs of a code and a detail. Codes:
    "archive-size" (bytes in all or in one member), "archive-ratio", "archive-members",
    "archive-time", "archive-corrupt", "archive-encrypted". Members that a limit cuts short are
    given out up to there.
    """

    __slots__ = (
        "_members",
        "_ratio",
        "_ratio_from",
        "_seconds",
        "_size",
        "exceeded",
        "member_size",
        "members_left",
        "seconds_left",
        "size_left",
    )

    def __init__(
        self,
        *,
        size: int = 256 * _MEBIBYTE,
        member_size: int = 64 * _MEBIBYTE,
        members: int = 10_000,
        ratio: int = 200,
        ratio_from: int = _MEBIBYTE,
        seconds: float = 30.0,
    ) -> None:
        """Allow `size` bytes in all and `member_size` in one member, from `members` members.

        `ratio` is how many bytes may come of one compressed byte, once a member is larger than
        `ratio_from`. `seconds` counts the time spent on unpacking itself.
        """
        self.exceeded: list[tuple[str, str]] = []
        self.member_size = member_size
        self.size_left = self._size = size
        self.members_left = self._members = members
        self.seconds_left = self._seconds = seconds
        self._ratio = ratio
        self._ratio_from = ratio_from

    @property
    def untouched(self) -> bool:
        """Tell whether nothing was unpacked and nothing was missed."""
        return self.members_left == self._members and not self.exceeded

    def admit(self) -> bool:
        """Count one more member, and tell whether it may be unpacked."""
        if self.members_left <= 0:
            self.remark("archive-members", f"more than {self._members} members")
            return False
        self.members_left -= 1
        return self.in_time()

    def room(self, taken: int) -> int:
        """Return how many more bytes a member may give that has given `taken`."""
        return min(self.size_left, self.member_size - taken)

    def unquestioned(self) -> int:
        """Return how many bytes a member may give, whatever they were compressed to."""
        return min(self.room(0), self._ratio_from)

    def full(self, label: str) -> None:
        """Record that `label` has more to give than there is room for."""
        if self.size_left <= 0:
            self.remark("archive-size", f"more than {self._size} bytes in all")
        else:
            self.remark("archive-size", f"{label}: more than {self.member_size} bytes")

    def take(self, size: int, seconds: float) -> None:
        """Count bytes that came out, and the time it took."""
        self.size_left -= size
        self.seconds_left -= seconds

    def in_time(self) -> bool:
        """Tell whether there is time left; record it if not."""
        if self.seconds_left > 0:
            return True
        self.remark("archive-time", f"unpacking took more than {self._seconds:g} s")
        return False

    def credible(self, label: str, compressed: int, taken: int) -> bool:
        """Tell whether `taken` bytes may come of `compressed` bytes; record it if not."""
        if taken <= self._ratio_from or taken <= self._ratio * compressed:
            return True
        self.remark("archive-ratio", f"{label}: more than {self._ratio} bytes from one")
        return False

    def remark(self, code: str, detail: str) -> None:
        """Record, once, what could not be unpacked."""
        if len(self.exceeded) < _REMARKS and (code, detail) not in self.exceeded:
            self.exceeded.append((code, detail))
