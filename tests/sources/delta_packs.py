"""Packs with deltas git would not choose: any copies and inserts, in any order, cut anywhere.

A child is described by changes to the list of instructions that copies its base as it is. Entries
may stand in either of two packs or loose, and name their base by offset or by id.
"""

import hashlib
import random
import sys
from pathlib import Path
from typing import NamedTuple

# Damaged and odd packs are made by the same hand as for the object database's own tests.
sys.path.append(str(Path(__file__).parents[1] / "gitdb"))

import handmade
from delta_contents import KINDS, piece
from delta_edits import LARGEST, SLIVERS, contents, joined, place

from scanner.gitdb.objects import HASHES

LOOSE = 2
_OBJECTS = (*[b"blob"] * 9, b"commit", b"tag", b"tree")
_LONGEST_CHAIN = 40


class Change(NamedTuple):
    """A change to a list of instructions; the numbers choose places in what they make."""

    op: str
    first: int
    second: int
    third: int
    seed: int


class Child(NamedTuple):
    """A delta: `base` chooses among the objects so far, `home` is a pack's number or LOOSE."""

    base: int
    changes: tuple[Change, ...]
    home: int
    by_id: bool
    early: bool


class Packs(NamedTuple):
    """Whole objects, by content, kind and home, then deltas.

    `indexed` says which packs are; unless `across`, what grows from an object is in its pack.
    """

    roots: tuple[tuple[tuple, bytes, int], ...]
    children: tuple[Child, ...]
    hash_name: str
    indexed: tuple[bool, bool]
    across: bool


class Segment(NamedTuple):
    """Bytes of a child: a copy of the base's from `at` on, or a literal if that is -1."""

    at: int
    data: bytes


class _Node(NamedTuple):
    kind: bytes
    data: bytes
    home: int
    base: int = -1
    instructions: bytes = b""
    by_id: bool = False
    early: bool = False


class Instructions:
    """The segments of a child while they are being changed; empty ones do not stay."""

    def __init__(self, base):
        self.base = base
        self.segments = [Segment(0, base)] if base else []

    def data(self):
        return b"".join(s.data for s in self.segments)

    def cut(self, offset):
        """Make segments meet at `offset` of the result; return the number of the one after it."""
        for number, s in enumerate(self.segments):
            if offset <= 0:
                return number
            if offset < len(s.data):
                at = s.at + offset if s.at >= 0 else -1
                halves = Segment(s.at, s.data[:offset]), Segment(at, s.data[offset:])
                self.segments[number : number + 1] = halves
                return number + 1
            offset -= len(s.data)
        return len(self.segments)

    def apply(self, change):
        data = self.data()
        low, high = sorted((place(data, change.first), place(data, change.second)))
        rng = random.Random(change.seed)
        # Long regions seldom, or nothing is left to find after a few generations.
        if change.op in _NEARBY or rng.random() < 0.8:
            high = min(high, low + rng.randint(1, 30 if change.op in _NEARBY else 400))
        if change.op == "shred":
            for offset in range(low, high):
                self.cut(offset)
        if change.op == "shorten":
            size = high - low
            low = 0 if change.third % 2 else len(data) - size
            high = low + size
        first, last = self.cut(low), self.cut(high)
        spot = place(data, change.third)
        self._replace(change.op, first, last, spot, rng)
        self.segments = [s for s in self.segments if s.data]

    def _replace(self, op, first, last, spot, rng):
        held = self.segments[first:last]
        size = sum(len(s.data) for s in held)
        if op in ("drop", "drop a few", "shorten"):
            self.segments[first:last] = []
        elif op in ("say", "say a few"):
            self.segments[first:last] = [Segment(-1, s.data) for s in held]
        elif op == "double":
            self.segments[last:last] = held
        elif op == "swap":
            self.segments[first:last] = reversed(held)
        elif op == "move":
            self.segments[first:last] = []
            to = self.cut(min(spot, len(self.data())))
            self.segments[to:to] = held
        elif op in ("borrow", "borrow more") and self.base:
            at = place(self.base, rng.getrandbits(24))
            wanted = size if op == "borrow" else rng.randint(1, 200)
            self.segments[first:last] = [Segment(at, self.base[at : at + wanted])]
        elif op == "insert":
            new = piece(rng.choice(KINDS), rng.getrandbits(16))
            self.segments[first:first] = [Segment(-1, new)]
        elif op == "insert a few":
            self.segments[first:first] = [Segment(-1, rng.choice(SLIVERS))]

    def encoded(self):
        steps = (
            handmade.insert(s.data) if s.at < 0 else handmade.copy(s.at, len(s.data))
            for s in self.segments
        )
        size = sum(len(s.data) for s in self.segments)
        return handmade.delta(len(self.base), size, *steps)


_NEARBY = ("shred", "say a few", "drop a few")
_OPS = (
    *("split", "shred", "say", "say a few", "drop", "drop a few", "insert", "insert a few") * 2,
    *("double", "swap", "move", "borrow", "borrow more", "shorten"),
)


