"""Standard output, where reports go that have no file."""

import os
import sys

from scanner.errors import UsageError


def emit(text: str) -> None:
    """Write `text` and pass it on at once.

    Raises UsageError if it cannot be written, BrokenPipeError if nobody reads any more.
    """
    if sys.stdout is None:
        raise UsageError("there is no standard output; name a file with --output")
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the exit fails again
        raise UsageError(f"standard output cannot be written: {error.strerror}") from None
