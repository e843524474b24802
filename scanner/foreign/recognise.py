"""Tells by its content which tool a file is of, and reads it."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scanner.errors import RuleError, UsageError
from scanner.foreign import (
    detect_secrets,
    ggshield,
    gitleaks_config,
    gitleaks_ignore,
    gitleaks_report,
    kingfisher,
    trufflehog,
)
from scanner.foreign.known import Foreign
from scanner.foreign.table import tables
from scanner.gitdb.files import read_regular
from scanner.rulepack.document import bounded, from_json, parsed

_LARGEST = 64 << 20  # bytes of a report
_LARGEST_SETTINGS = 8 << 20  # YAML takes much longer to read
_OF_GITLEAKS = ("gitleaks", "betterleaks")
_UNKNOWN = (
    "no file of gitleaks, betterleaks, detect-secrets, trufflehog, kingfisher or ggshield is like"
    " it: it may be a configuration, a list of ignores, a JSON report or a baseline"
)


def read(path: str, tool: str, rules: Collection[str]) -> Foreign:
    """Return what the file at `path` says, which is one of `tool` if that is not empty.

    `rules` are the ids of rules that settings can name. Raises UsageError for a file that is none
    of those that are known, is damaged, or is of another tool.
    """
    name = os.path.basename(path)
    try:
        content = _content(path)
        found = _read(path, name, content, tool, rules)
    except RuleError as error:
        raise RuleError(f"{path}: {error}") from None
    if tool and found.tool != tool:
        raise UsageError(f"{path} is a file of {found.tool}, not of {tool}")
    return found


def _content(path: str) -> str:
    try:
        raw = read_regular(path, _LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(raw) > _LARGEST:
        raise UsageError(f"{path} is larger than {_LARGEST >> 20} MiB")
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text") from None


def _read(path: str, name: str, content: str, tool: str, rules: Collection[str]) -> Foreign:
    gitleaks = tool if tool in _OF_GITLEAKS else _one_of_gitleaks(name)
    if gitleaks_ignore.recognised(name, content):
        return gitleaks_ignore.read(gitleaks, name, content)
    if gitleaks_config.recognised(content):
        return gitleaks_config.read(gitleaks, name, path, rules)
    if content.lstrip()[:1] in ("{", "["):
        found = _of_json(name, content, gitleaks)
    else:
        found = _of_yaml(name, content)
    if found is None:
        raise UsageError(f"{path} is not recognised: {_UNKNOWN}")
    return found


def _one_of_gitleaks(name: str) -> str:
    return _OF_GITLEAKS["betterleaks" in name.lower()]


def _of_json(name: str, content: str, gitleaks: str) -> Foreign | None:
    lines: list[object] = list(_lines(content))
    document = lines[0] if len(lines) == 1 else from_json(content.encode()) if not lines else None
    if gitleaks_report.recognised(document):
        return gitleaks_report.read(gitleaks, name, document)
    if detect_secrets.recognised(document):
        return detect_secrets.read(name, document)
    if ggshield.recognised_cache(document):
        return ggshield.read_cache(name, document)
    objects = list(tables(document if isinstance(document, list) else lines or [document]))
    if any(map(trufflehog.recognised, objects)):
        return trufflehog.read(name, objects)
    if any(map(kingfisher.recognised, objects)):
        return kingfisher.read(name, objects)
    return None


def _lines(content: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of JSON lines; nothing if a line begins as one and is none.

    Lines between them are passed over: programs print what they do.
    """
    found = []
    for line in content.split("\n"):
        if line.startswith("{"):
            try:
                entry = bounded(json.loads(line), len(line))
            except (ValueError, RecursionError):
                return
            if isinstance(entry, dict):
                found.append(entry)
    yield from found


def _of_yaml(name: str, content: str) -> Foreign | None:
    if len(content) > _LARGEST_SETTINGS:
        raise UsageError(f"{name} is larger than {_LARGEST_SETTINGS >> 20} MiB")
    document = parsed(content.encode())
    if kingfisher.recognised_baseline(document):
        return kingfisher.read_baseline(name, document)
    return ggshield.read(name, document) if ggshield.recognised(document) else None
