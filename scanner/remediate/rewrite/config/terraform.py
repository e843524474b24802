"""Terraform: a sensitive variable in place of a string, given by `TF_VAR_…`.

https://developer.hashicorp.com/terraform/language/values/variables
"""

import re
from itertools import pairwise

from tree_sitter import Node

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import is_whole, newline
from scanner.remediate.rewrite.config import terraform_tree as tree
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction
from scanner.remediate.rewrite.syntax import path_to, problem

_STATE = "the value still lands in clear in Terraform's state: keep that encrypted"
_FIXED = "Terraform takes no variables here; use -backend-config or the provider's environment"
_REST = re.compile(rb"[ \t]*(?:\r?\n|\Z)")


class _Terraform:
    """`.tf` files, and `.tfvars`, which have attributes and no blocks."""

    name = "terraform"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the string that holds the secret, or the secret in it."""
        file = tree.tree(content)
        if isinstance(file, Refusal):
            return file
        around = path_to(file, start, end)[::-1]
        if around[0].type == "comment":
            return Literal(start, end, Secret(content[start:end]), "")
        string = _string(around)
        reason = _fixed(string) if string else "it is not in a string"
        return Refusal(reason) if reason else _literal(content, string, start, end)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put `var.…` in its place and declare that, or take out a value given by default."""
        file = tree.tree(content)
        if isinstance(file, Refusal):
            return file
        around = path_to(file, literal.start, literal.end)[::-1]
        if around[0].type == "comment":
            return redaction(literal)
        string = _string(around)
        if not string:
            return Refusal("it is not in a string")
        if _given(string):
            return _taken_out(content, string)
        name = variable.lower()
        whole = (literal.start, literal.end) == (string[0].start_byte, string[0].end_byte)
        text = f"var.{name}" if whole else f"${{var.{name}}}"
        edits = [Edit(literal.start, literal.end, text.encode())]
        declared = [block for block in tree.blocks(file) if tree.name(block) == "variable"]
        if name not in map(tree.label, declared):
            edits.append(_declaration(content, name))
        return Rewrite(tuple(edits), f"TF_VAR_{name}", _STATE)

    def problem(self, content: bytes) -> str:
        """Return where the first error of syntax is."""
        file = tree.tree(content)
        return file.reason if isinstance(file, Refusal) else problem(file)


# In what follows `string` is the node of a string and, outwards, all that it stands in.


def _string(around: list[Node]) -> list[Node]:
    kinds = ("string_lit", "quoted_template", "heredoc_template")
    return next((around[n:] for n, node in enumerate(around) if node.type in kinds), [])


def _fixed(string: list[Node]) -> str:
    """Return why nothing but a string can stand there; empty if a variable can."""
    for inner, outer in pairwise(string):
        if outer.type == "object_elem" and outer.named_children[0] == inner:
            return "it is a key"
    kinds = [node.type for node in string]
    first_block = kinds.index("block") if "block" in kinds else len(kinds)
    if "attribute" not in kinds[:first_block]:
        return "it is the label of a block"
    if _given(string):
        return ""
    attribute = tree.name(string[kinds.index("attribute")])
    blocks = [tree.name(node) for node in string if node.type == "block"]
    if not blocks:
        return "it is part of a value that is more than a string"
    if blocks[-1] == "terraform" or (blocks[-1], attribute) == ("module", "source"):
        return _FIXED
    return "only a string as its default can be taken out" if blocks[-1] == "variable" else ""


def _given(string: list[Node]) -> bool:
    """Tell whether Terraform can be given the value: in `.tfvars`, as the default of a variable."""
    kinds = [node.type for node in string]
    if kinds[:4] != ["string_lit", "literal_value", "expression", "attribute"]:
        return False
    if "block" not in kinds:
        return True
    of_variable = (
        kinds.count("block") == 1 and tree.name(string[kinds.index("block")]) == "variable"
    )
    return of_variable and tree.name(string[3]) == "default"


def _literal(content: bytes, string: list[Node], start: int, end: int) -> Literal | Refusal:
    quoted = string[0].type != "heredoc_template"
    left, right = string[0].start_byte + 1, string[0].end_byte - 1
    start, end = (max(start, left), min(end, right)) if quoted else (start, end)
    constant = string[0].type == "string_lit"
    if constant and (_given(string) or is_whole(content[left:right], start - left, end - left)):
        text, start, end = tree.meaning(content[left:right], quoted), left - 1, right + 1
    else:
        text = tree.meaning(content[start:end], quoted)
    if not text or start >= end or b"\n" in content[start:end]:
        return Refusal("its escapes or its lines are not clear")
    return Literal(start, end, Secret(text.encode()), _name(string))


def _name(string: list[Node]) -> str:
    block = next((node for node in string if node.type == "block"), None)
    if block is not None and _given(string):
        return tree.label(block)
    named = (node for node in string if node.type in ("attribute", "object_elem"))
    return next((tree.name(node) for node in named), "")


def _taken_out(content: bytes, string: list[Node]) -> Rewrite:
    """Return how the value of a variable is left to the environment."""
    attribute = string[3]
    name = _name(string)
    start, end = attribute.start_byte, attribute.end_byte
    block = next((node for node in string if node.type == "block"), None)
    if block is not None and tree.attribute(block, "sensitive") is None:
        return Rewrite((Edit(start, end, b"sensitive = true"),), f"TF_VAR_{name}", _STATE)
    first = content.rfind(b"\n", 0, start) + 1
    rest = _REST.match(content, end)
    if rest and not content[first:start].strip():
        start, end = first, rest.end()
    return Rewrite((Edit(start, end, b""),), f"TF_VAR_{name}", _STATE)


def _declaration(content: bytes, name: str) -> Edit:
    end = newline(content).decode()
    lines = (f'variable "{name}" {{', "  type      = string", "  sensitive = true", "}", "")
    before = end if content.endswith(b"\n") else end + end
    return Edit(len(content), len(content), (before + end.join(lines)).encode())


LANGUAGE: Language = _Terraform()
