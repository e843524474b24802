"""How a commit can still be reached: from a ref, a stash, only the reflog, or not at all."""

from scanner.gitdb.attribution import Graph
from scanner.gitdb.repository import Ref, Repository
from scanner.model import State

STASH = b"refs/stash"


def states(graph: Graph, repository: Repository, refs: list[Ref]) -> dict[bytes, int]:
    """Return the state of every commit in `graph`; only the commit of HEAD itself is HEAD."""
    head = repository.head()
    tips = {ref.peeled or ref.id for ref in refs if ref.name != STASH}
    if head:
        tips.add(head)
    result = dict.fromkeys(graph.commits, int(State.UNREACHABLE))
    known: set[bytes] = set()
    for state, ids in (
        (State.HISTORY, tips),
        (State.STASH, repository.stash_ids()),
        (State.REFLOG, repository.reflog_ids()),
    ):
        found = graph.ancestors(ids, known)
        result.update(dict.fromkeys(found, int(state)))
        known |= found
    if head in result and head:
        result[head] = int(State.HEAD)
    return result


def state_of(held: dict[int, set[tuple[int, bytes]]], pair: tuple[int, bytes]) -> State:
    """Return the most exposed of the states whose commits hold `pair`."""
    return State(min(state for state, pairs in held.items() if pair in pairs))
