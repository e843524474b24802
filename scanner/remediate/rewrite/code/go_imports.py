"""How a Go file calls the package `os`, and where the import goes if it has none."""

import re
from typing import NamedTuple

import tree_sitter_go
from tree_sitter import Language, Node, Query, QueryCursor, Tree

from scanner.remediate.rewrite.bounds import newline
from scanner.remediate.rewrite.edit import Edit, Refusal

_TAKEN = Refusal('the name "os" means something else in this file or its package')
_REST = re.compile(rb"[ \t]*(?://[^\r\n]*)?(?=\r?\n|\Z)")


_NAMES = Query(
    Language(tree_sitter_go.language()),
    """((identifier) @name (#eq? @name "os"))
    (selector_expression operand: (identifier) @used (#eq? @used "os"))""",
)


class Package(NamedTuple):
    """The name of the package in a file, and the edits that import it."""

    name: bytes
    edits: tuple[Edit, ...]


def package_os(content: bytes, tree: Tree) -> Package | Refusal:
    """Return how to call `os`; Refusal if the name is taken."""
    root = tree.root_node
    specs = [spec for node in root.children for spec in _specs(node)]
    name = b""
    for spec in specs:
        path = (spec.child_by_field_name("path") or spec).text or b""
        alias = spec.child_by_field_name("name")
        called = (alias.text or b"") if alias else path.strip(b'"`').rpartition(b"/")[2]
        if path.strip(b'"`') == b"os" and called not in (b"_", b"."):
            name = called
        elif called == b"os":
            return _TAKEN
    if _taken(tree, name):
        return _TAKEN
    if name:
        return Package(name, ())
    edit = _import(content, root, specs)
    return Package(b"os", (edit,)) if edit else Refusal("it has no package clause")


def _specs(node: Node) -> list[Node]:
    if node.type != "import_declaration":
        return []
    groups = [c for c in node.named_children if c.type == "import_spec_list"]
    return [c for n in (node, *groups) for c in n.named_children if c.type == "import_spec"]


def _taken(tree: Tree, called: bytes) -> bool:
    """Tell whether `os` is declared in the file, or used without an import: then elsewhere."""
    if called not in (b"", b"os"):
        return False
    found = QueryCursor(_NAMES).captures(tree.root_node)
    used = {node.id for node in found.get("used", ())}
    declared = {node.id for node in found.get("name", ())} - used
    return bool(declared) or bool(used and not called)


def _import(content: bytes, root: Node, specs: list[Node]) -> Edit | None:
    """Return the edit that imports `os`, in the order that gofmt keeps where it can."""
    line_end = newline(content)
    grouped = [s for s in specs if s.parent and s.parent.type == "import_spec_list"]
    if grouped:
        after = grouped[0]
        for spec in grouped:
            if _path(spec) > b"os":
                return Edit(spec.start_byte, spec.start_byte, b'"os"' + line_end + b"\t")
            if spec.start_point.row > after.end_point.row + 1:  # another group
                break
            after = spec
        return _below(content, after, line_end + b'\t"os"')
    if specs:
        return _below(content, specs[-1], line_end + b'import "os"')
    clause = next((c for c in root.children if c.type == "package_clause"), None)
    return clause and _below(content, clause, line_end * 2 + b'import "os"')


def _below(content: bytes, node: Node, line: bytes) -> Edit:
    """Return the edit that adds a line after that of `node`, or text if more stands on that."""
    rest = _REST.match(content, node.end_byte)
    at = rest.end() if rest else node.end_byte
    return Edit(at, at, line if rest else b"; " + line.strip())


def _path(spec: Node) -> bytes:
    path = spec.child_by_field_name("path")
    return (path.text or b"").strip(b'"`') if path else b""
