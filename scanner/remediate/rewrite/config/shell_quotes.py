"""Where in a shell script a secret stands, and how a variable is written there.

Quoting is that of POSIX (Shell Command Language, 2.2). Whatever is not certain is unclear.
"""

import re

PLAIN, SINGLE, DOUBLE, COMMENT, UNCLEAR = "", "'", '"', "#", "?"

_EXPRESSION = re.compile(r"\$\{\{(?>(?:[^}\n]++|\}(?!\}))*)(?:\}\}|\n|\Z)")  # GitHub fills it in
_STEP = re.compile(r"\\[\s\S]|\$'|\$\(|<<<|<<|(?P<comment>(?<![^\s;&|()])#)|[^\\$<#\"'`()]+|[\s\S]")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=[\"']?\Z")
_NEAR = 200


def context(before: str) -> str:
    """Return what encloses the end of a script that begins with `before`."""
    stack = [PLAIN]
    text = _EXPRESSION.sub("x", before)
    position = 0
    while position < len(text):
        top = stack[-1]
        step = _STEP.match(text, position)
        word = step[0] if step else ""
        commented = step is not None and step["comment"] is not None and top != DOUBLE
        if top == SINGLE or commented:
            end = text.find("'" if top == SINGLE else "\n", position)
            if end < 0:
                return top if top == SINGLE else COMMENT
            position = end + 1
            stack = stack[:-1] if top == SINGLE else stack
            continue
        if word in ("<<", "$'") and top != DOUBLE:
            return UNCLEAR
        _nest(stack, word)
        position += len(word)
    return stack[-1] if stack[-1] in (SINGLE, DOUBLE) else PLAIN


def _nest(stack: list[str], word: str) -> None:
    top = stack[-1]
    if len(stack) > 1 and word == {"(": ")"}.get(top, top):
        stack.pop()
    elif word in (DOUBLE, "`", "$(") or (word in (SINGLE, "(") and top != DOUBLE):
        stack.append("(" if word == "$(" else word)


def constant(text: str, where: str) -> bool:
    """Tell whether the shell takes `text` there as it is, without escapes or expansions."""
    return where in (SINGLE, COMMENT) or not any(mark in text for mark in "\\$`")


def quoted(reference: str, where: str) -> str | None:
    """Return an expansion such as `${X}` as one word in that context; None if there is no way."""
    if where in (UNCLEAR, COMMENT):
        return None
    inner = reference if where == DOUBLE else f'"{reference}"'
    return f"'{inner}'" if where == SINGLE else inner


def assigned(before: str) -> str:
    """Return the name that is set to what follows `before`; empty if none is."""
    match = _ASSIGNED.search(before[-_NEAR:])
    return match[1] if match else ""
