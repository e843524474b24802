"""The records of many runs as one history: each after those that it follows."""

import heapq
from collections import defaultdict
from collections.abc import Collection

from scanner.remediate.ledger.record import Record


def in_order(records: Collection[Record]) -> list[Record]:
    """Return `records`, each after the one before it in its run and after its parents.

    Otherwise by time: a clock that was wrong puts nothing before its cause. What is followed but
    is not there is passed over.
    """
    known = {record.hash: record for record in records}
    followers: dict[str, list[Record]] = defaultdict(list)
    waits: dict[str, int] = {}
    for record in known.values():
        followed = {h for h in (record.previous, *record.parents) if h in known}
        waits[record.hash] = len(followed)
        for name in followed:
            followers[name].append(record)
    ready = [_key(record) for record in known.values() if not waits[record.hash]]
    heapq.heapify(ready)
    ordered = []
    while ready:
        record = known[heapq.heappop(ready)[-1]]
        ordered.append(record)
        for follower in followers[record.hash]:
            waits[follower.hash] -= 1
            if not waits[follower.hash]:
                heapq.heappush(ready, _key(follower))
    return ordered


def _key(record: Record) -> tuple[str, str, int, str]:
    return record.time, record.run, record.sequence, record.hash


def heads(records: Collection[Record]) -> list[str]:
    """Return the hashes, sorted, of the records that no other one follows."""
    followed = {h for record in records for h in (record.previous, *record.parents)}
    return sorted({record.hash for record in records} - followed)
