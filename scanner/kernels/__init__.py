"""The inner loops, compiled where a C compiler was at hand at installation.

`LEAKSEAL_PURE=1` in the environment selects the interpreted ones. Both give the same results.
"""

import os
import sys

TYPE_CHECKING = False
COMPILED = False
if TYPE_CHECKING or os.environ.get("LEAKSEAL_PURE") or sys.implementation.name != "cpython":
    from scanner.kernels.pure import deltas, encoded, graph, packs, trees, walk, wide
else:
    try:
        from scanner.kernels.fast import deltas, encoded, graph, packs, trees, walk, wide

        COMPILED = True
    except ImportError:
        from scanner.kernels.pure import deltas, encoded, graph, packs, trees, walk, wide

__all__ = ["COMPILED", "deltas", "encoded", "graph", "packs", "trees", "walk", "wide"]
