"""How a commit can still be reached: from a ref, a stash, only the reflog, or not at all."""

from scanner.gitdb.graph import Graph
from scanner.gitdb.repository import Ref, Repository
from scanner.model import State

STASH = b"refs/stash"


def states(graph: Graph, repository: Repository, refs: list[Ref]) -> bytes:
    """Return the state of every commit by its number; only the commit of HEAD itself is HEAD."""
    head = repository.head()
    tips = {ref.peeled or ref.id for ref in refs if ref.name != STASH}
    if head:
        tips.add(head)
    result = bytearray(len(graph.ids))
    for state, ids in (
        (State.HISTORY, tips),
        (State.STASH, repository.stash_ids()),
        (State.REFLOG, repository.reflog_ids()),
    ):
        graph.mark(result, ids, state)
    if head in graph.number:
        result[graph.number[head]] = State.HEAD
    return bytes(result).replace(b"\0", bytes((State.UNREACHABLE,)))


def state_of(held: dict[int, set[tuple[int, bytes]]], pair: tuple[int, bytes]) -> State:
    """Return the most exposed of the states whose commits hold `pair`."""
    return State(min(state for state, pairs in held.items() if pair in pairs))
