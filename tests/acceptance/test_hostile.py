"""Repositories that want to run code, to make the scanner hang, or to write to the terminal.

Every trap runs a program that leaves a file behind, the canary; there must never be one.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from planting import Repository, git, run, scan, token

SARIF_SCHEMA = Path(__file__).parents[1] / "report" / "sarif-2.1.0.schema.json"
JSON_SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
COMMANDS = {
    "scan": ("scan", "."),
    "no_history": ("scan", ".", "--no-history"),
    "staged": ("scan", ".", "--staged"),
    "range": ("scan", ".", "--range", "HEAD~1..HEAD"),
    "since": ("scan", ".", "--since", "2001-01-01"),
    "guard": ("guard",),
}
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
FORMATS = ("text", "json", "sarif")


@pytest.fixture
def canary(tmp_path):
    """A program that leaves a file, and the file."""
    program, file = tmp_path / "canary.sh", tmp_path / "canary-was-here"
    program.write_text(f"#!/bin/sh\necho ran >> '{file}'\ncat\nexit 0\n")
    program.chmod(0o755)
    return program, file


def config(program, file):
    """Return settings each of which names the canary for git to run."""
    inner = f"[core]\n\tfsmonitor = {program}\n\tpager = {program}\n"
    Path(f"{program}.config").write_text(inner)
    return {
        "core.fsmonitor": program,
        "core.hooksPath": program.parent,
        "core.sshCommand": program,
        "core.gitProxy": program,
        "core.pager": program,
        "core.editor": program,
        "core.askPass": program,
        "core.alternateRefsCommand": program,
        "credential.helper": program,
        "diff.external": program,
        "diff.canary.textconv": program,
        "diff.canary.command": program,
        "filter.canary.clean": program,
        "filter.canary.smudge": program,
        "filter.canary.process": program,
        "filter.canary.required": "true",
        "merge.canary.driver": program,
        "gpg.program": program,
        "gpg.ssh.program": program,
        "log.showSignature": "true",
        "include.path": f"{program}.config",
        "includeIf.gitdir:/.path": f"{program}.config",
        "interactive.diffFilter": program,
        "pager.log": program,
        "pager.diff": program,
        "sequence.editor": program,
        "uploadpack.packObjectsHook": program,
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "remote.origin.uploadpack": program,
        "remote.origin.vcs": "canary",
        "submodule.sub.update": f"!{program}",
        "alias.cat-file": f"!{program}",
        "alias.rev-list": f"!{program}",
        "trailer.canary.command": program,
        "tar.canary.command": program,
        "browser.canary.cmd": program,
    }


def attempt(arguments, leaking, tmp_path, **environ):
    return run(*arguments, home=tmp_path, cwd=leaking.path, timeout=120, **environ)


def test_the_canary_sings(canary, leaking):
    """Git itself falls for the traps; otherwise the tests below would say nothing."""
    program, file = canary
    leaking.git("config", "core.fsmonitor", str(program))
    leaking.git("status", check=False)
    assert file.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_configuration_runs_nothing(canary, leaking, tmp_path, name):
    program, file = canary
    leaking.write(".gitattributes", b"* diff=canary filter=canary merge=canary\n")
    leaking.write(".git/info/attributes", b"* diff=canary filter=canary merge=canary\n")
    leaking.write(".gitmodules", b'[submodule "sub"]\n\tpath = sub\n\turl = ext::canary\n')
    signed = leaking.git("cat-file", "commit", "HEAD")
    signed = signed.replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n a\n\n", 1)
    options = ("-w", "-t", "commit", "--stdin")
    commit = leaking.git("hash-object", *options, stdin=signed.encode())
    leaking.git("update-ref", "refs/heads/signed", commit)
    for hook in ("pre-commit", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(program, leaking.path / ".git/hooks" / hook)
        shutil.copy(program, tmp_path / hook)
    for key, value in config(program, file).items():
        git(leaking.path, "config", "--file", ".git/config", key, str(value))
    os.utime(leaking.path / "leak.env", (1, 1))
    file.unlink(missing_ok=True)
    done = attempt(COMMANDS[name], leaking, tmp_path)
    assert not file.exists()
    assert done.returncode in (1, 3), done.stderr


@pytest.mark.parametrize("place", ["vendor/clone", ".git/modules/sub"])
def test_configuration_of_an_inner_repository_runs_nothing(canary, leaking, tmp_path, place):
    """A clone in the working tree, and the git directory of a submodule."""
    program, file = canary
    inner = Repository(tmp_path / "inner")
    inner.commit_file("inner.env", b"TOKEN=%b\n" % token("inner"))
    inner.write(".git/info/attributes", b"* diff=canary filter=canary merge=canary\n")
    for key, value in config(program, file).items():
        git(inner.path, "config", "--file", ".git/config", key, str(value))
    os.utime(inner.path / "inner.env", (1, 1))
    target = leaking.path / place
    target.parent.mkdir()
    shutil.move(inner.path if place.startswith("vendor") else inner.path / ".git", target)
    file.unlink(missing_ok=True)
    found = scan(leaking.path, home=tmp_path)
    assert not file.exists()
    assert {token("inner"), token("head")} <= set(found.places)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_absent_object_is_not_fetched(canary, leaking, tmp_path, name):
    """A partial clone whose remote is a program; git would fetch by running it."""
    program, file = canary
    blob = leaking.git("rev-parse", "HEAD:leak.env")
    (leaking.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{program} %S",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
    }
    for key, value in settings.items():
        leaking.git("config", key, value)
    done = attempt(COMMANDS[name], leaking, tmp_path)
    assert not file.exists()
    assert done.returncode in (0, 1, 3), done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_programs_in_the_working_tree_are_not_run(canary, leaking, tmp_path, name):
    """A `git`, modules and settings that lie where the command is run."""
    program, file = canary
    python = f"open({str(file)!r}, 'w').close()\n".encode()
    for path in ("sitecustomize.py", "usercustomize.py", "click.py", "zlib.py", "json.py"):
        leaking.write(path, python)
    for path in ("scanner/__init__.py", "scanner/__main__.py", "git.py", "yaml.py"):
        leaking.write(path, python)
    for path in (".leakseal.yml", "leakseal.toml", ".gitleaks.toml"):
        leaking.write(path, b"rules: []\nallow: ['.*']\npaths: ['*']\n")
    for path in ("git", "bin/git"):
        leaking.write(path, program.read_bytes())
        (leaking.path / path).chmod(0o755)
    for search in (".:bin", f"{leaking.path}/bin", ""):
        path = os.pathsep.join((search, os.environ["PATH"]))
        done = attempt(COMMANDS[name], leaking, tmp_path, PATH=path)
        assert not file.exists()
        assert done.returncode == 1, done.stderr


@pytest.mark.parametrize("name", ["scan", "staged", "range"])
def test_the_environment_is_not_obeyed(canary, leaking, tmp_path, name):
    program, file = canary
    traps = {
        "GIT_EXTERNAL_DIFF": program,
        "GIT_SSH_COMMAND": program,
        "GIT_SSH": program,
        "GIT_PAGER": program,
        "PAGER": program,
        "GIT_EDITOR": program,
        "GIT_ASKPASS": program,
        "GIT_PROXY_COMMAND": program,
        "GIT_EXEC_PATH": tmp_path,
        "GIT_TEMPLATE_DIR": tmp_path,
        "GIT_DIR": tmp_path,
        "GIT_OBJECT_DIRECTORY": tmp_path,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": program,
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{program}'",
        "GIT_REPLACE_REF_BASE": "refs/heads",
    }
    if name != "staged":  # which says that it reads another index than git would commit
        traps["GIT_INDEX_FILE"] = tmp_path / "none"
    environ = {key: str(value) for key, value in traps.items()}
    done = attempt(COMMANDS[name], leaking, tmp_path, **environ)
    assert not file.exists()
    assert done.returncode == 1, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_nothing_is_written_into_the_repository(leaking, tmp_path):
    """Not even the index is refreshed."""

    def state():
        files = (p for p in sorted(leaking.path.rglob("*")) if p.is_file())
        return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files}

    os.utime(leaking.path / "leak.env", (1, 1))
    before = state()
    for arguments in COMMANDS.values():
        attempt(arguments, leaking, tmp_path)
    assert state() == before
