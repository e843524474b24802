"""Which names hold a secret: a plan, the ledger and a store's entries have names in clear."""

from collections.abc import Callable, Iterable

from scanner.detect.engine import Engine
from scanner.model import Confidence
from scanner.remediate.found import Held
from scanner.report.mask import Mask

Telling = Callable[[bytes], bool]


def telling(found: Iterable[Held], engine: Engine) -> Telling:
    """Return what tells whether a name has one of the secrets that were `found`, or another."""
    mask = Mask(dict.fromkeys(secret for held in found for _, _, secret in held.secrets))

    def tells(name: bytes) -> bool:
        matches = engine.findings(name).matches
        return mask.clean_name(name) != name or any(
            match.confidence >= Confidence.MEDIUM for match in matches
        )

    return tells