def packs(seed):
    """Return packs with a few whole objects and many deltas, always the same for one seed."""
    rng = random.Random(seed)

    across = rng.random() < 0.25

    def home():
        return rng.choice((0, 0, 0, 0, 1, LOOSE) if across else (0, 0, 1))

    def change():
        return Change(rng.choice(_OPS), *(rng.getrandbits(24) for _ in range(4)))

    def child():
        changes = tuple(change() for _ in range(rng.randint(1, 5)))
        return Child(rng.getrandbits(16), changes, home(), rng.random() < 0.3, rng.random() < 0.5)

    roots = ((contents(rng, 8), rng.choice(_OBJECTS), home()) for _ in range(rng.randint(1, 3)))
    return Packs(
        tuple(roots),
        tuple(child() for _ in range(rng.randint(5, 40))),
        rng.choice(("sha1", "sha1", "sha1", "sha256")),
        (rng.random() < 0.9, rng.random() < 0.9),
        across,
    )


def write(drawn, objects_dir):
    """Write `drawn` into an object directory; return how many objects there are."""
    nodes = _nodes(drawn)
    for node in nodes:
        if node.home == LOOSE:
            name = handmade.name_of(node.data, node.kind, drawn.hash_name)
            handmade.write_loose(objects_dir, node.data, node.kind, name=name)
    for home, indexed in enumerate(drawn.indexed):
        _write_pack(drawn.hash_name, nodes, home, indexed, objects_dir)
    return len(nodes)


def _nodes(drawn):
    nodes: list[_Node] = []
    seen = set()
    depths: list[int] = []

    def add(node, depth):
        if (node.kind, node.data) not in seen and len(node.data) <= LARGEST:
            seen.add((node.kind, node.data))
            nodes.append(node)
            depths.append(depth)

    for pieces, kind, home in drawn.roots:
        data = _headed(kind, joined(pieces), HASHES[drawn.hash_name])
        add(_Node(kind, data, home), 0)
    if not nodes:  # all of them were too large
        add(_Node(kind, data[:LARGEST], home), 0)
    for child in drawn.children:
        # The latest objects as often as any, so that chains grow long.
        back = child.base // 2 % (len(nodes) if child.base % 2 else min(3, len(nodes)))
        base = len(nodes) - 1 - back
        instructions = Instructions(nodes[base].data)
        for change in child.changes:
            instructions.apply(change)
        kind, data = nodes[base].kind, instructions.data()
        home = child.home if drawn.across else nodes[base].home
        if home == LOOSE or depths[base] == _LONGEST_CHAIN:
            add(_Node(kind, data, home), 0)
            continue
        by_id = child.by_id or nodes[base].home != home
        delta = instructions.encoded()
        add(_Node(kind, data, home, base, delta, by_id, by_id and child.early), depths[base] + 1)
    return nodes


def _headed(kind, data, hash_size):
    """Return `data` after what makes it a commit or a tree, as far as that goes."""
    name = data[:hash_size].ljust(hash_size, b"\1")
    if kind == b"commit":
        person = b"A <a@acme.io> 1700000000 +0000"
        head = b"tree %b\nparent %b\nauthor %b\n\n" % (name.hex().encode(), b"0" * 40, person)
        return head + data
    if kind == b"tree":
        entries = [b"100644 file%d.txt\0%b" % (number, name) for number in range(9)]
        return b"".join(entries) + data
    return data


def _write_pack(hash_name, nodes, home, indexed, objects_dir):
    here = [number for number, node in enumerate(nodes) if node.home == home]
    here.sort(key=lambda number: not nodes[number].early)
    if not here:
        return
    offsets = {}
    entries = []
    at = 12
    for number in here:
        node = nodes[number]
        if node.base < 0:
            entry = handmade.whole(node.data, node.kind)
        elif node.by_id:
            base = nodes[node.base]
            name = handmade.name_of(base.data, base.kind, hash_name)
            entry = handmade.ref_delta(name, node.instructions)
        else:
            entry = handmade.ofs_delta(at - offsets[node.base], node.instructions)
        offsets[number] = at
        entries.append(entry)
        at += len(entry)
    content, _ = handmade.pack(*entries, hash_name=hash_name)
    names = (handmade.name_of(nodes[n].data, nodes[n].kind, hash_name) for n in here)
    pairs = list(zip(names, offsets.values(), strict=True))
    idx = handmade.index(pairs, hash_size=HASHES[hash_name]) if indexed else b""
    path = Path(handmade.write_pack(objects_dir, content, idx or None, stem=f"pack-{home}"))
    seal(path, hash_name)


def seal(path, hash_name):
    """Make the checksums of a pack and of its index right, whatever is in them."""
    size = HASHES[hash_name]

    def put(path, before, tail=b""):
        body = path.read_bytes()[:-before] + tail
        own = hashlib.new(hash_name, body).digest()
        path.chmod(0o644)
        path.write_bytes(body + own)
        return own

    checksum = put(path, size)
    if path.with_suffix(".idx").exists():
        put(path.with_suffix(".idx"), 2 * size, checksum)
