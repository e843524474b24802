"""The names that a user wishes for, from a YAML file with a list `names`.

names:
- path: deploy/*          # globs; what is left out matches anything
  name: password          # the variable or key in the file
  variable: DEPLOY_PASSWORD
  entry: "ops/{variable}"
"""

from typing import Any

import yaml

from scanner.errors import UsageError
from scanner.remediate.naming import Naming
from scanner.report.escape import visible

_LARGEST = 1 << 20


def load(path: str) -> tuple[Naming, ...]:
    """Return the wishes in the file `path`; raise UsageError if it is not well-formed."""
    try:
        with open(path, "rb") as file:
            text = file.read(_LARGEST)
        members = yaml.safe_load(text)
        wishes = members["names"]
        return tuple(_wish(wish) for wish in wishes)
    except OSError as error:
        raise UsageError(f"{visible(path)} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{visible(path)} is no list `names` of {', '.join(Naming._fields)}"
        ) from None


def _wish(members: dict[str, Any]) -> Naming:
    wish = Naming(**members)
    if not all(isinstance(value, str) for value in wish):
        raise ValueError
    return wish
