"""What of the leaks a hook has found is accepted. Nothing here is loaded before there are some."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git, GitError
from scanner.sources.sighting import Sighting
from scanner.triage import baseline, decide, keys, settings_file
from scanner.triage.allow import Accepted
from scanner.triage.baseline import Baseline
from scanner.triage.contents import Contents
from scanner.triage.identity import Identity, salt_of
from scanner.triage.inline import Inline


def reported(
    found: Sequence[Sighting],
    engine: Engine,
    *,
    foreign: bool = False,
    named: str = "",
    environ: Mapping[str, str] = os.environ,
) -> list[Sighting]:
    """Return what of all that was `found` neither the baseline nor a comment accepts.

    It is asked in the repository around the current directory, whose own baseline counts unless the
    user `named` one. With `foreign`, comments made for other tools count too. Raises UsageError if
    the baseline cannot be used.
    """
    git = Git(None, hook=True)
    known, path = _baseline(named)
    policy = decide.Policy((), known, comments(engine, foreign=foreign))
    return _reported(found, policy, git, environ, path)


def comments(engine: Engine, *, foreign: bool) -> Inline:
    """Return what decides on comments, in the repository around the current directory."""
    return Inline(Contents(Git(None, hook=True), settings_file.root()), engine, foreign=foreign)


def accepted_by(
    entries: Sequence[Accepted], found: Sequence[Sighting], environ: Mapping[str, str] = os.environ
) -> list[Sighting]:
    """Return what of all that was `found` no entry of the settings accepts."""
    policy = decide.Policy(tuple(entries))
    return _reported(found, policy, Git(None, hook=True), environ, "")


def _baseline(named: str) -> tuple[Baseline | None, str]:
    if named:
        return baseline.read(named), named
    path = settings_file.at_root(baseline.NAME)
    return (baseline.read_own(path) if path else None), path or ""


def _reported(
    found: Sequence[Sighting],
    policy: decide.Policy,
    git: Git,
    environ: Mapping[str, str],
    path: str,
) -> list[Sighting]:
    identity = None
    if policy.names_secrets:
        identity = _identity(git, environ, policy.baseline)
        if policy.baseline:
            baseline.check(path, policy.baseline, identity)
    name = identity.fingerprint if identity else None
    today = datetime.now(UTC).date()
    return decide.reported(decide.decided(found, policy, name, today))


def _identity(git: Git, environ: Mapping[str, str], known: Baseline | None) -> Identity:
    try:
        common = os.fsdecode(git.run("rev-parse", "--git-common-dir").rstrip(b"\n"))
    except GitError:
        common = ""
    salt = salt_of(known.key) if known else git.root()
    return keys.choose(environ, None, common or None, settings_file.root(), salt or b"")
