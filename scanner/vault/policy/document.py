"""What a policy is to its renderers."""

from enum import Enum
from typing import NamedTuple


class Role(Enum):
    """Who a policy is for."""

    WRITER = "writer"  # moves secrets: creates, reads back, replaces; never deletes
    READER = "reader"  # the program that uses them


class Document(NamedTuple):
    """A policy. `title` says what it is, `text` is what the store takes, `note` what to do."""

    title: str
    text: str
    note: str
