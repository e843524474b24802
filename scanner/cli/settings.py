"""Which settings of a project a scan uses, and what it says of them.

A scanned repository may lie: its own settings count only where the user works in it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from scanner.model import Allow, Confidence, Occurrence
from scanner.rulepack.pack import RulePack
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally
from scanner.triage import configuration
from scanner.triage.allow import OTHER_FILES, placed
from scanner.triage.companions import settled
from scanner.triage.configuration import Configuration
from scanner.triage.settings_file import NAME

if TYPE_CHECKING:
    from scanner.guard import Settings


def chosen(
    root: str | None, pack: RulePack, tally: Tally, *, config: str | None, audit: bool
) -> Configuration:
    """Return the settings for a scan of what is below `root`, and note in `tally` what they do.

    `config` is a file the user named. Raises UsageError if the settings cannot be used.
    """
    if config is not None:
        found = configuration.read(config, pack)
    else:
        found = (_own(root, pack, tally, audit=audit) if root else None) or Configuration(pack)
    for subject, detail in found.notes:
        tally.skip("rule-changed", subject, detail, incomplete=False)
    return found


def _own(root: str, pack: RulePack, tally: Tally, *, audit: bool) -> Configuration | None:
    """Return what the settings in `root` make of `pack`, if they are to be trusted."""
    path = os.path.join(root, NAME)
    if not os.path.lexists(path):
        return None
    if audit:
        why = "not read: this is an audit"
    elif not _inside(root):
        why = f"not read: run leakseal inside the repository, or give --config {path}"
    else:
        found = configuration.read_own(path, pack)
        if found is not None:
            return found
        why = f"not read: it is another user's, or no regular file; to use it, --config {path}"
    tally.skip("own-configuration", NAME, why, incomplete=False)
    return None


def _inside(root: str) -> bool:
    """Tell whether the user works in `root`."""
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it is gone
        return False
    top = os.path.realpath(root)
    return here == top or here.startswith(os.path.join(top, ""))


def for_guard(path: str) -> "Settings":
    """Return what the guard makes of the settings at `path`; those of another user do not count."""

    def settings(
        pack: RulePack, lowest: Confidence
    ) -> tuple[RulePack, Callable[[Iterable[Sighting]], list[Sighting]]]:
        found = configuration.read_own(path, pack) or Configuration(pack)
        return found.pack, Allowed(found.allow, found.pack, lowest).reported

    return settings


class Allowed:
    """What is not reported since the settings or rules say so, counted by reason."""

    def __init__(self, own: tuple[Allow, ...], pack: RulePack, lowest: Confidence) -> None:
        """Take the entries of the settings, `own`, and those of the rules, of `pack`.

        What is below `lowest` confidence is not reported anyway.
        """
        self._own = pack._replace(allow=own)
        self._pack = pack
        self._lowest = lowest
        self._reasons: Counter[str] = Counter()

    def reported(
        self, seen: Iterable[Sighting], wanted: Sequence[Callable[[Occurrence], bool]] = ()
    ) -> list[Sighting]:
        """Return what of all that was `seen` is to be reported, where all of `wanted` are true.

        A companion may stand where nothing is reported.
        """

        def asked(sighting: Sighting) -> bool:
            return all(keeps(sighting.occurrence) for keeps in wanted)

        there = (s for s in seen if self._passes(s, self._pack, counted=asked(s)))
        surer = (s for s in settled(there, self._lowest) if asked(s))
        return [s for s in surer if self._passes(s, self._own, counted=True)]

    def _passes(self, sighting: Sighting, pack: RulePack, *, counted: bool) -> bool:
        match, where = sighting
        commit = where.introduced.id if where.introduced else ""
        reason = placed(match, where.path, commit, pack)
        if reason is None:
            return True
        counted = counted and reason != OTHER_FILES and match.confidence >= self._lowest
        self._reasons[reason] += counted
        return False

    def note(self, tally: Tally) -> None:
        """Note in `tally` how many places were left out for what reason."""
        for reason, count in sorted((+self._reasons).items()):
            places = "1 place" if count == 1 else f"{count} places"
            tally.skip("allowed", reason, f"{places} not reported", incomplete=False)
