"""Writes ledgers for the tests: findings by number, and runs that take them through states."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from scanner.remediate.ledger.ledger import Ledger
from scanner.remediate.ledger.record import Actor, State, Step, StoredAt, Subject

WHO = Actor("ann", "laptop", "leakseal 0")
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOUND = (State.FOUND,)
STORE = (State.PLANNED, State.STORING, State.STORED, State.VERIFIED)
REWRITE = (State.REWRITING, State.REWRITTEN)
_INTENTS = frozenset(("found", "planned", "storing", "rewriting", "rotating", "revoking"))


def subject(number, **changes):
    made = Subject(f"hmac-sha256:{number:040x}", "k1", "aws-secret-key", f"app/{number}.py", 3)
    return made._replace(**changes)


def step(number, state, **changes):
    store = StoredAt(f"vault://kv/acme/{number}", "1", "op") if state in STORE else None
    outcome = "" if state in _INTENTS else "done"
    return Step(state, subject(number), store=store, outcome=outcome)._replace(**changes)


class Clock:
    """A clock that goes on by a minute each time it is asked."""

    def __init__(self, begin=BEGIN, tick=timedelta(minutes=1)):
        self.now, self.tick = begin, tick

    def __call__(self):
        self.now += self.tick
        return self.now


def ledger(folder):
    return Ledger(str(folder / ".leakseal" / "ledger"))


def write(book, *steps, clock=None):
    """Record `steps` in a run of their own."""
    run = book.start(WHO, clock or Clock())
    for taken in steps:
        run.append(taken)
    return run


def through(book, number, states, clock=None, **changes):
    return write(book, *(step(number, state, **changes) for state in states), clock=clock)


def three_runs(folder):
    """Return a ledger of three runs that follow each other."""
    book, clock = ledger(folder), Clock()
    through(book, 1, (*FOUND, *STORE), clock)
    through(book, 2, (*FOUND, *STORE, *REWRITE), clock)
    through(book, 1, REWRITE, clock)
    return book


def files(book):
    """Return the paths of the files of all runs, the oldest first."""
    return sorted(Path(book.folder).glob("????/*.jsonl"))
