"""What is kept of a content by what a delta changes in it gives the same result as reading it all.

The contents go through chains of deltas: any copies and inserts, and edits such as people make,
found as git finds them.
"""

import random
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scanner.detect.automaton import REACH
from scanner.detect.engine import Engine, Result
from scanner.detect.versions import Versions
from scanner.model import Confidence
from scanner.rulepack.pack import builtin

sys.path.append(str(Path(__file__).parents[1] / "sources"))

from delta_contents import KINDS, piece, words
from delta_edits import LARGEST, SLIVERS, Edit, apply, contents, edit, joined, place
from delta_packs import Change, Instructions, packs
from handmade import copy, delta, insert

ENGINES = {lowest: Engine(builtin(), lowest) for lowest in (Confidence.MEDIUM, Confidence.LOW)}
NOTHING = Result((), ())
_BLOCK = 16


class FarEdit(NamedTuple):
    """A sliver put in, or bytes dropped, about as far from what matters as a line is searched."""

    at: int
    distance: int
    seed: int


Step = tuple[Change, ...] | Edit | FarEdit


class Chain(NamedTuple):
    """The pieces of a content, maybe on one line, and the steps of which each makes the next."""

    pieces: tuple[tuple[str, int], ...]
    one_line: bool
    steps: tuple[Step, ...]
    lowest: Confidence


def chain(seed):
    """Return a chain, always the same for one seed."""
    rng = random.Random(seed)
    instructions = [child.changes for child in packs(seed).children]
    one_line = rng.random() < 0.15

    def step():
        if one_line and rng.random() < 0.6:
            distance = rng.choice((-1, 1)) * (REACH + rng.randint(-60, 60))
            return FarEdit(rng.getrandbits(24), distance, rng.getrandbits(24))
        return rng.choice((edit(rng), rng.choice(instructions)))

    steps = tuple(step() for _ in range(rng.randint(1, 12)))
    return Chain(contents(rng, 5), one_line, steps, rng.choice(list(ENGINES)))


def first_of(case):
    data = joined(case.pieces)
    if case.one_line:
        rng = random.Random(len(data))
        filler = b", ".join(words(rng, 40) for _ in range(12))
        data = b" ".join((filler, data.replace(b"\n", b" "), filler))
    return data


def step_of(base, step, earlier):
    """Return the delta of a step from `base`, and what it makes."""
    if isinstance(step, tuple) and not isinstance(step, Edit | FarEdit):
        instructions = Instructions(base)
        for change in step:
            instructions.apply(change)
        return instructions.encoded(), instructions.data()
    if isinstance(step, Edit):
        data = apply(step, base, earlier)
    else:
        rng = random.Random(step.seed)
        at = min(max(place(base, step.at) + step.distance, 0), len(base))
        new = rng.choice((b"", rng.choice(SLIVERS), piece(rng.choice(KINDS), 1)))
        data = base[:at] + new + base[at + rng.choice((0, 1, 9)) :]
    return delta_between(base, data), data


def delta_between(base, data):
    """Return a delta as git finds it: copies of blocks, grown both ways, at least a block long."""
    blocks = {base[at : at + _BLOCK]: at for at in range(0, len(base) - _BLOCK + 1, _BLOCK)}
    steps, at, literal = [], 0, 0
    while at < len(data):
        found = blocks.get(data[at : at + _BLOCK])
        if found is None:
            at += 1
            continue
        length = _common(base, data, found, at)
        back = 0
        while (
            at - back > literal and found > back and data[at - back - 1] == base[found - back - 1]
        ):
            back += 1
        steps.append(insert(data[literal : at - back]))
        starts = range(-back, length, 0xFFFF)
        steps.extend(copy(found + start, min(0xFFFF, length - start)) for start in starts)
        at = literal = at + length
    steps.append(insert(data[literal:]))
    return delta(len(base), len(data), *steps)


