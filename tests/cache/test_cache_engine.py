"""Sources that decide what is found, against what they were when ENGINE_VERSION was last looked at.

`python tests/cache/test_cache_engine.py` records them as they are now.
"""

import ast
import hashlib
import io
import json
import tokenize
from pathlib import Path

import pytest

from scanner.cache.engine import ENGINE_VERSION

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("engine_sources.json")
# What is made of an object's bytes, how objects are read out of packs, and where they are said to
# stand: what an audit keeps has that in it.
FOLDERS = ("scanner/detect", "scanner/gitdb", "scanner/kernels", "scanner/sources")
SUFFIXES = (".py", ".pyx", ".pxd")


def digests():
    return {folder: digest(ROOT / folder) for folder in FOLDERS}


def digest(folder):
    files = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES)
    parts = [f"{p.relative_to(folder).as_posix()}\n{code(p)}" for p in files]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def code(path):
    """The text of a source without what cannot change what it does: comments, docstrings, gaps."""
    text = path.read_text("utf-8")
    return bare(text) if path.suffix == ".py" else text


def bare(text):
    lines = text.splitlines()
    for first, last in docstrings(ast.parse(text)):
        lines[first - 1 : last] = [""] * (last - first + 1)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT and lines[row - 1]:
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def docstrings(tree):
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        match body:
            case [ast.Expr(ast.Constant(str())) as text, *_]:
                yield text.lineno, text.end_lineno


def test_no_source_changed_without_a_look_at_the_engine_version():
    recorded = json.loads(RECORD.read_text())
    changed = [folder for folder, now in digests().items() if recorded[folder] != now]
    if changed or recorded["ENGINE_VERSION"] != ENGINE_VERSION:
        pytest.fail(
            f"changed since ENGINE_VERSION {recorded['ENGINE_VERSION']}: {changed}.\n"
            "If any object could now be read or judged otherwise, raise ENGINE_VERSION in "
            "scanner/cache/engine.py;\nelse users are shown what the old engine found. Then: "
            "python tests/cache/test_cache_engine.py",
            pytrace=False,
        )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 1  # one\n", "x = 1\n\n\n# two\n", True),
        ('def f():\n    """Old."""\n    return 1\n', "def f():\n    return 1\n", True),
        ("class A:\n    'Old.'\n    x = 1\n", "class A:\n    'New\\n.'\n    x = 1\n", True),
        ("x = '# a'\n", "x = '# b'\n", False),
        ("x = ' '\n", "x = '  '\n", False),
        ("if a:\n    x = 1\ny = 2\n", "if a:\n    x = 1\n    y = 2\n", False),
    ],
)
def test_what_counts_as_a_change(one, other, same):
    assert (bare(one) == bare(other)) == same


if __name__ == "__main__":
    record = {"ENGINE_VERSION": ENGINE_VERSION, **digests()}
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
