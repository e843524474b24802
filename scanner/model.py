"""The values that walk through the program: rules, matches, findings, coverage.

All are immutable. Content and paths are bytes; text appears at the edges (reports, command line).
"""

from enum import IntEnum
from typing import NamedTuple, NoReturn


class Severity(IntEnum):
    """How bad the leak is if the credential is live."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Confidence(IntEnum):
    """How sure we are that the match is a credential at all."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Secret:
    """Holds a credential's bytes; only `reveal` gives them out.

    `repr`, `str`, formatting and tracebacks show a redacted form, and pickling is refused, so a
    value cannot reach a log or another process by accident.
    """

    __slots__ = ("_value",)
    _value: bytes

    def __init__(self, value: bytes) -> None:
        """Wrap `value`, the credential as it is used, with every encoding undone."""
        object.__setattr__(self, "_value", value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a secret is immutable."""
        raise AttributeError(f"Secret is immutable, cannot set {name}")

    def reveal(self) -> bytes:
        """Return the credential itself."""
        return self._value

    def redacted(self) -> str:
        """Return a form that is safe to show: four leading characters and the length at most."""
        text = self._value.decode("utf-8", "replace")
        keep = min(4, len(text) // 4) if len(text) >= 12 else 0
        shown = "".join(c if c.isprintable() else "." for c in text[:keep])
        return f"{shown}…[{len(text)} characters]"

    def __eq__(self, other: object) -> bool:
        """Compare by value."""
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        """Hash by value; Python keys this with a random seed per process."""
        return hash(self._value)

    def __repr__(self) -> str:
        """Show no more than `redacted` does."""
        return f"Secret({self.redacted()})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied into another process."""
        raise TypeError("a Secret cannot be pickled; reveal() it on purpose")


class Withheld(Secret):
    """A credential of which only the redacted form is known, as from a saved report."""

    __slots__ = ()

    def __init__(self, redacted: str) -> None:
        """Take what `redacted` is to return."""
        super().__init__(redacted.encode("utf-8", "surrogateescape"))

    def reveal(self) -> NoReturn:
        """Raise ValueError: nobody here knows it."""
        raise ValueError("the credential itself is not known here")

    def redacted(self) -> str:
        """Return the form that was given."""
        return self._value.decode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        """Compare by the redacted form."""
        return isinstance(other, Withheld) and self._value == other._value

    __hash__ = Secret.__hash__


class Part(NamedTuple):
    """Another rule that has to match nearby for a rule to count.

    `lines` and `columns` say how far apart the two may begin at most, -1 for any distance in the
    same content.
    """

    rule: str
    lines: int = -1
    columns: int = -1


class Rule(NamedTuple):
    """One compiled rule: how to recognise a credential, and what to say about it.

    `far` tells that what the rule says of a keyword may depend on other lines than the keyword's,
    or on more than about a kilobyte of a long one. `rotation` is a hint, `companions` are ids of
    rules for the parts that belong to this credential, at most `within` lines away. Where `path` is
    not empty, only files whose path it is found in count. `engine` names the syntax of both
    patterns: `python` or `re2`. All of `required` have to match nearby; what a `silent` rule finds
    counts as such a part and is not reported.
    """

    id: str
    family: str
    name: str
    kind: str
    provider: str
    severity: Severity
    confidence: Confidence
    method: str
    keywords: tuple[str, ...]
    pattern: str
    lead: int
    checks: tuple[str, ...]
    min_entropy: float
    remediation: str
    rotation: str = ""
    companions: tuple[str, ...] = ()
    within: int = 0
    far: bool = True
    path: str = ""
    engine: str = "python"
    required: tuple[Part, ...] = ()
    silent: bool = False


class Allow(NamedTuple):
    """Something that is not to be reported, and why.

    It holds for the rules with the ids in `rules`, or for all if there are none. Its criteria are
    `patterns`, searched in the `target` ("secret", "match" or "line"), `words`, which the secret
    holds in any case, `filter`, an expression (docs/import.md) that is true of the match, `paths`,
    searched in the file's path, and `commits`, beginnings of the ids of commits that brought it in.
    One criterion is enough, or all that are given if `every`. Patterns and paths are in the syntax
    of `engine`.
    """

    reason: str
    rules: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    target: str = "secret"
    words: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    every: bool = False
    engine: str = "python"
    filter: str = ""


class Match(NamedTuple):
    """A credential found in some content.

    `start` and `end` are byte offsets into that content of the secret or, when `via` is not empty,
    of the encoded form that holds it. `line` and `column` count from 1 (column in characters) and
    belong to `start`. `via` names the decoding steps from the outermost inwards, such as
    `("zip:conf/app.env", "base64")`. `waits` holds the numbers of the pack's `allow` entries that
    the content satisfies and that also ask for a path or a commit.
    """

    rule: Rule
    secret: Secret
    start: int
    end: int
    line: int
    column: int
    confidence: Confidence
    reasons: tuple[str, ...]
    via: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()


class CommitInfo(NamedTuple):
    """Who committed what, when; `when` is the author date in ISO 8601 with its own UTC offset."""

    id: str
    author: bytes
    email: bytes
    when: str
    subject: bytes


class State(IntEnum):
    """Where a secret stands now, from the most to the least exposed."""

    HEAD = 1
    STAGED = 2
    WORKTREE = 3
    HISTORY = 4
    STASH = 5
    REFLOG = 6
    UNREACHABLE = 7
    METADATA = 8

    @property
    def words(self) -> str:
        """Return the state in words for a report."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    State.HEAD: "in HEAD",
    State.STAGED: "staged",
    State.WORKTREE: "in the working tree",
    State.HISTORY: "in history only",
    State.STASH: "in a stash",
    State.REFLOG: "in the reflog only",
    State.UNREACHABLE: "unreachable",
    State.METADATA: "in the git directory",
}


class Occurrence(NamedTuple):
    """One place where a secret stands or stood.

    `place` says what kind of thing holds it: "file" (a path in commits, the index or on disk),
    "commit" (message or headers), "tag", "ref", "path" (the file's name itself), "note" (a
    note of git's), "object" (a blob that no commit places), "git" (a file in the git directory),
    "stdin". `path` is relative to the root of the scan, or the ref name, or for a note REF:PATH, as
    `git show` takes it; empty where there is none.
    `object_id` is the hex id of the git object that was read, empty for files on disk.
    """

    place: str
    path: bytes
    object_id: str
    line: int
    column: int
    start: int
    end: int
    via: tuple[str, ...]
    state: State
    introduced: CommitInfo | None = None
    removed: CommitInfo | None = None


class Suppression(NamedTuple):
    """Why a finding does not count as a leak, and who says so.

    `kind` is "baseline" (the baseline has its fingerprint), "inline" (a comment on its line or the
    line before) or "allow" (an entry of the settings). `added` and `expires` are ISO 8601 dates;
    on the day after `expires` it counts again. What is not known is empty.
    """

    kind: str
    reason: str
    owner: str = ""
    added: str = ""
    expires: str = ""


class Finding(NamedTuple):
    """One secret with every place it was found in, most exposed place first.

    `companions` are the fingerprints of findings that belong with it: a key's id, a secret's key.
    `suppressions` is empty for a leak.
    """

    fingerprint: str
    rule: Rule
    secret: Secret
    confidence: Confidence
    reasons: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]
    companions: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


NOT_LISTED = "of the same kind"
"""The detail of what stands for many; its subject is `12 more`."""


class Skipped(NamedTuple):
    """Something that was not read, or not wholly, and why.

    `code` is one of the words in docs/coverage.md (`corrupt-object`, `over-size`, …). `incomplete`
    is False for what the user asked to leave out.
    """

    code: str
    subject: str
    detail: str
    incomplete: bool = True

    @property
    def things(self) -> int:
        """Return how many things this stands for: the last of a code may count those not listed."""
        number, _, more = self.subject.partition(" ")
        if self.detail == NOT_LISTED and more == "more" and number.isdecimal():
            return int(number) if len(number) < 16 else 1
        return 1


class Coverage(NamedTuple):
    """What a scan read and what it did not; `counts` maps names such as "blobs" to how many."""

    counts: dict[str, int]
    bytes_read: int
    skipped: tuple[Skipped, ...]

    @property
    def complete(self) -> bool:
        """Tell whether everything that was asked for was read."""
        return not any(s.incomplete for s in self.skipped)


class Absent(NamedTuple):
    """A secret that the baseline accepts and that is not there any more; `rule` is an id."""

    fingerprint: str
    rule: str
    path: str
    suppression: Suppression


class Report(NamedTuple):
    """The outcome of one scan, ready for any format.

    `target` is what was scanned, scrubbed of credentials; `head` the commit id of HEAD or empty;
    `started` and `ended` are UTC in ISO 8601. `findings` are the leaks, `suppressed` those that do
    not count as such, each with its suppressions; a secret that is allowed in some places only is
    in both. `baseline` names the baseline the findings were compared with, empty if none was.
    `absent` are its entries that a complete scan of everything did not find.
    `key` tells the key of the fingerprints from others, as in an Identity; empty if there are none.
    `hidden` are secrets that names and messages in the report hold and that are no findings of it.
    """

    target: str
    head: str
    branch: str
    origin: str
    findings: tuple[Finding, ...]
    coverage: Coverage
    started: str
    ended: str
    rules_digest: str
    key_source: str
    suppressed: tuple[Finding, ...] = ()
    baseline: str = ""
    key: str = ""
    hidden: tuple[Secret, ...] = ()
    absent: tuple[Absent, ...] = ()
