"""Reads the TOML configuration of gitleaks, and that of betterleaks, which is the same and more.

https://github.com/gitleaks/gitleaks#configuration,
https://github.com/betterleaks/betterleaks#configuration
"""

import os
import tomllib
from typing import Any, NamedTuple

from scanner.errors import RuleError
from scanner.model import Allow, Part, Rule
from scanner.rulepack import load, searchers
from scanner.rulepack.document import bounded
from scanner.rulepack.imported.filters import allows
from scanner.rulepack.imported.result import EVERY_CONTENT, EVERY_NAME, Fields, Imported, Note, rule
from scanner.rulepack.imported.syntax import of_name, with_secret

_DEEPEST = 2
_WIDEST = 100_000  # lines or columns
_NO_VOCABULARY = "token efficiency is estimated from words and letters, without a vocabulary"
_TOP = ("title", "description", "minVersion", "betterleaksMinVersion")
_CONDITIONS = {"": False, "OR": False, "||": False, "AND": True, "&&": True}


class _Entry(NamedTuple):
    """A rule as written, before the file that it changes is known."""

    id: str
    fields: Fields


class _File(NamedTuple):
    """One file: its rules by id, the global entries, and what it builds on."""

    name: str
    rules: dict[str, list[Fields]]
    top: list[Fields]
    notes: list[Note]
    disabled: set[str]
    default: bool


def read(path: str) -> Imported:
    """Return the rules of the file at `path`; raise RuleError if it cannot be used at all."""
    searchers.required("re2")
    file = _file(path, 0)
    reader = _Reader(file)
    for name, layers in file.rules.items():
        reader.rule(name, layers)
    reader.globals()
    reader.parts()
    return reader.imported()


def _file(path: str, depth: int) -> _File:
    name = os.path.basename(path)
    written = load.read(path)
    try:
        document = bounded(tomllib.loads(written.decode()), len(written))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise RuleError(f"{name}: not TOML: nested too deep") from None
    except (ValueError, RuleError):  # as of a number of more digits than Python takes
        raise RuleError(f"{name}: a number is too large, or none") from None
    top = Fields(document, name)
    notes: list[Note] = []
    rules: dict[str, list[Fields]] = {}
    for number, fields in enumerate(top.tables("rules"), 1):
        id_ = fields.text("id").strip()
        if not id_:
            raise RuleError(f"{name}: rule {number} has no id")
        fields.what = f"{name}: rule {id_}"
        rules[id_] = [fields]
    extend = (top.tables("extend") or [Fields({}, name)])[0]
    disabled = set(extend.texts("disabledRules"))
    base, default = extend.text("path"), extend.flag("useDefault")
    if extend.text("url"):
        notes.append(Note("ignored", name, "extend.url: rules are not fetched from elsewhere"))
    if base and default:
        raise RuleError(f"{name}: extend has both path and useDefault")
    made = _File(name, rules, [top], notes, set(), default)
    if base and depth < _DEEPEST:
        made = _extended(made, _file(_found(base, path), depth + 1), disabled)
    elif base:
        notes.append(Note("ignored", name, f"extend.path: more than {_DEEPEST} files deep"))
    elif default:
        made.disabled.update(disabled)
    return made


def _found(base: str, path: str) -> str:
    """Return where a file is that another extends: from the working directory, else beside it."""
    beside = os.path.join(os.path.dirname(path), base)
    return base if os.path.exists(base) or not os.path.exists(beside) else beside


def _extended(file: _File, base: _File, disabled: set[str]) -> _File:
    """Return `base` with the rules and entries of `file` over it."""
    rules = {id_: layers for id_, layers in base.rules.items() if id_ not in disabled}
    for id_, layers in file.rules.items():
        rules[id_] = [*layers, *rules.get(id_, ())]
    gone = sorted(disabled - base.rules.keys())
    notes = [*file.notes, *base.notes]
    notes += [Note("ignored", id_, "extend.disabledRules: there is no such rule") for id_ in gone]
    top = [*file.top, *base.top]
    return _File(file.name, rules, top, notes, base.disabled, base.default)


