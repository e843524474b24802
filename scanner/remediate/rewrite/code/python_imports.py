"""Whether a Python module has `os`, and where the import goes if it has not."""

import ast
import re
import warnings
from functools import lru_cache

from scanner.remediate.rewrite.bounds import newline
from scanner.remediate.rewrite.edit import Edit, Refusal

_BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)
_LARGEST = 1 << 19  # bytes: the parser of Python takes up to a thousand times as much
_LINE = re.compile(rb"\r\n|\r|\n")
# https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations
_TOP = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:#![^\r\n]*(?:\r\n?|\n))?"
    rb"(?:[ \t\f]*#[^\r\n]*?coding[:=][^\r\n]*(?:\r\n?|\n))?"
)


@lru_cache(1)
def module_of(content: bytes) -> ast.Module | Refusal:
    """Return the module that `content` is for this Python; Refusal with the line if it is none."""
    if len(content) > _LARGEST:
        return Refusal(f"the file is larger than {_LARGEST >> 10} KiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes that Python does not know
            return ast.parse(content)
    except _BROKEN as error:
        line = getattr(error, "lineno", None)
        return Refusal("Python cannot parse it" + (f": line {line}" if line else ""))


def imports_os(module: ast.Module, line: int) -> bool:
    """Tell whether `os` is imported at the top level before `line`."""
    return any(
        isinstance(node, ast.Import) and node.lineno < line and _binds_os(node)
        for node in module.body
    )


def rebinds_os(module: ast.Module, line: int) -> bool:
    """Tell whether the name `os` may be another thing, or not be there yet, at `line`."""
    for node in ast.walk(module):
        match node:
            case ast.Name(id="os", ctx=ast.Store() | ast.Del()) | ast.arg(arg="os"):
                return True
            case ast.ClassDef(name="os") | ast.ExceptHandler(name="os"):
                return True
            case ast.MatchAs(name="os") | ast.MatchStar(name="os") | ast.MatchMapping(rest="os"):
                return True
            case ast.Import(names=names) if any(a.asname == "os" != a.name for a in names):
                return True
            case ast.ImportFrom(names=names) if any((a.asname or a.name) == "os" for a in names):
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.name == "os" or _imports_later(node, line):
                    return True
            case _:
                pass
    return False


def _imports_later(function: ast.FunctionDef | ast.AsyncFunctionDef, line: int) -> bool:
    """Tell whether `line` is in a function that makes `os` a name of its own further down."""
    if not function.lineno <= line <= (function.end_lineno or line):
        return False
    imports = (node for node in ast.walk(function) if isinstance(node, ast.Import))
    return any(node.lineno >= line and _binds_os(node) for node in imports)


def _binds_os(node: ast.Import) -> bool:
    return any(a.name.partition(".")[0] == "os" and a.asname in (None, "os") for a in node.names)


def import_os(content: bytes, module: ast.Module) -> Edit:
    """Return the edit that imports `os`: with the first imports, or where they would be.

    That is below the first comments that mean something, the docstring and `__future__`.
    """
    line_end = newline(content)
    starts = [0, *(match.end() for match in _LINE.finditer(content))]
    rest = module.body[ast.get_docstring(module, clean=False) is not None :]
    head = module.body[: len(module.body) - len(rest)]
    while rest and isinstance(rest[0], ast.ImportFrom) and rest[0].module == "__future__":
        head, rest = [*head, rest[0]], rest[1:]
    first = rest[0] if rest else None
    imports = isinstance(first, ast.Import | ast.ImportFrom) and first.col_offset == 0
    if first and imports and first.lineno > 1:
        at = starts[first.lineno - 1]
        return Edit(at, at, b"import os" + line_end)
    if head:
        at = starts[head[-1].end_lineno or 0]
        return Edit(at, at, line_end + b"import os" + line_end)
    top = _TOP.match(content)
    at = top.end() if top else 0
    return Edit(at, at, b"import os" + line_end * (1 if imports else 2))
