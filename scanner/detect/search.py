"""The method `search`: rules whose pattern is searched for in the whole content, once.

That is how rules of other tools work: a rule is tried where one of its keywords stands anywhere in
the content, and its pattern may begin far from there. What counts as the secret, and when entropy
is too low, is as those tools have it.
"""

import time
from collections.abc import Iterator, Set
from math import log2
from typing import NamedTuple

from scanner.detect.randomness import entropy
from scanner.model import Rule
from scanner.rulepack.searchers import Searcher, Span, is_utf8, searcher

LONGEST_KEYWORD = 64
MOST = 100_000
"""How many matches of one rule in one content are looked at."""
SECONDS = 30
"""How long imported rules may take for one content."""


class Hit(NamedTuple):
    """What a rule's pattern found: the match, and the secret in it."""

    rule: int
    match: Span
    secret: Span


def is_keyword(word: str) -> bool:
    """Tell whether the keyword automaton takes `word`: 3 to 64 ASCII characters of a line."""
    return 3 <= len(word) <= LONGEST_KEYWORD and word.isascii() and "\n" not in word


class Searches:
    """The rules of a pack that have the method `search`."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        """Prepare those of `rules`; the numbers of rules are places in it."""
        self._rules = rules
        mine = [n for n, rule in enumerate(rules) if rule.method == "search"]
        whole = {n for n in mine if all(map(is_keyword, rules[n].keywords))}
        self.keyed = frozenset(n for n in whole if rules[n].keywords)
        """Rules to try only where the automaton has met one of their keywords."""
        self.always = frozenset(mine) - self.keyed
        """Rules to try on every content."""

    def hits(self, data: bytes, numbers: Set[int], exceeded: list[tuple[str, str]]) -> list[Hit]:
        """Return what the rules with these numbers find in `data`.

        More than MOST matches of a rule, or SECONDS for all of them, add a limit to `exceeded`, as
        `Result` has them. One search takes linear time, but each of many may look as far ahead.
        """
        hits: list[Hit] = []
        end = time.monotonic() + SECONDS
        utf8 = is_utf8(data) if numbers else True
        lowered = _lowered(data) if numbers & self.always else b""
        for number in sorted(numbers):
            rule = self._rules[number]
            if number in self.always and not _has_keyword(lowered, rule):
                continue
            pattern = searcher(rule.pattern, rule.engine)
            for count, match in enumerate(pattern.spans(data, utf8=utf8)):
                if count == MOST or time.monotonic() > end:
                    many = f"matches more than {MOST} times" if count == MOST else "takes too long"
                    exceeded.append(("match-limit", f"rule {rule.id} {many}"))
                    break
                hit = _hit(number, pattern, data, match)
                secret = data[slice(*hit.secret)]
                # At the threshold is not above it, for the tools that such rules come from.
                if secret and (not rule.min_entropy or _bits(secret) > rule.min_entropy):
                    hits.append(hit)
        return hits


def _lowered(data: bytes) -> bytes:
    if data.isascii():
        return data.lower()
    return data.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")


def _has_keyword(lowered: bytes, rule: Rule) -> bool:
    return not rule.keywords or any(word.encode() in lowered for word in rule.keywords)


def _hit(number: int, pattern: Searcher, data: bytes, match: Span) -> Hit:
    """Return a match without line breaks around it, and the first group in it that has any text.

    The group is looked for in the match by itself. One that is named `secret` goes first.
    """
    text = data[slice(*match)]
    start = match[0] + len(text) - len(text.lstrip(b"\n"))
    text = text.strip(b"\n")
    whole = start, start + len(text)
    for first, last in _groups(pattern, text):
        if last > first:
            return Hit(number, whole, (start + first, start + last))
        if "secret" in pattern.names:
            return Hit(number, whole, (start, start))
    return Hit(number, whole, whole)


def _groups(pattern: Searcher, text: bytes) -> Iterator[Span]:
    if not pattern.groups:
        return
    parts = pattern.parts(text)
    named = pattern.names.get("secret")
    if parts and named is not None:
        yield parts[named]
    elif parts:
        yield from parts[1:]


def _bits(secret: bytes) -> float:
    """Return Shannon's entropy; of text beyond ASCII, that of its characters over its bytes."""
    if secret.isascii():
        return entropy(secret)
    text, size = secret.decode("utf-8", "replace"), len(secret)
    counts = [text.count(character) for character in set(text)]
    return -sum(n / size * log2(n / size) for n in counts)
