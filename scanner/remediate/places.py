"""What happens at every place of the values of a plan, tried out without changing anything."""

from typing import NamedTuple

from scanner.remediate.found import Held
from scanner.remediate.naming import carries
from scanner.remediate.plan import Place
from scanner.remediate.project import ProjectKey
from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Refusal

LARGEST_VARIABLE = 100_000  # bytes; Linux takes 128 KiB for one string of the environment


class Value(NamedTuple):
    """All places of one value, with the names chosen for it."""

    mac: str
    held: list[Held]
    variable: str
    name: str


def places_of(
    key: ProjectKey, values: list[Value], owners: dict[str, str]
) -> dict[str, list[Place]]:
    """Return the places of every value, in order, by trying what apply will do."""
    by_file: dict[bytes, list[tuple[Value, Held]]] = {}
    for value in values:
        for held in value.held:
            by_file.setdefault(held.path, []).append((value, held))
    places: dict[str, list[Place]] = {value.mac: [] for value in values}
    for path in sorted(by_file):
        for value, place in _file(key, by_file[path], owners):
            places[value.mac].append(place)
    return places


def _file(
    key: ProjectKey, pairs: list[tuple[Value, Held]], owners: dict[str, str]
) -> list[tuple[Value, Place]]:
    before = key.content(pairs[0][1].content)
    said: dict[int, tuple[str, str, str]] = {}  # action, environment and note by index
    for index, (value, held) in enumerate(pairs):
        problem = held.refusal or _unfit(held)
        if held.language is None and not held.refusal:
            environment = "" if _unfit(held) else value.variable
            said[index] = ("remove", environment, _removal(environment))
        elif problem:  # whoever replaces it by hand can refer to the variable all the same
            said[index] = ("refuse", "" if _unfit(held) else value.variable, problem)
    wanted = [index for index in range(len(pairs)) if index not in said]
    while wanted:
        clashing = False
        language = pairs[wanted[0]][1].language
        assert language is not None
        wishes = [Wanted(pairs[i][1].literal, pairs[i][0].variable) for i in wanted]
        first = pairs[0][1]
        rewrites = change(first.content, language, wishes, first.others).rewrites
        for index, rewrite in zip(wanted, rewrites, strict=True):
            mac = pairs[index][0].mac
            if isinstance(rewrite, Refusal):
                said[index] = ("refuse", pairs[index][0].variable, rewrite.reason)
            elif rewrite.environment and not _owned(owners, rewrite.environment, mac):
                said[index] = ("refuse", "", _taken(rewrite.environment))
                clashing = True
            else:
                said[index] = ("replace", rewrite.environment, rewrite.note)
        wanted = [i for i in wanted if said[i][0] == "replace"] if clashing else []
    return [
        (value, _place(held, before, *said[index])) for index, (value, held) in enumerate(pairs)
    ]


def _owned(owners: dict[str, str], environment: str, mac: str) -> bool:
    return carries(environment) and owners.setdefault(environment, mac) == mac


def _taken(environment: str) -> str:
    if not carries(environment):
        return f"programs take orders from the variable {environment}; give it another name"
    return f"the variable {environment} already stands for another value; rename one of them"


def _unfit(held: Held) -> str:
    value = held.literal.value.reveal()
    if b"\0" in value:
        return "it holds a NUL byte, which no environment variable can"
    if len(value) > LARGEST_VARIABLE:
        return f"it is larger than {LARGEST_VARIABLE} bytes, too large for an environment variable"
    return ""


def _removal(environment: str) -> str:
    given = f"leakseal run gives its content as ${environment}" if environment else "read the store"
    return f"the file is the secret and goes away; {given}"


def _place(held: Held, before: str, action: str, environment: str, note: str) -> Place:
    return Place(
        path=held.path.decode("utf-8", "surrogateescape"),
        line=held.line,
        start=held.literal.start,
        end=held.literal.end,
        language=held.language.name if held.language else "",
        action=action,
        environment=environment,
        note=note,
        before=before,
    )
