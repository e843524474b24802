"""Any graph, cut off anywhere: the commits are exactly those of a whole clone, or it is refused."""

import tempfile
from pathlib import Path

from ci_graph import git
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.ci.checkout import Checkout
from scanner.ci.exact import exactly
from scanner.ci.job import Platform
from scanner.errors import IncompleteError
from scanner.gitdb.repository import Repository

PLATFORM = Platform("none", "", "")


@st.composite
def graphs(draw):
    """Return the parents of each commit, all of them earlier ones."""
    size = draw(st.integers(2, 12))
    return [
        draw(st.lists(st.integers(0, n - 1), max_size=2, unique=True)) if n else []
        for n in range(size)
    ]


def led_to(graph, tip):
    return {tip}.union(*(led_to(graph, parent) for parent in graph[tip]))


def made(path, graph):
    """Make a bare repository of `graph`, with a branch for each commit; return its ids."""
    git(path, "init", "-q", "--bare", ".")
    stream = ""
    for n, parents in enumerate(graph):
        stream += f"commit refs/heads/c{n}\nmark :{n + 1}\ncommitter A <a@b.c> {n} +0000\n"
        stream += f"data {len(str(n))}\n{n}\n"
        for word, parent in zip(("from", "merge"), parents, strict=False):
            stream += f"{word} :{parent + 1}\n"
        stream += "\n"
    git(path, "fast-import", "--quiet", "--export-marks=marks", stdin=stream.encode())
    marks = dict(line.split() for line in (path / "marks").read_text().splitlines())
    return [marks[f":{n + 1}"] for n in range(len(graph))]


@settings(max_examples=25)
@given(graphs(), st.data())
def test_a_clone_of_any_depth_tells_exactly_or_is_refused(graph, data):
    tips = st.integers(0, len(graph) - 1)
    head, base = data.draw(tips), data.draw(tips)
    depth = data.draw(st.integers(1, 6))
    with tempfile.TemporaryDirectory() as name:
        server, path = Path(name, "server"), Path(name, "checkout")
        server.mkdir()
        path.mkdir()
        ids = made(server, graph)
        git(path, "init", "-q", ".")
        refs = [f"+refs/heads/c{n}:refs/remotes/origin/c{n}" for n in {head, base}]
        git(path, "fetch", "-q", f"--depth={depth}", f"file://{server}", *refs)
        checkout = Checkout(Repository.discover(str(path)))
        try:
            span = exactly(ids[head], (ids[base],), checkout, PLATFORM)
        except IncompleteError:
            assert checkout.cut
            return
        wanted = {ids[n] for n in led_to(graph, head) - led_to(graph, base)}
        assert set(span.commits) == wanted
        again = checkout.span(ids[head], span.outside) if wanted else span
        assert set(again.commits) == wanted
