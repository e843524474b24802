import ci_graph
import pytest


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    return ci_graph.made(tmp_path_factory.mktemp("ci") / "server.git")


@pytest.fixture(scope="session")
def clone(server, tmp_path_factory):
    """Return what clones the server, once for each way to do so."""
    clones = {}

    def make(head, *refspecs, **options):
        key = (head, refspecs, tuple(sorted(options.items())))
        if key not in clones:
            path = tmp_path_factory.mktemp("ci") / "checkout"
            clones[key] = ci_graph.cloned(server, path, head, *refspecs, **options)
        return clones[key]

    return make
