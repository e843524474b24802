"""What every store must do, told by its own answers and by an independent reader of it."""

import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import awkward
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subjects.subject import Running

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import AbsentError, Entry, Outcome, Put, Store, UnfitError

FACTS = {
    "fingerprint": "9f" * 32,
    "origin": "döcs/a b.env:12",
    "rule": "generic-password",
    "created": "2025-11-26T10:33:00Z",
    "note": "x" * 256,
}
KINDS = ("password", "api-key", "ssh-key", "certificate", "encryption-key", "connection-string", "")


def put(store: Store, name: str, value: bytes, kind: str = "") -> Put:
    return store.put_new(name, Secret(value), str(uuid4()), {}, kind)


def replace(store: Store, name: str, value: bytes, expected: str, operation: str = "") -> Put:
    return store.put_version(name, Secret(value), operation or str(uuid4()), {}, expected)


def value_of(store: Store, name: str) -> bytes:
    return store.read(name).value.reveal()


@pytest.mark.parametrize("batch", awkward.BATCHES)
def test_bytes_come_back_or_are_refused(store: Store, running: Running, batch: str) -> None:
    kept = {}
    for number, (label, value) in enumerate(awkward.BATCHES[batch].items()):
        name = store.fit(f"shop/app/value_{number}")
        try:
            assert put(store, name, value).outcome is Outcome.CREATED, label
        except UnfitError:
            assert not awkward.plain(value) or len(value) > store.capabilities.largest, label
            with pytest.raises(AbsentError):
                store.read(name)
        else:
            kept[name] = label, value
    for name, (label, value) in kept.items():
        assert value_of(store, name) == value, label
        assert running.independent(store.address(name)) == value, label
    assert store.names() == sorted(kept)


def test_awkward_names_stay_apart(
    store: Store, running: Running, opened: Callable[[str], Store], tmp_path: Path
) -> None:
    fitted = [store.fit(name) for name in awkward.NAMES]
    assert len(set(fitted)) == len(fitted)
    for number, name in enumerate(fitted):
        assert put(store, name, b"value %d" % number).outcome is Outcome.CREATED, name
    assert store.names() == sorted(fitted)
    again = opened(store.uri)
    assert again.names() == sorted(fitted)
    for number, name in enumerate(fitted):
        assert value_of(again, name) == b"value %d" % number
        assert running.independent(store.address(name)) == b"value %d" % number
        found, entry = choose.entry(store.address(name), running.environ, str(tmp_path))
        with closing(found):
            assert found.address(entry) == store.address(name)
            if number % 8 == 0:  # to open a store takes its time
                assert value_of(found, entry) == b"value %d" % number


def test_fitted_names_are_stable_and_distinct(store: Store) -> None:
    @given(st.text(min_size=1), st.text(min_size=1))
    def check(one: str, other: str) -> None:
        first = store.fit(one)
        assert first == store.fit(one) == store.fit(first)
        if other not in (one, first):
            assert store.fit(other) != first

    check()


def test_what_is_there_is_never_overwritten(store: Store) -> None:
    name = store.fit("shop/app/KEY")
    created = put(store, name, b"first")
    assert created.outcome is Outcome.CREATED
    assert put(store, name, b"first") == Put(Outcome.SAME, created.version)
    assert put(store, name, b"second").outcome is Outcome.CONFLICT
    held = store.read(name)
    assert (held.value.reveal(), held.version) == (b"first", created.version)


def test_an_operation_done_again_is_one_write(store: Store) -> None:
    name = store.fit("shop/app/KEY")
    first, second = str(uuid4()), str(uuid4())
    created = store.put_new(name, Secret(b"first"), first, {})
    again = store.put_new(name, Secret(b"first"), first, {})
    assert again.outcome is not Outcome.CONFLICT
    assert again.version == created.version == store.read(name).version
    replaced = replace(store, name, b"second", created.version, second)
    again = replace(store, name, b"second", created.version, second)
    assert again.outcome is not Outcome.CONFLICT
    assert again.version == replaced.version == store.read(name).version


def test_a_version_is_replaced_only_by_who_knows_it(store: Store) -> None:
    name = store.fit("shop/app/KEY")
    first = put(store, name, b"first").version
    second = replace(store, name, b"second", first)
    assert second.outcome is Outcome.CREATED
    assert second.version not in ("", first)
    assert replace(store, name, b"third", first).outcome is Outcome.CONFLICT
    assert store.read(name)[:2] == (Secret(b"second"), second.version)
    assert replace(store, name, b"second", second.version) == Put(Outcome.SAME, second.version)
    assert store.read(name).version == second.version


