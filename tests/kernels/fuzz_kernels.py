"""Feeds the compiled kernels structured and garbled bytes (see docs/fuzzing.md).

    python tests/kernels/fuzz_kernels.py SECONDS [SEED [FIRST]]

Execution n of a seed is always the same, so one that crashed can be run again by its number, which
is at most what was printed last plus a thousand. Some results are compared with the interpreted
kernels' as well.
"""

import random
import sys
import time
from array import array
from collections import Counter
from pathlib import Path

from tables import occurrences, table

from scanner.kernels.fast import deltas, encoded, graph, packs, trees
from scanner.kernels.pure import deltas as pure_deltas
from scanner.kernels.pure import encoded as pure_encoded
from scanner.kernels.pure import packs as pure_packs
from scanner.kernels.pure import trees as pure_trees

sys.path.append(str(Path(__file__).parents[1] / "sources"))
from delta_contents import KINDS, piece
from delta_packs import Instructions
from delta_packs import packs as drawn_packs
from handmade import distance_bytes, entry_head, size_bytes

WORDS = (
    (b"key", b"ey", b"token", b"n"),
    (b"-----begin", b"\n"),
    tuple(b"abcdefghij"[n:] for n in range(10)),
    (),
)
SEARCHES = [
    (
        deltas.Search(*table(words), reach),
        pure_deltas.Search(lambda data, words=words: occurrences(words, data), reach),
    )
    for words in WORDS
    for reach in (0, 3, 80, 3072)
]
TOKENS = (
    *(b"\n", b"\r\n", b"\0", b"\xff\xfe", b"\x1f\x8b", b"PK", b"ustar", b"BZ", b"=", b"==", b"\\n"),
    *(b"%41", b"%c3%a9", b"\\x41", b"\\u0041", b"\\u{41}", b"\\U00000041", b"&#65;", b"&amp;"),
    *(b"&#x41;", b"&lcub;", b"40000 a\0", b"100644 k.pem\0", b"160000 m\0", b" ", b"\x80", b"\xff"),
    *(
        b"QUJD" * 15,
        b"QUJD" * 16 + b"\n",
        b"4142" * 16,
        b"AAAA" * 256 + b"\n",
        b"a/b/" * 18 + b"\n",
    ),
)
REFUSALS = (ValueError, OverflowError, IndexError)


def content(rng):
    """Return bytes as files have them, or as they do not."""
    form = rng.randrange(4)
    if form == 0:
        return rng.randbytes(rng.choice((0, 1, 2, 20, 300)))
    if form == 1:
        return b"".join(rng.choices(TOKENS, k=rng.randint(0, 30)))
    made = b"".join(piece(rng.choice(KINDS), rng.randrange(20)) for _ in range(rng.randint(1, 3)))
    at = rng.randrange(len(made))
    made = made[at : at + rng.choice((100, 2000))]
    return made if form == 2 else garbled(rng, made)


