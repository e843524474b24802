"""What a person says was done outside of leakseal: about which finding, and in which words."""

import re
from collections.abc import Iterable, Mapping

from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.remediate.ledger.record import ATTESTED, Record, State, Step, Subject
from scanner.remediate.reported import Reported
from scanner.report.escape import visible
from scanner.rulepack.pack import builtin

_PREFIX = re.compile(r"(?:(?:hmac-sha256|scrypt):)?([0-9a-f]{8,40})")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,19}")
_NEED_REASON = frozenset((State.ACCEPTED, State.CLOSED))
STATES = (
    *(State.ACCEPTED, State.DEPLOYED, State.ROTATED, State.REVOKED, State.PURGED, State.CLOSED),
)


def subject(prefix: str, history: Iterable[Record], reported: Reported | None) -> Subject:
    """Return the finding whose fingerprint begins with `prefix`, of the ledger or of a report.

    Raises UsageError if there is none or more than one; what was given is not repeated, as it may
    be a secret that was taken for a fingerprint.
    """
    match = _PREFIX.fullmatch(prefix)
    if match is None:
        raise UsageError("that is no fingerprint; give at least its first 8 hexadecimal digits")
    known = _of_report(reported) if reported else {}
    for record in history:
        found = record.step.subject
        known[found.fingerprint] = known.get(found.fingerprint, found)._replace(
            **{name: value for name, value in found._asdict().items() if value}
        )
    fitting = [name for name in known if name.partition(":")[2].startswith(match[1])]
    if not fitting:
        raise UsageError("no finding of the ledger has this fingerprint; name its --report")
    if len(fitting) > 1:
        raise UsageError(f"{len(fitting)} findings begin like this; give more digits")
    return known[fitting[0]]


def _of_report(reported: Reported) -> dict[str, Subject]:
    algorithm = "hmac-sha256" if reported.keyed else "scrypt"
    found = {}
    for finding in reported.findings.values():
        path = visible(min(finding.paths, default=b""))
        name = f"{algorithm}:{finding.fingerprint}"
        found[name] = Subject(name, rule=finding.rule, path=path)
    return found


def attested(
    about: Subject, state: State, reason: str, evidence: Mapping[str, str], review_after: str
) -> Step:
    """Return the step by which a person attests `state`.

    Raises UsageError without a reason where one is needed, and for words that hold a secret.
    """
    if state in _NEED_REASON and not reason.strip():
        raise UsageError(f"say why with --reason; {state} needs one")
    for name, value in evidence.items():
        if not value or not _NAME.fullmatch(name):
            raise UsageError("evidence looks like ticket=OPS-17")
    said = "\n".join((reason, about.path, *evidence, *evidence.values()))
    found = Engine(builtin()).findings(said.encode("utf-8", "surrogateescape")).matches
    if found:
        raise UsageError(f"that holds what looks like a secret ({found[0].rule.id}); leave it out")
    return Step(
        state, about, outcome=ATTESTED, reason=reason, evidence=evidence, review_after=review_after
    )
