import os
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.cache import entry


def test_what_is_put_can_be_got_by_any_later_process(place, key):
    cache = place.open()
    assert cache.get(key) is None
    for value in (b"", b"value", os.urandom(100_000), b"x" * 5_000_000):
        cache.put(key, value)
        assert cache.get(key) == value
        assert place.open().get(key) == value
    assert len(place.entries()) == 1
    assert place.drafts() == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "pack/2"},
        {"content": b"\x01" * 19 + b"\x02"},
        {"rules": "other"},
        {"options": ("lowest=1",)},
        {"options": ()},
        {"engine": "leakseal 0.0.0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_that_differs_anywhere_meets_no_result(place, key, change):
    cache = place.open()
    cache.put(key, b"value")
    assert cache.get(key._replace(**change)) is None
    cache.put(key._replace(**change), b"other")
    assert cache.get(key) == b"value"


@pytest.mark.parametrize("size", [0, 1, 49, 50, 51, -1])
def test_a_cut_file_counts_as_absent_and_goes(place, key, size):
    cache = place.open()
    cache.put(key, b"value" * 100)
    (path,) = place.entries()
    path.write_bytes(path.read_bytes()[:size])
    assert cache.get(key) is None
    assert place.entries() == []
    cache.put(key, b"again")
    assert cache.get(key) == b"again"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.data())
def test_any_bit_that_flips_is_noticed(place, key, value, data):
    cache = place.open()
    cache.put(key, value)
    (path,) = place.entries()
    content = bytearray(path.read_bytes())
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    assert cache.get(key) is None
    assert place.entries() == []


@given(st.binary(max_size=300))
def test_no_bytes_at_all_are_believed_or_do_harm(content):
    assert entry.unseal(b"s" * 32, "n", content) is None
    fields = entry.seal(b"s" * 32, "n", b"")[:18]
    assert entry.unseal(b"s" * 32, "n", fields + content) is None


def test_what_is_added_at_the_end_is_noticed(place, key):
    cache = place.open()
    cache.put(key, b"value")
    (path,) = place.entries()
    path.write_bytes(path.read_bytes() + b"\0")
    assert cache.get(key) is None


def test_a_result_of_another_key_or_of_another_user_is_not_believed(place, key, tmp_path):
    cache, other = place.open(), key._replace(rules="other")
    cache.put(other, b"nothing found")
    (clean,) = place.entries()
    cache.put(key, b"value")
    (path,) = (p for p in place.entries() if p != clean)
    path.write_bytes(clean.read_bytes())
    assert cache.get(key) is None
    path.write_bytes(entry.seal(os.urandom(32), path.name, b"nothing found"))
    path.chmod(0o600)
    assert cache.get(key) is None
    assert cache.get(other) == b"nothing found"


def test_an_entry_that_others_can_read_or_write_is_not_as_it_was_left(place, key):
    cache = place.open()
    for mode in (0o640, 0o602):
        cache.put(key, b"value")
        (path,) = place.entries()
        path.chmod(mode)
        assert cache.get(key) is None
        assert place.entries() == []


def sealed(secret, name, length, body):
    """An entry as only somebody with the user's key can make it."""
    fields = entry._FIELDS.pack(b"leakseal", 1, length)
    return fields + entry._tag(secret, name, fields, body) + body


def test_a_bomb_is_not_unpacked_even_with_the_right_tag():
    zeros = zlib.compress(bytes(50_000_000), 9)
    for length, body in [
        (5, zeros),
        (50_000_001, zeros),
        (entry.LARGEST_VALUE + 1, zeros),
        (2**64 - 1, zeros),
        (5, b"no zlib stream"),
        (5, zlib.compress(b"value")[:-1]),
    ]:
        assert entry.unseal(b"s" * 32, "n", sealed(b"s" * 32, "n", length, body)) is None
    good = sealed(b"s" * 32, "n", 5, zlib.compress(b"value"))
    assert entry.unseal(b"s" * 32, "n", good) == b"value"


def test_a_file_over_the_limit_is_not_read(place, key):
    cache = place.open()
    cache.put(key, b"value")
    (path,) = place.entries()
    os.truncate(path, entry.LARGEST_ENTRY + 1)
    assert cache.get(key) is None
    assert place.entries() == []


def test_a_value_over_the_limit_is_not_kept(place, key):
    cache = place.open()
    cache.put(key, bytes(entry.LARGEST_VALUE + 1))
    assert place.entries() == []


def test_incompressible_values_fit_the_limit_of_files():
    value = os.urandom(1 << 20)
    assert len(entry.seal(b"s" * 32, "n", value)) - len(value) < (1 << 10) + 50 + 64


def put_in_place_of_an_entry(place, key, make):
    cache = place.open()
    cache.put(key, b"value")
    (path,) = place.entries()
    path.unlink()
    make(path)
    return cache, path


def test_a_symbolic_link_in_place_of_an_entry_is_not_followed(place, key, tmp_path):
    aim = tmp_path / "aim"
    aim.write_bytes(b"precious")
    cache, path = put_in_place_of_an_entry(place, key, lambda p: p.symlink_to(aim))
    assert cache.get(key) is None
    assert cache.clear().entries == 0
    assert path.is_symlink()
    place.open().put(key, b"value")
    assert aim.read_bytes() == b"precious"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["directory", "pipe"])
def test_what_is_no_file_stays_and_never_blocks(place, key, make, descriptors):
    cache, path = put_in_place_of_an_entry(place, key, make)
    before = descriptors()
    assert cache.get(key) is None
    assert cache.clear().entries == 0
    assert path.exists()
    assert descriptors() == before
