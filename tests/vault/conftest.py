from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sops_files import Home
from subjects.subject import Running, subjects

from scanner.vault import choose
from scanner.vault.store import Store

_SLOW = ("kdbx",)  # its key derivation takes its time, as it should


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(each, id=each.name, marks=pytest.mark.slow if each.name in _SLOW else ())
        for each in subjects()
    ],
)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Each store in turn, once for all tests, or a skip that says what it lacks."""
    subject = request.param
    if lacking := subject.missing():
        pytest.skip(lacking)
    with subject.running(tmp_path_factory.mktemp("store")) as started:
        yield started


@pytest.fixture
def opened(running: Running, tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Opens a store on a base URI and closes it after the test."""
    with ExitStack() as stack:

        def open_store(uri: str) -> Store:
            store = choose.store(uri, running.environ, str(tmp_path))
            return stack.enter_context(closing(store))

        yield open_store


@pytest.fixture
def store(running: Running, opened: Callable[[str], Store]) -> Store:
    """A store on a base of its own, with nothing in it."""
    return opened(running.fresh())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A user with a folder for a SOPS file and without a key."""
    return Home(tmp_path)
