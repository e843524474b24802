"""Ctrl-C and SIGTERM during a scan: the first ends it with a report, the second at once."""

import signal
import threading
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_GRACE = 1.0  # seconds


class Interrupt:
    """Remembers that the process was told to end; as a context manager it listens for that.

    What does not look at it within a second gets a KeyboardInterrupt.
    """

    def __init__(self) -> None:
        """Begin without having been told."""
        self.signal = 0
        """The number of the signal that came, 0 if none did."""
        self.twice = False
        """Whether another came, which means at once."""
        self._before: dict[int, object] = {}

    def __call__(self) -> bool:
        """Tell whether the process was told to end."""
        return self.signal != 0

    def __enter__(self) -> "Interrupt":
        """Start listening, where signals can be listened for."""
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._told) for number in _SIGNALS}
            if hasattr(signal, "SIGALRM"):
                self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._waited)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]

    def _told(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            self.twice = True
            raise KeyboardInterrupt
        self.signal = number
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _GRACE)

    def _waited(self, number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt
