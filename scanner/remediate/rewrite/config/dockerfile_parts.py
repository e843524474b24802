"""Instructions of a Dockerfile, and the assignments in them, with the bytes they stand in.

https://docs.docker.com/reference/dockerfile/ (format, escape, here-documents, ENV)
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from scanner.remediate.rewrite.edit import Refusal

_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\r|\n|\Z)")
_KEYWORD = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t]*+([A-Za-z]+)(?:[ \t]++|(?=\\[ \t]*[\r\n])|\Z|(?=[\r\n]))"
)
_SKIPPED = re.compile(rb"(?>(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))+)|[ \t]*+(?:#[^\r\n]*+)?\Z")
_HEREDOC = re.compile(rb"(?<!\S)\d*<<-?[\"']?([A-Za-z_][A-Za-z0-9_]*)[\"']?(?!\S)")
_CONTINUED = re.compile(rb"\\[ \t]*+(?:\r\n|\r|\n|\Z)")
_GAP = re.compile(
    rb"(?>(?:[ \t]++|\\[ \t]*+(?:\r\n|\r|\n)(?>(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))*))*)"
)
_WORD = re.compile(
    rb"(?>(?:[^\s\\\"']++|\\[^\r\n]|\"(?>(?:[^\"\\\r\n]++|\\[^\r\n])*)\"|'[^'\r\n]*+')+)"
)
_PIECE = re.compile(rb"\"((?>(?:[^\"\\]++|\\.)*))\"|'([^']*+)'|\\(.)|([^\\\"']++)")
_IN_QUOTES = re.compile(rb"\\([\"$\\])")
_BACKTICK = re.compile(rb"(?:\xef\xbb\xbf)?(?:#[^\r\n]*[\r\n]+)*?#[ \t]*escape[ \t]*=[ \t]*`", re.I)


class Instruction(NamedTuple):
    """An instruction with its line ends; `keyword` is in capitals, empty for a comment."""

    keyword: str
    start: int
    body: int
    end: int
    heredoc: bool


class Word(NamedTuple):
    """`KEY=value` in an instruction; the value begins at `value`."""

    start: int
    value: int
    end: int
    key: str


def instructions(content: bytes) -> list[Instruction] | Refusal:
    """Return all instructions and comments of a Dockerfile."""
    if _BACKTICK.match(content):
        return Refusal("the Dockerfile has another escape character")
    found, position = list[Instruction](), 0
    while position < len(content):
        skipped = _SKIPPED.match(content, position)
        if skipped:
            found.append(Instruction("", position, position, skipped.end(), False))
            position = skipped.end()
            continue
        keyword = _KEYWORD.match(content, position)
        if keyword is None:
            line = content.count(b"\n", 0, position) + 1
            return Refusal(f"line {line} of the Dockerfile does not begin with an instruction")
        end = _end(content, position)
        heredocs = _HEREDOC.findall(content, keyword.end(), end)
        name = keyword[1].decode().upper()
        if name in ("RUN", "COPY", "ADD"):
            for mark in heredocs:
                end = _after_heredoc(content, end, mark)
        found.append(Instruction(name, position, keyword.end(), end, bool(heredocs)))
        position = end
    return found


def _end(content: bytes, position: int) -> int:
    """Return where the instruction that begins at `position` ends, lines that go on included."""
    while True:
        line = _LINE.match(content, position)
        end = line.end() if line else len(content)
        going_on = content[position:end].rstrip().endswith(b"\\")
        position = end
        while going_on and position < len(content):
            skipped = _SKIPPED.match(content, position)
            if skipped is None:
                break
            position = skipped.end()
        if not going_on or position >= len(content):
            return position


def _after_heredoc(content: bytes, position: int, mark: bytes) -> int:
    for line in _lines(content, position):
        if line[0].strip() == mark:
            return line.end()
    return len(content)


def _lines(content: bytes, position: int) -> Iterator[re.Match[bytes]]:
    while position < len(content):
        line = _LINE.match(content, position)
        if line is None:
            return
        yield line
        position = line.end()


def words(content: bytes, instruction: Instruction) -> list[Word] | Refusal:
    """Return the assignments of ENV or ARG; `ENV KEY value` counts as one."""
    found, position = list[Word](), instruction.body
    while True:
        gap = _GAP.match(content, position, instruction.end)
        position = gap.end() if gap else position
        word = _WORD.match(content, position, instruction.end)
        if word is None:
            break
        key, equals, _ = word[0].partition(b"=")
        value = word.start() + len(key) + len(equals)
        found.append(Word(word.start(), value, word.end(), key.decode("utf-8", "replace")))
        if not equals and instruction.keyword == "ENV" and len(found) == 1:
            return _single(content, found[0], instruction.end)
        position = word.end()
    if content[position : instruction.end].strip():
        return Refusal("its quotes are not clear")
    return found


def _single(content: bytes, key: Word, end: int) -> list[Word] | Refusal:
    """Return the one assignment of the old form `ENV KEY value`, which goes up to the end."""
    gap = _GAP.match(content, key.end, end)
    left = gap.end() if gap else key.end
    right = left + len(content[left:end].rstrip())
    if b"\n" in content[left:right] or left == right:
        return Refusal("it is not clear what the ENV sets")
    return [Word(key.start, left, right, key.key)]


def value(raw: bytes) -> bytes | None:
    """Return what the value of an assignment means; None if it names other variables."""
    text, position = b"", 0
    while position < len(raw):
        piece = _PIECE.match(raw, position)
        if piece is None or b"$" in (piece[1] or b"").replace(b"\\$", b"") + (piece[4] or b""):
            return None
        if piece[1] is not None:
            text += _IN_QUOTES.sub(rb"\1", piece[1])
        else:
            text += piece[2] or piece[3] or piece[4] or b""
        position = piece.end()
    return text


def command(content: bytes, start: int, end: int) -> str:
    """Return a part of a RUN as the shell gets it: lines joined, comment lines left out."""
    lines = [line[0] for line in _lines(content[:end], start)]
    kept = lines[:1] + [line for line in lines[1:] if not line.lstrip().startswith(b"#")]
    return b"".join(_CONTINUED.sub(b"", line) for line in kept).decode("utf-8", "replace")
