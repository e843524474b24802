"""Facts as custom metadata of a KV secret, among labels that others may have put there.

Custom metadata belongs to a secret, not to one of its versions, and has at most 64 keys with values
of 1 to 512 bytes: https://openbao.org/api-docs/secret/kv/kv-v2/#create-update-metadata
"""

from collections.abc import Iterator, Mapping

OPERATION = "leakseal-operation"
VERSION = "leakseal-version"  # the one that the facts are about
_FACT = "leakseal_"
_ROOM = 512  # bytes
_CHARACTERS = 128  # that fit into them whatever they are


def labels(
    operation: str, facts: Mapping[str, str], version: str, standing: Mapping[str, str]
) -> dict[str, str]:
    """Return the labels for `version`, and those of others that are in `standing`.

    An empty fact is left out: there are no empty labels.
    """
    mine = {OPERATION: operation, VERSION: version}
    for name, value in facts.items():
        mine.update(_spread(_FACT + name, value))
    return foreign(standing) | mine


def foreign(standing: Mapping[str, str]) -> dict[str, str]:
    """Return the labels in `standing` that are not leakseal's."""
    return {
        name: value
        for name, value in standing.items()
        if name not in (OPERATION, VERSION) and not name.startswith(_FACT)
    }


def facts(standing: Mapping[str, str], version: str) -> dict[str, str]:
    """Return the facts about `version`; none if the labels are about another."""
    if standing.get(VERSION) != version:
        return {}
    found: dict[str, str] = {}
    for name, value in sorted(standing.items()):  # "x" before "x.2"
        if name.startswith(_FACT):
            fact = name.removeprefix(_FACT).partition(".")[0]
            found[fact] = found.get(fact, "") + value
    return found


def _spread(name: str, value: str) -> Iterator[tuple[str, str]]:
    step = _ROOM if len(value.encode()) <= _ROOM else _CHARACTERS
    for number, start in enumerate(range(0, len(value), step), 1):
        yield f"{name}.{number}" if number > 1 else name, value[start : start + step]
