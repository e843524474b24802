"""Which values of a SOPS file are encrypted, as its settings say, and patterns of strangers.

A pattern in a file or in `.sops.yaml` is Go's; it is used if it means the same to Python and can
be matched in little time.
"""

import re
import time
import warnings
from collections.abc import Callable, Mapping
from functools import cache

from scanner.errors import RuleError
from scanner.report.escape import visible
from scanner.rulepack.linear import check
from scanner.vault.sops.layout import Path
from scanner.vault.store import StoreError

SUFFIX = "_unencrypted"
SETTINGS = ("unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex")
COMMENT_SETTINGS = ("unencrypted_comment_regex", "encrypted_comment_regex")

Rule = Callable[[Path], bool]

_SECONDS = 0.5  # of computing for one pattern
_LONGEST = 255  # of a text that a pattern is tried on, so that a repeat needs no higher bound
_REPEAT = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|([*+])", re.DOTALL)
_ONLY_GO = re.compile(r"\[\[:|\\[zpPQEC]")


def encrypted(settings: Mapping[str, str]) -> Rule:
    """Return what tells whether the value at a path is encrypted.

    Raises StoreError for settings that leakseal cannot follow.
    """
    used = [name for name in (*SETTINGS, *COMMENT_SETTINGS) if settings.get(name)]
    if len(used) > 1 or set(used) & set(COMMENT_SETTINGS):
        raise StoreError(f"leakseal cannot follow its {' and '.join(used)}; use sops")
    setting = used[0] if used else "unencrypted_suffix"
    value = settings[setting] if used else SUFFIX
    wanted = not setting.startswith("un")
    found = matcher(value) if setting.endswith("regex") else lambda key: key.endswith(value)
    return lambda path: any(map(found, path)) is wanted


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether `pattern`, from a file nobody vouches for, is found in a text.

    Raises StoreError if the pattern cannot be used, and later if it takes too long.
    """
    compiled = _compiled(pattern)
    spent = 0.0

    @cache
    def found(text: str) -> bool:
        nonlocal spent
        if len(text) > _LONGEST or "\n" in text:
            raise StoreError(f"{visible(text, 60)} is too long to be matched with a pattern")
        if spent > _SECONDS:
            raise StoreError(f"it takes too long to match {visible(pattern)}")
        start = time.thread_time()
        match = compiled.search(text)
        spent += time.thread_time() - start
        return match is not None

    return found


def _compiled(pattern: str) -> re.Pattern[str]:
    limits = {"*": f"{{0,{_LONGEST}}}", "+": f"{{1,{_LONGEST}}}"}
    limited = _REPEAT.sub(lambda m: m[1] or limits[m[2]], pattern)
    try:
        if _ONLY_GO.search(pattern):
            raise RuleError("Python has no such syntax")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check(limited)
            return re.compile(limited, re.ASCII)
    except (RuleError, re.error, Warning, RecursionError) as error:
        raise StoreError(f"the pattern {visible(pattern)} cannot be used: {error}") from None
