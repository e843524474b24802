"""What a source tells of its progress; the command line draws it."""


class Progress:
    """Takes progress and shows nothing."""

    def start(self, what: str, total: int) -> None:
        """Begin a part of the work, `total` bytes long; 0 if that is not known."""

    def done(self, count: int) -> None:
        """Say that `count` bytes of the current part are done."""
