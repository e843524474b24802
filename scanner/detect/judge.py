"""Decides how far to believe a candidate: placeholder, entropy, structure, in this order."""

from typing import NamedTuple

from scanner.detect.candidate import Candidate
from scanner.detect.randomness import entropy
from scanner.detect.structure import CHECKS, Standing
from scanner.detect.values import placeholder, reference, sequence
from scanner.model import Confidence, Rule

# What people type or paste holds no control characters; what does is a stretch of a binary file.
_TYPED = ("password", "connection-string", "api-key")
_BY_PLACE = ("password", "connection-string")
_CONTROL = bytes((*range(9), *range(14, 32), 127))


class Judgement(NamedTuple):
    """How far to believe a candidate and why.

    What is `disproved` looks like a credential and is none. It is not reported, nor is anything
    less specific in its place.
    """

    confidence: Confidence
    reasons: tuple[str, ...]
    disproved: bool = False


def judge(rule: Rule, candidate: Candidate) -> Judgement | None:
    """Return the confidence in `candidate` with its reasons; None if it is no credential at all."""
    secret = candidate.secret
    if rule.method == "pattern" and (placeholder(secret) or reference(secret)):
        return None
    if rule.kind in _TYPED and secret.translate(None, _CONTROL) != secret:
        return None
    if rule.kind in _BY_PLACE and rule.method == "pattern" and not rule.checks:
        from scanner.detect.captured import is_literal  # noqa: PLC0415 - few texts need it

        if not is_literal(rule, secret, candidate.around):
            return None
    if entropy(secret) < rule.min_entropy:
        return None
    confidence = candidate.confidence or rule.confidence
    reasons = list(candidate.reasons)
    if rule.method == "pattern":
        reasons.append(f"has the form of: {rule.name}")
        if sequence(secret):
            # Where a provider's form is met, a made-up key is still meant as one.
            key = rule.kind == "api-key"
            confidence = min(confidence, Confidence.MEDIUM) if key else _lowered(confidence)
            reasons.append("holds characters in order, as made-up keys do")
    for name in rule.checks:
        standing, reason = CHECKS[name](secret)
        if reason:
            reasons.append(reason)
        if standing == Standing.DISPROVED:
            return Judgement(Confidence.LOW, tuple(reasons), disproved=True)
        if standing == Standing.PROVED:
            confidence = Confidence.HIGH
        elif standing == Standing.DOUBTFUL:
            confidence = _lowered(confidence)
    return Judgement(confidence, tuple(reasons))


def believed(rule: Rule) -> Judgement:
    """Return how far to believe what is searched for: as far as its rule does."""
    return Judgement(rule.confidence, (f"has the form of: {rule.name}",))


def _lowered(confidence: Confidence) -> Confidence:
    return Confidence(max(Confidence.LOW, confidence - 1))
