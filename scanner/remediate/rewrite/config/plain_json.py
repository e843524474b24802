"""JSON, with the comments that some programs allow: a placeholder in place of a string."""

import json
import re
from collections.abc import Iterator

from scanner.remediate.rewrite.config.field import Field, Fields
from scanner.remediate.rewrite.edit import Language, Refusal

_TOKEN = re.compile(
    rb'"(?P<text>(?>(?:[^"\\\r\n]++|\\[^\r\n])*))(?:"|(?=[\r\n])|\Z)'
    rb"|(?P<comment>//[^\r\n]*+|/\*[\s\S]*?(?:\*/|\Z))|(?P<open>[{\[])|(?P<close>[}\]])"
)
_COLON = re.compile(rb"\s*+:")
_WRITTEN = (
    (b'"lockfileVersion"', "a package manager writes this file; mend what it is made from"),
    (b'"terraform_version"', "Terraform writes its state; keep that in an encrypted backend"),
    (b'"nbformat"', "Jupyter writes this file; clear outputs and edit the cell in the notebook"),
)


def _find(content: bytes, start: int, end: int) -> Field | Refusal:
    for mark, reason in _WRITTEN:
        if mark in content:
            return Refusal(reason)
    for match, name in _tokens(content):
        left, right = match.span(match.lastgroup or 0)
        if left <= start and end <= right:
            if match.lastgroup == "comment":
                return Field(left, right, "", _decoded, str, comment=True)
            if match.lastgroup == "text" and not _COLON.match(content, match.end()):
                return Field(left, right, name, _decoded, str)
            break
        if left > start:
            break
    return Refusal("it is not in a string, or is a key; a placeholder would change what it is")


def _tokens(content: bytes) -> Iterator[tuple[re.Match[bytes], str]]:
    """Give all strings and comments, each with the key that it stands below."""
    names = [""]
    for match in _TOKEN.finditer(content):
        if match["open"]:
            names.append(names[-1])
        elif match["close"]:
            del names[max(1, len(names) - 1) :]
        else:
            yield match, names[-1]
        if match["text"] is not None and _COLON.match(content, match.end()):
            names[-1] = _decoded(match["text"]) or ""


def _decoded(raw: bytes) -> str | None:
    try:
        text: str = json.loads(b'"' + raw + b'"')
        text.encode()
    except ValueError:  # half an escape, half a pair of surrogates
        return None
    return text


def _problem(content: bytes) -> str:
    bare = _TOKEN.sub(lambda match: b" " if match["comment"] else match[0], content)
    try:
        json.loads(bare, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}: {error.msg}"
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except RecursionError:
        return "it is nested too deeply"
    return ""


LANGUAGE: Language = Fields("json", _find, _problem)
