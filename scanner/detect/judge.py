"""Decides how far to believe a candidate: placeholder, entropy, structure, in this order."""

from scanner.detect.candidate import Candidate
from scanner.detect.randomness import entropy
from scanner.detect.structure import CHECKS
from scanner.detect.values import placeholder, reference, sequence
from scanner.model import Confidence, Rule

# What people type or paste holds no control characters; what does is a stretch of a binary file.
_TYPED = ("password", "connection-string", "api-key")
_CONTROL = bytes((*range(9), *range(14, 32), 127))

Judgement = tuple[Confidence, tuple[str, ...]]


def judge(rule: Rule, candidate: Candidate) -> Judgement | None:
    """Return the confidence in `candidate` with its reasons; None if it is no credential at all."""
    secret = candidate.secret
    if rule.method == "pattern" and (placeholder(secret) or reference(secret)):
        return None
    if rule.kind in _TYPED and secret.translate(None, _CONTROL) != secret:
        return None
    if entropy(secret) < rule.min_entropy:
        return None
    confidence = candidate.confidence or rule.confidence
    reasons = list(candidate.reasons)
    if rule.method == "pattern":
        reasons.append(f"has the form of: {rule.name}")
        if sequence(secret):
            confidence = _lowered(confidence)
            reasons.append("holds characters in order, as made-up keys do")
    for name in rule.checks:
        verdict = CHECKS[name](secret)
        if verdict.reason:
            reasons.append(verdict.reason)
        if verdict.ok is not None:
            confidence = Confidence.HIGH if verdict.ok else _lowered(confidence)
    return confidence, tuple(reasons)


def _lowered(confidence: Confidence) -> Confidence:
    return Confidence(max(Confidence.LOW, confidence - 1))
