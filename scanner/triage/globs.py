"""Path globs, as in gitignore: `*.env` in any directory, `conf/**`, `src/*.py`."""

import re
import warnings

# A `**/` in the middle of a name says no more than `**` and `/`.
_PIECES = re.compile(r"(?<![^/])\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")
_ANYTHING, _DIRECTORIES, _STAR = "**", "**/", "*"
_WILD = {_DIRECTORIES: "(?:[^/]+/)*?", _ANYTHING: ".*?", _STAR: "[^/]*?", "": ""}
_SPECIAL = {"?": "[^/]", "[": r"\["}
_Part = tuple[str, str]
"""A wildcard, or nothing, and the pattern of the text that follows it."""


def pattern(glob: str) -> str | None:
    """Return the pattern of the paths that `glob` means, in ASCII; None if it is no glob.

    A glob without `/` matches in any directory, and one that names a directory all that is in it.
    """
    translated = _translate(glob)
    try:
        if glob.strip("./"):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                re.compile(translated.encode("ascii"))
            return translated
    except (re.error, FutureWarning):
        pass
    return None


def _translate(glob: str) -> str:
    segments: list[list[_Part]] = [[("" if "/" in glob.rstrip("/") else _DIRECTORIES, "")]]
    for match in _PIECES.finditer(glob.removeprefix("./").strip("/")):
        piece = match[0]
        wild, text = segments[-1][-1]
        if piece == _DIRECTORIES and wild in (_DIRECTORIES, _ANYTHING) and not text:
            continue  # there may be any directories already
        if piece in (_DIRECTORIES, _ANYTHING):
            segments.append([(piece, "")])
        elif piece == _STAR:
            segments[-1].append((piece, ""))
        else:
            segments[-1][-1] = wild, text + _piece(piece)
    following = [segment[0][0] for segment in segments[1:]]
    body = "".join(map(_segment, segments, [*following, ""]))
    written = rf"\A(?s:{body}(?:/.*)?)\Z"
    return "".join(c if c.isascii() else _bytes(c) for c in written)


def _segment(parts: list[_Part], then: str) -> str:
    """Return the pattern of what stands between wildcards for directories; `then` is the next one.

    If that can stand for all that would be passed over, where a text is found first decides, so no
    other place is tried: a path of many places would take very long.
    """
    decided = then == _ANYTHING or (then == _DIRECTORIES and parts[-1][1].endswith("/"))
    found = ""
    for number, (wild, text) in enumerate(parts, 1):
        one = _WILD[wild] + text
        first = wild == _STAR and (number < len(parts) or decided)
        found += f"(?>{one})" if first else one
    return f"(?>{found})" if decided else found


def _bytes(character: str) -> str:
    """Return a character beyond ASCII as the bytes that it has in a path."""
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _piece(text: str) -> str:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text.startswith("["):
        inner = text[1:-1].replace("\\", r"\\").replace("[", r"\[")
        return "(?!/)[" + inner.replace("!", "^", text[1] == "!") + "]"
    return re.escape(text)
