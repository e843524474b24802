"""Stores at `vault://MOUNT/PATH`: a KV secrets engine of HashiCorp Vault or OpenBao."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import SplitResult

from scanner.vault.hashicorp_connection import Connection
from scanner.vault.hashicorp_login import log_in
from scanner.vault.hashicorp_place import Place
from scanner.vault.hashicorp_settings import settings
from scanner.vault.hashicorp_store import HashicorpStore
from scanner.vault.store import Store


def open_store(parts: SplitResult, environ: Mapping[str, str], folder: str) -> Store:
    """Return the store on the base that `parts` names; the server is not asked until it must be.

    Raises UsageError if the URI makes no sense.
    """
    return _store(Place.of_base(parts), environ)


def open_entry(parts: SplitResult, environ: Mapping[str, str], folder: str) -> tuple[Store, str]:
    """Return the store and the name of the entry at `vault://MOUNT/PATH#KEY`; see `open_store`."""
    place, name = Place.of_entry(parts)
    return _store(place, environ), name


def _store(place: Place, environ: Mapping[str, str]) -> Store:
    connection = Connection(
        settings(environ, place.options), partial(log_in, environ, place.options)
    )
    # Its capabilities are asked for when first read; mypy takes that for something else.
    return HashicorpStore(place, connection)