def test_versions_are_read_by_their_name(store: Store) -> None:
    name = store.fit("shop/app/KEY")
    first = put(store, name, b"first").version
    second = replace(store, name, b"second", first).version
    assert store.read(name, second).value.reveal() == b"second"
    if store.capabilities.versions:
        assert store.read(name, first)[:2] == (Secret(b"first"), first)
    else:
        with pytest.raises(AbsentError):
            store.read(name, first)


def test_what_is_absent_is_said_to_be(store: Store) -> None:
    name = store.fit("shop/app/KEY")
    assert store.names() == []
    with pytest.raises(AbsentError):
        store.read(name)
    assert replace(store, name, b"value", "1").outcome is Outcome.CONFLICT
    assert store.names() == []


def test_facts_come_back(store: Store) -> None:
    name = store.fit("shop/app/KEY")
    store.put_new(name, Secret(b"value"), str(uuid4()), FACTS)
    assert store.read(name).facts == (FACTS if store.capabilities.facts else {})
    assert store.names() == [name]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_kept_as_it_is(store: Store, running: Running, kind: str) -> None:
    name = store.fit("shop/app/KEY")
    put(store, name, awkward.PEM, kind)
    assert value_of(store, name) == awkward.PEM
    assert running.independent(store.address(name)) == awkward.PEM


def test_what_somebody_else_wrote_stands(store: Store, running: Running) -> None:
    name = store.fit("shop/app/KEY")
    first = put(store, name, b"first").version
    running.put_behind(store.address(name), b"theirs")
    held = store.read(name)
    assert held.value.reveal() == b"theirs"
    assert held.version != first
    assert put(store, name, b"first").outcome is Outcome.CONFLICT
    assert replace(store, name, b"second", first).outcome is Outcome.CONFLICT
    assert put(store, name, b"theirs") == Put(Outcome.SAME, held.version)
    assert running.independent(store.address(name)) == b"theirs"


def test_bases_do_not_see_each_other(running: Running, opened: Callable[[str], Store]) -> None:
    one, other = opened(running.fresh()), opened(running.fresh())
    put(one, one.fit("shop/app/KEY"), b"value")
    assert other.names() == []


def test_preflight_of_what_fits_is_quiet_and_writes_nothing(store: Store) -> None:
    entries = [Entry(store.fit("shop/app/KEY"), 20, kind) for kind in KINDS]
    assert [problem for problem in store.preflight(entries) if problem.fatal] == []
    assert store.names() == []


def test_preflight_names_what_is_too_large(store: Store) -> None:
    name = store.fit("shop/app/LARGE")
    entries = [Entry(store.fit("shop/app/KEY"), 20), Entry(name, store.capabilities.largest + 1)]
    (problem,) = (problem for problem in store.preflight(entries) if problem.fatal)
    assert problem.code == "size"
    assert name in problem.message
    with pytest.raises(UnfitError):
        put(store, name, b"x" * (store.capabilities.largest + 1))


def test_values_do_not_show(
    store: Store, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    name = store.fit("shop/app/KEY")
    mark = uuid4().hex.encode()
    first = put(store, name, mark + b" first")
    shown = [repr(first), repr(store.read(name)), repr(put(store, name, mark + b" second"))]
    shown.append(repr(replace(store, name, mark + b" third", first.version)))
    with pytest.raises(UnfitError) as refused:
        put(store, store.fit("shop/app/LARGE"), mark * (store.capabilities.largest // 32 + 1))
    shown += traceback.format_exception(refused.value)
    shown += (record.getMessage() for record in caplog.records)
    shown += capfd.readouterr()
    encoded = (mark.decode(), mark.hex(), awkward.as_base64(mark))
    assert not any(form in text for form in encoded for text in shown)


def test_of_two_at_once_one_wins(running: Running, opened: Callable[[str], Store]) -> None:
    base = running.fresh()
    stores = [opened(base), opened(base)]
    if not stores[0].capabilities.check_and_set:
        pytest.skip("this store cannot tell two writers apart")
    for attempt in range(3):
        name = stores[0].fit(f"shop/app/KEY_{attempt}")
        barrier = Barrier(2)

        def race(
            store: Store, value: bytes, name: str = name, barrier: Barrier = barrier
        ) -> Outcome:
            barrier.wait(timeout=30)
            return put(store, name, value).outcome

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(race, stores, (b"one", b"two")))
        assert sorted(o.value for o in outcomes) == ["conflict", "created"]
        winner = (b"one", b"two")[outcomes.index(Outcome.CREATED)]
        assert [value_of(store, name) for store in stores] == [winner, winner]