def garbled(rng, data):
    """Return `data` with a few bytes changed, taken out, doubled or put in."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(made))
        length = rng.choice((0, 1, 1, 2, 8, 60))
        what = rng.randrange(4)
        if what == 0:
            made[at : at + length] = rng.choice(TOKENS)
        elif what == 1:
            made[at : at + length] = rng.randbytes(length)
        elif what == 2:
            del made[at : at + length]
        else:
            made[at:at] = made[at : at + length]
    return bytes(made)


def outcome(call, *args):
    """Return what a call returns, or that it refused its arguments."""
    try:
        return call(*args)
    except REFUSALS:
        return "refused"


def check(first, second, *case):
    if first != second:
        raise AssertionError(f"{first!r} is not {second!r}: {case!r}")


def numbers(rng, count, most):
    return [rng.randint(0, most) for _ in range(count)]


def fuzz_deltas(rng):
    base = content(rng)
    fast, pure = rng.choice(SEARCHES)
    if rng.random() < 0.2:
        delta = size_bytes(len(base)) + rng.randbytes(rng.randint(0, 40))
    else:
        instructions = Instructions(base)
        for change in rng.choice(CHANGES):
            instructions.apply(change)
        delta = instructions.encoded()
        if rng.random() < 0.3:
            delta = garbled(rng, delta)
    limit, tracked = rng.choice((1 << 20, 100)), rng.random() < 0.7
    grown = outcome(fast.grow, base, delta, limit, tracked)
    applied = outcome(fast.apply, base, delta, limit)
    check(applied, grown if grown == "refused" else grown[0], base, delta)
    whole = fast.whole(base)
    if rng.random() < 0.3:
        check(grown, outcome(pure.grow, base, delta, limit, tracked), base, delta)
        check(whole, pure.whole(base), base)


def fuzz_carry(rng):
    most = rng.choice((40, 1 << 40))
    count = rng.randint(0, 12)
    places = array("q", sorted(numbers(rng, 2 * count, most)))
    copies = array("q", numbers(rng, 3 * rng.randint(0, 5), most))
    regions = array("q", sorted(numbers(rng, 2 * rng.randint(0, 5), most)))
    packed = tuple(numbers.tobytes() for numbers in (places, copies, regions))
    check(deltas.carry(*packed), pure_deltas.carry(*packed), packed)
    triples = array("q", sorted(numbers(rng, 3 * count, most))).tobytes()
    rows = sorted(numbers(rng, 3, most) for _ in range(rng.randint(0, 3)))
    new = array("q", [number for row in rows for number in row]).tobytes()
    args = triples, *packed[1:], new
    check(deltas.carried(*args), pure_deltas.carried(*args), args)
    hits = array("q", numbers(rng, 2 * count, 5)).tobytes()
    kinds = bytes(number & 3 for number in rng.randbytes(5))
    args = hits, array("q", (3, 4, 5, 6, 7)), kinds
    check(outcome(deltas.parted, *args), outcome(pure_deltas.parted, *args), args)
    text = content(rng)
    ends = sorted(rng.randint(0 if rng.random() < 0.05 else 1, len(text) + 1) for _ in range(count))
    args = (
        text,
        array("q", [n for end in ends for n in (end, 0)]).tobytes(),
        {},
        rng.choice((1, 9, 512)),
    )
    check(outcome(deltas.by_line, *args), outcome(pure_deltas.by_line, *args), args)
    records = array("q", numbers(rng, 3 * rng.randint(0, 5), len(text))).tobytes()
    windows = array("q", numbers(rng, 3 * rng.randint(1, 40), 50))
    windows[0] -= 40
    args = text, records, windows, {}
    check(outcome(deltas.by_window, *args), outcome(pure_deltas.by_window, *args), args)
    stride = rng.choice((1, 2, 3))
    records = array("q", sorted(numbers(rng, stride * count, most))).tobytes()
    args = records, stride, *packed[1:]
    check(deltas.shift(*args), pure_deltas.shift(*args), args)
    deltas.carry(*(part[: rng.randint(0, len(part))] for part in packed))


def fuzz_packs(rng):
    size, count = rng.choice((20, 32)), rng.randint(0, 20)
    names = sorted(
        {
            rng.choice((b"\0", b"\xff", rng.randbytes(1))) + rng.randbytes(size - 1)
            for _ in range(count)
        }
    )
    count = len(names)
    order = rng.sample(range(count), count)
    body, offsets = bytearray(12), []
    for _ in range(count):
        kind = rng.choice((1, 2, 3, 4, 6, 6, 7, 7, rng.randrange(8)))
        offsets.append(len(body))
        body += entry_head(kind, rng.getrandbits(rng.choice((4, 12, 60, 64))))
        if kind == 6:
            at = rng.choice(offsets[:-1] or [0, 12])
            body += distance_bytes(max(0, offsets[-1] - at))
        elif kind == 7:
            body += rng.choice(names)
        body += rng.randbytes(rng.randint(1, 5))
    offsets.append(len(body))
    pack, ids = bytes(body) + rng.randbytes(rng.choice((0, 20))), b"".join(names)
    if rng.random() < 0.5:
        pack = garbled(rng, pack)
    if rng.random() < 0.2:
        ids = garbled(rng, ids)
    if rng.random() < 0.3:
        changed = rng.choice(
            (0, 11, 1 << 63, (1 << 64) - 1, len(pack), rng.randrange(len(pack) + 9))
        )
        offsets[rng.randrange(len(offsets))] = changed
    args = pack, array("Q", offsets), size, ids, array("I", order)
    found = packs.plant(*args)
    if rng.random() < 0.5:
        check(found, pure_packs.plant(*args), args)
    packs.plant(*args[:-1], array("I", [rng.randrange(count + 2) for _ in order]))
    keys = array(
        "Q", [rng.getrandbits(rng.choice((3, 20, 48, 64))) for _ in range(rng.randint(0, 40))]
    )
    made, _ = packs.by_offset(keys)
    check(sorted(made), list(range(len(keys))), keys)
    wanted = [*rng.sample(names, rng.randint(0, count)), rng.randbytes(size)]
    packs.rows(garbled(rng, ids), size, b"".join(wanted) + b"x")
    check(
        packs.rows(b"".join(names), size, b"".join(wanted)),
        pure_packs.rows(b"".join(names), size, b"".join(wanted)),
    )


def fuzz_trees(rng):
    size = rng.choice((20, 32))
    ids = sorted(
        {
            rng.choice((b"\0", b"\xff")) * (size - 1) + rng.randbytes(1)
            for _ in range(rng.randint(0, 12))
        }
    )
    flags = bytes(rng.choices((0, 1), k=len(ids)))
    wanted = frozenset((b"k.pem", b"m", b""))
    args = b"".join(ids), size, array("I", range(40)), flags, wanted, frozenset((1, 3))
    budget = rng.choice((0, 500, 1 << 20))
    readers = [kernel.Reader(*args, 1 << 20, budget) for kernel in (trees, pure_trees)]
    known = []
    for tree in range(rng.randint(0, 5)):
        modes = (b"40000", b"100644", b"160000", b"", b"4" * rng.randint(1, 13))
        entries = (
            b"%b %b\0%b"
            % (
                rng.choice(modes),
                rng.choice((b"a", b"k.pem", b"m", b"%x" % rng.getrandbits(12), b"x" * 200)),
                rng.choice((*ids, rng.randbytes(size))),
            )
            for _ in range(rng.choice((0, 3, 3, 3, 3, 3, 400)))
        )
        data = b"".join(entries)
        if rng.random() < 0.5:
            data = garbled(rng, data)
        known.append((data, [reader.first(tree, data) for reader in readers]))
    for tree in range(len(known), rng.randint(len(known), 30) if known else 0):
        known.append(fuzz_tree_delta(rng, readers, tree, *rng.choice(known)))
    check(*((r.names, r.foreign, r.garbled, r.again, r.size) for r in readers), args)
    numbers = array("I", range(len(readers[0].names)))
    flags, marked = bytes(rng.choices((0, 1), k=40)), bytes(rng.choices((0, 0, 1), k=len(numbers)))
    parts = [[(r.changes, r.edges, numbers)] for r in readers]
    found = [k.leading(p, flags, marked) for k, p in zip((trees, pure_trees), parts, strict=True)]
    check(*found, parts)
    changes, edges, _ = parts[0][0]
    broken = garbled(rng, changes), garbled(rng, edges), numbers
    outcome(trees.leading, [broken, *parts[0]], flags, marked)
    outcome(trees.leading, [(changes, garbled(rng, edges), numbers)], flags, marked)
    fuzz_graph(rng)


def fuzz_tree_delta(rng, readers, tree, base, states):
    instructions = Instructions(base)
    for change in rng.choice(CHANGES)[: rng.randint(0, 3)]:
        instructions.apply(change)
    delta = instructions.encoded()
    if rng.random() < 0.2:
        delta = garbled(rng, delta)
    pairs = zip(readers, states, strict=True)
    grown = [outcome(reader.next, tree, base, state, delta) for reader, state in pairs]
    if "refused" in grown:
        check(*grown, base, delta)
        return base, states
    check(grown[0][0], grown[1][0], base, delta)
    return grown[0][0], [state for _, state in grown]


def fuzz_commits(rng):
    size = rng.choice((20, 32))
    handed = set()
    reader = deltas.Commits(SEARCHES[0][0], 1 << 20, lambda row, data: handed.add(row), size)
    contents = []
    for row in range(rng.randint(1, 6)):
        ids = [rng.randbytes(size).hex().encode() for _ in range(rng.randint(1, 4))]
        data = b"tree " + b"\nparent ".join(ids) + b"\nauthor A\n" + content(rng)[:60]
        data = garbled(rng, data) if rng.random() < 0.5 else data
        reader.first(row, data[: rng.choice((len(data), rng.randint(0, len(data))))])
        contents.append(data)
    rows, ids = reader.links
    check(set(array("I", rows)[::2]), set(range(len(contents))) - handed, contents)
    check(len(ids), size * sum(1 + parents for parents in array("I", rows)[1::2]), contents)
    starts, parents = array("I", numbers(rng, 5, 6)), array("I", numbers(rng, 6, 6))
    outcome(graph.laid_out, starts, parents)
    outcome(graph.mark, starts, parents, array("I", numbers(rng, 2, 6)), bytearray(4), 1)


def fuzz_graph(rng):
    rows, names = rng.randint(0, 12), rng.randint(0, 4)
    beyond = rng.choice((0, 0, 1, 1 << 31))
    edges = array("I")
    for _ in range(rng.randint(0, 30) if rows and names else rng.choice((0, 1))):
        row, name = rows - 1 + beyond, 2 * names - 1 + beyond
        edges.extend((*numbers(rng, 2, max(0, row)), *numbers(rng, 1, max(0, name))))
    packed = edges.tobytes() + bytes(rng.choice((0, 0, 0, 5)))
    flags, marked = bytes(rng.choices((0, 0, 1), k=rows)), bytes(rng.choices((0, 1), k=names))
    outcomes = []
    for kernel in (trees, pure_trees):
        reached = bytearray(flags)
        kinds = array("I", list(flags))
        if kernel is trees or not (beyond or len(packed) % 12):
            outcomes.append(
                (
                    outcome(kernel.leading_to, packed, flags, marked),
                    outcome(kernel.reach, packed, reached),
                    reached,
                    outcome(kernel.spans, packed, rows),
                    outcome(kernel.classes, packed, kinds),
                )
            )
    if rows and names:
        check(outcomes[0], outcomes[-1], packed, flags, marked)


def fuzz_encoded(rng):
    data = content(rng)
    if rng.random() < 0.5:
        data = garbled(rng, data)
    start, end = (rng.randint(-3, len(data) + 3) for _ in range(2))
    for low, high in ((0, len(data)), (start, end)):
        check(
            encoded.places(data, low, high), pure_encoded.places(data, low, high), data, low, high
        )
        check(
            encoded.block_lines(data, low, high),
            pure_encoded.block_lines(data, low, high),
            data,
            low,
            high,
        )
    head = data[: rng.randint(0, 30)]
    check(encoded.readable(head), pure_encoded.readable(head), head)


CHANGES = [child.changes for seed in range(20) for child in drawn_packs(seed).children]
TARGETS = (
    fuzz_deltas,
    fuzz_deltas,
    fuzz_carry,
    fuzz_packs,
    fuzz_trees,
    fuzz_encoded,
    fuzz_encoded,
    fuzz_commits,
)


def main(seconds, seed=0, first=0):
    print("kernels in", Path(deltas.__file__).parent)
    end = time.monotonic() + float(seconds)
    done = Counter()
    number = int(first)
    while time.monotonic() < end:
        rng = random.Random(f"{seed} {number}")
        target = rng.choice(TARGETS)
        try:
            target(rng)
        except Exception:
            print(f"execution {number} of seed {seed} failed", file=sys.stderr)
            raise
        done[target.__name__] += 1
        number += 1
        if not number % 1000:
            print(number, end="\r", file=sys.stderr, flush=True)
    print(f"{done.total()} executions of seed {seed}:", dict(sorted(done.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
