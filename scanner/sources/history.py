"""The history of one repository: every object evaluated, every credential placed in its commits."""

from collections.abc import Iterator
from itertools import compress, islice

from scanner.gitdb.attribution import Attribution, Placed, Trees, attribute
from scanner.gitdb.graph import Graph
from scanner.gitdb.objects import parse_commit, tree_entries
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository
from scanner.model import CommitInfo, Match, Rule, State
from scanner.rulepack.searchers import searcher
from scanner.sources.blobs import Holding, holding
from scanner.sources.evaluate import Evaluation
from scanner.sources.leading import LeadingTrees
from scanner.sources.notes import Notes
from scanner.sources.reach import state_of, states
from scanner.sources.sighting import Sighting, occurrence, sighting
from scanner.sources.tally import Tally

_MOST_PATHS = 10_000  # told of below one tree that a ref names; a few trees can make billions


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
        self._head = repository.head() or b""
        self._shallow = repository.shallow()
        self._line = bytearray(len(self._graph.ids))
        self._graph.mark(self._line, [self._head], 1)
        self._states = states(self._graph, repository, self._refs)
        self._notes = Notes(self._graph, self._refs, self._head)
        self._tally = tally
        self._keys: dict[Holding, int] = {}
        self._infos: dict[bytes, CommitInfo] = {}

    def root(self) -> bytes | None:
        """Return what `Repository.root` does; None if what is here is not all of it."""
        graph = self._graph
        if self._shallow or any(self._line[commit] for commit in graph.cut):
            return None
        line = compress(graph.ids, self._line)
        roots = (commit.hex().encode() for commit in line if not graph.commits[commit][1])
        return min(roots, default=None)  # an index that lies may make commits their own ancestors

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
            state = State(max(self._state(commit), State.HISTORY))
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
        leading = self._leading(blobs)
        leading.into(trees)
        own = [self._graph.commits[commit][0] for commit in self._graph.ids]
        standing = leading.standing({tree for tree in own if tree})
        standing[b""] = b""
        roots = [standing[tree] for tree in own]
        attribution = attribute(self._graph, roots, trees, self._states)
        if trees.too_deep:
            self._tally.skip("too-deep", "trees", "paths over 200 levels deep are not placed")
        if trees.too_many:
            self._tally.skip("too-many-places", "trees", "more places of secrets than are placed")
        yield from self._in_commits(attribution, leading)
        all_placed = not (trees.too_deep or trees.too_many)
        met = leading.reached(set(own)) if all_placed else attribution.met
        yield from self._outside_commits(trees, leading, met | staged)
        placed = {p.path.rpartition(b"/")[2] for p in attribution.placed}
        for name, matches in self.evaluation.names.items():
            for match in matches if name not in placed else ():
                yield sighting(match, "path", name, State.UNREACHABLE)

    def _leading(self, blobs: dict[bytes, frozenset[int]]) -> LeadingTrees:
        """Return the trees that lead to `blobs`, or to names that hold credentials."""
        numbers: dict[frozenset[int], int] = {}
        kinds = {i: numbers.setdefault(keys, len(numbers) + 1) for i, keys in blobs.items()}
        leading = LeadingTrees(kinds, self.evaluation.names)
        if self.evaluation.trees is not None:
            self.evaluation.trees.into(leading)
        for item in self._odb.trees(self.evaluation.done):
            if self._tally.expired():
                break
            leading.add(item.id, tree_entries(item.data, self._hash_size))
        return leading

    def _number(self, matches: tuple[Match, ...]) -> frozenset[int]:
        return frozenset(self._keys.setdefault(holding(m), len(self._keys)) for m in matches)

    def _in_commits(self, attribution: Attribution, leading: LeadingTrees) -> Iterator[Sighting]:
        tree, _ = self._graph.commits.get(self._head, (b"", ()))
        for stand_in, state, removed in self._introductions(attribution):
            origin = self._graph.commits[stand_in.introduced][0]
            placed = stand_in._replace(id=leading.find(origin, stand_in.path))
            introduced = self._known_info(placed.introduced)
            ended = self._info(removed) if removed else None
            seen = list(self._matches(placed))
            if state == State.HEAD and removed is None:
                here = placed._replace(id=leading.find(tree, placed.path))
                now = list(self._matches(here))
                for match, place in now:
                    where = occurrence(match, place, placed.path, state, here.id)
                    yield Sighting(match, where._replace(introduced=introduced))
                standing = {(match.line, match.column) for match, _ in now}
                seen = [s for s in seen if (s[0].line, s[0].column) not in standing]
                state = State.HISTORY
            for match, place in seen:
                where = occurrence(match, place, placed.path, state, placed.id)
                where = where._replace(introduced=introduced, removed=ended)
                note = self._notes.name(placed.introduced, placed.path)
                yield Sighting(match, where._replace(place="note", path=note) if note else where)

    def _introductions(
        self, attribution: Attribution
    ) -> Iterator[tuple[Placed, State, bytes | None]]:
        """Yield each introduction with the state of its place and, one by one, what ended it."""
        ended: dict[tuple[Placed, State], list[bytes | None]] = {}
        for placed in attribution.placed:
            state = state_of(attribution.held, (placed.key, placed.path))
            removals = ended.setdefault((placed._replace(removed=None), state), [])
            # What a branch dropped stands all the same if it is in HEAD, which did not follow.
            if (
                placed.removed is not None
                and self._counts(placed.introduced, placed.removed)
                and (state != State.HEAD or self._line[self._graph.number[placed.removed]])
            ):
                removals.append(placed.removed)
        for (placed, state), removals in ended.items():
            for removed in removals or [None]:
                yield placed, state, removed

    def _counts(self, introduced: bytes, removed: bytes) -> bool:
        """Tell whether a removal is one: neither a stash nor an abandoned commit undoes history."""
        state = self._state(removed)
        return state != State.STASH and state <= max(self._state(introduced), State.HISTORY)

    def _state(self, commit: bytes) -> int:
        return self._states[self._graph.number[commit]]

    def _matches(self, placed: Placed) -> Iterator[tuple[Match, str]]:
        """Yield the matches in the blob, or in the name, that a placed key stands for."""
        name = placed.path.rpartition(b"/")[2]
        for place, matches in (
            ("file", self.evaluation.blobs.get(placed.id, ())),
            ("path", self.evaluation.names.get(name, ())),
        ):
            for match in matches:
                if self._keys[holding(match)] == placed.key and self._fits(match.rule, placed):
                    yield match, place

    def _fits(self, rule: Rule, placed: Placed) -> bool:
        """Tell whether a rule for files by their name is at a file, not at a directory."""
        if rule.method != "file":
            return True
        if not searcher(rule.path or rule.pattern, rule.engine).found(placed.path):
            return False
        item = self._odb.read(placed.id)
        return item is None or item.kind != b"tree"

    def _outside_commits(
        self, trees: Trees, leading: LeadingTrees, met: set[bytes]
    ) -> Iterator[Sighting]:
        """Yield what no commit places: refs to trees and blobs, and dangling objects."""
        seen = set(met)
        standing = leading.standing({ref.peeled or ref.id for ref in self._refs})
        for ref in self._refs:
            target = ref.peeled or ref.id
            held = list(islice(trees.holdings(standing[target]), _MOST_PATHS + 1))
            if len(held) > _MOST_PATHS:
                name = ref.name.decode("utf-8", "replace")
                detail = f"only {_MOST_PATHS} paths with secrets below this tree are told"
                self._tally.skip("too-many-places", name, detail)
            for path, _, _ in held[:_MOST_PATHS]:
                id_ = leading.find(target, path)
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

    def _known_info(self, commit: bytes) -> CommitInfo | None:
        """Return who made a commit; None where the clone was cut off, since it hides the origin."""
        return None if commit in self._shallow else self._info(commit)

    def _info(self, commit: bytes) -> CommitInfo:
        if commit not in self._infos:
            self._infos[commit] = commit_info(self._odb, commit)
        return self._infos[commit]


def commit_info(odb: ObjectDatabase, commit: bytes) -> CommitInfo:
    """Return who made a commit; what cannot be read stays empty."""
    item = odb.read(commit)
    parsed = parse_commit(item.data if item else b"", odb.hash_size)
    author = parsed.author
    return CommitInfo(commit.hex(), author.name, author.email, author.when, parsed.subject)
