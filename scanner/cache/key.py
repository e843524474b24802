"""What a kept result is a result of."""

from typing import NamedTuple

from scanner.cache.engine import engine_name


class Key(NamedTuple):
    """Everything a result depends on; two keys that differ anywhere never share a result.

    `kind` says what the value is and how it is laid out, such as "pack/1".
    `content` names the bytes that were read. It must be a digest made over them: a checksum that a
    pack claims in its trailer or its name proves nothing, and whoever makes a pack can claim one
    that is known to be clean.
    `rules` is the digest of the rule pack (`RulePack.digest`).
    `options` are all settings that influence the value, such as `("lowest=2", "limit=268435456")`.
    """

    kind: str
    content: bytes
    rules: str
    options: tuple[str, ...] = ()
    engine: str = engine_name()

    def encoded(self) -> bytes:
        """Return the key as bytes; no two keys have the same."""
        texts = (self.kind, self.rules, self.engine, *self.options)
        fields = (self.content, *(text.encode("utf-8", "surrogatepass") for text in texts))
        return b"".join(len(field).to_bytes(8, "big") + field for field in fields)
