"""Syntax trees: parsed within bounds, and walked without recursion.

tree-sitter takes time and memory that grow with the square of the length for some nonsense (half a
megabyte of `a<a<a<` as Java: more than 20 GB), and the binding offers no way to stop it. So all but
small files are parsed in a child process of limited time and memory first.
"""

import faulthandler
import os
import sys
import warnings
from functools import lru_cache
from typing import NoReturn

from tree_sitter import Language, Node, Parser, Tree

from scanner.remediate.rewrite.bounds import unfit
from scanner.remediate.rewrite.edit import Refusal

_SMALL = 4 << 10  # bytes that cannot take more than a tenth of a second or 100 MB
_SECONDS = 10
_MEMORY = 1 << 30  # bytes on top of what the process has
_ONE_BYTE = bytes(range(128)) + b"_" * 128


@lru_cache(1)  # a file is parsed once for all that is asked about it; trees are large
def parsed(grammar: Language, content: bytes) -> Tree | Refusal:
    """Return the tree of `content`, broken or not; Refusal for what is unfit or costs too much.

    Offsets are those of `content`, also where it is in a one-byte encoding.
    """
    refusal = unfit(content)
    if refusal:
        return refusal
    try:
        content.decode()
    except UnicodeDecodeError:
        content = content.translate(_ONE_BYTE)  # letters beyond ASCII may stand for any letter
    if len(content) > _SMALL and not _bearable(grammar, content):
        return Refusal(f"parsing it takes more than {_SECONDS} seconds or a gigabyte")
    return Parser(grammar).parse(content)


def path_to(tree: Tree, start: int, end: int) -> list[Node]:
    """Return the nodes that enclose `start` to `end`, from the root to the smallest."""
    cursor = tree.walk()
    path = [tree.root_node]
    while cursor.goto_first_child_for_byte(start) is not None:
        node = cursor.node
        if node is None or not node.start_byte <= start <= end <= node.end_byte:
            break
        path.append(node)
    return path


def problem(tree: Tree) -> str:
    """Return where the first error in the tree is; empty if there is none."""
    cursor = tree.walk()
    node = tree.root_node
    if not node.has_error:
        return ""
    while not (node.is_error or node.is_missing) and cursor.goto_first_child():
        while cursor.node and not cursor.node.has_error and cursor.goto_next_sibling():
            pass
        node = cursor.node or node
    return f"line {node.start_point.row + 1}, column {node.start_point.column + 1}"


def _bearable(grammar: Language, content: bytes) -> bool:
    """Tell whether a child process can parse `content` within its limits."""
    if sys.platform == "win32":  # which has neither fork nor limits
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads: the child only parses
        child = os.fork()
    if child == 0:
        _parse_and_leave(grammar, content)
    return os.waitpid(child, 0)[1] == 0


def _parse_and_leave(grammar: Language, content: bytes) -> NoReturn:
    try:
        import resource  # noqa: PLC0415 - Windows has none

        def limit(kind: int, most: int) -> None:
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))

        faulthandler.disable()  # running out of memory is a crash, and nothing to report
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_CPU, _SECONDS)
        limit(resource.RLIMIT_AS, _taken() + _MEMORY)
        Parser(grammar).parse(content)
        os._exit(0)
    finally:
        os._exit(1)


def _taken() -> int:
    try:
        with open("/proc/self/statm", "rb") as stream:
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:  # not Linux; the other limit holds
        return 1 << 40
