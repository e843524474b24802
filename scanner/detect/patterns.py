"""The plain method: a rule's pattern, tried where one of its keywords stands."""

import re
from collections.abc import Iterator
from functools import cache

from scanner.detect.candidate import Candidate
from scanner.model import Rule
from scanner.rulepack import macros


def candidates(data: bytes, start: int, end: int, rule: Rule) -> Iterator[Candidate]:
    """Yield the matches of the rule's pattern that cover the keyword at `data[start:end]`.

    A rule with a `lead` may begin that many bytes before the keyword; others begin at it.
    """
    pattern = compiled(rule.pattern)
    if not rule.lead:
        match = pattern.match(data, start)
        if match is not None:
            yield _candidate(match)
        return
    for at in range(max(0, start - rule.lead), start + 1):
        match = pattern.match(data, at)
        if match is not None and match.end() >= end:
            yield _candidate(match)
            return


def _candidate(match: re.Match[bytes]) -> Candidate:
    group = "secret" if "secret" in match.re.groupindex else 0
    first, last = match.span(group)
    if first < 0:
        first, last = match.span()
    text = match.string
    around = text[max(0, first - 1) : first], text[last : last + 1]
    return Candidate(first, last, text[first:last], around=around)


@cache
def compiled(pattern: str) -> re.Pattern[bytes]:
    """Return a rule's pattern, compiled when it is first used."""
    return re.compile(macros.expand(pattern).encode("ascii"))
