"""Which environment variable gets its value from where: `.leakseal/references.json`.

The file is committed with the code, and is what `leakseal run` reads. It holds addresses only.
"""

import json
from collections.abc import Iterable, Mapping

from scanner.errors import UsageError
from scanner.remediate.naming import carries
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible

PATH = b".leakseal/references.json"
EXAMPLE = b".env.example"
SCHEMA = "leakseal.references/1"


def load(tree: WorkTree) -> dict[str, str]:
    """Return the URI of the entry for each variable, none if there is no file.

    Raises UsageError if the file is not well-formed, or has a variable that programs take orders
    from, such as PATH.
    """
    if not tree.exists(PATH):
        return {}
    try:
        members = json.loads(tree.read(PATH))
        found = members["variables"] if members["schema"] == SCHEMA else None
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(uri, str) for uri in found.values()):
        raise UsageError(f"{visible(PATH)} is not well-formed; take it from the last commit")
    for variable in found:
        if not carries(variable):
            raise UsageError(f"{visible(PATH)} sets {visible(variable)}, which is not allowed")
    return found


def save(tree: WorkTree, references: Mapping[str, str]) -> None:
    """Write the references, sorted, one a line."""
    members = {"schema": SCHEMA, "variables": dict(sorted(references.items()))}
    tree.replace(PATH, (json.dumps(members, indent=1) + "\n").encode())


def add_to_example(tree: WorkTree, variables: Iterable[str]) -> None:
    """Name `variables` in `.env.example`, without values, where they are not named yet."""
    content = tree.read(EXAMPLE) if tree.exists(EXAMPLE) else b""
    lines = content.splitlines()
    known = {line.partition(b"=")[0].removeprefix(b"export ").strip() for line in lines}
    new = [name.encode() for name in sorted(variables) if name.encode() not in known]
    if not new:
        return
    ending = b"\r\n" if b"\r\n" in content else b"\n"
    if content and not content.endswith(b"\n"):
        content += ending
    tree.replace(EXAMPLE, content + b"".join(name + b"=" + ending for name in new))
