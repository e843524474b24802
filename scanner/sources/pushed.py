"""What a push brings: new commits, tags, what tags name besides commits, and the names of refs.

A commit counts if the other side does not have it; what it adds is found as for a range, so a leak
that a later commit of the same push removes is found too.
"""

from collections.abc import Iterable, Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.git import BROKEN, OVERSIZE, Git, GitError
from scanner.model import State
from scanner.sources.additions import Additions
from scanner.sources.blobs import Blobs, Counts, everywhere
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally
from scanner.sources.updates import Update, is_id

ALL_REFS: tuple[str, ...] = ("--all",)
_MISSING = "missing"
_UNREAD = {OVERSIZE: ("over-size", "is larger than the limit"), BROKEN: ("corrupt-object", "")}


class Pushed:
    """Searches what a push brings, for a hook."""

    def __init__(
        self,
        git: Git,
        engine: Engine,
        tally: Tally,
        limit: int,
        counts: Counts = everywhere,
    ) -> None:
        """Prepare to read objects of up to `limit` bytes; `counts` is as for `Additions`."""
        self._git = git
        self._engine = engine
        self._tally = tally
        self._limit = limit
        self._counts = counts
        self._kinds: dict[str, str] = {}

    def sightings(self, updates: list[Update], there: tuple[str, ...]) -> Iterator[Sighting]:
        """Yield what `updates` bring; `there` are rev-list's arguments for what need not be read.

        Where git cannot tell, that is noted as a gap.
        """
        try:
            yield from self._sightings([u for u in updates if u.new], there)
        except GitError as error:
            self._tally.skip("git-refused", "what is pushed", str(error))

    def unknown(self, updates: Iterable[Update]) -> list[Update]:
        """Return the updates of which it is not known here what the other side has."""
        return [u for u in updates if u.old and self._kinds.get(u.old) == _MISSING]

    def _sightings(self, updates: list[Update], there: tuple[str, ...]) -> Iterator[Sighting]:
        for update in updates:
            if not update.old and update.ref:
                found = self._tally.search(self._engine, "names", "a ref", update.ref)
                for match in found.matches:
                    yield sighting(match, "ref", update.ref, State.HISTORY)
        self._kinds = self._asked([id_ for u in updates for id_ in (u.old, u.new) if id_])
        # Git checks what a pusher says a ref was only after the hooks of a server, which knows.
        told = [] if there == ALL_REFS else updates
        had = [f"^{u.old}" for u in told if self._kinds.get(u.old, _MISSING) != _MISSING]
        tips = {u.new: u.ref for u in reversed(updates)}
        by_kind: dict[str, dict[str, bytes]] = {}
        for id_, ref in tips.items():
            by_kind.setdefault(self._kinds[id_], {})[id_] = ref
        while tags := by_kind.pop("tag", None):
            yield from self._tags(tags, by_kind)
        for id_ in by_kind.pop(_MISSING, ()):
            self._tally.skip("missing-object", id_, "what is pushed is not here")
        commits = self._listed([*by_kind.pop("commit", ()), *had], there)
        additions = Additions(
            self._git, self._engine, self._tally, self._limit, counts=self._counts, hook=True
        )
        yield from additions.sightings([id_ for id_, _ in commits], Progress())
        rest = [id_ for ids in by_kind.values() for id_ in ids]
        # Without "aggressive" git lists a tree in full although another side's commit has it.
        options = ("--objects", "--objects-edge-aggressive")
        yield from self._objects(self._listed([*rest, *had], there, *options))

    def _asked(self, ids: list[str]) -> dict[str, str]:
        """Return the kind of each object, `missing` for one that is not here."""
        names = "".join(f"{id_}\n" for id_ in dict.fromkeys(ids))
        options = ("--batch-check=%(objectname) %(objecttype)",)
        output = self._git.run("cat-file", *options, stdin=names.encode()) if names else b""
        lines = (line.decode("ascii", "replace").split() for line in output.splitlines())
        return {id_: kind for id_, kind, *_ in lines}

    def _tags(
        self, tags: dict[str, bytes], by_kind: dict[str, dict[str, bytes]]
    ) -> Iterator[Sighting]:
        """Yield what tag objects hold, and add what they name to `by_kind`."""
        named: dict[str, bytes] = {}
        for tag in self._git.batch(map(bytes.fromhex, tags), self._limit):
            if self._tally.expired():
                return
            ref = tags[tag.id.hex()]
            if tag.kind != b"tag":
                self._unread(tag.kind, tag.id)
                continue
            for match in self._tally.search(self._engine, "tags", "a tag", tag.data).matches:
                yield sighting(match, "tag", ref, State.HISTORY, tag.id)
            field = tag.data.partition(b"\n")[0].removeprefix(b"object ")
            target = field.decode("ascii", "replace")
            if is_id(target):  # git would take anything else for an expression
                named[target] = ref
            else:
                self._unread(BROKEN, tag.id)
        for id_, kind in self._asked(list(named)).items():
            by_kind.setdefault(kind, {})[id_] = named.get(id_, b"")

    def _listed(
        self, tips: list[str], there: tuple[str, ...], *options: str
    ) -> list[tuple[bytes, bytes]]:
        """Return the objects that `tips` lead to and the other side lacks, with paths if known."""
        if all(tip.startswith("^") for tip in tips):
            return []
        order = ("--reverse", "--topo-order", *options, "--stdin", "--not", *there)
        names = "".join(f"{tip}\n" for tip in tips)
        # Not splitlines: a path can hold other characters that end a line.
        lines = self._git.run("rev-list", *order, stdin=names.encode()).split(b"\n")
        parts = (line.partition(b" ") for line in lines if line and not line.startswith(b"-"))
        return [(bytes.fromhex(id_.decode()), path) for id_, _, path in parts]

    def _objects(self, listed: list[tuple[bytes, bytes]]) -> Iterator[Sighting]:
        """Yield what blobs hold that no commit places, and the paths in trees."""
        paths = dict(listed)
        blobs = Blobs(self._git, self._engine, self._tally, self._limit, hook=True)
        for entry in self._git.batch(paths, self._limit):
            if self._tally.expired():
                return
            path = paths[entry.id]
            if entry.kind == b"blob":
                for match in blobs.search(entry.data, entry.id.hex()):
                    yield sighting(match, "object", path, State.HISTORY, entry.id)
            elif entry.kind != b"tree":
                self._unread(entry.kind, entry.id)
            for match in self._engine.named(path):
                yield sighting(match, "path", path, State.HISTORY)

    def _unread(self, kind: bytes, id_: bytes) -> None:
        code, detail = _UNREAD.get(kind, ("missing-object", "is not in the object database"))
        self._tally.skip(code, f"object {id_.hex()}", detail or "cannot be read")
