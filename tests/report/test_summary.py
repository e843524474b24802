import random

from scanner.model import Confidence, Severity, State
from scanner.report.summary import exposure, ordered, summarize


def test_exposure_is_that_of_the_most_exposed_place(make):
    places = [make.occurrence(state=s) for s in (State.STASH, State.WORKTREE, State.HISTORY)]
    assert exposure(make.finding(*places)) == State.WORKTREE


def test_order_is_severity_then_exposure_then_confidence_then_spread(make):
    critical = make.rule(severity=Severity.CRITICAL)
    stash = make.occurrence(state=State.STASH)
    want = (
        make.finding(stash, rule=critical, confidence=Confidence.LOW),
        make.finding(make.occurrence(), make.occurrence()),
        make.finding(make.occurrence(), fingerprint="1"),
        make.finding(make.occurrence(), fingerprint="2"),
        make.finding(make.occurrence(), confidence=Confidence.LOW),
        make.finding(stash),
    )
    for seed in range(20):
        mixed = list(want)
        random.Random(seed).shuffle(mixed)
        assert ordered(tuple(mixed)) == want


def test_summary_counts_each_secret_once_and_names_every_level(make):
    head, stash = make.occurrence(), make.occurrence(state=State.STASH)
    total = summarize(
        (
            make.finding(head, stash),
            make.finding(stash, rule=make.rule(severity=Severity.LOW)),
        )
    )
    assert (total.secrets, total.places) == (2, 3)
    assert total.by_severity == {
        Severity.CRITICAL: 0,
        Severity.HIGH: 1,
        Severity.MEDIUM: 0,
        Severity.LOW: 1,
    }
    assert set(total.by_state) == set(State)
    assert {state: n for state, n in total.by_state.items() if n} == {State.HEAD: 1, State.STASH: 1}
