"""Shell scripts in YAML values: a variable in place of a secret, quoted as it has to be there."""

from scanner.remediate.rewrite.config import shell_quotes
from scanner.remediate.rewrite.config.yaml_literal import Found, part
from scanner.remediate.rewrite.config.yaml_scalar import decoded, within
from scanner.remediate.rewrite.edit import Edit, Literal, Refusal

UNCLEAR = "it is in a here-document or among quotes and escapes; set a variable there by hand"


def locate(found: Found, start: int, end: int) -> Literal | Refusal:
    """Return the secret alone; what surrounds it is a command."""
    before = _before(found, start)
    if before is None:
        return Refusal(UNCLEAR)
    where = shell_quotes.context(before)
    text = part(found.document.content, found.scalar, start, end, shell_quotes.assigned(before))
    if isinstance(text, Refusal):
        return text
    constant = shell_quotes.constant(text.value.reveal().decode(), where)
    return text if constant and where != shell_quotes.UNCLEAR else Refusal(UNCLEAR)


def in_comment(found: Found, literal: Literal) -> bool:
    """Tell whether no shell reads the literal."""
    before = _before(found, literal.start)
    return before is not None and shell_quotes.context(before) == shell_quotes.COMMENT


def edit(found: Found, literal: Literal, variable: str) -> Edit | Refusal:
    """Return the edit that puts `"${variable}"` in the place of the secret."""
    before = _before(found, literal.start)
    where = shell_quotes.UNCLEAR if before is None else shell_quotes.context(before)
    text = shell_quotes.quoted(f"${{{variable}}}", where)
    if text is None:
        return Refusal(UNCLEAR)
    content = found.document.content
    return within(content, found.scalar, literal.start, literal.end, text.encode())


def _before(found: Found, start: int) -> str | None:
    scalar = found.scalar
    raw = found.document.content[scalar.left : start]
    if scalar.style in ("|", ">"):
        return raw.decode("utf-8", "replace")
    return decoded(raw, scalar.style)
