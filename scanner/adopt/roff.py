"""Text as man(7) source: what is special to troff is escaped, and what is not ASCII is named."""

import re

_SPECIAL = {
    "\\": "\\e",
    "|": "|\\:",
    "-": "\\-",
    "'": "\\(aq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
}
_LINE = 78  # columns; no matter to readers, but changes show well


def text(value: str) -> str:
    """Return `value` as text that troff prints as it is, on one line."""
    return "".join(_escaped(character) for character in " ".join(value.split()))


def verbatim(value: str) -> str:
    """Return the lines of `value` so that troff prints each on a line of its own."""
    lines = ["\\&" + "".join(map(_escaped, line.rstrip())) for line in value.splitlines()]
    return "\n".join([".nf", *lines, ".fi"])


def filled(value: str) -> str:
    """Return a paragraph as lines of source; none begins with what troff takes for a request."""
    lines, line = [], ""
    for word in text(value).split(" "):
        if line and len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join("\\&" + part if part.startswith(".") else part for part in [*lines, line])


def bold(value: str) -> str:
    """Return `value` in bold."""
    return f"\\fB{text(value)}\\fR"


def named(value: str) -> str:
    """Return an option's names in bold, what it takes in italics: `-o, --output FILE`."""
    parts = re.split(r"(--?[A-Za-z][\w-]*)", value)
    marked = [bold(part) if index % 2 else _italic(part) for index, part in enumerate(parts)]
    return "".join(marked)


def _italic(value: str) -> str:
    words = re.split(r"([A-Z][A-Z_]+\b)", value)
    return "".join(
        f"\\fI{text(word)}\\fR" if index % 2 else "".join(_escaped(c) for c in word)
        for index, word in enumerate(words)
    )


def _escaped(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    return character if character.isascii() else f"\\[u{ord(character):04X}]"
