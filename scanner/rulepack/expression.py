"""Reads filter expressions: a small part of the language Expr, without loops and side effects.

    entropy(finding["secret"]) <= 3.0 || containsAny(finding["secret"], ["example", "changeme"])

Known are strings ("…", '…', `…`, r\"""…\"""), numbers, true, false, nil, lists; `finding["…"]` and
`finding.…`; `let x = …; …`; the operators ||, or, &&, and, !, not, ==, !=, <, <=, >, >=, in,
contains, startsWith, endsWith, matches, +, -, *, /, %, ??, ?:, indices and slices; and the
functions below, those of filters also with `filter.` before them. https://expr-lang.org describes
the language. An expression has at most MOST_STEPS steps, so evaluating one takes bounded time.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from scanner.errors import RuleError
from scanner.rulepack.searchers import any_of

FIELDS = (
    *("secret", "match", "line", "rule_id", "description", "entropy", "fragment_raw"),
    *("match_start_idx", "match_end_idx", "match_line_start_idx", "match_line_end_idx"),
)
"""What `finding` has. `fragment_raw` is the whole content, the numbers are offsets in it."""
FUNCTIONS = {
    "entropy": 1,
    "failsTokenEfficiency": 1,
    "matchesAny": 2,
    "containsAny": 2,
    "findMatch": 2,
    "len": 1,
    "lower": 1,
    "upper": 1,
    "trim": 1,
    "max": 2,
    "min": 2,
    "indexOf": 2,
    "hasPrefix": 2,
    "hasSuffix": 2,
    "contains": 2,
    "countOf": 2,
    "get": 3,
}
"""By name, how many arguments they take; `countOf` counts the characters of a text that are in
another."""
MOST_STEPS = 10_000
_DEEPEST = 60  # of what is nested in brackets and definitions
_DEEPEST_TREE = 150  # steps below one another; each takes some frames when it is evaluated
_LONGEST_NUMBER = 18  # digits
_LONGEST = 256 << 10
_PATTERNS = ("matchesAny", "findMatch")
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    |r\"\"\"(?P<raw>.*?)\"\"\"
    |`(?P<tick>[^`]*)`
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|\?\?|/(?!\*)|[-+*%<>!?:.,;=()\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_BINARY = (
    ("||", "or"),
    ("&&", "and"),
    ("==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith", "matches"),
    ("+", "-"),
    ("*", "/", "%"),
)
_SAME = {"or": "||", "and": "&&", "not": "!"}
_CHAINS = ("||", "&&")  # have any number of operands


class Node(NamedTuple):
    """One step: an operator, or a kind of literal, with its operands and its place in the text."""

    op: str
    args: tuple[Any, ...]
    start: int
    end: int


class Token(NamedTuple):
    """A piece of the text; `kind` is `text`, `number`, `name`, `sign` or `end`."""

    kind: str
    value: str
    start: int
    end: int


def parse(text: str) -> Node:
    """Return the tree of an expression; raise RuleError saying what of it is not understood."""
    if len(text) > _LONGEST:
        raise RuleError(f"expression is longer than {_LONGEST >> 10} KiB")
    tree = _Parser(text).whole()
    level, count = [tree], 0
    for _ in range(_DEEPEST_TREE):
        count += len(level)
        level = [below for node in level for below in node.args if isinstance(below, Node)]
    if level:
        raise RuleError(f"expression has steps more than {_DEEPEST_TREE} deep")
    if count > MOST_STEPS:
        raise RuleError(f"expression has more than {MOST_STEPS} steps")
    return tree


def check(text: str) -> Node:
    """Return the tree of an expression that can be evaluated; raise RuleError if it cannot be."""
    tree = parse(text)
    _check(tree, frozenset())
    return tree


def steps(node: Node) -> Iterator[Node]:
    """Yield `node` and all steps below it."""
    yield node
    for argument in node.args:
        if isinstance(argument, Node):
            yield from steps(argument)


def parts(node: Node, op: str) -> Iterator[Node]:
    """Yield the operands of a chain of `||` or `&&`, the node itself if it is none."""
    if node.op == op:
        for argument in node.args:
            yield from parts(argument, op)
    else:
        yield node


def constants(node: Node) -> tuple[str, ...] | None:
    """Return the texts of a list that is written out; None for anything else."""
    if node.op != "list" or any(each.op != "text" for each in node.args):
        return None
    return tuple(each.args[0] for each in node.args)


def written_out(node: Node) -> tuple[str, ...] | None:
    """Return the texts of a list that is written out, or the one text; None for anything else."""
    return (node.args[0],) if node.op == "text" else constants(node)


def _check(node: Node, names: frozenset[str]) -> None:
    if node.op == "let":
        name, value, body = node.args
        _check(value, names)
        _check(body, names | {name})
        return
    if node.op == "name" and node.args[0] not in names:
        raise RuleError(f"{node.args[0]} is not known in a filter")
    if node.op == "finding" and node.args[0] not in FIELDS:
        raise RuleError(f"finding has no {node.args[0]!r} here")
    if node.op == "call":
        _check_call(node)
    if node.op == "matches":
        if node.args[1].op != "text":
            raise RuleError("a pattern has to be written out")
        any_of((node.args[1].args[0],), "re2")
    for argument in node.args:
        if isinstance(argument, Node):
            _check(argument, names)


def _check_call(node: Node) -> None:
    name, *arguments = node.args
    if name not in FUNCTIONS:
        raise RuleError(f"the function {name} is not known")
    if len(arguments) != FUNCTIONS[name]:
        raise RuleError(f"{name} takes {FUNCTIONS[name]} arguments")
    if name not in _PATTERNS:
        return
    patterns = arguments[1]
    known = written_out(patterns) if name == "findMatch" else constants(patterns)
    if known is None:
        raise RuleError(f"the patterns of {name} have to be written out")
    if known:
        any_of(known, "re2")


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        tree = self._expression()
        token = self._next()
        if token.kind != "end":
            raise _unexpected(token)
        return tree

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RuleError(f"expression is nested more than {_DEEPEST} deep")
        node = self._let() if self._peek().value == "let" else self._choice()
        self._depth -= 1
        return node

    def _let(self) -> Node:
        start = self._next().start
        name = self._next()
        if name.kind != "name":
            raise _unexpected(name)
        self._take("=")
        value = self._expression()
        self._take(";")
        return self._node("let", (name.value, value, self._expression()), start)

    def _choice(self) -> Node:
        node = self._alternative()
        if self._accept("?"):
            first = self._expression()
            self._take(":")
            return self._node("?", (node, first, self._expression()), node.start)
        return node

    def _alternative(self) -> Node:
        node = self._binary(0)
        while self._accept("??"):
            node = self._node("??", (node, self._binary(0)), node.start)
        return node

    def _binary(self, level: int) -> Node:
        if level == len(_BINARY):
            return self._unary()
        node = self._binary(level + 1)
        while True:
            negated = level == 2 and self._peek().value == "not" and self._peek(1).value == "in"
            if negated:
                self._next()
            token = self._peek()
            if token.kind == "text" or token.value not in _BINARY[level]:
                return node
            self._next()
            op = _SAME.get(token.value, token.value)
            chain = op in _CHAINS and node.op == op
            operands = node.args if chain else (node,)
            node = self._node(op, (*operands, self._binary(level + 1)), node.start)
            if negated:
                node = self._node("!", (node,), node.start)

    def _unary(self) -> Node:
        token = self._peek()
        if token.kind in ("sign", "name") and token.value in ("!", "not", "-"):
            self._next()
            self._depth += 1
            if self._depth > _DEEPEST:
                raise RuleError(f"expression is nested more than {_DEEPEST} deep")
            op = "negative" if token.value == "-" else "!"
            node = self._node(op, (self._unary(),), token.start)
            self._depth -= 1
            return node
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while True:
            if self._accept("."):
                node = self._member(node)
            elif self._accept("["):
                node = self._index(node)
            else:
                return node

    def _member(self, node: Node) -> Node:
        name = self._next()
        if name.kind != "name":
            raise _unexpected(name)
        if self._accept("("):
            if node.op == "name" and node.args[0] == "filter":
                return self._call(name, (), node.start)
            return self._call(name, (node,), node.start)
        if node.op == "name" and node.args[0] == "finding":
            return self._node("finding", (name.value,), node.start)
        key = Node("text", (name.value,), name.start, name.end)
        return self._node("index", (node, key), node.start)

    def _index(self, node: Node) -> Node:
        first = None if self._peek().value == ":" else self._expression()
        if self._accept(":"):
            last = None if self._peek().value == "]" else self._expression()
            self._take("]")
            return self._node("slice", (node, first, last), node.start)
        self._take("]")
        if node.op == "name" and node.args[0] == "finding" and first and first.op == "text":
            return self._node("finding", first.args, node.start)
        return self._node("index", (node, first), node.start)

    def _primary(self) -> Node:
        token = self._next()
        if token.kind == "text":
            return self._node("text", (token.value,), token.start)
        if token.kind == "number":
            if len(token.value) > _LONGEST_NUMBER:
                raise RuleError(f"a number has more than {_LONGEST_NUMBER} digits")
            number = float(token.value) if "." in token.value else int(token.value)
            return self._node("number", (number,), token.start)
        if token.kind == "name":
            if token.value in ("true", "false", "nil"):
                return self._node(token.value, (), token.start)
            if self._accept("("):
                return self._call(token, (), token.start)
            return self._node("name", (token.value,), token.start)
        if token.value == "(":
            node = self._expression()
            self._take(")")
            return node._replace(start=token.start, end=self._tokens[self._at - 1].end)
        if token.value == "[":
            return self._node("list", self._list("]"), token.start)
        raise _unexpected(token)

    def _call(self, name: Token, given: tuple[Node, ...], start: int) -> Node:
        return self._node("call", (name.value, *given, *self._list(")")), start)

    def _list(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._accept(end):
            found.append(self._expression())
            if not self._accept(","):
                self._take(end)
                break
        return tuple(found)

    def _node(self, op: str, args: tuple[Any, ...], start: int) -> Node:
        return Node(op, args, start, self._tokens[self._at - 1].end)

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _accept(self, sign: str) -> bool:
        token = self._peek()
        if token.kind == "sign" and token.value == sign:
            self._at += 1
            return True
        return False

    def _take(self, sign: str) -> None:
        if not self._accept(sign):
            raise _unexpected(self._peek())


def _unexpected(token: Token) -> RuleError:
    what = "its end" if token.kind == "end" else repr(token.value)
    return RuleError(f"expression is not understood at {what}")


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise RuleError(f"expression is not understood at {text[at : at + 20]!r}")
        at = match.end()
        kind = match.lastgroup or ""
        if kind in ("raw", "tick"):
            yield Token("text", match[kind], *match.span())
        elif kind == "text":
            yield Token(kind, _unescaped(match[kind][1:-1]), *match.span())
        elif kind != "space":
            yield Token(kind, match[kind], *match.span())
    yield Token("end", "", at, at)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text, flags=re.DOTALL)
