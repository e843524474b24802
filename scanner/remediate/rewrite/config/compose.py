"""Docker Compose files: values are interpolated from the environment and `.env`.

https://docs.docker.com/reference/compose-file/interpolation/
"""

import re

from scanner.model import Secret
from scanner.remediate.rewrite.config.yaml_literal import Found, Substituting, literal
from scanner.remediate.rewrite.edit import Language, Literal, Refusal

_REFERENCE = re.compile(rb"(?<!\$)(?:\$\$)*\$[A-Za-z_{]")


class _Compose(Substituting):
    """A dollar sign is written twice where it stands for itself."""

    def _literal(self, found: Found, start: int, end: int) -> Literal | Refusal:
        text = literal(found, start, end, _REFERENCE)
        if isinstance(text, Refusal):
            return text
        return text._replace(value=Secret(text.value.reveal().replace(b"$$", b"$")))


LANGUAGE: Language = _Compose(
    "compose", lambda variable: f"${{{variable}:?set {variable}}}", _REFERENCE
)
