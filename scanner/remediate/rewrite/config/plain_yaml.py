"""YAML of no known program: a placeholder."""

import re

from scanner.remediate.rewrite.bounds import NEVER
from scanner.remediate.rewrite.config.field import NOTE, PLACEHOLDER
from scanner.remediate.rewrite.config.yaml_literal import Found, Substituting
from scanner.remediate.rewrite.edit import Language

_NUMBER = re.compile(r"[-+]?[0-9][0-9_.eE+-]*")


class _Plain(Substituting):
    """A placeholder is a text, so a number has to stay."""

    def _unsuited(self, found: Found, start: int) -> str:
        number = not found.scalar.style and _NUMBER.fullmatch(found.scalar.value)
        return "it is a number, and a placeholder would be a text" if number else ""


LANGUAGE: Language = _Plain("yaml", PLACEHOLDER.format, NEVER, NOTE)
