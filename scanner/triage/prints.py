"""Many fingerprints at once."""

import os
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

Fingerprint = Callable[[str, bytes], str]
"""Returns the fingerprint of a rule's family and a secret."""


def parallel(fingerprint: Fingerprint, wanted: Collection[tuple[str, bytes]]) -> Fingerprint:
    """Return the same function with the answers to what is `wanted` worked out already."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # scrypt runs outside the interpreter's lock
        known = dict(zip(wanted, pool.map(lambda pair: fingerprint(*pair), wanted), strict=True))
    return lambda family, secret: known.get((family, secret)) or fingerprint(family, secret)
