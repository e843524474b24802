"""Reads, writes and clears a small cache until told otherwise; exits with 1 for a wrong value.

`hammer.py SECONDS clear|keep`, with LEAKSEAL_CACHE_DIR in the environment.
"""

import hashlib
import os
import random
import sys
import time

from scanner.cache.key import Key
from scanner.cache.store import ResultCache


def main(seconds: float, clearing: bool) -> int:
    end = time.monotonic() + seconds
    hits = 0
    while time.monotonic() < end:
        cache = ResultCache.open(os.environ, limit=200_000)
        if cache is None:
            return 2
        for _ in range(50):
            key = Key("hammer", bytes([random.randrange(12)]), "rules")
            cache.put(key, value(key, random.randrange(20_000)))
            key = Key("hammer", bytes([random.randrange(12)]), "rules")
            got = cache.get(key)
            if got is not None:
                hits += 1
                if got != value(key, len(got) - 32):
                    return 1
        if clearing:
            cache.clear()
    print(hits)
    return 0


def value(key: Key, length: int) -> bytes:
    """What belongs to `key`: a digest and noise that follows from it and the length."""
    noise = random.Random(key.content + b"%d" % length).randbytes(length)
    return hashlib.sha256(key.content + noise).digest() + noise


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2] == "clear"))
