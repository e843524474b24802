"""`leakseal`: takes the guard's fast path, or hands over to the command line."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> "NoReturn":
    """Run the command in `sys.argv` and exit with its code (docs/exit-codes.md)."""
    arguments = sys.argv[1:]
    try:
        if arguments[:1] == ["guard"]:
            from scanner.guard import main as guard  # noqa: PLC0415 - the fast path

            code = guard(arguments[1:])
        else:
            from scanner.cli.main import main as cli  # noqa: PLC0415 - click is slow to load

            code = cli(arguments)
    except KeyboardInterrupt:
        print("leakseal: interrupted", file=sys.stderr)  # noqa: T201 - the command line
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 141
    sys.exit(code)


if __name__ == "__main__":
    main()
