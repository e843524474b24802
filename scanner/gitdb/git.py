"""Runs git. No other module starts programs.

A repository delivered with its `.git` is hostile: its configuration can name programs for git to
run. Every call therefore carries fixed options that win over any configuration file, an
environment built from nothing, and no transport at all.
"""

import os
import re
import select
import subprocess  # noqa: TID251 - this is the one module that may
import threading
from collections.abc import Generator, Iterable, Mapping
from io import BufferedReader
from typing import IO, NamedTuple

from scanner.errors import UsageError

MISSING = b"missing"
OVERSIZE = b"over-size"
BROKEN = b"broken"

_NOTHING = os.devnull
_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.attributesFile=" + _NOTHING),
    *("-c", "core.commitGraph=false"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=" + _NOTHING),
    *("-c", "core.pager=cat"),
    *("-c", "credential.helper="),
    *("-c", "diff.autoRefreshIndex=false"),
    *("-c", "diff.external="),
    *("-c", "diff.relative=false"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
    *("-c", "log.showSignature=false"),
    *("-c", "protocol.allow=never"),
    *("-c", "safe.directory=*"),
    *("-c", "submodule.recurse=false"),
)
# An empty GIT_ALLOW_PROTOCOL refuses every transport, and unlike protocol.allow it cannot be
# overruled by protocol.<name>.allow in the repository: git would otherwise fetch the absent objects
# of a partial clone through any program a remote's URL names.
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_ASKPASS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": _NOTHING,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": _NOTHING,
    "GIT_GRAFT_FILE": _NOTHING,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": _NOTHING,
    "LC_ALL": "C",
    "XDG_CONFIG_HOME": _NOTHING,
}
_KEPT = ("PATH", "PATHEXT", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "WINDIR")
_KEPT_IN_HOOKS = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_WORK_TREE",
)
_HEEDS_COUNT = (2, 31)  # the first git that takes settings from GIT_CONFIG_COUNT
_HOMES = ("HOME", "HOMEDRIVE", "HOMEPATH", "USERPROFILE", "XDG_CONFIG_HOME")
_QUARANTINE = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_OBJECT_DIRECTORY",
    "GIT_QUARANTINE_PATH",
)
_NO_DRIVERS = ("--no-ext-diff", "--no-textconv")
_COMMAND_OPTIONS = {
    "diff": (*_NO_DRIVERS, "--ignore-submodules=dirty"),
    "diff-files": (*_NO_DRIVERS, "--ignore-submodules=dirty"),
    "diff-index": (*_NO_DRIVERS, "--ignore-submodules=dirty"),
    "diff-tree": _NO_DRIVERS,
    "log": _NO_DRIVERS,
    "show": _NO_DRIVERS,
}
# These never compare or convert the content of files in the working tree, which is when git starts
# the clean and smudge filters that the repository's configuration names.
_READ_NO_FILES = frozenset(
    [
        *("config", "diff-tree", "for-each-ref", "log", "ls-tree", "merge-base", "name-rev"),
        *("reflog", "rev-list", "rev-parse", "show", "show-ref", "symbolic-ref", "version"),
    ]
)
_TIMEOUT = 600.0
MOST_OUTPUT = 256 << 20
_MOST_ERRORS = 1 << 16
_CHUNK = 1 << 20
_RESTARTS = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_USERINFO = re.compile(r"://[^\s'\"]*@")
_QUERY = re.compile(r"(://[^\s'\"?]*)\?[^\s'\"]*")


class GitError(UsageError):
    """Git is absent, refused to answer, or did not answer in time."""


class BatchEntry(NamedTuple):
    """An answer of `Git.batch`.

    `kind` is blob, tree, commit or tag, and then `data` is the object; or it is MISSING, OVERSIZE
    (larger than the limit) or BROKEN (git could not read it), and then `data` is empty.
    """

    id: bytes
    kind: bytes
    data: bytes


