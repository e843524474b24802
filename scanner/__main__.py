"""`leakseal`: takes the guard's fast path, or hands over to the command line."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from scanner.guard import Settings


def main() -> "NoReturn":
    """Run the command in `sys.argv` and exit with its code (docs/exit-codes.md)."""
    arguments = sys.argv[1:]
    try:
        if arguments[:1] == ["guard"]:
            from scanner.guard import main as guard  # noqa: PLC0415 - the fast path

            code = guard(arguments[1:], _settings)
        else:
            from scanner.cli.main import main as cli  # noqa: PLC0415 - click is slow to load

            code = cli(arguments)
    except KeyboardInterrupt:
        print("leakseal: interrupted", file=sys.stderr)  # noqa: T201 - the command line
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 141
    except Exception as error:  # noqa: BLE001 - the outermost frame; nothing below may swallow
        code = _internal(error)
    sys.exit(code)


def _settings(path: str, *, named: bool) -> "Settings":
    from scanner.cli.settings import for_guard  # noqa: PLC0415 - few projects have any

    return for_guard(path, named=named)


def _internal(error: Exception) -> int:
    """Say where leakseal went wrong, but not with what values: they could be secrets."""
    import traceback  # noqa: PLC0415 - only when all is lost

    from scanner import __version__  # noqa: PLC0415 - only when all is lost
    from scanner.errors import INTERNAL  # noqa: PLC0415 - only when all is lost

    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(last.filename)}:{last.lineno} in {last.name}"
    version = f"leakseal {__version__}, Python {sys.version.split()[0]}"
    print(  # noqa: T201 - the command line
        f"leakseal: internal error: {type(error).__name__} at {place}\n"
        f"Please report this line and: {version}, {sys.platform}",
        file=sys.stderr,
    )
    return INTERNAL


if __name__ == "__main__":
    main()
