"""Terraform's language (HCL) as a syntax tree, and what its strings mean.

https://developer.hashicorp.com/terraform/language/syntax/configuration, …/expressions/strings
"""

import re
from functools import lru_cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Tree

from scanner.remediate.rewrite.edit import Refusal
from scanner.remediate.rewrite.syntax import parsed

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|([$%])\2\{", re.DOTALL)
_SINGLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@lru_cache(maxsize=1)
def _grammar() -> Language:
    return Language(tree_sitter_hcl.language())


def tree(content: bytes) -> Tree | Refusal:
    """Return the syntax tree of `content`, errors and all."""
    return parsed(_grammar(), content)


def name(block: Node) -> str:
    """Return the type of a block, or the key of an attribute."""
    first = block.named_children[0] if block.named_children else None
    return (first.text or b"").decode("utf-8", "replace").strip('"') if first else ""


def label(block: Node) -> str:
    """Return the first label of a block; empty for none."""
    second = block.named_children[1] if block.named_child_count > 1 else None
    if second is None or second.type not in ("string_lit", "identifier"):
        return ""
    return (second.text or b"").decode("utf-8", "replace").strip('"')


def attribute(block: Node, key: str) -> Node | None:
    """Return the attribute `key` of a block."""
    bodies = [child for child in block.named_children if child.type == "body"]
    found = [node for body in bodies for node in body.named_children if node.type == "attribute"]
    return next((node for node in found if name(node) == key), None)


def blocks(file: Tree) -> list[Node]:
    """Return the blocks at the top of a file."""
    bodies = [child for child in file.root_node.named_children if child.type == "body"]
    return [node for body in bodies for node in body.named_children if node.type == "block"]


def meaning(raw: bytes, quoted: bool) -> str | None:
    """Return what a part of a string or, if not `quoted`, of a heredoc means; None if unclear."""
    try:
        text = raw.decode()
        if not quoted:
            return re.sub(r"([$%])\1\{", r"\1{", text)
        return _ESCAPE.sub(_unescaped, text)
    except (UnicodeDecodeError, KeyError, ValueError, OverflowError):
        return None


def _unescaped(escape: re.Match[str]) -> str:
    mark = escape[1]
    if mark is None:
        return f"{escape[2]}{{"
    return chr(int(mark[1:], 16)) if len(mark) > 1 else _SINGLE[mark]
