"""Addresses and names of Secrets: `k8s://NAMESPACE/PREFIX` and the entries below it.

Names follow https://kubernetes.io/docs/concepts/overview/working-with-objects/names/.
"""

import re
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl

from scanner.errors import UsageError
from scanner.report.escape import as_bytes, visible

_LONGEST_NAME = 253
_LONGEST_NAMESPACE = 63
_HASH = 8
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_OTHER = re.compile("[^a-z0-9]+")


class Place(NamedTuple):
    """Where entries stand, and which cluster that is; `query` is the options as they were given."""

    namespace: str
    prefix: str
    query: str
    context: str
    kubeconfig: str
    immutable: bool

    @property
    def uri(self) -> str:
        """Return the base as a URI."""
        return self._uri(self.prefix)

    def address(self, name: str) -> str:
        """Return the URI of the entry `name`."""
        return f"{self._uri(self.secret(name))}#value"

    def secret(self, name: str) -> str:
        """Return the name that the Secret of the entry `name` has in its namespace."""
        return f"{self.prefix}-{name}" if self.prefix else name

    def entry(self, secret: str) -> str:
        """Return the name of the entry that a Secret holds; empty if it is not below the base."""
        start = self.secret("")
        return secret[len(start) :] if secret.startswith(start) else ""

    def fit(self, name: str) -> str:
        """Return `name` as part of a DNS-1123 subdomain, with a hash if it had to be changed."""
        room = _LONGEST_NAME - len(self.secret(""))
        if len(name) <= room and is_name(name):
            return name
        digest = sha256(as_bytes(name)).hexdigest()[:_HASH]
        words = _OTHER.sub("-", name.lower()).strip("-")[: room - _HASH - 1].strip("-")
        return f"{words}-{digest}" if words else digest

    def _uri(self, path: str) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"k8s://{self.namespace}/{path}{query}"


def is_name(text: str) -> bool:
    """Tell whether an object can be called so: a DNS-1123 subdomain."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def parse(parts: SplitResult) -> Place:
    """Return the place that a URI names. Raises UsageError, saying what it should look like."""
    namespace, prefix = parts.netloc, parts.path.strip("/")
    if len(namespace) > _LONGEST_NAMESPACE or not _NAMESPACE.fullmatch(namespace):
        raise UsageError(
            f"k8s://{visible(namespace)} names no namespace: k8s://NAMESPACE/PREFIX, in lower case"
        )
    if prefix and not is_name(prefix):
        raise UsageError(
            f"the prefix {visible(prefix)} cannot begin the name of a Secret:"
            " lower-case letters, digits, - and . only"
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    context, kubeconfig = options.pop("context", ""), options.pop("kubeconfig", "")
    immutable = options.pop("immutable", "false")
    if options or immutable not in ("true", "false"):
        raise UsageError(
            f"k8s:// does not understand ?{visible(parts.query)};"
            " it takes context=, kubeconfig= and immutable=true"
        )
    return Place(namespace, prefix, parts.query, context, kubeconfig, immutable == "true")
