"""Which settings of a project a scan uses, and what it says of them.

A scanned repository may lie: its own settings count only where the user works in it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from scanner.model import Confidence, Match, Occurrence
from scanner.report.escape import visible
from scanner.rulepack.pack import RulePack
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally
from scanner.triage import baseline, configuration
from scanner.triage.allow import OTHER_FILES, Accepted, counts, placed
from scanner.triage.baseline import Baseline
from scanner.triage.companions import settled
from scanner.triage.configuration import Configuration
from scanner.triage.settings_file import NAME

if TYPE_CHECKING:
    from scanner.guard import Settings

_NOT_OWN = "not read: it is another user's, or no regular file; to use it,"


def chosen(
    root: str | None, pack: RulePack, tally: Tally, *, config: str | None, audit: bool
) -> Configuration:
    """Return the settings for a scan of what is below `root`, and note in `tally` what they do.

    `config` is a file the user named. Raises UsageError if the settings cannot be used.
    """
    if config is not None:
        found = configuration.read(config, pack)
    else:
        path = _own(root, NAME, tally, "--config", audit=audit)
        own = configuration.read_own(path, pack) if path else None
        if path and own is None:
            _not_ones_own(path, NAME, tally, "--config")
        found = own or Configuration(pack)
    for subject, detail in found.notes:
        tally.skip("rule-changed", subject, detail, incomplete=False)
    return found


class Known(NamedTuple):
    """A baseline, and the path of its file."""

    baseline: Baseline
    path: str


def known(
    root: str | None, tally: Tally, *, named: str | None, off: bool, audit: bool
) -> Known | None:
    """Return the baseline for a scan of what is below `root`, None if there is none or it is `off`.

    `named` is a file the user named. Raises UsageError if the baseline cannot be used.
    """
    if off:
        return None
    if named is not None:
        return Known(baseline.read(named), named)
    path = _own(root, baseline.NAME, tally, "--baseline", audit=audit)
    own = baseline.read_own(path) if path else None
    if path and own is None:
        _not_ones_own(path, baseline.NAME, tally, "--baseline")
    return Known(own, path) if path and own else None


def distrust(root: str | None, *, audit: bool) -> str:
    """Return in words why what a project says of itself does not count; nothing if it does."""
    if audit:
        return "this is an audit"
    if root is None:
        return "it is no directory of files"
    return "" if _inside(root) else "run leakseal inside the repository"


def _own(root: str | None, name: str, tally: Tally, option: str, *, audit: bool) -> str | None:
    """Return the path of a file in `root`, if what it says is to be trusted."""
    path = os.path.join(root, name) if root else ""
    if not path or not os.path.lexists(path):
        return None
    why = distrust(root, audit=audit)
    if not why:
        return path
    hint = "" if audit else f", or give {option} {path}"
    tally.skip("own-configuration", name, f"not read: {why}{hint}", incomplete=False)
    return None


def _not_ones_own(path: str, name: str, tally: Tally, option: str) -> None:
    tally.skip("own-configuration", name, f"{_NOT_OWN} {option} {path}", incomplete=False)


def _inside(root: str) -> bool:
    """Tell whether the user works in `root`."""
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it is gone
        return False
    top = os.path.realpath(root)
    return here == top or here.startswith(os.path.join(top, ""))


def for_guard(path: str, *, named: bool = False) -> "Settings":
    """Return what the guard makes of the settings at `path`.

    Those of another user do not count, unless the user `named` them; that is said.
    """

    def settings(pack: RulePack, lowest: Confidence) -> tuple[RulePack, Guarded]:
        read = configuration.read if named else configuration.read_own
        found = read(path, pack)
        if found is None:
            from scanner.cli.say import say  # noqa: PLC0415 - seldom, and slow to load

            say(f"leakseal: {NAME}: {_NOT_OWN} --config {visible(path)}", err=True)
            found = Configuration(pack)
        allowed = Allowed(found.allow, found.pack, lowest)
        return found.pack, Guarded(allowed, found.honor_foreign_ignores)

    return settings


class Guarded:
    """Picks what the guard reports; with `foreign`, comments made for other tools count too."""

    def __init__(self, allowed: "Allowed", foreign: bool) -> None:
        """Take what decides."""
        self.foreign = foreign
        self._allowed = allowed

    def __call__(self, seen: Iterable[Sighting]) -> list[Sighting]:
        """Return what of all that was `seen` is to be reported."""
        return self._allowed.reported(seen)

    def counts(self, match: Match, path: bytes) -> bool:
        """Tell whether the settings do not accept `match` for its `path`."""
        return self._allowed.counts(match, path)


class Allowed:
    """What is not reported since the settings or rules say so, counted by reason."""

    def __init__(self, own: tuple[Accepted, ...], pack: RulePack, lowest: Confidence) -> None:
        """Take the entries of the settings, `own`, and the rules, `pack`, with theirs.

        What is below `lowest` confidence is not reported anyway.
        """
        self._own = own
        self._pack = pack
        self._lowest = lowest
        self._reasons: Counter[str] = Counter()

    def left(
        self, seen: Iterable[Sighting], wanted: Sequence[Callable[[Occurrence], bool]] = ()
    ) -> list[Sighting]:
        """Return what the rules leave of all that was `seen`, where all of `wanted` are true.

        A companion may stand where nothing is reported.
        """

        def asked(sighting: Sighting) -> bool:
            return all(keeps(sighting.occurrence) for keeps in wanted)

        there = (s for s in seen if self._passes(s, counted=asked(s)))
        return [s for s in settled(there, self._lowest) if asked(s)]

    def counts(self, match: Match, path: bytes) -> bool:
        """Tell whether neither rules nor settings accept `match` for its `path`."""
        return counts(match, path, self._pack, self._own)

    def reported(self, seen: Iterable[Sighting]) -> list[Sighting]:
        """Return what the rules and the settings leave of all that was `seen`."""
        from scanner.triage import hook  # noqa: PLC0415 - a scan tells what is accepted by what

        left = self.left(seen)
        return hook.accepted_by(self._own, left) if left and self._own else left

    def _passes(self, sighting: Sighting, *, counted: bool) -> bool:
        match, where = sighting
        commit = where.introduced.id if where.introduced else ""
        reason = placed(match, where.path, commit, self._pack)
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
