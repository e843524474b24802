"""What of the things a scan has seen is accepted: settings, comments and the baseline together."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property

from scanner.cli.request import Request
from scanner.cli.settings import distrust, known
from scanner.detect.engine import Engine
from scanner.gitdb.repository import Repository
from scanner.model import Absent, Finding, Match, Suppression
from scanner.sources import files
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally
from scanner.triage import baseline, keys
from scanner.triage.baseline import Baseline
from scanner.triage.configuration import Configuration
from scanner.triage.contents import Contents
from scanner.triage.decide import Decided, Policy, decided
from scanner.triage.group import divided
from scanner.triage.identity import Identity, salt_of
from scanner.triage.inline import WORD, Inline, unheeded

_MOST_LOOKED_AT = 50  # contents of a repository that is not trusted


class Acceptance:
    """What counts in one scan, and how its fingerprints are made."""

    def __init__(
        self,
        request: Request,
        environ: Mapping[str, str],
        repository: Repository | None,
        root: str | None,
        settings: Configuration,
        engine: Engine,
        tally: Tally,
    ) -> None:
        """Read the baseline that counts below `root`, the directory of files that is scanned.

        `repository` is the one around what is scanned. Raises UsageError if the baseline cannot be
        used.
        """
        self._request = request
        self._environ = environ
        self._repository = repository
        self._root = root
        self._tally = tally
        found = known(
            root,
            tally,
            named=request.baseline,
            off=request.no_baseline,
            audit=request.audit,
        )
        self.baseline: Baseline | None = found.baseline if found else None
        self.name = os.path.basename(found.path) if found else ""
        if found:
            baseline.check(found.path, found.baseline, self.identity)
        self._distrust = distrust(root, audit=request.audit)
        self._contents = Contents(repository.git if repository else None, root)
        foreign = request.honor_foreign_ignores or settings.honor_foreign_ignores
        self._inline = Inline(self._contents, engine, foreign=foreign)
        self._entries = settings.allow

    @cached_property
    def identity(self) -> Identity:
        """How fingerprints are made: as in the baseline, if there is one without a key."""
        return self._chosen(self._salt())

    @property
    def key_source(self) -> str:
        """Where the key comes from; what stands in for one need not be known."""
        made = self.identity if "identity" in self.__dict__ else self._chosen(b"")
        return made.source

    def decided(self, sightings: Sequence[Sighting]) -> list[Decided]:
        """Return what is said of each sighting; note what is not heeded."""
        if self._distrust and sightings:
            self._note_unheeded(sightings)
        return self._decided(sightings, None if self._distrust else self._inline)

    def divided(
        self, decisions: Sequence[Decided]
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return the findings to report, and those that are accepted."""
        return divided(decisions, self.identity.fingerprint) if decisions else ((), ())

    def commented(self, match: Match, path: bytes, id_: bytes) -> bool:
        """Tell whether a comment in the blob `id_`, as it was at `path`, accepts `match`."""
        return not self._distrust and self._inline.accepts(match, path, id_)

    def counts(self, sighting: Sighting) -> bool:
        """Tell whether a sighting is a leak as far as can be told without reading its file."""
        return not self._decided([sighting], None)[0].suppressions

    def absent(self, findings: Iterable[Finding]) -> Iterator[Absent]:
        """Yield the entries of the baseline that are not among `findings`, which are all."""
        names = {finding.fingerprint for finding in findings}
        for entry in self.baseline.entries if self.baseline else ():
            if entry.fingerprint not in names:
                terms = Suppression(
                    "baseline", entry.reason, entry.owner, entry.added, entry.expires
                )
                yield Absent(entry.fingerprint, entry.rule, entry.path, terms)

    def stale(self, findings: Sequence[Finding], sightings: Sequence[Sighting]) -> Iterator[str]:
        """Yield in words what accepts nothing any more, once all there is was searched.

        `findings` are all there are, accepted or not, made from `sightings`.
        """
        for entry in self.absent(findings):
            where = f" ({entry.rule}, {entry.path})" if entry.path else ""
            yield f"{self.name}: {entry.fingerprint[:12]}{where} is not found any more"
        by_secret = {f.secret.reveal(): f.fingerprint for f in findings}
        for number, each in enumerate(self._entries, 1):
            if not any(
                each.holds(
                    s.match,
                    s.occurrence.path,
                    s.occurrence.introduced.id if s.occurrence.introduced else "",
                    (by_secret[s.match.secret.reveal()],),
                )
                for s in sightings
            ):
                yield f"entry {number} of allow accepts nothing: {each.reason}"
        if not self._distrust and self._root:
            yield from self._stale_comments(self._root)

    def _stale_comments(self, root: str) -> Iterator[str]:
        tally = Tally()
        for file in files.walk(root, tally, lambda _: True):
            data = files.read(file, tally, self._request.limit) or b""
            if WORD in data:
                for line in self._inline.idle(data):
                    yield f"{os.fsdecode(file.path)}:{line}: this comment accepts nothing"

    def _decided(self, sightings: Sequence[Sighting], inline: Inline | None) -> list[Decided]:
        policy = Policy(self._entries, self.baseline, inline)
        today = datetime.now(UTC).date()
        name = self.identity.fingerprint if policy.names_secrets else None
        return decided(sightings, policy, name, today)

    def _chosen(self, salt: bytes) -> Identity:
        own = self._repository
        return keys.choose(
            self._environ,
            self._request.key_file,
            own.common_dir if own else None,
            own.work_tree if own else None,
            salt,
        )

    def _salt(self) -> bytes:
        """Return what tells this repository from others and is the same in every clone of it."""
        if self.baseline is not None:
            return salt_of(self.baseline.key) or b""
        own = self._repository
        return b"" if own is None or not own.head() else own.root()

    def _note_unheeded(self, sightings: Sequence[Sighting]) -> None:
        count = unheeded(sightings, self._contents, _MOST_LOOKED_AT)
        if count:
            where = "1 file" if count == 1 else f"{count} files"
            detail = f"comments in {where} or more do not count: {self._distrust}"
            self._tally.skip("own-configuration", WORD.decode(), detail, incomplete=False)
