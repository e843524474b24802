"""Whether the text that a rule for passwords captured is meant as one, by how it is written.

Such rules know a place (`PGPASSWORD=`, `ansible_password:`), and what stands there may as well be a
variable, a member of an object or the beginning of a sentence.
"""

import re

from scanner.detect.assignment import Style
from scanner.detect.shapes import not_a_literal
from scanner.detect.words import worded
from scanner.model import Rule

_QUOTES = frozenset((b'"', b"'", b"`"))
_WORDED = 0.8
_MEMBER = re.compile(rb"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+[;,.]?\Z")
_HUMPED = re.compile(rb"[a-z]+(?:[A-Z][a-z]+)+[;,.]?\Z")


def is_literal(rule: Rule, secret: bytes, around: tuple[bytes, bytes]) -> bool:
    """Tell whether `secret`, which `rule` captured between the bytes `around` it, is no code."""
    before, after = around
    quoted = before in _QUOTES or (before, after) == (b">", b"<")
    # Signs begin a password in a connection string as well as any letter does.
    style = Style.QUOTED if quoted or rule.kind == "connection-string" else Style.CONFIGURED
    # Placeholders and texts in order have been seen to before.
    if not_a_literal(secret, style) not in ("", "placeholder"):
        return False
    if quoted:
        # Where a blank ends it, a text goes on.
        return after not in (b" ", b",") or worded(secret) < _WORDED
    return not ((_MEMBER.match(secret) or _HUMPED.match(secret)) and worded(secret) >= _WORDED)
