"""What shows that a finding of ours is what another tool knows: the strongest there is decides."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from scanner.foreign.agreement import agrees, solid
from scanner.foreign.kinship import akin, meant
from scanner.foreign.known import Known
from scanner.foreign.lines import on_lines, standing
from scanner.model import Finding, Occurrence
from scanner.report.escape import as_bytes

HASH, VALUE = "same hash", "same value"
COMMIT, LINE, ARCHIVE = "same line of that commit", "same line", "same file in the archive"
BY_VALUE = (HASH, VALUE)

NOT_HERE = "no finding of ours stands there"
_NO_FILE = "the file no longer exists, and no finding of ours stood there"
_NO_COMMIT = "that commit does not have the file, and no finding of ours stands there"
_NO_PLACE = "no finding of ours has that value, and it names no line"
_NO_HASH = "no finding of ours has that hash, and it names no line"
_REPLACED = "another value stands there now"
_SEVERAL = "several credentials stand there, and it does not tell which is meant"
_ARMOUR = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----")
_SHORTEST_PART = 8  # bytes of a value that counts as a part of another
_TYPES = (
    *("apikey", "token", "password", "client_secret", "client_id", "connection_uri", "url"),
    *("username", "secret", "webhook", "private_key", "key", "database_url", "uri"),
)
_PAIRS = (("client_id", "client_secret"), ("password", "username"), ("apikey", "host"))
_Reads = Callable[[str, str], bytes | None]


class Matched(NamedTuple):
    """The findings that are what `known` says, and what shows it; or why there are none."""

    known: Known
    findings: tuple[Finding, ...]
    by: str = ""
    why: str = ""


class _There(NamedTuple):
    """What stands at a place, by which evidence; the `text` of its lines; why nothing may."""

    by: str
    findings: tuple[Finding, ...]
    text: bytes = b""
    why: str = NOT_HERE


class Findings:
    """Findings of one repository, by whatever another tool may know of them."""

    def __init__(self, findings: Iterable[Finding], content: _Reads) -> None:
        """Take `findings`, whose secrets are known, and `content`.

        That returns what a commit has at a path, or what stands there on disk if the commit is
        empty; None if there is nothing.
        """
        self._all = tuple(findings)
        self._content = content
        self._by_value = {finding.secret.reveal(): finding for finding in self._all}
        self._by_path: dict[bytes, list[tuple[Finding, Occurrence]]] = {}
        for finding in self._all:
            for place in finding.occurrences:
                self._by_path.setdefault(place.path, []).append((finding, place))

    def of(self, known: Known) -> Matched:
        """Return what `known` stands for here."""
        for by, found in ((HASH, self._hashed(known)), (VALUE, self._valued(known))):
            if found:
                return Matched(known, found, by)
        if not (known.path and known.line):
            return Matched(known, (), why=_NO_HASH if known.signature or known.sha1 else _NO_PLACE)
        there = self._there(known)
        kin = tuple(finding for finding in there.findings if akin(known.rule, finding))
        if there.findings and not kin:
            names = ", ".join(dict.fromkeys(finding.rule.id for finding in there.findings))
            return Matched(known, (), why=f"what stands there is of another kind: {names}")
        unseen = there.by == COMMIT and not there.text
        if len(kin) > 1 and not (known.values or known.sha1):
            kin = meant(known.rule, kin)
            if not kin:
                return Matched(known, (), why=_SEVERAL)
        same = tuple(f for f in kin if unseen or agrees(known, f, there.text))
        if kin and not same:
            return Matched(known, (), why=_REPLACED)
        return Matched(known, same, there.by) if same else Matched(known, (), why=there.why)

    def _hashed(self, known: Known) -> tuple[Finding, ...]:
        found = None
        if known.sha1:
            found = self._by_sha1.get(known.sha1)
        elif known.signature:
            return self._by_signature.get(known.signature, ())
        return (found,) if found else ()

    def _valued(self, known: Known) -> tuple[Finding, ...]:
        """Return the findings whose value is given, or a part of one of several parts."""
        values = [secret.reveal() for secret in known.values]
        # Findings have what stands between the first and the last line of a key, in one.
        bodies = ((value, _ARMOUR.sub(b"", value)) for value in values)
        values += [solid(body) for value, body in bodies if body != value]
        found = [self._by_value[value] for value in values if value in self._by_value]
        here = self._by_path.get(as_bytes(known.path), ()) if values and known.path else ()
        found += [f for f, _ in here if _is_part(f.secret.reveal(), values)]
        return _once(found)

    def _there(self, known: Known) -> _There:
        """Return what stands at the place that `known` names."""
        here = self._by_path.get(as_bytes(known.path), [])
        outer, _, inner = known.path.partition("!")
        if inner and not here:
            held = self._by_path.get(as_bytes(outer), [])
            return _There(ARCHIVE, _once(f for f, p in held if _is_in(p.via, inner)))
        content = self._content(known.commit, known.path)
        last, text = max(known.line, known.end), b""
        if content is not None:
            text = on_lines(content, known.line, last)
            candidates = _once(finding for finding, _ in here)
            found = standing(content, known.line, last, candidates)
            if found:
                return _There(COMMIT if known.commit else LINE, found, text)
        on_line = [(f, p) for f, p in here if known.line <= p.line <= last]
        if not known.commit:
            why = NOT_HERE if content is not None or here else _NO_FILE
            return _There(LINE, _once(f for f, _ in on_line), text, why)
        then = [f for f, p in on_line if p.introduced and p.introduced.id == known.commit]
        if then or content is not None:
            return _There(COMMIT, _once(then))
        return _There(LINE, _once(f for f, _ in on_line), why=_NO_COMMIT)

    @cached_property
    def _by_sha1(self) -> Mapping[str, Finding]:
        return {
            hashlib.sha1(value, usedforsecurity=False).hexdigest(): finding
            for value, finding in self._by_value.items()
        }

    @cached_property
    def _by_signature(self) -> Mapping[str, tuple[Finding, ...]]:
        """Return findings by what ggshield makes of them: each alone, and with what belongs to it.

        It hashes the value and type of every part, sorted by type.
        """
        by_name = {finding.fingerprint: finding for finding in self._all}
        found: dict[str, tuple[Finding, ...]] = {}
        for finding in self._all:
            for type_ in _TYPES:
                found[_signature((finding, type_))] = (finding,)
            others = [by_name[name] for name in finding.companions if name in by_name]
            for first, second in _PAIRS:
                for other in others:
                    found[_signature((finding, first), (other, second))] = (finding, other)
        return found


def _signature(*parts: tuple[Finding, str]) -> str:
    text = b"".join(f.secret.reveal() + b"," + type_.encode() for f, type_ in parts)
    return hashlib.sha256(text).hexdigest()


def _is_in(via: Iterable[str], member: str) -> bool:
    """Tell whether the decoding steps `via` go through this member of an archive."""
    return any(step.partition(":")[2] == member for step in via)


def _is_part(secret: bytes, values: Iterable[bytes]) -> bool:
    return len(secret) >= _SHORTEST_PART and any(secret in value for value in values)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({finding.fingerprint: finding for finding in findings}.values())
