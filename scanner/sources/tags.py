"""What annotated tags say."""

from collections.abc import Iterator, Mapping

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git
from scanner.model import State
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally


def sightings(
    git: Git, engine: Engine, tally: Tally, limit: int, refs: Mapping[bytes, bytes]
) -> Iterator[Sighting]:
    """Yield what the tag objects in `refs`, names of refs by id, hold; note those not read."""
    for tag in git.batch(refs, limit):
        if tally.expired():
            return
        if tag.kind != b"tag":
            tally.skip("missing-object", tag.id.hex(), "this tag was not read")
            continue
        for match in tally.search(engine, "tags", "a tag", tag.data).matches:
            yield sighting(match, "tag", refs[tag.id], State.HISTORY, tag.id)