class Git:
    """Runs git commands in one repository. Not to be shared between threads."""

    def __init__(
        self,
        git_dir: str | None,
        work_tree: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        hook: bool = False,
    ) -> None:
        """Prepare to run git in `git_dir`, or where git finds itself if that is None.

        `environ` (default: the process's own) is where PATH and the temporary directory come from.
        With `hook`, the variables by which git tells a hook its repository, index and object
        directories are taken over too. Raises GitError if there is no git.
        """
        environ = os.environ if environ is None else environ
        kept = _KEPT + _KEPT_IN_HOOKS if hook else _KEPT
        self._environ = {name: environ[name] for name in kept if name in environ} | _ENVIRONMENT
        if git_dir is not None:
            self._environ["GIT_DIR"] = os.path.abspath(git_dir)
        if work_tree is not None:
            self._environ["GIT_WORK_TREE"] = os.path.abspath(work_tree)
        self._cwd = work_tree or git_dir
        tree = [path for path in (work_tree, git_dir, "." if hook else None) if path]
        self._program = find_git(environ.get("PATH", ""), tree)
        self._drivers: dict[str, str] | None = None
        self.problem = ""
        """Why git cannot be used here; when set, `run` raises it and `batch` answers BROKEN."""

    @classmethod
    def receiving(cls, environ: Mapping[str, str] | None = None) -> "Git":
        """Return git as a pre-receive hook runs it: it reads what is pushed and not yet kept too.

        That waits in a directory of its own, which git names in the environment ("Quarantine
        Environment" in git-receive-pack(1)). Raises GitError if that directory is not inside the
        repository's own object directory: nothing else may pass for the repository's objects.
        """
        environ = os.environ if environ is None else environ
        named = {environ[name] for name in _QUARANTINE[1:] if environ.get(name)}
        plain = {name: text for name, text in environ.items() if name not in _QUARANTINE}
        git = cls(None, environ=plain, hook=True)
        if named:
            own = os.path.realpath(os.path.join(git.common_dir(), "objects"))
            waiting = {os.path.realpath(path) for path in named}
            if len(waiting) > 1 or not all(_within(path, own) for path in waiting):
                raise GitError("the objects that are pushed do not wait inside this repository")
            git._environ["GIT_OBJECT_DIRECTORY"] = waiting.pop()
            git._environ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = _quoted(own)
        return git

    def as_the_user(self, environ: Mapping[str, str], *, everywhere: bool = False) -> "Git":
        """Return git as it reads configuration for the user, whose own settings count too.

        With `everywhere` the repository's do not. It is to be asked for settings and nothing else.
        """
        theirs = {
            name: value
            for name, value in environ.items()
            if name in _HOMES or name.startswith("GIT_CONFIG_")
        }
        hidden = ("GIT_CONFIG", *_HOMES)
        git = Git(None, environ=environ, hook=True)
        git._cwd = self._cwd
        git._environ = {
            name: value for name, value in self._environ.items() if not name.startswith(hidden)
        } | theirs
        if everywhere:
            git._environ["GIT_DIR"] = _NOTHING
        return git

    def check_version(self, oldest: tuple[int, int]) -> None:
        """Raise GitError if git is older than the version of these two numbers."""
        said = self.run("version").removeprefix(b"git version ").split(b".")
        if tuple(int(part) for part in said[:2] if part.isdigit()) < oldest:
            raise GitError("git {}.{} or a later one is needed for this".format(*oldest))

    def common_dir(self) -> str:
        """Return the git directory that all worktrees share; raise GitError if there is none."""
        answer = self.run("rev-parse", "--git-common-dir").removesuffix(b"\n")
        return os.path.abspath(os.path.join(self._cwd or "", os.fsdecode(answer)))

    def root(self) -> bytes:
        """Return the first by id, in hex, of the commits HEAD's history begins with; or nothing."""
        try:
            return min(self.run("rev-list", "--max-parents=0", "HEAD").split(), default=b"")
        except GitError:
            return b""

    def run(self, *args: str, stdin: bytes = b"", timeout: float = _TIMEOUT) -> bytes:
        """Return what `git ARGS` writes to its standard output.

        Raises GitError with the last line git wrote to its standard error, without control bytes
        and credentials, if git fails, takes longer than `timeout` seconds, or writes more than
        MOST_OUTPUT bytes.
        """
        if self.problem:
            raise GitError(self.problem)
        command, environ = self._prepare(args)
        try:
            process = subprocess.Popen(  # noqa: S603 - a list, and the program's path is absolute
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._cwd,
                env=environ,
            )
        except OSError as error:
            raise GitError(f"git cannot be started: {error.strerror}") from None
        output, errors, in_time = _talk(process, stdin, timeout)
        if not in_time:
            self.problem = f"git {args[0]} did not answer within {timeout:.0f} seconds"
            raise GitError(self.problem)
        if len(output) > MOST_OUTPUT:
            raise GitError(f"git {args[0]} wrote more than {MOST_OUTPUT >> 20} MiB")
        if process.returncode:
            lines = errors.decode("utf-8", "replace").strip().splitlines()
            code = process.returncode
            raise GitError(
                scrub(lines[-1]) if lines else f"git {args[0]} failed with status {code}"
            )
        return output

    def batch(
        self, ids: Iterable[bytes], limit: int = 256 << 20
    ) -> Generator[BatchEntry, None, None]:
        """Yield the object of each of the raw `ids`, in order, by one `git cat-file --batch`.

        An id is taken from `ids` only once the one before is answered. Objects over `limit` bytes
        are never held in memory. Git ends at a damaged object; it is started anew after it, and
        after a thousand of those everything else is BROKEN.
        """
        process: subprocess.Popen[bytes] | None = None
        starts = 0
        try:
            for object_id in ids:
                if process is None and starts < _RESTARTS and not self.problem:
                    process = self._start("cat-file", "--batch")
                    starts += 1
                if process is None:
                    yield BatchEntry(object_id, BROKEN, b"")
                    continue
                entry = _ask(process, object_id, limit)
                if entry is None:
                    self.problem = f"git cat-file did not answer within {_TIMEOUT:.0f} seconds"
                    entry = BatchEntry(object_id, BROKEN, b"")
                if entry.kind in (BROKEN, OVERSIZE):
                    _stop(process)
                    process = None
                yield entry
        finally:
            if process is not None:
                _stop(process)

    def _start(self, *args: str) -> subprocess.Popen[bytes] | None:
        command, environ = self._prepare(args)
        try:
            return subprocess.Popen(  # noqa: S603 - a list, and the program's path is absolute
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._cwd,
                env=environ,
            )
        except OSError:
            return None

    def _prepare(self, args: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
        name, rest = args[0], args[1:]
        command = [self._program, *_OPTIONS, name, *_COMMAND_OPTIONS.get(name, ()), *rest]
        environ = self._environ if _reads_no_files(name, rest) else self._without_drivers()
        return command, environ

    def _without_drivers(self) -> dict[str, str]:
        """Return an environment in which every filter driver of the configuration is empty."""
        if self._drivers is None:
            try:
                names = self.run("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
            except GitError:
                names = b""
            drivers = {os.fsdecode(n.rpartition(b".")[0]) for n in names.split(b"\0") if n}
            if drivers:
                self.check_version(_HEEDS_COUNT)
            settings = [
                (f"{driver}.{key}", value)
                for driver in sorted(drivers)
                for key, value in (
                    ("clean", ""),
                    ("process", ""),
                    ("required", "false"),
                    ("smudge", ""),
                )
            ]
            self._drivers = self._environ | {"GIT_CONFIG_COUNT": str(len(settings))}
            for number, (key, value) in enumerate(settings):
                self._drivers[f"GIT_CONFIG_KEY_{number}"] = key
                self._drivers[f"GIT_CONFIG_VALUE_{number}"] = value
        return self._drivers


def find_git(search_path: str, scanned: Iterable[str]) -> str:
    """Return the absolute path of git, from `search_path` or the system's default directories.

    Relative entries, the current directory, and anything inside the `scanned` directories are
    passed over: what lies there was not put there by the user. Raises GitError if none is left.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        here = ""
    trees = [os.path.realpath(path) for path in scanned if here or os.path.isabs(path)]
    trees = [path for path in trees if os.path.dirname(path) != path]
    name = "git.exe" if os.name == "nt" else "git"
    for folder in search_path.split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isabs(folder) and _is_program(program):
            places = (os.path.realpath(folder), os.path.abspath(folder), os.path.realpath(program))
            if here not in places and not any(_within(p, tree) for p in places for tree in trees):
                return program
    for folder in os.defpath.split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isabs(folder) and os.name != "nt" and _is_program(program):
            return program
    raise GitError("git was not found on PATH, or only inside the directory to be scanned")


def scrub(text: str) -> str:
    """Return `text` (at most 500 characters) without control bytes, URL user names and queries."""
    text = _CONTROL.sub(" ", text[:500])
    return _QUERY.sub(r"\1", _USERINFO.sub("://", text))


def _reads_no_files(name: str, rest: tuple[str, ...]) -> bool:
    if name == "cat-file":
        return not any(arg.startswith("--filt") for arg in rest)
    if name == "diff-index":
        return "--cached" in rest
    if name == "ls-files":
        return not any(arg.startswith("-") and "m" in arg for arg in rest)
    return name in _READ_NO_FILES


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _within(path: str, tree: str) -> bool:
    return path == tree or path.startswith(tree + os.sep)


def _quoted(path: str) -> str:
    """Return `path` as an entry of GIT_ALTERNATE_OBJECT_DIRECTORIES (see git(1))."""
    if os.pathsep not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ask(process: "subprocess.Popen[bytes]", object_id: bytes, limit: int) -> BatchEntry | None:
    """Put one question to `cat-file --batch` and return the answer, None if there is none.

    A damaged object may be shorter than its header says, and git writes no more than there is. So a
    second question follows whose answer is known and unlike any content.
    """
    stdin, stdout = _pipes(process)
    name = object_id.hex().encode()
    last = b"?" + os.urandom(16).hex().encode()
    try:
        stdin.write(b"%b\n%b\n" % (name, last))
        stdin.flush()
    except OSError:
        return BatchEntry(object_id, BROKEN, b"")
    if not _readable(stdout):
        return None
    end = last + b" missing\n"
    header = stdout.readline(400)
    fields = header.split()
    if header.endswith(b" missing\n"):
        known = stdout.readline(400) == end
        return BatchEntry(object_id, MISSING if known else BROKEN, b"")
    if len(fields) != 3 or fields[0] != name or not fields[2].isdigit():
        return BatchEntry(object_id, BROKEN, b"")
    size = int(fields[2])
    if size > limit:
        return BatchEntry(object_id, OVERSIZE, b"")
    answer = bytearray()
    while not answer.endswith(end):
        chunk = stdout.read1(1 << 20)
        if not chunk or len(answer) > size + len(end):
            return BatchEntry(object_id, BROKEN, b"")
        answer += chunk
    if len(answer) != size + 1 + len(end) or answer[size] != 0x0A:
        return BatchEntry(object_id, BROKEN, b"")
    return BatchEntry(object_id, fields[1], bytes(answer[:size]))


def _talk(
    process: "subprocess.Popen[bytes]", stdin: bytes, timeout: float
) -> tuple[bytes, bytes, bool]:
    """Return what a process writes, output and errors, and whether it ended in time.

    A process that writes over MOST_OUTPUT bytes is stopped.
    """
    output, errors = bytearray(), bytearray()
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    def gather(pipe: IO[bytes] | None, into: bytearray, most: int) -> None:
        while pipe and len(into) <= most and (chunk := os.read(pipe.fileno(), _CHUNK)):
            into.extend(chunk)
        if len(into) > most:
            process.kill()

    timer = threading.Timer(timeout, stop)
    timer.start()
    with process:
        readers = [
            threading.Thread(target=gather, args=(process.stdout, output, MOST_OUTPUT)),
            threading.Thread(target=gather, args=(process.stderr, errors, _MOST_ERRORS)),
        ]
        for reader in readers:
            reader.start()
        try:
            if process.stdin:
                process.stdin.write(stdin)
                process.stdin.close()
        except OSError:
            pass  # git may end before it has read everything; its status tells
        for reader in readers:
            reader.join()
    timer.cancel()
    return bytes(output), bytes(errors), not late.is_set()


def _readable(pipe: IO[bytes]) -> bool:
    """Wait for an answer, but not for ever: a FIFO can stand where git expects an object."""
    if os.name == "nt":
        return True  # which has no such files, and cannot wait on pipes
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(_TIMEOUT * 1000))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    for pipe in _pipes(process):
        try:
            pipe.close()
        except OSError:
            continue
    process.wait()


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], BufferedReader]:
    if process.stdin is None or not isinstance(process.stdout, BufferedReader):
        raise GitError("git was started without pipes")
    return process.stdin, process.stdout
