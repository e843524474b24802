"""A progress bar on standard error, for a person at a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from scanner.sources.progress import Progress as Silent

_STEP = 1 << 18


class Bar(Silent):
    """Draws how far each part of the work is; as a context manager it cleans up after itself."""

    def __init__(self) -> None:
        """Prepare to draw; nothing appears before the first part starts."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: TaskID | None = None
        self._shown = 0

    def __enter__(self) -> "Bar":
        """Start drawing."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the bar."""
        self._bar.stop()

    def start(self, what: str, total: int) -> None:
        """Begin a new part."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=total or None)
        self._shown = 0

    def done(self, count: int) -> None:
        """Move the bar, if there is something to see."""
        if self._task is not None and count - self._shown >= _STEP:
            self._shown = count
            self._bar.update(self._task, completed=count)
