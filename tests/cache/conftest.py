import os
import re

import pytest

from scanner.cache.key import Key
from scanner.cache.store import ResultCache


class Place:
    """A cache directory of its own, and what is in it."""

    def __init__(self, root):
        self.root = root
        self.environ = {"LEAKSEAL_CACHE_DIR": str(root)}
        self.results = root / "results"
        self.reasons = []

    def open(self, **options):
        return ResultCache.open(self.environ, self.reasons.append, **options)

    def entries(self):
        return [p for p in self.results.iterdir() if re.fullmatch("[0-9a-f]{64}", p.name)]

    def drafts(self):
        return [p for p in self.results.iterdir() if p.name.endswith(".draft")]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "leakseal")


@pytest.fixture
def key():
    return Key("pack/1", b"\x01" * 20, "rules", ("lowest=2",))


@pytest.fixture
def descriptors():
    """Tells afterwards whether descriptors were left open."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    return lambda: len(os.listdir("/proc/self/fd"))
