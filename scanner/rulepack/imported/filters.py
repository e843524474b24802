"""Makes allow entries of betterleaks' filters, as far as they are understood.

A filter is true of what is to be skipped. Every alternative of it stands by itself: one that is
not understood skips nothing, so nothing is hidden by mistake.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.errors import RuleError
from scanner.model import Allow
from scanner.rulepack.expression import Node, check, constants, parse, parts, steps
from scanner.rulepack.load import SHORTEST_COMMIT
from scanner.rulepack.searchers import any_of

_PATH, _COMMIT = "path", "git.sha"
_BOTH = 3  # the name of a function and its two arguments


class _Let(NamedTuple):
    name: str
    text: str
    uses: frozenset[str]


class _Alternative(NamedTuple):
    content: tuple[str, ...]
    paths: tuple[str, ...]
    commits: tuple[str, ...]


def allows(text: str, rules: tuple[str, ...], reason: str) -> tuple[list[Allow], list[str]]:
    """Return what a filter lets pass for `rules`, and in words what of it is not understood."""
    try:
        tree = parse(text)
    except RuleError as error:
        return [], [f"filter: {error}"]
    lets: list[_Let] = []
    while tree.op == "let":
        name, value, tree = tree.args
        lets.append(_Let(name, f"let {name} = {text[value.start : value.end]}; ", _names(value)))
    made, unclear, content = [], [], []
    for node in parts(tree, "||"):
        try:
            found = _alternative(node, text, lets)
            wanted = " && ".join(f"({part})" for part in found.content)
            if wanted:
                check(_with_lets(wanted, lets))
        except RuleError as error:
            unclear.append(f"filter: {error}, in: {_shown(text[node.start : node.end])}")
            continue
        if not (found.paths or found.commits):
            content.append(wanted)
            continue
        both = bool(found.content) or bool(found.paths and found.commits)
        made.append(
            Allow(
                reason,
                rules,
                paths=found.paths,
                commits=found.commits,
                every=both,
                engine="re2",
                filter=_with_lets(wanted, lets),
            )
        )
    whole = _with_lets(" || ".join(content), lets)
    if whole:
        made.append(Allow(reason, rules, engine="re2", filter=whole))
    return made, unclear


def _alternative(node: Node, text: str, lets: list[_Let]) -> _Alternative:
    content: list[str] = []
    places: list[tuple[str, ...]] = []
    commits: list[tuple[str, ...]] = []
    for part in parts(node, "&&"):
        path, commit = _of_path(part), _of_commit(part)
        if path is not None:
            places.append(path)
        elif commit is not None:
            commits.append(commit)
        else:
            written = text[part.start : part.end]
            content.append(written)
    if len(places) > 1 or len(commits) > 1:
        raise RuleError("more than one condition on the path or the commit")
    return _Alternative(tuple(content), *(found[0] if found else () for found in (places, commits)))


def _of_path(node: Node) -> tuple[str, ...] | None:
    """Return the patterns of a condition on the path; None for any other condition."""
    if node.op != "call" or node.args[0] != "matchesAny" or len(node.args) != _BOTH:
        return None
    if not _is(node.args[1], _PATH):
        return None
    patterns = constants(node.args[2])
    if patterns:
        any_of(patterns, "re2")
    return patterns or None


def _of_commit(node: Node) -> tuple[str, ...] | None:
    if node.op == "in" and _is(node.args[0], _COMMIT):
        return _commits(constants(node.args[1]) or ())
    if node.op == "==" and _is(node.args[0], _COMMIT) and node.args[1].op == "text":
        return _commits(node.args[1].args)
    return None


def _commits(written: Iterable[str]) -> tuple[str, ...] | None:
    ids = tuple(commit.strip().lower() for commit in written)
    if any(len(commit) < SHORTEST_COMMIT for commit in ids):
        raise RuleError(f"a commit id has fewer than {SHORTEST_COMMIT} digits")
    return ids or None


def _is(node: Node, attribute: str) -> bool:
    """Tell whether a step asks for this attribute: get(attributes, …, ""), attributes["…"]."""
    if node.op == "??":
        node = node.args[0]
    asked = node.args[1:3] if node.op == "call" and node.args[0] == "get" else node.args[:2]
    if node.op not in ("call", "index") or len(asked) != 2:
        return False
    of, name = asked
    return (
        isinstance(of, Node)
        and (of.op, of.args) == ("name", ("attributes",))
        and isinstance(name, Node)
        and (name.op, name.args) == ("text", (attribute,))
    )


def _names(node: Node) -> frozenset[str]:
    return frozenset(step.args[0] for step in steps(node) if step.op == "name")


def _with_lets(text: str, lets: Iterable[_Let]) -> str:
    """Return `text` after the definitions that it needs."""
    return "".join(_needed(set(_names(parse(text))), [*lets])) + text if text else ""


def _needed(names: set[str], lets: list[_Let]) -> Iterator[str]:
    kept = []
    for let in reversed(lets):
        if let.name in names:
            names |= let.uses
            kept.append(let.text)
    yield from reversed(kept)


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
