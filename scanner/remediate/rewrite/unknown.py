"""Files whose language leakseal does not know: nothing in them is replaced."""

from scanner.remediate.rewrite.edit import Language, Literal, Refusal, Rewrite

_REFUSAL = Refusal("leakseal does not know the language of the file")


class _Unknown:
    name = "unknown"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        return _REFUSAL

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        return _REFUSAL

    def problem(self, content: bytes) -> str:
        return ""


LANGUAGE: Language = _Unknown()
