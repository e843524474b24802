"""What manifests have in common: YAML, and names that Kubernetes takes.

A manifest is what is committed instead of a secret; it holds none in clear text.
"""

import re
from collections.abc import Mapping

import yaml

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.kubernetes.address import is_name

_KEY = re.compile(r"[-._A-Za-z0-9]{1,253}")


def document(manifest: Mapping[str, object]) -> bytes:
    """Return one YAML document in UTF-8, members in the order given."""
    return yaml.safe_dump(
        manifest, encoding="utf-8", sort_keys=False, explicit_start=True, width=10**9
    )


def check_name(what: str, name: str) -> None:
    """Raise UsageError if `name` cannot be the name of an object."""
    if not is_name(name):
        raise UsageError(f"{visible(name)} cannot be the name of a {what}: lower case, digits, - .")


def check_key(key: str) -> None:
    """Raise UsageError if `key` cannot be a key of a Secret."""
    if not _KEY.fullmatch(key):
        raise UsageError(f"{visible(key)} cannot be a key of a Secret: letters, digits, - _ . only")
