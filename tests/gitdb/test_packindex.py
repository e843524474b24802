import pytest
from handmade import index
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.damage import PackDamageError
from scanner.gitdb.multipackindex import read_multi_pack_index
from scanner.gitdb.packindex import PackIndex

PAIRS = st.dictionaries(st.binary(min_size=20, max_size=20), st.integers(12, 1 << 40))
SMALL = st.dictionaries(st.binary(min_size=20, max_size=20), st.integers(12, (1 << 32) - 1))


def check(found, pairs):
    assert dict(found.pairs()) == pairs
    assert list(found.ids()) == sorted(pairs)
    assert found.by_offset() == sorted((offset, name) for name, offset in pairs.items())
    for name, offset in pairs.items():
        assert found.find(name) == offset
    for absent in (bytes(20), b"\xff" * 20, b"\x80" + bytes(19)):
        assert found.find(absent) == pairs.get(absent, -1)


@given(PAIRS)
def test_version_2(pairs):
    check(PackIndex(index(pairs.items()), 20), pairs)


@given(SMALL)
def test_version_1(pairs):
    check(PackIndex(index(pairs.items(), version=1), 20), pairs)


@given(PAIRS)
def test_built(pairs):
    check(PackIndex.build(pairs.items(), 20), pairs)


@given(st.dictionaries(st.binary(min_size=32, max_size=32), st.integers(12, 1 << 40)))
def test_sha256(pairs):
    found = PackIndex(index(pairs.items(), hash_size=32), 32)
    assert dict(found.pairs()) == pairs


@given(PAIRS, st.data())
def test_damage_is_noticed_or_harmless(pairs, data):
    content = bytearray(index(pairs.items()))
    for _ in range(3):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        try:
            found = PackIndex(damaged, 20)
        except PackDamageError:
            continue
        found.by_offset()
        found.find(bytes(20))


@given(st.binary(max_size=400), st.integers(0, 255))
def test_multi_pack_index_survives_any_bytes(tmp_path_factory, content, chunks):
    path = tmp_path_factory.getbasetemp() / "multi-pack-index"
    path.write_bytes(b"MIDX\x01\x01" + bytes([chunks]) + content)
    with pytest.raises(PackDamageError):
        read_multi_pack_index(str(path), 20)
