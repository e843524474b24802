"""Whether a match is reported where it stands: paths and commits that a pack's rules speak of.

What of an allow entry the content decides was looked at before (`detect.allowed`).
"""

from functools import lru_cache

from scanner.model import Allow, Match
from scanner.rulepack.pack import RulePack
from scanner.rulepack.searchers import any_of

OTHER_FILES = "the rule is for other files"
_NO_REASON = "an allow entry says so"


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
