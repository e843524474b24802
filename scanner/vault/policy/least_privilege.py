"""The least rights that entries need, as policies of the stores they are in. No store is asked."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import SplitResult, urlsplit

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.policy import aws, hashicorp, kubernetes
from scanner.vault.policy.document import Document, Role

_Renderer = Callable[[list[SplitResult], Role, str], list[Document]]
_RENDERERS: dict[str, _Renderer] = {
    "vault": hashicorp.render,
    "aws-sm": aws.secrets_manager,
    "ssm": aws.parameter_store,
    "k8s": kubernetes.render,
}
_FILES = ("sops", "kdbx")


def documents(uris: Iterable[str], roles: Sequence[Role], account: str) -> list[Document]:
    """Return the policies that grant what `roles` need on the entries at `uris`, and no more.

    `account` is the number of the AWS account, or `*`. Raises UsageError for a URI that is not one
    of an entry, or whose name a policy cannot express exactly.
    """
    by_scheme: dict[str, list[SplitResult]] = defaultdict(list)
    for uri in dict.fromkeys(uris):
        parts = _split(uri)
        by_scheme[parts.scheme].append(parts)
    found = []
    for scheme, entries in by_scheme.items():
        if scheme in _FILES:
            found.append(_no_policy(scheme))
            continue
        for role in roles:
            found += _RENDERERS[scheme](entries, role, account)
    return found


def uris_of_plan(content: bytes) -> list[str]:
    """Return the URIs of the entries in a plan in JSON; raise UsageError if it is no such plan."""
    try:
        plan = json.loads(content)
        uris = [entry["uri"] for entry in plan["entries"]]
    except (ValueError, RecursionError):
        raise UsageError("the plan is not JSON") from None
    except (LookupError, TypeError):
        uris = [None]
    if not all(isinstance(uri, str) for uri in uris):
        raise UsageError('the plan does not have "entries", each with a "uri"')
    return uris


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise UsageError(f"{visible(uri)} is no URI of an entry") from None
    if parts.scheme not in (*_RENDERERS, *_FILES) or "@" in parts.netloc:
        raise UsageError(f"{visible(uri)} is no URI of an entry that a policy could be made for")
    return parts


def _no_policy(scheme: str) -> Document:
    return Document(
        f"{scheme}: no policy",
        "# Nothing to grant: no server stands between a file and its readers.\n",
        "who has the file and its key can read every entry; keep the key from others",
    )
