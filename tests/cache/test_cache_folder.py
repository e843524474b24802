import os
import stat
import sys

import pytest

from scanner.cache.store import ResultCache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners, modes and links")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
)


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_all_that_is_made_is_for_the_user_alone(place, key):
    previous = os.umask(0)
    try:
        place.open().put(key, b"value")
    finally:
        os.umask(previous)
    assert (mode(place.root), mode(place.results)) == (0o700, 0o700)
    assert {mode(p) for p in place.results.iterdir()} == {0o600}
    assert sorted(len(p.name) for p in place.results.iterdir()) == [3, 64]


@pytest.mark.parametrize("which", ["root", "results"])
@pytest.mark.parametrize("loose", [0o770, 0o702, 0o1777])
def test_a_directory_that_others_can_write_is_refused(place, which, loose):
    place.results.mkdir(parents=True, mode=0o700)
    place.root.chmod(0o700)
    getattr(place, which).chmod(loose)
    assert place.open() is None
    (reason,) = place.reasons
    assert reason.endswith("can be written by others; chmod go-w it")
    assert list(place.results.iterdir()) == []


def test_a_directory_that_others_can_only_read_is_closed_to_them(place, key):
    place.results.mkdir(parents=True)
    place.results.chmod(0o755)
    place.open().put(key, b"value")
    assert mode(place.results) == 0o700
    assert place.open().get(key) == b"value"


@as_root
@pytest.mark.parametrize("which", ["root", "results"])
def test_a_directory_of_someone_else_is_refused(place, which):
    place.results.mkdir(parents=True)
    os.chown(getattr(place, which), 12345, 12345)
    assert place.open() is None
    assert place.reasons[0].endswith("belongs to someone else")


@pytest.mark.parametrize("which", ["root", "results"])
@pytest.mark.parametrize("there", [True, False], ids=["real", "dangling"])
def test_a_symbolic_link_is_refused_as_directory(place, tmp_path, which, there):
    aim = tmp_path / "aim"
    if there:
        aim.mkdir(mode=0o700)
    link = getattr(place, which)
    link.parent.mkdir(exist_ok=True, mode=0o700)
    link.symlink_to(aim)
    assert place.open() is None
    assert len(place.reasons) == 1
    assert aim.exists() == there
    assert not there or list(aim.iterdir()) == []


def test_a_trailing_slash_does_not_lead_through_a_symbolic_link(tmp_path):
    (tmp_path / "aim").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "aim")
    for end in ("/", "/.", "//"):
        assert ResultCache.open({"LEAKSEAL_CACHE_DIR": f"{tmp_path}/link{end}"}) is None
    assert list((tmp_path / "aim").iterdir()) == []


@pytest.mark.parametrize("which", ["root", "results"])
def test_a_file_in_place_of_a_directory_is_refused(place, which):
    target = getattr(place, which)
    target.parent.mkdir(exist_ok=True, mode=0o700)
    target.write_text("mine")
    assert place.open() is None
    assert len(place.reasons) == 1
    assert target.read_text() == "mine"


def test_what_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", "/proc/self", "/dev/null/home"):
        reasons = []
        assert ResultCache.open({"HOME": str(home)}, reasons.append) is None
        assert len(reasons) == 1
        assert "\n" not in reasons[0]
    assert ResultCache.open({}) is None


def test_a_key_that_others_could_know_is_made_anew(place, key):
    place.open().put(key, b"value")
    secret = place.results / "key"
    before = secret.read_bytes()
    assert place.open().get(key) == b"value"
    secret.chmod(0o640)
    assert place.open().get(key) is None
    assert mode(secret) == 0o600
    assert secret.read_bytes() != before


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_key_of_another_length_is_made_anew(place, key, content):
    place.open()
    (place.results / "key").write_bytes(content)
    place.open().put(key, b"value")
    assert len((place.results / "key").read_bytes()) == 32
    assert place.open().get(key) == b"value"


def test_a_key_that_is_no_file_is_refused(place, tmp_path):
    place.results.mkdir(parents=True, mode=0o700)
    (tmp_path / "known").write_bytes(b"k" * 32)
    (place.results / "key").symlink_to(tmp_path / "known")
    assert place.open() is None
    (place.results / "key").unlink()
    (place.results / "key").mkdir()
    assert place.open() is None
    assert (tmp_path / "known").read_bytes() == b"k" * 32


def test_what_was_checked_is_what_is_used(place, key, tmp_path):
    cache = place.open()
    cache.put(key, b"value")
    place.root.rename(tmp_path / "moved")
    place.results.mkdir(parents=True)
    assert cache.get(key) == b"value"
    cache.put(key, b"other")
    assert list(place.results.iterdir()) == []
    assert cache.info().entries == 1


def test_a_directory_that_vanishes_loses_nothing_but_results(place, key):
    cache = place.open()
    cache.put(key, b"value")
    for path in place.results.iterdir():
        path.unlink()
    place.results.rmdir()
    assert cache.get(key) is None
    cache.put(key, b"value")
    assert not place.results.exists()


def test_descriptors_are_closed(place, key, descriptors):
    before = descriptors()
    for _ in range(5):
        cache = place.open()
        cache.put(key, b"value")
        cache.get(key)
        cache.info()
        cache.clear()
        (place.results / "key").mkdir()
        assert place.open() is None
        (place.results / "key").rmdir()
        del cache
    assert descriptors() == before
