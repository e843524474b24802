"""What an entry of a KeePass database holds: a value, facts about it, earlier versions of both.

A value is the entry's password where that is safe, else an attachment. A password that somebody set
in KeePassXC wins over an attachment.
"""

import copy
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from scanner.model import Secret
from scanner.vault.keepass import tree
from scanner.vault.store import Held, IntegrityError

ATTACHMENT = "value.bin"
_FACT = "leakseal."  # how the names of the fields begin that hold facts
_LONGEST_TEXT = 32 << 10
# Control characters, what else XML 1.0 has no room for, the byte order mark, which KeePassXC drops,
# and its placeholders: where it shows or copies a password, {TITLE} has become the title.
_NOT_AS_TEXT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]|\\{[A-Za-z]")
_NOT_AS_FACT = re.compile('[\0-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]|^["\\s]|\\s$')


def versions(entry: Any) -> dict[str, Any]:
    """Return the element of every version by its name, oldest first; the last is the entry.

    The name is the time of the change. A second version in that second ends in `.2`.
    """
    found: dict[str, Any] = {}
    for element in (*entry.findall("History/Entry"), entry):
        name = when = tree.modified(element).strftime("%Y-%m-%dT%H:%M:%SZ")
        count = 1
        while name in found:
            count += 1
            name = f"{when}.{count}"
        found[name] = element
    return found


def latest(database: Any, entry: Any) -> Held:
    """Return what the entry holds."""
    version, element = list(versions(entry).items())[-1]
    return held(database, element, version)


def held(database: Any, element: Any, version: str) -> Held:
    """Return what one version holds. Raises IntegrityError if its attachment is missing."""
    texts = dict(tree.fields(element))
    facts = {
        name.removeprefix(_FACT): _fact(text)
        for name, text in texts.items()
        if name.startswith(_FACT)
    }
    value = texts.get("Password", "").encode() or _attached(database, element)
    return Held(Secret(value), version, facts)


def fill(database: Any, entry: Any, value: Secret, facts: Mapping[str, str]) -> str:
    """Put value and facts into a fresh entry and return the name of the version."""
    _set(database, entry, value, facts)
    return list(versions(entry))[-1]


def replace(database: Any, entry: Any, value: Secret, facts: Mapping[str, str]) -> str:
    """Put a value over the one that is there, which goes into the history; return the version."""
    earlier = copy.deepcopy(entry)
    history = entry.find("History")
    if history is None:
        history = tree.add(entry, "History")
    else:
        earlier.remove(earlier.find("History"))
    history.append(earlier)
    for name in [name for name, _ in tree.fields(entry) if name.startswith(_FACT)]:
        tree.remove_field(entry, name)
    for attached in _attachments(entry):
        entry.remove(attached)
    _set(database, entry, value, facts)
    after = tree.modified(earlier) + timedelta(seconds=1)  # the clock may have been set back
    tree.set_modified(entry, max(datetime.now(UTC), after))
    return list(versions(entry))[-1]


def _set(database: Any, entry: Any, value: Secret, facts: Mapping[str, str]) -> None:
    text = _as_text(value.reveal())
    tree.set_field(entry, "Password", text or "", protected=True)
    if text is None:
        attached = tree.add(entry, "Binary")
        tree.add(attached, "Key", ATTACHMENT)
        number = database.add_binary(value.reveal())
        tree.add(attached, "Value").set("Ref", str(number))
    for name, fact in facts.items():
        tree.set_field(entry, _FACT + name, json.dumps(fact) if _NOT_AS_FACT.search(fact) else fact)


def _as_text(value: bytes) -> str | None:
    if len(value) > _LONGEST_TEXT:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return None if _NOT_AS_TEXT.search(text) else text


def _fact(text: str) -> str:
    """Return a fact as it was given; what XML would not keep is there as a string in JSON."""
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text  # somebody else's


def _attachments(entry: Any) -> list[Any]:
    return [found for found in entry.findall("Binary") if found.findtext("Key") == ATTACHMENT]


def _attached(database: Any, entry: Any) -> bytes:
    found = _attachments(entry)
    if not found:
        return b""
    try:
        content: bytes = database.binaries[int(found[0].find("Value").get("Ref"))]
    except (LookupError, ValueError, TypeError, AttributeError):
        raise IntegrityError("an attachment of the KeePass database is missing") from None
    return content
