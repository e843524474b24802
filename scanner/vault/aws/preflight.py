"""What stands in the way of writing to a store of AWS, found without writing."""

from collections.abc import Callable, Iterable, Mapping

import boto3

from scanner.vault.aws.client import open_client
from scanner.vault.aws.errors import AwsError, DeclinedError, DeniedError
from scanner.vault.aws.place import Place
from scanner.vault.store import Entry, Problem

PROBE = "leakseal-preflight"  # a name that is looked up where no entry is given


def preflight(
    entries: Iterable[Entry],
    largest: int,
    fit: Callable[[str], str],
    look: Callable[[str], list[Problem]],
) -> list[Problem]:
    """Return the problems of `entries`; `look` asks AWS for those of one name.

    AWS is not asked any more after the first error: the others would be like it.
    """
    found = []
    names = []
    for entry in entries:
        if fit(entry.name) != entry.name:
            found.append(Problem("name", f"{entry.name}: AWS does not allow such a name"))
            continue
        names.append(entry.name)
        if not 0 < entry.size <= largest:
            found.append(Problem("size", unfit_size(entry.name, entry.size, largest)))
    try:
        for name in names or [PROBE]:
            found += look(name)
    except AwsError as error:
        found.append(Problem(error.problem, str(error)))
    return found


def unfit_size(where: str, size: int, largest: int) -> str:
    """Return the message for a value of `size` bytes that a store does not take."""
    if not size:
        return f"{where}: AWS keeps no empty value"
    return f"{where}: takes {size} bytes, more than the {largest} that AWS keeps here"


def already(where: str) -> Problem:
    """Return the remark that there is an entry at `where`."""
    return Problem(
        "taken", f"{where}: exists; it stays, and another value is a conflict", fatal=False
    )


def unwritten(actions: str) -> Problem:
    """Return the remark that `actions` cannot be tried without writing."""
    return Problem(
        "permission", f"whether {actions} are allowed shows only on writing", fatal=False
    )


def key_problems(session: boto3.Session, environ: Mapping[str, str], place: Place) -> list[Problem]:
    """Return what is wrong with the KMS key that `place` names."""
    key = place.options.kms
    if not key:
        return []
    client = open_client(session, "kms", environ)
    try:
        answer = client.call(place.uri, "describe_key", "KeyMetadata", KeyId=key)["KeyMetadata"]
    except DeniedError as error:
        return [Problem("encryption", f"the KMS key could not be looked at: {error}", fatal=False)]
    except DeclinedError:
        return [Problem("encryption", f"{place.uri}: KMS has no key {key} here")]
    except AwsError as error:
        return [Problem(error.problem, str(error))]
    finally:
        client.close()
    state, spec = answer.get("KeyState"), answer.get("KeySpec")
    if state == "Enabled" and spec == "SYMMETRIC_DEFAULT":
        return []
    return [
        Problem(
            "encryption",
            f"{place.uri}: the KMS key {key} is {state}, {spec}; it must be enabled and symmetric",
        )
    ]