class _Reader:
    """Makes rules and allow entries of a file and all that it extends."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self._rules: dict[str, Rule] = {}
        self._allow: list[Allow] = []
        self._notes = file.notes
        self._approximate = False

    def imported(self) -> Imported:
        """Return all that was made."""
        if self._approximate:
            self._note("differs", self._file.name, _NO_VOCABULARY)
        if self._file.default:
            detail = "extend.useDefault: the built-in rules stand for the default ones"
            self._note("differs", self._file.name, detail)
        rules = tuple(self._rules.values())
        disabled = tuple(sorted(self._file.disabled))
        return Imported(
            "gitleaks or betterleaks", rules, tuple(self._allow), tuple(self._notes), disabled
        )

    def rule(self, id_: str, layers: list[Fields]) -> None:
        """Take in a rule, whose first layer goes before those that it changes."""
        try:
            self._rule(id_, layers)
        except RuleError as error:
            self._note("refused", id_, str(error))

    def _rule(self, id_: str, layers: list[Fields]) -> None:
        def first(name: str) -> str:
            return next(filter(None, (layer.text(name) for layer in layers)), "")

        regex, path = first("regex"), first("path")
        group = next(filter(None, (int(layer.number("secretGroup")) for layer in layers)), 0)
        bits = next(filter(None, (layer.number("entropy") for layer in layers)), 0.0)
        words = tuple(dict.fromkeys(w.lower() for la in layers for w in la.texts("keywords") if w))
        if regex:
            made = rule(
                id_,
                with_secret(regex, group),
                name=first("description"),
                keywords=words,
                min_entropy=float(bits),
            )
            if not words and not made.keywords:
                self._note("differs", id_, EVERY_CONTENT)
        elif path:
            of_files = of_name(path)
            made = rule(id_, of_files or ".", name=first("description"))
            made = made._replace(method="file", keywords=())
            if not of_files:
                self._note("differs", id_, EVERY_NAME)
        elif self._file.default:
            made = None  # it changes one of the default rules
        else:
            raise RuleError("it has neither regex nor path")
        if path:
            searchers.searcher(path, "re2")
        if made is not None:
            silent = any(layer.flag("skipReport") for layer in layers)
            required = tuple(part for layer in layers[-1:] for part in _required(layer))
            self._rules[id_] = made._replace(path=path, silent=silent, required=required)
        for layer in layers:
            self._of_rule(id_, layer)

    def _of_rule(self, id_: str, layer: Fields) -> None:
        """Take in what a layer of a rule is not to report, and note what has no effect."""
        for fields in (*layer.tables("allowlist"), *layer.tables("allowlists")):
            try:
                self._allow.append(_allow(fields, (id_,)))
            except RuleError as error:
                self._note("ignored", id_, str(error))
        if layer.flag("tokenEfficiency"):
            self._filter(id_, 'failsTokenEfficiency(finding["secret"])', (id_,))
        if layer.text("filter"):
            self._filter(id_, layer.text("filter"), (id_,))
        if layer.text("validate"):
            self._note("ignored", id_, "validate: nothing is sent to a provider")
        if layer.raw("specificity") is not None:
            detail = "specificity: the surer match wins a place, then the longer"
            self._note("differs", id_, detail)
        layer.raw("tags")  # only reports had them
        for name in layer.unknown():
            self._note("ignored", id_, f"{name} is not known")

    def globals(self) -> None:
        """Take in what holds for all rules, or for those that an entry names."""
        for top in self._file.top:
            for fields in (*top.tables("allowlist"), *top.tables("allowlists")):
                self._allow.append(_allow(fields, fields.texts("targetRules")))
            for name in ("prefilter", "filter"):
                if top.text(name):
                    self._filter(top.what, top.text(name), ())
            for name in _TOP:
                top.raw(name)
            for name in top.unknown():
                self._note("ignored", top.what, f"{name} is not known")

    def parts(self) -> None:
        """Refuse rules that need parts that there are not."""
        known = self._rules.keys()
        for id_, made in [*self._rules.items()]:
            missing = [part.rule for part in made.required if part.rule not in known]
            if missing:
                self._note("refused", id_, f"it requires {missing[0]}, which is no rule here")
                del self._rules[id_]

    def _filter(self, subject: str, text: str, rules: tuple[str, ...]) -> None:
        reason = f"the filter of {subject}"
        made, unclear = allows(text, rules, reason)
        self._allow += made
        self._approximate = self._approximate or "failsTokenEfficiency" in text
        for detail in unclear:
            self._note("ignored", subject, detail)

    def _note(self, code: str, subject: str, detail: str) -> None:
        self._notes.append(Note(code, subject, detail))


def _required(layer: Fields) -> list[Part]:
    found = []
    for part in layer.tables("required"):
        if not part.text("id"):
            raise RuleError("a required part has no id")
        lines, columns = (int(part.number(n, -1)) for n in ("withinLines", "withinColumns"))
        found.append(Part(part.text("id"), min(lines, _WIDEST), min(columns, _WIDEST)))
    return found


def _allow(fields: Fields, rules: tuple[str, ...]) -> Allow:
    condition = fields.text("condition").upper()
    if condition not in _CONDITIONS:
        raise RuleError(f"{fields.what}: condition must be AND or OR")
    made = Allow(
        reason=fields.text("description").strip() or f"an allowlist of {_owner(fields, rules)}",
        rules=rules,
        patterns=fields.texts("regexes"),
        target=fields.text("regexTarget") or "secret",
        words=tuple(word.lower() for word in fields.texts("stopwords")),
        paths=fields.texts("paths"),
        commits=tuple(commit.strip().lower() for commit in fields.texts("commits")),
        every=_CONDITIONS[condition],
        engine="re2",
    )
    try:
        return load.checked(made)
    except RuleError as error:
        raise RuleError(f"{fields.what}: {error}") from None


def _owner(fields: Fields, rules: tuple[Any, ...]) -> str:
    return ", ".join(rules) if rules else fields.what.partition(":")[0]
