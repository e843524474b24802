"""The values that a program's references stand for, from the stores they name."""

from collections.abc import Mapping

from scanner.report.escape import visible
from scanner.vault import choose
from scanner.vault.store import AbsentError, Store, StoreError, UnfitError


def secrets_for(
    references: Mapping[str, str], environ: Mapping[str, str], folder: str
) -> dict[bytes, bytes]:
    """Return the environment that `references`, from variable to URI, stand for.

    Each store is opened once. Raises StoreError, which names the variable, if one cannot be read,
    and UnfitError for a value that no environment variable can hold.
    """
    found = {}
    opened: dict[str, Store] = {}
    try:
        for variable, uri in sorted(references.items()):
            store, name = choose.entry(uri, environ, folder)
            kept = opened.setdefault(store.uri, store)
            if kept is not store:
                store.close()
            found[variable.encode()] = _value(variable, uri, kept, name)
    finally:
        for store in opened.values():
            store.close()
    return found


def _value(variable: str, uri: str, store: Store, name: str) -> bytes:
    try:
        value = store.read(name).value.reveal()
    except AbsentError:
        raise AbsentError(f"there is no {visible(uri)}, which {variable} refers to") from None
    except StoreError as error:
        raise StoreError(f"{variable} cannot be read: {error}") from None
    if b"\0" in value:
        raise UnfitError(f"{variable} holds a NUL byte, which no environment variable can")
    return value
