"""Spring's application and bootstrap files: `${X}` is taken from the environment.

https://docs.spring.io/spring-boot/reference/features/external-config.html (property placeholders)
"""

import re

from scanner.remediate.rewrite.config import properties_file
from scanner.remediate.rewrite.config.field import Field, Fields, Reference
from scanner.remediate.rewrite.config.yaml_literal import Substituting
from scanner.remediate.rewrite.config.yaml_scalar import read
from scanner.remediate.rewrite.edit import Language, Literal, Refusal, Rewrite

_KNOWN = re.compile(rb"[$#]\{")
_FIRST = re.compile(rb"(?>(?:[ \t]*(?:[#!][^\r\n]*)?[\r\n]+)*)[ \t]*[^\s=:#!]+[ \t]*=")


def _placeholder(variable: str) -> str:
    return f"${{{variable}}}"


def _reference(content: bytes, field: Field, variable: str) -> Reference:
    return Reference(_placeholder(variable), "")


_YAML = Substituting("spring", _placeholder, _KNOWN)
_PROPERTIES = Fields("spring", properties_file.find, properties_file.problem, _reference, _KNOWN)


def _reader(content: bytes) -> Language:
    """Return how `content` is read: as properties if its first entry has `=` or it is no YAML."""
    plain = _FIRST.match(content) or isinstance(read(content), Refusal)
    return _PROPERTIES if plain else _YAML


class _Spring:
    """Both formats, since a file's name alone decides which one it is."""

    name = "spring"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value that holds the secret, or the secret in it."""
        return _reader(content).locate(content, start, end)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put `${variable}` in its place."""
        return _reader(content).replace(content, literal, variable)

    def problem(self, content: bytes) -> str:
        """Return why the file is not well-formed."""
        return _reader(content).problem(content)


LANGUAGE: Language = _Spring()
