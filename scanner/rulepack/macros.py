"""Named pieces that patterns share, written `{{name}}` in a rule.

`left`, `right`  the token neither continues to the left nor to the right
`assign`         from the end of a keyword to the start of the value it names: the rest of the
                 name, closing quotes, a type, an operator or blanks, opening quotes
`quote`          one quotation mark, escaped or not
`key`            after a provider's name: at most 24 characters, a word such as key, token or
                 secret in any case, and `assign`
`given`          after a provider's name that is no ordinary word: `key`, or an operator at once, a
                 call's quoted argument, the first entry of a mapping, a parameter such as
                 `api_key=` of an address, or a hyphen or "is" after the word
"""

import re

from scanner.errors import RuleError

_QUOTE = r"(?:\\{0,3}[\"'`])"
_OPERATOR = r"(?:=>|:=|===?|=|:|>|,|\(|\|\|?|\?\?|[ \t]value=)"
_WORD = "(?:key|token|secret|private|access|auth|password|passwd|credential|license|jwt)"
_TYPE = r"(?::[ \t]{0,3}[A-Za-z&<>\[\]?.']{1,32}[ \t]{0,3}(?==))"

_ASSIGN = (
    rf"[A-Za-z0-9_.\-]{{0,40}}+(?:{_QUOTE}|[\])}}]){{0,3}}"
    rf"(?:[ \t]{{0,20}}{_TYPE}?{_OPERATOR}[ \t]{{0,20}}|[ \t]{{1,20}})"
    rf"(?:{_QUOTE}|[(\[{{<]){{0,3}}"
)

_KEY = rf"[A-Za-z0-9_.\- ]{{0,24}}?(?i:{_WORD})"
_PROSE = rf"[ ]is:?[ ]{_QUOTE}?"
_AT_ONCE = rf"{_QUOTE}?[ \t]{{0,20}}(?:=>|:=|===?|=|:|>)[ \t]{{0,20}}{_QUOTE}?"
_ARGUMENT = (
    rf"{_QUOTE}?[A-Za-z_\-]{{0,16}}?(?i:{_WORD})[A-Za-z_]{{0,8}}{_QUOTE}?"
    r"[ \t]{0,3}(?:=>|[=:])[ \t]{0,3}"
)
_CALL = rf"[A-Za-z0-9_.]{{0,40}}+\([ \t]{{0,9}}\{{?[ \t]{{0,9}}(?:{_ARGUMENT})?{_QUOTE}"
_NESTED = rf"{_QUOTE}?[ \t]{{0,9}}(?:=>|[=:])[ \t]{{0,9}}[\[({{][ \t]{{0,9}}{_ARGUMENT}{_QUOTE}"
_QUERY = rf"[^\s\"'<>`]{{0,200}}?[?&](?i:[a-z_\-]{{0,16}}?{_WORD}[a-z_\-]{{0,12}})="

MACROS = {
    "left": r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))",
    "right": r"(?![A-Za-z0-9])",
    "quote": _QUOTE,
    "assign": _ASSIGN,
    "key": _KEY + _ASSIGN,
    "given": f"(?:{_KEY}(?:{_ASSIGN}|-|{_PROSE})|{_AT_ONCE}|{_CALL}|{_NESTED}|{_QUERY})",
}

_MACRO = re.compile(r"\{\{([a-z]+)\}\}")


def expand(pattern: str) -> str:
    """Return `pattern` with every `{{name}}` replaced; raise RuleError for an unknown name."""

    def piece(match: re.Match[str]) -> str:
        name = match[1]
        if name not in MACROS:
            raise RuleError(f"unknown macro {{{{{name}}}}}; known are {', '.join(sorted(MACROS))}")
        return MACROS[name]

    return _MACRO.sub(piece, pattern)
