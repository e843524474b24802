"""Policies of Vault and OpenBao in HCL: https://openbao.org/docs/concepts/policies/."""

import json
import re
from collections import defaultdict
from urllib.parse import SplitResult

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.hashicorp.place import Place
from scanner.vault.policy.document import Document, Role

_GRANTS = {Role.WRITER: ("create", "read", "update"), Role.READER: ("read",)}
_LOOK = ("read",)
# A policy takes these for more than themselves: a glob, a segment that is any, a template.
_WILD = re.compile(r"\*|(^|/)\+(/|$)|\{\{|\}\}")
_ESCAPED = re.compile(r"[^A-Za-z0-9/_.: -]")  # among them ${ and %{, which begin a template in HCL
_NOTES = {
    Role.WRITER: (
        "vault policy write leakseal-writer FILE; and for the move alone a token that soon ends: "
        "vault token create -policy=leakseal-writer -ttl=1h -explicit-max-ttl=1h"
    ),
    Role.READER: "vault policy write leakseal-reader FILE; for the program that uses the secrets",
}


def render(entries: list[SplitResult], role: Role, account: str) -> list[Document]:
    """Return a policy for each namespace; raise UsageError for a path that would grant others."""
    rules: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for parts in entries:
        place, path = Place.of_entry(parts)
        namespace = place.options.get("namespace", "")
        rules[namespace] |= dict.fromkeys(_paths(place, path, role), _GRANTS[role])
        rules[namespace][f"sys/internal/ui/mounts/{place.mount}"] = _LOOK
    return [_document(namespace, rules[namespace], role) for namespace in sorted(rules)]


def _paths(place: Place, path: str, role: Role) -> list[str]:
    if _WILD.search(f"{place.mount}/{path}"):
        raise UsageError(
            f"{visible(path)} would mean other paths too in a policy; rename the entry"
        )
    if place.options.get("kv") == "1":
        return [f"{place.mount}/{path}"]
    areas = ("data", "metadata") if role is Role.WRITER else ("data",)
    return [f"{place.mount}/{area}/{path}" for area in areas]


def _document(namespace: str, rules: dict[str, tuple[str, ...]], role: Role) -> Document:
    text = "\n".join(
        f"path {_quoted(path)} {{\n  capabilities = {json.dumps(rules[path])}\n}}\n"
        for path in sorted(rules)
    )
    where = f" in namespace {namespace}" if namespace else ""
    return Document(f"Vault policy for the {role.value}{where}", text, _NOTES[role])


def _quoted(text: str) -> str:
    """Return `text` as a string in HCL, which reads no escape for `$` but that of its number."""
    return '"' + _ESCAPED.sub(_number, text) + '"'


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
