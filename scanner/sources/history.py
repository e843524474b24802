"""The history of one repository: every object evaluated, every credential placed in its commits."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from scanner.gitdb.attribution import Attribution, Graph, Placed, Trees, attribute
from scanner.gitdb.objects import parse_commit, tree_entries
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository
from scanner.model import CommitInfo, Match, State
from scanner.sources.evaluate import Evaluation
from scanner.sources.reach import state_of, states
from scanner.sources.sighting import Sighting, occurrence, sighting
from scanner.sources.tally import Tally

_MOST_PATHS = 10_000  # told of below one tree that a ref names; a few trees can make billions

Holding = tuple[bytes, str]  # a secret's value and the id of the rule that found it


class History:
    """Evaluated objects of a repository, and the commits, trees and refs that place them."""

    def __init__(
        self, repository: Repository, odb: ObjectDatabase, evaluation: Evaluation, tally: Tally
    ) -> None:
        """Prepare to place what `evaluation` found."""
        self._odb = odb
        self._hash_size = repository.hash_size
        self.evaluation = evaluation
        self._graph = Graph(evaluation.graph)
        self._refs = repository.refs()
        self._states = states(self._graph, repository, self._refs)
        self._tally = tally
        self._keys: dict[Holding, int] = {}
        self._infos: dict[bytes, CommitInfo] = {}

    def sightings(self, staged: set[bytes]) -> Iterator[Sighting]:
        """Yield every credential in history, once for every place where it was introduced.

        The blobs `staged` in the index are not reported as unreachable.
        """
        yield from self._in_messages()
        yield from self._in_tags()
        if self.evaluation.blobs or self.evaluation.names:
            yield from self._in_trees(staged)

    def _in_messages(self) -> Iterator[Sighting]:
        for commit, matches in self.evaluation.commits.items():
            state = State(max(self._states[commit], State.HISTORY))
            for match in matches:
                where = occurrence(match, "commit", b"", state, commit)
                yield Sighting(match, where._replace(introduced=self._info(commit)))

    def _in_tags(self) -> Iterator[Sighting]:
        names = {ref.id: ref.name for ref in self._refs}
        for tag, matches in self.evaluation.tags.items():
            state = State.HISTORY if tag in names else State.UNREACHABLE
            for match in matches:
                yield sighting(match, "tag", names.get(tag, b""), state, tag)

    def _in_trees(self, staged: set[bytes]) -> Iterator[Sighting]:
        blobs = {i: self._number(matches) for i, matches in self.evaluation.blobs.items()}
        names = {n: self._number(matches) for n, matches in self.evaluation.names.items()}
        trees = Trees(blobs, names)
        for item in self._odb.trees():
            if self._tally.expired():
                break
            trees.add(item.id, tree_entries(item.data, self._hash_size))
        attribution = attribute(self._graph, trees, self._states)
        if trees.too_deep:
            self._tally.skip("too-deep", "trees", "paths over 200 levels deep are not placed")
        if trees.too_many:
            self._tally.skip("too-many-places", "trees", "more places of secrets than are placed")
        yield from self._in_commits(attribution)
        yield from self._outside_commits(trees, attribution.met | staged)

    def _number(self, matches: tuple[Match, ...]) -> frozenset[int]:
        holdings = ((m.secret.reveal(), m.rule.id) for m in matches)
        return frozenset(self._keys.setdefault(h, len(self._keys)) for h in holdings)

    def _in_commits(self, attribution: Attribution) -> Iterator[Sighting]:
        introductions = Counter((p.key, p.path) for p in attribution.placed)
        for placed in attribution.placed:
            pair = (placed.key, placed.path)
            state = state_of(attribution.held, pair)
            removed = placed.removed if self._counts(placed) else None
            if state == State.HEAD and introductions[pair] == 1:
                removed = None  # a branch dropped it, and HEAD has it still
            for match, place in self._matches(placed):
                where = occurrence(match, place, placed.path, state, placed.id)
                introduced = self._info(placed.introduced)
                ended = self._info(removed) if removed else None
                yield Sighting(match, where._replace(introduced=introduced, removed=ended))

    def _counts(self, placed: Placed) -> bool:
        """Tell whether a removal is one: neither a stash nor an abandoned commit undoes history."""
        if placed.removed is None:
            return False
        removed = self._states[placed.removed]
        return removed != State.STASH and removed <= max(
            self._states[placed.introduced], State.HISTORY
        )

    def _matches(self, placed: Placed) -> Iterator[tuple[Match, str]]:
        """Yield the matches in the blob, or in the name, that a placed key stands for."""
        name = placed.path.rpartition(b"/")[2]
        for place, matches in (
            ("file", self.evaluation.blobs.get(placed.id, ())),
            ("path", self.evaluation.names.get(name, ())),
        ):
            for match in matches:
                if self._keys[match.secret.reveal(), match.rule.id] == placed.key:
                    yield match, place

    def _outside_commits(self, trees: Trees, met: set[bytes]) -> Iterator[Sighting]:
        """Yield what no commit places: refs to trees and blobs, and dangling objects."""
        seen = set(met)
        for ref in self._refs:
            target = ref.peeled or ref.id
            held = list(islice(trees.holdings(target), _MOST_PATHS + 1))
            if len(held) > _MOST_PATHS:
                name = ref.name.decode("utf-8", "replace")
                detail = f"only {_MOST_PATHS} paths with secrets below this tree are told"
                self._tally.skip("too-many-places", name, detail)
            for path, id_, _ in held[:_MOST_PATHS]:
                for match in self.evaluation.blobs.get(id_, ()):
                    seen.add(id_)
                    yield sighting(match, "file", path, State.HISTORY, id_)
            if target in self.evaluation.blobs:
                seen.add(target)
                for match in self.evaluation.blobs[target]:
                    yield sighting(match, "object", ref.name, State.HISTORY, target)
        for id_, matches in self.evaluation.blobs.items():
            if id_ not in seen:
                for match in matches:
                    yield sighting(match, "object", b"", State.UNREACHABLE, id_)

    def _info(self, commit: bytes) -> CommitInfo:
        if commit not in self._infos:
            item = self._odb.read(commit)
            parsed = parse_commit(item.data if item else b"", self._hash_size)
            author = parsed.author
            self._infos[commit] = CommitInfo(
                commit.hex(), author.name, author.email, author.when, parsed.subject
            )
        return self._infos[commit]
