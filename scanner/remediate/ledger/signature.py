"""Signatures of OpenSSH's `ssh-keygen -Y` (PROTOCOL.sshsig): made, and checked against signers.

The key stays with ssh-keygen or the agent. Who may sign stands in a file of allowed signers, as
ssh-keygen(1) describes it.
"""

import os
import shutil
import subprocess  # noqa: TID251 - ssh-keygen signs; git, which gitdb/git.py runs, has no part in it
from collections.abc import Mapping, Sequence

from scanner.errors import UsageError
from scanner.report.escape import visible

_NAMESPACE = "leakseal-ledger"
_KEPT = (
    *("DISPLAY", "HOME", "LOGNAME", "PATH", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_AUTH_SOCK"),
    *("SYSTEMROOT", "TEMP", "TERM", "TMP", "TMPDIR", "USER", "WAYLAND_DISPLAY"),
)
_TIMEOUT = 300.0  # a person may have to type a passphrase or touch a key


class UnknownSignerError(UsageError):
    """The signature is of nobody who may sign."""


class BadSignatureError(UsageError):
    """The signature is of somebody who may sign, but not of this content."""


class Signatures:
    """Makes and checks signatures by the ssh-keygen of this machine."""

    def __init__(self, environ: Mapping[str, str], tree: str) -> None:
        """Find ssh-keygen on PATH, but not in `tree`; raise UsageError if there is none."""
        self._environ = {name: environ[name] for name in _KEPT if name in environ} | {
            "LC_ALL": "C",
            "TZ": "UTC",
        }
        self._program = _found("ssh-keygen", environ.get("PATH", ""), tree)

    def sign(self, content: bytes, key: str) -> bytes:
        """Return a signature by the key in the file `key`, or by the agent if that is public.

        Raises UsageError, with what ssh-keygen says, if it does not sign.
        """
        if not os.path.isfile(key):
            raise UsageError(f"there is no key file {visible(key)}")
        done = self._run(["-Y", "sign", "-n", _NAMESPACE, "-f", os.path.abspath(key)], content)
        if done.returncode or not done.stdout:
            raise UsageError(f"ssh-keygen did not sign: {_last_line(done.stderr)}")
        return done.stdout

    def signer(self, content: bytes, signature: str, signers: str, time: str) -> str:
        """Return who signed `content`: the name that the file `signers` gives the key.

        `signature` is a file; `time`, in ISO 8601, is when the key had to be valid. Raises
        UnknownSignerError or BadSignatureError.
        """
        moment = "-Overify-time=" + "".join(c for c in time[:19] if c.isdigit())
        files = ["-s", signature, "-f", os.path.abspath(signers), moment]
        found = self._run(["-Y", "find-principals", *files], b"")
        name = found.stdout.decode("utf-8", "replace").partition("\n")[0].partition(",")[0]
        if found.returncode or not name:
            raise UnknownSignerError(f"its signer is not in {visible(signers)}")
        done = self._run(["-Y", "verify", "-n", _NAMESPACE, "-I", name, *files], content)
        if done.returncode:
            raise BadSignatureError(f"the signature does not hold: {_last_line(done.stderr)}")
        return name

    def _run(
        self, arguments: Sequence[str], content: bytes
    ) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(  # noqa: S603 - a list, and the program's path is absolute
                [self._program, *arguments],
                input=content,
                capture_output=True,
                env=self._environ,
                timeout=_TIMEOUT,
                check=False,
            )
        except OSError as error:
            raise UsageError(f"ssh-keygen cannot be started: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise UsageError(f"ssh-keygen did not answer within {_TIMEOUT:.0f} seconds") from None


def _found(name: str, search_path: str, tree: str) -> str:
    """Return the absolute path of a program; what lies in `tree` is nobody's but its author's."""
    inside = os.path.realpath(tree) + os.sep
    folders = [f for f in search_path.split(os.pathsep) if os.path.isabs(f)]
    folders += [f for f in os.defpath.split(os.pathsep) if os.path.isabs(f)]
    for folder in folders:
        program = shutil.which(name, path=folder)
        if program and os.path.isabs(program):
            places = os.path.abspath(program), os.path.realpath(program)
            if not any(place.startswith(inside) for place in places):
                return program
    raise UsageError(f"{name} was not found; it is part of OpenSSH 8.9 and newer")


def _last_line(errors: bytes) -> str:
    lines = errors.strip().splitlines()
    return visible(lines[-1]) if lines else "it gave no reason"
