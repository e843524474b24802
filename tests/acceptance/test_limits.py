"""Input made to cost too much, or to be read wrongly: a clear line, and all the rest is found.

Every scan here runs with a limit on its memory and on its time.
"""

import gzip
import io
import random
import subprocess
import sys
import tarfile
import zipfile
import zlib
from base64 import b64encode
from functools import partial

import pytest
from places_content import zipped
from planting import Repository, environment, run, scan, token

MEBIBYTE = 1 << 20
MEMORY = 1536 * MEBIBYTE
LONG = 10 * MEBIBYTE
SECRET = token("limits")
limited = partial(scan, memory=MEMORY, timeout=60)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS")
COUNTING = """
import cProfile, pstats, sys
from scanner.__main__ import main
profile = cProfile.Profile()
try:
    profile.runcall(main)
except SystemExit:
    pass
print(pstats.Stats(profile, stream=sys.stderr).total_calls, file=sys.stderr)
"""


@pytest.fixture
def folder(tmp_path):
    """A directory with one leak, to which the test adds what is hard to read."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "leak.env").write_bytes(b"TOKEN=%b\n" % SECRET)
    return folder


def subjects(found):
    skipped = found.report["coverage"]["skipped"]
    return " ".join(s["subject"] + " " + s["detail"] for s in skipped)


def zeros(size):
    """Return a raw deflate stream of that many zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(MEBIBYTE)
    parts = [packer.compress(block) for _ in range(size // MEBIBYTE)]
    return b"".join([*parts, packer.flush()])


def test_zip_bomb(folder, tmp_path):
    """One member of a gigabyte, and many that are fine each but not together."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("big", "w") as m:
        for _ in range(256):
            m.write(bytes(MEBIBYTE))
    (folder / "one.zip").write_bytes(out.getvalue())
    (folder / "many.zip").write_bytes(zipped({f"{n}": bytes(MEBIBYTE) for n in range(300)}))
    (folder / "members.zip").write_bytes(zipped({f"{n}": b"x" for n in range(20_000)}))
    found = limited(folder, home=tmp_path)
    assert found.code == 3
    assert found.codes() >= {"archive-ratio", "archive-size", "archive-members"}
    assert all(name in subjects(found) for name in ("one.zip", "many.zip", "members.zip"))
    assert SECRET in found.places


def test_overlapping_zip_bomb(folder, tmp_path):
    """Five thousand directory entries that all unpack the same stream."""
    data = zeros(10 * MEBIBYTE)
    archive = bytearray(zipped({"a": b""}))
    one = io.BytesIO()
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", bytes(10 * MEBIBYTE))
    archive = one.getvalue()
    start = archive.index(b"PK\x01\x02")
    end = archive.index(b"PK\x05\x06")
    count = 5000
    tail = bytearray(archive[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = (count * (end - start)).to_bytes(4, "little")
    (folder / "overlap.zip").write_bytes(archive[:start] + archive[start:end] * count + tail)
    assert len(data) < len(archive)
    found = limited(folder, home=tmp_path)
    assert found.code == 3
    assert "overlap.zip" in subjects(found)
    assert SECRET in found.places


def test_gzip_bombs(folder, tmp_path):
    (folder / "one.gz").write_bytes(gzip.compress(bytes(300 * MEBIBYTE)))
    (folder / "many.gz").write_bytes(gzip.compress(bytes(MEBIBYTE)) * 400)
    twice = gzip.compress(gzip.compress(bytes(300 * MEBIBYTE)))
    (folder / "twice.gz").write_bytes(twice)
    found = limited(folder, home=tmp_path)
    assert found.code == 3
    assert all(name in subjects(found) for name in ("one.gz", "many.gz", "twice.gz"))
    assert SECRET in found.places


@pytest.mark.parametrize("depth", [3, 20])
def test_archives_in_archives(folder, tmp_path, depth):
    """What is too deep is said to be; what is not is found."""
    inner = token("nested")
    content = b"TOKEN=%b\n" % inner
    for level in range(depth):
        content = zipped({f"{level}.zip": content})
    (folder / "nested.zip").write_bytes(content)
    found = limited(folder, home=tmp_path)
    assert SECRET in found.places
    if depth == 3:
        assert found.code == 1
        assert inner in found.places
    else:
        assert found.code == 3
        assert found.codes() == {"archive-depth"}
        assert "nested.zip" in subjects(found)


def test_archives_that_branch(folder, tmp_path):
    """Ten members that have ten members each, five levels down: a hundred thousand."""
    content = b"nothing\n" * 1000
    for _ in range(5):
        content = zipped({f"{n}": content for n in range(10)})
    (folder / "branching.zip").write_bytes(content)
    found = limited(folder, home=tmp_path)
    assert found.code == 3
    assert SECRET in found.places


def test_sparse_and_endless_tar(folder, tmp_path):
    """A header that promises more than there is, by far."""
    info = tarfile.TarInfo("huge")
    info.size = 1 << 40
    (folder / "huge.tar").write_bytes(info.tobuf() + b"x" * 1000)
    found = limited(folder, home=tmp_path)
    assert SECRET in found.places
    assert "huge.tar" in subjects(found)


LINES = {
    "words": b"password=",
    "base64": b64encode(random.Random(1).randbytes(768)),
    "base64_of_text": b64encode(b"The quick brown fox jumps. "),
    "percent": b"%41",
    "backslashes": b"\\u0041",
    "entities": b"&amp;",
    "private_keys": b"-----BEGIN " + b"PRIVATE KEY-----",
    "objects": b'{"a":',
    "secrets": b'"data":{"password":"',
    "urls": b"https://a:b",
    "slashes": b"://",
    "quotes": b"'\"",
    "nuls": b"\0",
    "utf_16": "password = ".encode("utf-16-le"),
    "letters": b"a",
    "brackets": b"[[[[((((",
    "hex": b"deadbeef",
    "zip_headers": b"PK\x03\x04" + bytes(26),
    "keywords": b"ghp_ token: AKIA secret api_key= ",
    "kubernetes": b"kind: Secret data: ",
    "spaces": b"password = " + b" " * 1013,
    "colons": b"token:",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_one_long_line(folder, tmp_path, name):
    unit = LINES[name]
    (folder / "long.txt").write_bytes(unit * (LONG // len(unit)) + b" token=%b " % token("end"))
    found = limited(folder, home=tmp_path, timeout=300)
    assert SECRET in found.places
    assert found.code == 1 or found.codes()
    if found.code == 1 and name not in ("utf_16", "nuls"):
        assert token("end") in found.places


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_cost_of_a_line_is_linear(folder, tmp_path, name):
    """Twice the line, twice the calls, and not more; time is too noisy to tell."""
    unit = LINES[name]
    calls = []
    for size in (MEBIBYTE // 16, MEBIBYTE // 4):
        (folder / "long.txt").write_bytes(unit * (size // len(unit)))
        calls.append(count_calls(folder, tmp_path))
    assert calls[1] < 4.5 * calls[0]


def count_calls(path, home, *options):
    command = [sys.executable, "-P", "-c", COUNTING]
    done = run("scan", path, *options, home=home, command=command, memory=MEMORY, timeout=120)
    return int(done.stderr.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("where", ["files", "history"])
def test_cost_of_many_tiny_files_is_linear(tmp_path, where):
    calls = {}
    for count in (0, 1000, 4000):
        repository = Repository(tmp_path / f"repository-{count}")
        many_files(repository, count)
        if where == "files":
            repository.git("read-tree", "-u", "--reset", "HEAD")
        option = ["--no-history"] if where == "files" else []
        calls[count] = count_calls(repository.path, tmp_path, *option)
    assert calls[4000] - calls[0] < 4.4 * (calls[1000] - calls[0])


def many_files(repository, count):
    """Commit tiny files by the thousand, a hundred in a directory, with a secret in the last."""
    stream = [b"commit refs/heads/main\ncommitter C <c@acme.example> 1 +0000\ndata 1\nx\n"]
    for number in range(count):
        content = b"file number %d\n" % number
        path = b"%d/%d.txt" % (number // 100, number)
        stream.append(b"M 644 inline %b\ndata %d\n%b\n" % (path, len(content), content))
    secret = b"TOKEN=%b\n" % SECRET
    stream.append(b"M 644 inline last.env\ndata %d\n%b\n" % (len(secret), secret))
    repository.git("fast-import", "--quiet", stdin=b"".join(stream))


@pytest.mark.slow
def test_many_tiny_files(tmp_path):
    repository = Repository(tmp_path / "repository")
    many_files(repository, 20_000)
    repository.git("read-tree", "-u", "--reset", "HEAD")
    found = limited(repository.path, home=tmp_path, timeout=300)
    assert found.code == 1
    assert found.report["coverage"]["counts"]["blobs"] == 20_001
    assert found.report["coverage"]["counts"]["files"] == 20_001


def test_standard_input_without_end(tmp_path):
    """Only the first part is read."""
    zero = open("/dev/zero", "rb")  # noqa: SIM115 - closed below
    with zero:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "scanner", "scan", "-", "--max-size", "8"],
            stdin=zero,
            capture_output=True,
            env=environment(tmp_path),
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert b"over-size" in done.stdout
