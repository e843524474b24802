"""Helm charts: a value is taken out of the values file and given at the installation.

https://helm.sh/docs/helm/helm_install/
"""

import re

from scanner.remediate.rewrite.config.yaml_literal import find, literal, problem, whole
from scanner.remediate.rewrite.config.yaml_scalar import Path
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction
from scanner.report.escape import visible

_ACTION = re.compile(rb"^[ \t]*(?:-[ \t]+)?(?:[^\s#'\"]+:[ \t]+)?\{\{", re.MULTILINE)
_IN_TEMPLATE = "it is in a template; put it into a Secret that the template names"


class _Helm:
    """Values files. A template is no YAML, and what it renders is stored in clear by Helm."""

    name = "helm"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the whole value, since that is what `--set-file` gives."""
        found = find(content, start, end)
        if isinstance(found, Literal):
            return found
        if _ACTION.search(content):
            return Refusal(_IN_TEMPLATE)
        if isinstance(found, Refusal):
            return found
        scalar = found.scalar
        if b"{{" in content[scalar.left : scalar.right]:
            return Refusal(_IN_TEMPLATE)
        text = whole(scalar)
        if scalar.style in ("|", ">") and literal(found, start, end) != text:
            return Refusal("it is part of a longer text; put that into a Secret of its own")
        return text

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Empty the value."""
        found = find(content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        if isinstance(found, Literal):
            return redaction(found)
        flag = f"--set-file '{_argument(found.scalar.path)}=FILE'"
        note = f"give it with helm {flag}, or name a Secret if the chart has existingSecret"
        return Rewrite((Edit(literal.start, literal.end, b'""'),), "", note)

    def problem(self, content: bytes) -> str:
        """Return why a values file is not well-formed."""
        return problem(content)


def _argument(path: Path) -> str:
    """Return a path as `--set` takes it: `a.b[0].c`, with a backslash before marks in keys."""
    steps = (
        f"[{s}]" if isinstance(s, int) else "." + re.sub(r"[.,=\\[\]]", r"\\\g<0>", s)
        for s in path[1:]
    )
    return visible("".join(steps).removeprefix("."))


LANGUAGE: Language = _Helm()
