"""`leakseal completion` in the real shells: commands, options, values and file names."""

import os
import select
import shutil
import sys
import time

import pytest
from desk import PROGRAM, write

if sys.platform != "win32":
    import pty

BIN = PROGRAM.rpartition("/")[0]


def needs(shell):
    return pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is not installed")


@pytest.fixture
def complete(desk, tmp_path):
    """Return a function that writes a shell's script and returns where."""

    def prepared(shell):
        done = desk.leakseal("completion", shell)
        assert done.returncode == 0, done.stderr
        desk.environment["PATH"] = f"{BIN}{os.pathsep}{desk.environment['PATH']}"
        write(desk.folder / "my settings.yaml", "version: 1\n")
        return write(tmp_path / f"complete.{shell}", done.stdout)

    return prepared


def typed(desk, command, lines, until, seconds=60):
    """Type into a shell on a terminal until it shows `until`; return what it shows."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(desk.folder)
        os.execvpe(command[0], command, desk.environment | {"TERM": "dumb"})
    said, deadline = "", time.monotonic() + seconds
    try:
        for line, awaited in zip(lines, until, strict=True):
            os.write(terminal, line.encode())
            start = len(said)
            while awaited not in said[start:] and time.monotonic() < deadline:
                if select.select([terminal], [], [], 0.2)[0]:
                    said += os.read(terminal, 65536).decode(errors="replace")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return said


def test_answers_come_without_loading_what_they_are_not_about(desk):
    code = (
        "import sys; from scanner.cli.main import main; main(sys.argv[1:]); "
        "print(*(n for n in sys.modules if n.startswith('scanner.cli.')))"
    )
    python = f"{BIN}/python"
    question = ("completion", "bash", "--answer", "--")
    said = desk.run(python, "-P", "-c", code, *question, "in").stdout.splitlines()
    assert [line.split("\t")[0] for line in said[:-1]] == ["init", "install-hook"]
    assert "scanner.cli.scan " not in said[-1] + " "
    said = desk.run(python, "-P", "-c", code, *question, "key", "--h").stdout.splitlines()
    assert said[0].startswith("--help\t")
    assert "scanner.cli.migrate" not in said[-1]


def test_a_shell_must_be_one_that_is_known(desk):
    done = desk.leakseal("completion", "cmd")
    assert done.returncode == 2
    assert "bash" in done.stderr


@needs("bash")
def test_bash_completes_commands_options_and_values(desk, complete):
    ask = (
        'ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leakseal leakseal; '
        'echo "${COMPREPLY[*]}"; }'
    )
    questions = (
        "ask leakseal inst; ask leakseal scan --no-h; ask leakseal scan --confidence ''; "
        "ask leakseal scan --confidence = h; ask leakseal rules te; ask leakseal scan --config ''"
    )
    done = desk.run("bash", "-c", f"source '{complete('bash')}'; {ask}; {questions}")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "install-hook",
        "--no-history",
        "low medium high",
        "high",
        "test",
        "",
    ]


@needs("bash")
def test_bash_completes_file_names(desk, complete):
    lines = [f"source '{complete('bash')}'; echo re''ady\n", "leakseal scan --config my\t"]
    said = typed(desk, ["bash", "--norc", "-i"], lines, ["ready", "my\\ settings.yaml"])
    assert "my\\ settings.yaml" in said


@needs("zsh")
def test_zsh_completes_commands_options_values_and_file_names(desk, complete):
    start = f"autoload -U compinit; compinit -u -D; source '{complete('zsh')}'; echo re''ady\n"
    lines = [
        start,
        "leakseal inst\t",
        "\x15leakseal scan --no-h\t",
        "\x15leakseal scan --confidence h\t",
        "\x15leakseal scan --config my\t",
    ]
    until = ["ready", "install-hook", "--no-history", "high", "my\\ settings.yaml"]
    said = typed(desk, ["zsh", "-f", "-i"], lines, until)
    for awaited in until:
        assert awaited in said


@needs("fish")
def test_fish_completes_commands_options_values_and_file_names(desk, complete):
    questions = ("leakseal inst", "leakseal scan --no-h", "leakseal scan --confidence ")
    asked = "; ".join(f"complete -C '{question}'" for question in questions)
    file = "complete -C 'leakseal scan --config my'"
    done = desk.run("fish", "--no-config", "-c", f"source '{complete('fish')}'; {asked}; {file}")
    assert done.stderr == ""
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [
        *("install-hook", "--no-history", "low", "medium", "high", "my settings.yaml")
    ]
