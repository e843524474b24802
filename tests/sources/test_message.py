"""What counts of a commit's message, compared with what the real git keeps."""

import subprocess
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detect.engine import Engine
from scanner.rulepack import samples
from scanner.rulepack.pack import builtin
from scanner.sources import message
from scanner.sources.tally import Tally

ENGINE = Engine(builtin())
TOKEN = samples.expand("<<checksum ghp_ 30>>").encode()
SCISSORS = b" ------------------------ >8 ------------------------"
lines = st.sampled_from([b"", b"text", b"# a comment", b"#", b"; another", b"#" + SCISSORS]) | (
    st.sampled_from([b"", b"#", b"# ", b" #", b";"]).map(lambda start: start + b"token " + TOKEN)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("message")


def found(path, **environ):
    where = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(path.parent), **environ}
    seen = message.sightings(str(path), ENGINE, Tally(), 1 << 20, where)
    return {s.occurrence.line for s in seen}


@settings(max_examples=25)
@given(st.lists(lines, max_size=8))
def test_with_an_editor_what_git_strips_does_not_count(folder, text):
    path = folder / "text"
    path.write_bytes(b"\n".join(text))
    # Git says more below the scissors of its own.
    pairs = (a == b"#" + SCISSORS and b.startswith(b"#") for a, b in pairwise(text))
    before = text[: next((n for n, cut in enumerate(pairs) if cut), len(text))]
    kept = subprocess.run(
        ["git", "-c", "core.commentChar=#", "stripspace", "--strip-comments"],
        input=b"\n".join(before), capture_output=True, check=True, cwd=folder,
    ).stdout.splitlines()  # fmt: skip
    numbers = found(path)
    assert [text[n - 1].strip() for n in sorted(numbers)] == [
        line.strip() for line in kept if TOKEN in line
    ]
    assert found(path, GIT_EDITOR=":") == {n for n, line in enumerate(text, 1) if TOKEN in line}
