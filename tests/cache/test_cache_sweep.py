import os
import time

from scanner.cache import entry, store
from scanner.cache.key import Key


def test_clearing_removes_entries_drafts_and_key_and_nothing_else(place, key):
    cache = place.open()
    cache.put(key, b"value")
    cache.put(key._replace(kind="other"), b"value")
    (place.results / ("0" * 16 + ".draft")).write_bytes(b"half")
    mine = [place.results / name for name in ("notes.txt", "f" * 63, "F" * 64, "x.draft")]
    for path in mine:
        path.write_bytes(b"mine")
    size = sum(p.stat().st_size for p in place.entries())
    entries = cache.info().entries
    gone = cache.clear()
    assert (gone.entries, gone.bytes) == (entries, size)
    assert sorted(place.results.iterdir()) == sorted(mine)
    assert cache.clear() == (0, 0)


def test_info_counts_entries_only(place, key):
    cache = place.open()
    path = str(place.results)
    assert cache.info() == (path, 0, 0, None, None)
    for index in range(3):
        cache.put(key._replace(kind=str(index)), b"value" * index)
    for index, file in enumerate(sorted(place.entries())):
        os.utime(file, (0, 1000 + index))
    size = sum(p.stat().st_size for p in place.entries())
    assert cache.info() == (path, 3, size, 1000, 1002)


ROOM = 1 << 20


def fill(place, count, size=ROOM // 16):
    """Put `count` incompressible values, each a minute older than the next; return their keys."""
    cache = place.open(limit=1 << 40)
    keys = [Key("fill", bytes([index]), "rules") for index in range(count)]
    for index, key in enumerate(keys):
        before = set(place.entries())
        cache.put(key, os.urandom(size))
        (new,) = set(place.entries()) - before
        when = time.time() - 60 * (count - index)
        os.utime(new, (when, when))
    return keys


def test_what_was_not_used_longest_goes_first(place, key):
    keys = fill(place, 20)
    cache = place.open(limit=ROOM)
    cache.get(keys[0])
    cache.put(key, b"value")
    kept = [index for index, key in enumerate(keys) if cache.get(key) is not None]
    assert kept[0] == 0
    assert kept[1:] == list(range(20 - len(kept[1:]), 20))
    assert ROOM * 3 // 4 < cache.info().bytes <= ROOM * 7 // 8
    assert cache.get(key) == b"value"


def test_nothing_goes_while_there_is_room(place, key):
    keys = fill(place, 15)
    cache = place.open(limit=ROOM)
    cache.put(key, b"value")
    assert all(cache.get(key) is not None for key in keys)


def test_a_long_run_stays_within_its_room(place):
    cache = place.open(limit=ROOM)
    for index in range(100):
        cache.put(Key("run", bytes([index]), "rules"), os.urandom(ROOM // 32))
        assert cache.info().bytes <= ROOM * (1 + 1 / 16 + 1 / 32)
    assert cache.get(Key("run", b"\x63", "rules")) is not None


def test_many_small_entries_count_as_more_than_their_bytes(place):
    limit = store.DEFAULT_LIMIT
    assert 16_000 < limit / store.sweep.charge(60, limit) < 17_000
    assert store.sweep.charge(1 << 20, limit) == 1 << 20


def test_a_time_in_the_future_keeps_no_entry_for_ever(place, key):
    keys = fill(place, 20)
    future = time.time() + 10 * 365 * 86400
    cache = place.open(limit=ROOM)
    names = [entry.name((place.results / "key").read_bytes(), k.encoded()) for k in keys]
    os.utime(place.results / names[19], (future, future))
    cache.put(key, b"value")
    assert not (place.results / names[19]).exists()
    assert (place.results / names[18]).exists()


def test_an_entry_that_would_take_half_of_the_room_is_not_kept(place, key):
    cache = place.open(limit=1000)
    cache.put(key, os.urandom(600))
    assert cache.get(key) is None


def test_drafts_of_killed_writers_go_after_an_hour(place, key):
    place.open()
    old, young, ahead, other = (
        place.results / f"{c * 16}{end}"
        for c, end in (("a", ".draft"), ("b", ".draft"), ("c", ".draft"), ("x", ".draft"))
    )
    for path, age in ((old, 3700), (young, 60), (ahead, -9999), (other, 9999)):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    place.open().put(key, b"value")
    assert [p.exists() for p in (old, young, ahead, other)] == [False, True, False, True]
