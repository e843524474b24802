"""Kills or fails the process at its FAULT_AT-th change of the disk, for tests of migrations.

With LEAKSEAL_ARGUMENTS, the arguments of every program that is started go into that file.

Python imports this by itself where the folder is on PYTHONPATH. FAULT is "kill" or the number of
an error. With FAULT_COUNT in place of both, the number of changes is written into that file.
"""

import atexit
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

_at = int(os.environ.get("FAULT_AT", "0"))
_fault = os.environ.get("FAULT", "")
_changes = 0


def _counted(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        global _changes
        _changes += 1
        if _changes == _at:
            if _fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(int(_fault), os.strerror(int(_fault)))
        return real(*arguments, **options)

    return call


if "LEAKSEAL_FAULTS" in os.environ:
    for _name in ("fsync", "replace", "unlink", "makedirs", "truncate", "ftruncate"):
        setattr(os, _name, _counted(getattr(os, _name)))
    _file = os.environ.get("FAULT_COUNT")
    if _file:

        def _tell() -> None:
            with open(_file, "w") as file:
                file.write(str(_changes))

        atexit.register(_tell)

if "LEAKSEAL_ARGUMENTS" in os.environ:
    _arguments = os.open(os.environ["LEAKSEAL_ARGUMENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def _note(event: str, details: tuple[Any, ...]) -> None:
        if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            os.write(_arguments, f"{event} {details!r}\n".encode())

    os.write(_arguments, f"{sys.orig_argv!r}\n".encode())
    sys.addaudithook(_note)
