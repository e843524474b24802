"""The name that a literal is given to: of a variable, a field, a key or a parameter."""

import re

from tree_sitter import Node

from scanner.remediate.rewrite.code.dialect import Dialect

_WORD = re.compile(r"[^\W\d][\w-]*")
_LISTS = re.compile(
    "(?:expression|pattern|(?:left|right)_assignment)_list|array|tuple(?:_pattern)?"
)
_TYPED = frozenset({"parameter", "variable_declaration"})  # a name and a type
_ARGUMENTS = frozenset({"arguments", "argument_list", "value_arguments"})
_SETTER = re.compile(rb"(?i:put|set|add|append|define|header|property|env)\w*\s*\Z")
_CALLED = 40  # bytes before arguments that can tell what is called
_END = re.compile(r"block|body|statement|declaration_list|program|module|source_file")


def name_of(dialect: Dialect, content: bytes, path: list[Node]) -> str:
    """Return the name that the last node of `path` is given to; empty if there is none."""
    for parent, child in zip(reversed(path[:-1]), reversed(path), strict=False):
        field = dialect.naming.get(parent.type)
        if field is not None:
            name = _word(content, _named(parent, field, child, path))
            if name:
                return name
        if parent.type in _ARGUMENTS and parent.named_child_count > 1:
            return _key_before(content, parent, child)
        if _END.search(parent.type):
            return ""
    return ""


def _named(parent: Node, field: str, child: Node, path: list[Node]) -> Node | None:
    names = in_field(parent, field, child)
    if len(names) == 1 and _LISTS.fullmatch(names[0].type):
        names = names[0].named_children
    names = [n for n in names if n.is_named]
    if len(names) < 2:
        return names[0] if names and names[0] != child else None
    values = path[path.index(child) + 1 :] if _LISTS.fullmatch(child.type) else []
    if not values or child.named_child_count != len(names):
        return None
    return names[child.named_children.index(values[0])]


def in_field(parent: Node, field: str, child: Node) -> list[Node]:
    """Return what is in a field of `parent`, or else of that kind and last before `child`.

    No field stands for the first of two children.
    """
    if not field:
        return parent.named_children[:1] if parent.named_child_count == 2 else []
    in_it = parent.children_by_field_name(field)
    before = [c for c in parent.named_children if c.end_byte <= child.start_byte]
    return in_it or [c for c in before if c.type == field][-1:]


def _key_before(content: bytes, arguments: Node, child: Node) -> str:
    """Return the first of two arguments if it is a string, as in `put("password", …)`."""
    first = arguments.named_children[0]
    opening = content[first.start_byte : first.start_byte + 1]
    if arguments.named_child_count != 2 or child == first or opening not in (b'"', b"'"):
        return ""
    called = content[max(0, arguments.start_byte - _CALLED) : arguments.start_byte]
    if not _SETTER.search(called):
        return ""
    return _word(content, first)


def _word(content: bytes, node: Node | None) -> str:
    if node is None:
        return ""
    if node.type in _TYPED:
        node = next((c for c in node.named_children if c.type == "identifier"), node)
    words = _WORD.findall(content[node.start_byte : node.end_byte].decode("utf-8", "replace"))
    return words[-1].rstrip("-") if words else ""
