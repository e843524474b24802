"""A progress bar on standard error, for a person at a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from scanner.sources.progress import Progress as Silent

_STEP = 1 << 18


class _Amount(ProgressColumn):
    """How much of a part is done, in its own unit."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes, self._pieces = DownloadColumn(), MofNCompleteColumn()

    def render(self, task: Task) -> Text:
        return (self._bytes if task.fields["in_bytes"] else self._pieces).render(task)


class Bar(Silent):
    """Draws how far each part of the work is; as a context manager it cleans up after itself."""

    def __init__(self) -> None:
        """Prepare to draw; nothing appears before the first part starts."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            _Amount(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: TaskID | None = None
        self._shown = 0
        self._step = _STEP

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

    def start(self, what: str, total: int, *, in_bytes: bool = True) -> None:
        """Begin a new part."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=total or None, in_bytes=in_bytes)
        self._step = _STEP if in_bytes else 1
        self._shown = 0

    def done(self, count: int) -> None:
        """Move the bar, if there is something to see."""
        if self._task is not None and count - self._shown >= self._step:
            self._shown = count
            self._bar.update(self._task, completed=count)
