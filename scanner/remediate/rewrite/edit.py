"""The values that a rewrite is made of. Offsets are bytes into the file's content."""

from typing import NamedTuple, Protocol

from scanner.model import Secret


class Literal(NamedTuple):
    """What holds a secret in a file, and is replaced as one.

    `start` and `end` enclose what is replaced. `value` is what a program sees there, with all
    escapes undone: that is what goes into the store, be it more than the secret that was found (a
    whole connection string). `name` is the variable, key or parameter it is given to, as it stands
    in the file; empty where there is none.
    """

    start: int
    end: int
    value: Secret
    name: str


class Refusal(NamedTuple):
    """Why a secret is not replaced by itself, in words for the one who has to."""

    reason: str


class Edit(NamedTuple):
    """Put `text` where `start` to `end` was. Equal edits of one file count once."""

    start: int
    end: int
    text: bytes


class Rewrite(NamedTuple):
    """How one literal is replaced.

    `environment` names the variable that must be set where the program runs, and equals the one
    asked for save where the format has its own rule (`TF_VAR_x`); empty if the platform gives the
    value and no environment (Kubernetes, GitHub Actions). `note` says what else a person has to do;
    empty where nothing is.
    """

    edits: tuple[Edit, ...]
    environment: str
    note: str


class Language(Protocol):
    """Knows one language or file format. All methods are pure functions of the content."""

    name: str

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return what to replace for the secret that was found from `start` to `end`."""
        ...

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Return how `literal` becomes a reference to `variable`, a name of `[A-Z0-9_]`.

        Imports and the like that the reference needs are edits of their own.
        """
        ...

    def problem(self, content: bytes) -> str:
        """Return why `content` is not well-formed, in a few words; empty if it is."""
        ...