def _common(base, data, low, at):
    """Return how many bytes are equal from two offsets on."""
    same, most = _BLOCK, min(len(base) - low, len(data) - at)
    while same < most:
        middle = (same + most + 1) // 2
        if base[low + same : low + middle] == data[at + same : at + middle]:
            same = middle
        else:
            most = middle - 1
    return same


def grown(versions, base, kept, steps):
    """Return what `steps` make of `base` and what is kept of it, as a walk of deltas has it."""
    found = []

    def changed(_, data, state, change):
        found.append(versions.changed(state, data, change) if change else None)
        return found[-1]

    visitor = versions.visitor(LARGEST, lambda *_: None, changed, b"no such text")
    data, kept = visitor.next(1, base, kept, steps)
    assert kept is (found[0] if found else None)
    return data, kept


def first_difference(case):
    """Return the number of the first step whose result differs, with what differs, or None."""
    engine = ENGINES[case.lowest]
    versions = Versions(engine)
    data = first_of(case)
    kept = versions.first(data)
    earlier = [data]
    for number, step in enumerate((None, *case.steps)):
        if step is not None:
            steps, expected = step_of(data, step, earlier[-4:])
            if len(expected) > LARGEST:
                continue
            data, kept = grown(versions, data, kept, steps)
            assert data == expected
            earlier.append(data)
        result = NOTHING if kept is None else versions.result(kept, data)
        whole = engine.findings(data)
        if result != whole:
            return number, _shown(whole), _shown(result)
        again = versions.first(data)
        if _state(kept) != _state(again):
            return number, again, kept
    return None


def _shown(result):
    return result.exceeded, [(m.rule.id, m.secret.reveal(), *m[2:]) for m in result.matches]


def _state(kept):
    """Return what is kept; what decides nothing, such as the order of equal places, is left out."""
    if kept is None:
        return None
    starts = [mark.start for mark in kept.marks]
    assert starts == sorted(starts), "what is carried along has to be in this order"
    return kept._replace(marks=sorted(kept.marks), hidden=sorted(map(repr, kept.hidden)))


def smallest(case):
    """Return the case without the steps and pieces it differs without."""
    again = True
    while again:
        again = False
        for name in ("steps", "pieces"):
            held = getattr(case, name)
            for at in range(len(held)):
                less = case._replace(**{name: held[:at] + held[at + 1 :]})
                if first_difference(less) is not None:
                    case, again = less, True
                    break
    return case


def check(seed):
    case = chain(seed)
    if first_difference(case) is not None:
        case = smallest(case)
        pytest.fail(f"seed {seed}: {case!r}\n{first_difference(case)!r}")


def seeds(examples):
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    plan = settings(max_examples=examples, deadline=None, phases=phases)
    return lambda test: plan(given(st.integers(0, (1 << 32) - 1))(test))


test_every_version_has_the_result_of_its_content = seeds(40)(check)


def test_a_keyword_within_another_stays_where_the_other_is_cut():
    value = b"".join(b"%x" % (n * 7 % 16) for n in range(48))
    base = b'words\napp.secret_key = "%b"\n' % value
    at = base.index(b"secret_key")
    engine = ENGINES[Confidence.LOW]
    versions = Versions(engine)
    kept = versions.first(base)
    # One of them ends first and the other starts first.
    assert len({mark.start for mark in kept.marks}) > 1
    assert _state(kept)
    steps = delta(len(base), len(base) - at + 2, insert(b"x "), copy(at, len(base) - at))
    data, kept = grown(versions, base, kept, steps)
    assert versions.result(kept, data) == engine.findings(data)


def test_keywords_that_end_together_on_a_long_line_all_count():
    value = b"".join(b"%x" % (n * 7 % 16) for n in range(48))
    data = b"x " * 300 + b'aws_secret_access_key = "%b" ' % value + b"y " * 300
    engine = ENGINES[Confidence.LOW]
    versions = Versions(engine)
    assert engine.findings(data).matches
    assert versions.result(versions.first(data), data) == engine.findings(data)


@pytest.mark.slow
def test_many_more():
    seeds(1500)(check)()
