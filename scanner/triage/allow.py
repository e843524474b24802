"""Whether a match is reported where it stands: what a pack's rules and a project's settings say.

What of a pack's allow entry the content decides was looked at before (`detect.allowed`).
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from scanner.model import Allow, Match
from scanner.rulepack.pack import RulePack
from scanner.rulepack.searchers import any_of

OTHER_FILES = "the rule is for other files"
_NO_REASON = "an allow entry says so"


class Accepted(NamedTuple):
    """An entry of the settings: what is accepted, and why; all that it gives has to hold.

    `paths` are patterns, `commits` and `fingerprints` beginnings of such. `expires` is an ISO 8601
    date, the last day on which it is accepted.
    """

    reason: str
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    owner: str = ""
    expires: str = ""

    def holds(self, match: Match, path: bytes, commit: str, names: Collection[str]) -> bool:
        """Tell whether it speaks of `match`, which has one of the fingerprints `names`.

        `path` and `commit` are as for `placed`.
        """
        return (
            (not self.rules or match.rule.id in self.rules)
            and (not self.paths or (bool(path) and _found(self.paths, "python", path)))
            and (not self.commits or commit.lower().startswith(self.commits))
            and (not self.fingerprints or any(n.startswith(self.fingerprints) for n in names))
        )


def counts(match: Match, path: bytes, pack: RulePack, own: Iterable[Accepted]) -> bool:
    """Tell whether neither `pack` nor entries of the settings accept `match` for its `path`.

    What else an entry asks for is taken to hold.
    """
    paths = (each._replace(commits=(), fingerprints=()) for each in own if each.paths)
    return placed(match, path, "", pack) is None and not any(
        each.holds(match, path, "", ()) for each in paths
    )


def placed(match: Match, path: bytes, commit: str, pack: RulePack) -> str | None:
    """Return why `match` is not reported at `path`, None if it is.

    `commit` is the hex id of the commit that brought it in, empty if none did; a path or commit
    that is not known satisfies nothing. Raises RuleError if a pattern's engine is not installed.
    """
    rule = match.rule
    if rule.path and not _found((rule.path,), rule.engine, path):
        return OTHER_FILES
    for number, allow in enumerate(pack.allow):
        mine = not allow.rules or rule.id in allow.rules
        if mine and (allow.paths or allow.commits) and _holds(allow, number, match, path, commit):
            return allow.reason or _NO_REASON
    return None


def _holds(allow: Allow, number: int, match: Match, path: bytes, commit: str) -> bool:
    here = bool(path) and bool(allow.paths) and _found(allow.paths, allow.engine, path)
    then = bool(commit) and commit.lower().startswith(allow.commits)
    if not allow.every:
        return here or then
    if (allow.patterns or allow.words or allow.filter) and number not in match.waits:
        return False
    return (here or not allow.paths) and (then or not allow.commits)


@lru_cache(1 << 14)
def _found(patterns: tuple[str, ...], engine: str, path: bytes) -> bool:
    return any_of(patterns, engine).found(path)
