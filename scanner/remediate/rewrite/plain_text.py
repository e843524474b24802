"""Comments and documents that people read: a secret becomes `[REDACTED]`."""

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import unfit
from scanner.remediate.rewrite.edit import Edit, Literal, Refusal, Rewrite

REDACTED = b"[REDACTED]"


def redaction(literal: Literal) -> Rewrite:
    """Return the rewrite of something that no program reads."""
    return Rewrite((Edit(literal.start, literal.end, REDACTED),), "", "")


class Text:
    """Text for people, of any markup."""

    def __init__(self, name: str) -> None:
        """Take the name of the format."""
        self.name = name

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return just what was found."""
        return unfit(content) or Literal(start, end, Secret(content[start:end]), "")

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Redact it."""
        return redaction(literal)

    def problem(self, content: bytes) -> str:
        """Return nothing: any text is well-formed."""
        return ""
