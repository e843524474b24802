"""Names the engine whose results are kept, so that no other engine ever meets them."""

import sys

from scanner import __version__

# Raise this whenever any content could be read or judged otherwise than before: a change in
# detection, kernels, the reading of objects, or in what is kept. A stale result hides findings.
# tests/cache/test_cache_engine.py notices changed sources.
ENGINE_VERSION = 6


def engine_name() -> str:
    """Return the name of this engine: release, ENGINE_VERSION and version of Python.

    Python's is part of it because regular expressions, Unicode tables and archive readers are.
    """
    major, minor = sys.version_info[:2]
    return f"leakseal {__version__}.{ENGINE_VERSION} python {major}.{minor}"
