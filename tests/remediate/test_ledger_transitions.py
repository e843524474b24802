"""Which step may follow which: the hard gates of a remediation."""

import pytest
from ledger_writing import FOUND, REWRITE, STORE, WHO, ledger, step, subject, through, write

from scanner.remediate.ledger.files import LedgerError
from scanner.remediate.ledger.record import ATTESTED, State

DEPLOY = (State.DEPLOYING, State.DEPLOYED)
ROTATE = (State.ROTATING, State.ROTATED)
REVOKE = (State.REVOKING, State.REVOKED)
PURGE = (State.PURGING, State.PURGED)
RESTORE = (State.RESTORING, State.RESTORED)
END = (State.RESCANNED, State.CLOSED)
STOPS = (State.CONFLICT, State.NEEDS_HUMAN, State.ABORTED)


@pytest.mark.parametrize(
    ("lane", "states"),
    [
        ("B", (*FOUND, *STORE, *REWRITE, *DEPLOY, *ROTATE, *REVOKE, *PURGE, *END)),
        ("B", (*FOUND, *STORE, *REWRITE, State.RESCANNED, *DEPLOY, *REVOKE, *END)),
        ("A", (*FOUND, *REVOKE, *STORE, *ROTATE, *REWRITE, *DEPLOY, *PURGE, *END)),
        ("C", (*FOUND, State.PLANNED, *REWRITE, *PURGE, *END)),
        ("B", (*FOUND, *STORE, *REWRITE, *REWRITE, *RESTORE, *RESTORE, State.PLANNED)),
        ("B", (*FOUND, State.PLANNED, State.STORING, State.STORING, State.STORED, State.VERIFIED)),
        ("B", (*FOUND, *STORE, State.MISMATCH, *STORE[1:], *REWRITE)),
        ("B", (*FOUND, *STORE, *STOPS, *REWRITE)),
        ("B", (*FOUND, *STORE, *END, *FOUND, *STORE)),
        ("B", (State.ACCEPTED, State.PLANNED)),
    ],
)
def test_these_ways_are_open(tmp_path, lane, states):
    book = ledger(tmp_path)
    through(book, 1, states, lane=lane)
    assert [record.step.state for record in book.history()] == list(states)


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        ((), State.STORING),
        (FOUND, State.STORING),
        ((*FOUND, State.PLANNED), State.STORED),
        ((*FOUND, *STORE[:3]), State.REWRITING),
        ((*FOUND, State.PLANNED), State.REWRITING),
        ((*FOUND, *STORE), State.REWRITTEN),
        ((*FOUND, *STORE, State.MISMATCH), State.REWRITING),
        ((*FOUND, *STORE, State.PLANNED), State.REWRITING),
        ((*FOUND, *STORE, *FOUND), State.REWRITING),
        ((*FOUND, *STORE), State.REVOKING),
        ((*FOUND, *STORE, *REWRITE), State.REVOKING),
        ((*FOUND, *STORE, *REWRITE, *DEPLOY), State.PURGING),
        ((*FOUND, *STORE), State.RESTORING),
        ((*FOUND, *STORE, State.CLOSED), State.PLANNED),
        ((*FOUND, State.CLOSED), State.CLOSED),
        ((*FOUND, State.CLOSED), State.NEEDS_HUMAN),
    ],
)
def test_these_ways_are_shut(tmp_path, states, refused):
    book = ledger(tmp_path)
    run = through(book, 1, states)
    with pytest.raises(LedgerError, match=f"refuses {refused} "):
        run.append(step(1, refused))
    with pytest.raises(LedgerError, match=f"refuses {refused} "):
        through(book, 1, (refused,))  # a run of its own knows it as well
    assert len(book.history()) == len(states)


def test_what_a_person_attests_needs_nothing_before_it_but_closed_is_final(tmp_path):
    book = ledger(tmp_path)
    run = book.start(WHO)
    for state in (State.PURGED, State.REVOKED, State.DEPLOYED, State.CLOSED):
        run.append(step(1, state, outcome=ATTESTED))
    with pytest.raises(LedgerError, match="found again"):
        run.append(step(1, State.ROTATED, outcome=ATTESTED))


def test_items_of_a_plan_go_their_own_ways(tmp_path):
    book = ledger(tmp_path)
    run = through(book, 1, (*FOUND, *STORE), item="p/1")
    run.append(step(1, State.PLANNED, item="p/2"))
    with pytest.raises(LedgerError):
        run.append(step(1, State.REWRITING, item="p/2"))
    run.append(step(1, State.REWRITING, item="p/1"))


def test_what_holds_for_a_finding_holds_for_its_items(tmp_path):
    book = ledger(tmp_path)
    run = through(book, 1, (*FOUND, *STORE))
    run.append(step(1, State.REWRITING, item="p/1"))
    run.append(step(1, State.CLOSED))
    with pytest.raises(LedgerError):
        run.append(step(1, State.REWRITTEN, item="p/1"))
    run.append(step(1, State.FOUND, item="p/1"))
    run.append(step(1, State.PLANNED, item="p/1"))


def test_other_findings_are_other_findings(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, (*FOUND, *STORE))
    with pytest.raises(LedgerError):
        write(book, step(2, State.REWRITING))
    scrypt = subject(1)._replace(fingerprint=f"scrypt:{1:040x}")
    with pytest.raises(LedgerError):
        write(book, step(1, State.REWRITING, subject=scrypt))
