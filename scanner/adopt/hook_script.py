"""The shell scripts that git runs as hooks: how they are written, and how they are known again.

They are plain POSIX sh, so that the one of Git for Windows runs them too.
"""

import shlex
import zlib
from importlib import resources

HOOKS = ("pre-commit", "commit-msg", "pre-push")
BEFORE = ".leakseal-before"
"""What is added to the name of a hook that was there before."""

FORWARDED = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-merge-commit"),
    *("prepare-commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge"),
    *("pre-receive", "update", "proc-receive", "post-receive", "post-update"),
    *("reference-transaction", "pre-auto-gc", "post-rewrite", "sendemail-validate"),
    "post-index-change",
)
"""The other hooks of githooks(5). Not push-to-checkout, as to have it turns off what git does."""

_OURS = b"# leakseal hook: "
_COMMANDS = {"pre-commit": "commit", "commit-msg": "commit", "pre-push": "push"}
_FIRST = frozenset(["pre-push"])
_BESIDE = '$(dirname -- "$0")/'
_REPOSITORY = "$(git rev-parse --git-common-dir 2>/dev/null)/hooks/"


def guarding(hook: str, program: str, *, everywhere: bool, own: bool) -> bytes:
    """Return the script of one of HOOKS, which also runs the hook that was there before.

    `program` is the absolute path of leakseal. With `own`, the script lies in a folder made for it,
    and the hook to run as well is the repository's; else it lies beside. `everywhere` is whether
    the user asked for all repositories.
    """
    last = "run-first.sh" if hook in _FIRST else "run-last.sh"
    text = _template("hook.sh") + _template(last)
    before = f'"{_REPOSITORY}"{hook}' if own else f'"{_BESIDE}"{hook}{BEFORE}'
    for name, value in {
        "@HOOK@": hook,
        "@SCOPE@": " --global" if everywhere else "",
        "@COMMAND@": _COMMANDS[hook],
        "@BEFORE@": before,
        "@LEAKSEAL@": shlex.quote(program),
    }.items():
        text = text.replace(name, value)
    return _summed(text.encode("utf-8", "surrogateescape"))


def forwarding() -> bytes:
    """Return the script that runs a repository's own hook of the same name, and nothing else."""
    return _summed(_template("forward.sh").encode())


def is_ours(script: bytes) -> bool:
    """Tell whether a hook is one of these scripts, of whatever version."""
    second = script.partition(b"\n")[2]
    return script.startswith(b"#!") and second.startswith(_OURS)


def is_unchanged(script: bytes) -> bool:
    """Tell whether one of these scripts is as it was made; another path of leakseal is no matter.

    One that was changed has lines that somebody needs.
    """
    return script.partition(b"\n")[2].partition(b"\n")[0].endswith(b" " + _sum(script))


def _summed(script: bytes) -> bytes:
    """Return a script with the sum of its lines at the end of the second, which names the hook."""
    first, second, rest = script.split(b"\n", 2)
    return b"\n".join((first, second + b" " + _sum(script), rest))


def _sum(script: bytes) -> bytes:
    first, _, *lines = *script.split(b"\n"), b""
    path = next((line for line in lines if line.startswith(b"leakseal=")), None)
    if path is not None:
        lines.remove(path)
    return b"%08x" % zlib.crc32(b"\n".join((first, *lines)))


def _template(name: str) -> str:
    return resources.files("scanner.adopt").joinpath("templates", name).read_text("utf-8")
