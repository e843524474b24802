"""Comments by which a line says that its secret is accepted, in any language's syntax.

No language is known here, so a comment is what most would take for one: it begins with a sign that
opens comments somewhere, outside of quotes. In doubt it is none, and the secret is reported.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST = 1 << 13  # bytes of a line that is looked at
_PAIRS = {
    b"<!--": b"-->",
    b"<%--": b"--%>",
    b"{{!--": b"--}}",
    b"{{!": b"}}",
    b"--[[": b"]]",
    b"/*": b"*/",
    b"{-": b"-}",
    b"(*": b"*)",
    b"{#": b"#}",
    b"<#": b"#>",
    b"#|": b"|#",
    b"#=": b"=#",
}
_BEFORE = rb"(?<![^\s;,)}\]>\"'`])"  # a sign inside a word, as in an address, opens nothing
_OPENER = re.compile(
    rb"(?P<pair>" + b"|".join(re.escape(sign) for sign in _PAIRS) + rb")"
    rb"|" + _BEFORE + rb"(?P<line>\#+!?|//+!?|%+|--(?=[\s-]|[a-z]+:[a-z])"
    rb"|(?i:@?rem(?=\s))|dnl(?=\s))"
    rb"|(?<!\S)(?P<apart>;+|!+(?=\s|[a-z]+:[a-z])|NB\.(?=\s))"
    rb"|^\s*(?P<first>::|\*(?=\s)|\.\.(?=\s)|[.']\s?\\\"|'{3}|\"(?=[^\"]*$)|C(?=\s))"
    rb"|(?P<quote>[\"'`])"
)
_PREFIXES = re.compile(rb"(?:^|[^\w])(?:[bBfFrRuULNEqxQX@$]|[rRbBfF]{2}|u8|q[qwr]?)$")
_CLOSING = {
    # Python before 3.11.4 mistakes a possessive repeat of a group; an atomic group says the same.
    b'"': re.compile(rb'(?>(?:[^"\\]|\\.)*)"'),
    b"'": re.compile(rb"(?>(?:[^'\\]|\\.|(?<=\w)'(?=\w))*)'"),
    b"`": re.compile(rb"(?>(?:[^`\\]|\\.)*)`"),
}
_QUOTE = re.compile(rb"[\"'`]")
_BEGINNING = rb"(?<![^\s(,;|])"
_OWN = re.compile(
    _BEGINNING + rb"leakseal:allow(?:=(?P<rules>(?>[\w.-]+(?:,[\w.-]+)*)))?(?![\w=/-])", re.ASCII
)
_FOREIGN = (
    ("gitleaks:allow", rb"gitleaks:allow(?![\w-])", "same"),
    ("betterleaks:allow", rb"betterleaks:allow(?![\w-])", "same"),
    ("trufflehog:ignore", rb"trufflehog:ignore(?![\w-])", "same"),
    ("kingfisher:ignore", rb"kingfisher:(?:ignore|allow)(?![\w-])", "both"),
    ("pragma: allowlist secret", rb"pragma: ?(?:allow|white)list[ -]secret\b", "same"),
    (
        "pragma: allowlist nextline secret",
        rb"pragma: ?(?:allow|white)list[ -]nextline[ -]secret\b",
        "next",
    ),
    ("ggignore", rb"(?:ggignore|gitguardian:ignore)(?![\w-])", "same"),
    ("secretlint-disable-line", rb"secretlint-disable-line(?![\w-])", "same"),
    ("secretlint-disable-next-line", rb"secretlint-disable-next-line(?![\w-])", "next"),
    # Of Bandit, gosec and flake8-bandit only what is about hard-coded credentials, or everything.
    (
        "nosec",
        rb"nosec(?![\w-])(?!:?\s*[BG]\d)|nosec:?\s+(?:[BG]\d+[,\s]+)*(?:B10[567]|G101)\b",
        "same",
    ),
    ("noqa", rb"noqa:\s*(?:[A-Z]+\d+[,\s]+)*S10[567]\b", "same"),
)
_OTHERS = tuple(
    (name, re.compile(_BEGINNING + rb"(?:" + pattern + rb")"), place)
    for name, pattern, place in _FOREIGN
)
_LEADING = b" \t#/*!;%=<.-"


class Marker(NamedTuple):
    """A comment that accepts the secrets on its line, or on the next if nothing else is on its own.

    It speaks of the rules in `rules`, or of all if there are none. It stands from `start` to `end`
    in the line, and its reason from there to `until`. What begins at `quoted` or later may be in
    one string with it. `foreign` names the word of another tool.
    """

    start: int
    end: int
    until: int
    quoted: int
    rules: tuple[str, ...] = ()
    foreign: str = ""
    here: bool = True
    next: bool = False


class _Comment(NamedTuple):
    start: int
    end: int
    alone: bool
    quoted: int


def markers(line: bytes, *, foreign: bool) -> list[Marker]:
    """Return the markers in a line: ours, and with `foreign` those of other tools."""
    if len(line) > _LONGEST:
        return []
    return [
        marker
        for comment in _comments(line)
        for marker in _in(line, comment, foreign=foreign)
        if not any(start < marker.start < end for start, end in _strings(line, comment))
    ]


def _in(line: bytes, comment: _Comment, *, foreign: bool) -> Iterator[Marker]:
    first, last, alone, quoted = comment
    content = line[first:last]
    for match in _OWN.finditer(content):
        start, end = match.span()
        rules = (match["rules"] or b"").decode("ascii").rstrip(".").split(",")
        named = tuple(rule for rule in rules if rule)
        sure = alone and (start == 0 or quoted > first)
        yield Marker(first + start, first + end, last, quoted, named, next=sure)
    for name, pattern, place in _OTHERS if foreign else ():
        for match in pattern.finditer(content):
            start, end = match.span()
            here, following = place != "next", alone and place != "same"
            yield Marker(first + start, first + end, last, quoted, (), name, here, following)


def _comments(line: bytes) -> Iterator[_Comment]:
    """Yield the comments of a line, without the signs around them."""
    at = 0
    covered = []  # what is no comment and no blank
    while (opener := _OPENER.search(line, at)) is not None:
        covered.append(line[at : opener.start()])
        if opener["quote"]:
            closed = _closed(line, opener.start())
            if closed is None:
                if opener["quote"] == b"'" and not line[: opener.start()][-1:].strip():
                    yield _comment(line, opener, len(line), covered)
                return
            covered.append(line[opener.start() : closed])
            at = closed
            continue
        end = line.find(_PAIRS[opener["pair"]], opener.end()) if opener["pair"] else -1
        closer = len(_PAIRS[opener["pair"]]) if end >= 0 else 0
        end = len(line) if end < 0 else end
        rest = line[end + closer :] if opener["pair"] else b""
        yield _comment(line, opener, end, [*covered, rest])
        if not closer:
            return
        at = end + closer


def _comment(line: bytes, opener: re.Match[bytes], end: int, around: list[bytes]) -> _Comment:
    start = opener.end()
    while start < end and line[start] in _LEADING:
        start += 1
    quoted = opener.end() if opener[0][-1:] in b"\"'" else len(line)
    alone = not b"".join(around).strip(b" \t\r\n{}*/#-")
    return _Comment(start, end, alone, quoted)


def _closed(line: bytes, quote: int) -> int | None:
    """Return where the string ends that opens at `quote`; None if it does not end on this line."""
    sign = line[quote : quote + 1]
    if sign == b"'" and line[quote - 1 : quote].isalnum() and not _PREFIXES.search(line, 0, quote):
        return quote + 1  # an apostrophe
    closing = _CLOSING[sign].match(line, quote + 1)
    return closing.end() if closing else None


def _strings(line: bytes, comment: _Comment) -> list[tuple[int, int]]:
    """Return where strings begin and end inside a comment."""
    found = []
    at = comment.start
    while (quote := _QUOTE.search(line, at, comment.end)) is not None:
        closed = _closed(line, quote.start())
        at = quote.end()
        if closed is not None and at < closed <= comment.end:
            found.append((quote.start(), closed))
            at = closed
    return found
