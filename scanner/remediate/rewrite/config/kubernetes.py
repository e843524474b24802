"""Kubernetes manifests: a container's variable is taken from a Secret.

https://kubernetes.io/docs/concepts/configuration/secret/
"""

from base64 import b64decode

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import newline
from scanner.remediate.rewrite.config.yaml_entry import indent, key_of_entry, removal
from scanner.remediate.rewrite.config.yaml_literal import Found, find, problem, whole
from scanner.remediate.rewrite.config.yaml_scalar import Path
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction
from scanner.report.escape import visible

KEY = "value"  # of a Secret that holds one value
_REPLACE = "replace the Secret by what `leakseal migrate emit` writes"
_CONFIG_MAP = "a ConfigMap cannot refer to a Secret; move the entry and name the Secret in the pod"
_ELSEWHERE = "no reference can stand here; give the container an env from a Secret and use $(NAME)"


class _Kubernetes:
    """Objects as kubectl applies them."""

    name = "kubernetes"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value of a container's variable, or an entry of a Secret."""
        found = find(content, start, end)
        if not isinstance(found, Found):
            return found
        path, document = found.scalar.path, found.document
        if _is_variable(path):
            if "$(" in found.scalar.value:
                return Refusal("the value names other variables, which a Secret's value cannot")
            return whole(found.scalar)._replace(name=document.value((*path[:-1], "name")))
        kind = document.value((*path[:-2], "kind"))
        if kind == "Secret" and path[-2] in ("data", "stringData"):
            return _entry(found)
        return Refusal(_CONFIG_MAP if kind == "ConfigMap" else _ELSEWHERE)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put `valueFrom` in the place of `value`, or take the entry out of its Secret."""
        found = find(content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        if isinstance(found, Literal):
            return redaction(found)
        if _is_variable(found.scalar.path):
            return _from_secret(found, variable)
        changed = removal(found.document, found.scalar)
        if isinstance(changed, Refusal):
            return changed
        lost = visible(str(found.scalar.path[-1]))
        note = f"the Secret lacks {lost} when this is applied: {_REPLACE}"
        return Rewrite((changed,), "", note)

    def problem(self, content: bytes) -> str:
        """Return why the file is not well-formed YAML."""
        return problem(content)


def _is_variable(path: Path) -> bool:
    return len(path) > 3 and path[-3] == "env" and isinstance(path[-2], int) and path[-1] == "value"


def _entry(found: Found) -> Literal | Refusal:
    document, scalar = found.document, found.scalar
    owner = scalar.path[:-2]
    entries = [key for name in ("data", "stringData") for key in document.keys((*owner, name))]
    if len(entries) < 2:
        return Refusal(f"it is the only entry; {_REPLACE}")
    text = whole(scalar)
    if scalar.path[-2] == "stringData":
        return text
    try:
        return text._replace(value=Secret(b64decode("".join(scalar.value.split()), validate=True)))
    except ValueError:
        return Refusal("the entry is not in base64")


def secret_name(variable: str) -> str:
    """Return the name of the Secret that a container is told to take `variable` from."""
    return variable.lower().replace("_", "-").strip("-")


def _from_secret(found: Found, variable: str) -> Rewrite | Refusal:
    name = secret_name(variable)
    key = key_of_entry(found.document, found.scalar)
    if isinstance(key, Refusal):
        return key
    if not name:
        return Refusal("no name for a Secret can be made of the variable's")
    content = found.document.content
    if found.scalar.flow:
        text = f'"valueFrom": {{"secretKeyRef": {{"name": "{name}", "key": "{KEY}"}}}}'
    else:
        lines = ("valueFrom:", "  secretKeyRef:", f"    name: {name}", f"    key: {KEY}")
        text = (newline(content) + indent(content, key)).decode().join(lines)
    note = f"the namespace needs a Secret {name} that has the value under the key {KEY!r}"
    return Rewrite((Edit(key.start, found.scalar.end, text.encode()),), "", note)


LANGUAGE: Language = _Kubernetes()
