"""Dockerfiles: ENV is left to the run time, RUN gets a secret mount.

https://docs.docker.com/build/building/secrets/
"""

import re

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import unfit
from scanner.remediate.rewrite.config import shell_quotes
from scanner.remediate.rewrite.config.dockerfile_parts import (
    Instruction,
    Word,
    command,
    instructions,
    value,
    words,
)
from scanner.remediate.rewrite.config.yaml_script import UNCLEAR
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction

_RUN_TIME = ("CMD", "ENTRYPOINT")
_WINDOWS = re.compile(rb"powershell|pwsh|cmd", re.IGNORECASE)
_EXEC = re.compile(rb"(?>(?:[ \t]++|\\[ \t]*\r?\n|--\S++)*)\[")
_NO_SHELL = "no shell runs this form, so nothing can be expanded in it"
_USED = "{0} is used while the image is built; use RUN --mount=type=secret,id={0},env={0} there"


class _Dockerfile:
    """No secret becomes an ARG, since the history of an image keeps those."""

    name = "dockerfile"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value of an ENV or ARG, or the secret in a command."""
        found = unfit(content) or _at(content, start, end)
        if isinstance(found, Refusal):
            return found
        if not found.keyword or _in_comment_line(content, found, start, end):
            return Literal(start, end, Secret(content[start:end]), "")
        if found.keyword in ("ENV", "ARG"):
            return _assigned(content, found, start, end)
        if found.keyword == "RUN" or found.keyword in _RUN_TIME:
            return _in_command(content, found, start, end)
        return Refusal(f"{found.keyword} takes no value from anywhere else at run time")

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Take the assignment out, mount the secret, or name the variable."""
        found = _at(content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        if not found.keyword or _in_comment_line(content, found, literal.start, literal.end):
            return redaction(literal)
        if found.keyword in ("ENV", "ARG"):
            return _without(content, found, literal)
        before = command(content, found.body, literal.start)
        where = shell_quotes.context(before)
        if where == shell_quotes.COMMENT:
            return redaction(literal)
        mounted = found.keyword == "RUN"
        name = variable.lower()
        source = f"$(cat /run/secrets/{name})" if mounted else f"${{{variable}:?set {variable}}}"
        text = shell_quotes.quoted(source, where)
        if text is None:
            return Refusal(UNCLEAR)
        changed = Edit(literal.start, literal.end, text.encode())
        if not mounted:
            return Rewrite((changed,), variable, f"run the image with -e {variable}")
        blank = b"" if content[found.body - 1 : found.body].isspace() else b" "
        mount = blank + f"--mount=type=secret,id={name},required=true ".encode()
        note = f"build with: docker build --secret id={name},env={variable}"
        return Rewrite((Edit(found.body, found.body, mount), changed), variable, note)

    def problem(self, content: bytes) -> str:
        """Return which line is no instruction, or sets nothing."""
        found = unfit(content) or instructions(content)
        if isinstance(found, Refusal):
            return found.reason
        for keyword, start, body, end, _ in found:
            if keyword and not content[body:end].strip(b"\\ \t\r\n"):
                line = content.count(b"\n", 0, start) + 1
                return f"line {line} has nothing after {keyword}"
        return ""


def _at(content: bytes, start: int, end: int) -> Instruction | Refusal:
    found = instructions(content)
    if isinstance(found, Refusal):
        return found
    for instruction in found:
        if instruction.start <= start and end <= instruction.end:
            return instruction
    return Refusal("it goes over several instructions")


def _in_comment_line(content: bytes, found: Instruction, start: int, end: int) -> bool:
    """Tell whether it is in a comment between the lines of an instruction that goes on."""
    line = max(content.rfind(mark, 0, start) for mark in (b"\n", b"\r")) + 1
    comment = content[line:end].lstrip().startswith(b"#")
    return comment and not found.heredoc and b"\n" not in content[start:end]


def _assigned(content: bytes, found: Instruction, start: int, end: int) -> Literal | Refusal:
    word = _word(content, found, start, end)
    if isinstance(word, Refusal):
        return word
    text = value(content[word.value : word.end])
    if text is None:
        return Refusal("the value names other variables of the Dockerfile")
    if _is_used(content, word.key):
        return Refusal(_USED.format(word.key))
    return Literal(word.value, word.end, Secret(text), word.key)


def _word(content: bytes, found: Instruction, start: int, end: int) -> Word | Refusal:
    every = words(content, found)
    if isinstance(every, Refusal):
        return every
    inside = [word for word in every if word.value <= start and end <= word.end]
    return inside[0] if inside else Refusal("it is not the value of a variable")


def _is_used(content: bytes, key: str) -> bool:
    every = instructions(content)
    name = re.compile(rb"\$\{?" + re.escape(key.encode()) + rb"(?![A-Za-z0-9_])")
    return not isinstance(every, Refusal) and any(
        name.search(content, other.body, other.end)
        for other in every
        if other.keyword and other.keyword not in (*_RUN_TIME, "HEALTHCHECK")
    )


def _without(content: bytes, found: Instruction, literal: Literal) -> Rewrite | Refusal:
    every = words(content, found)
    word = _word(content, found, literal.start, literal.end)
    if isinstance(every, Refusal) or isinstance(word, Refusal):
        return Refusal("it is not the value of a variable")
    place = every.index(word)
    if len(every) == 1:
        edit = Edit(found.start, found.end, b"")
    elif place:
        edit = Edit(every[place - 1].end, word.end, b"")
    else:
        edit = Edit(word.start, every[1].start, b"")
    note = (
        f"run the image with -e {word.key}; a RUN that reads it needs"
        f" --mount=type=secret,id={word.key},env={word.key}"
    )
    return Rewrite((edit,), word.key, note)


def _in_command(content: bytes, found: Instruction, start: int, end: int) -> Literal | Refusal:
    every = instructions(content)
    shells = [] if isinstance(every, Refusal) else [i for i in every if i.keyword == "SHELL"]
    if any(_WINDOWS.search(content, shell.body, shell.end) for shell in shells):
        return Refusal("the commands of the Dockerfile are not those of a POSIX shell")
    if start < found.body or _EXEC.match(content, found.body, found.end):
        return Refusal(_NO_SHELL)
    before = command(content, found.body, start)
    where = shell_quotes.context(before)
    text = content[start:end]
    fit = not found.heredoc and where != shell_quotes.UNCLEAR and b"\n" not in text
    if not fit or not shell_quotes.constant(text.decode("utf-8", "replace"), where):
        return Refusal(UNCLEAR)
    return Literal(start, end, Secret(text), shell_quotes.assigned(before))


LANGUAGE: Language = _Dockerfile()
