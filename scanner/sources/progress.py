"""What a source tells of its progress; the command line draws it."""

from scanner.model import Match


class Progress:
    """Takes progress and shows nothing."""

    def start(self, what: str, total: int, *, in_bytes: bool = True) -> None:
        """Begin a part of the work, `total` long, in bytes or in pieces; 0 if that is not known."""

    def done(self, count: int) -> None:
        """Say that `count` bytes or pieces of the current part are done."""

    def found(self, kind: str, id_: bytes, matches: tuple[Match, ...]) -> None:
        """Say what an object holds, before it is known where that stands; perhaps twice."""
