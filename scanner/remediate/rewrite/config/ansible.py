"""Ansible playbooks, roles and variable files: values are Jinja templates.

https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_lookups.html
"""

import re

from scanner.remediate.rewrite.config.yaml_literal import Found, Substituting, key_of
from scanner.remediate.rewrite.edit import Language, Literal, Refusal

_VAULT = b"$ANSIBLE_VAULT;"
_EXPRESSIONS = ("when", "that", "until", "changed_when", "failed_when", "loop_control", "var")
_NOTE = "{} is read where ansible runs, empty if not set; community.hashi_vault asks Vault instead"


class _Ansible(Substituting):
    """Templates are evaluated in values, not where an expression is expected."""

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value that holds the secret, or the secret in it."""
        if content.startswith(_VAULT):
            return Refusal("ansible-vault has encrypted the file")
        return super().locate(content, start, end)

    def _unsuited(self, found: Found, start: int) -> str:
        content, scalar = found.document.content, found.scalar
        if key_of(scalar.path) in _EXPRESSIONS:
            return "it is in an expression, which takes no template"
        before = content[scalar.left : start]
        if before.rfind(b"{{") > before.rfind(b"}}") or before.rfind(b"{%") > before.rfind(b"%}"):
            return "it is inside a template; write lookup('env', …) there by hand"
        return ""


LANGUAGE: Language = _Ansible(
    "ansible",
    lambda variable: f"{{{{ lookup('env', '{variable}') }}}}",
    re.compile(rb"\{[{%#]"),
    _NOTE,
)
