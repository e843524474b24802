"""The few lines that git's hooks print: where each leak stands, what it is, what to do."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scanner.model import Match, Occurrence, Secret, Skipped
from scanner.report.escape import visible
from scanner.report.mask import Mask

_ID = 12  # digits of an object's id
_MOST = 50  # places that are listed
_MOST_NOTES = 5
_REVOKE = "What was ever pushed must be revoked, not just deleted; the links above say how."
_SURE = "To {0} all the same, if you are certain: git {0} --no-verify"
_EVERY_COMMIT = (
    "Take them out of each commit named above; one that follows and removes them is not enough:",
    "git commit --amend for the last one, git rebase -i for earlier ones, then push again.",
)


class _Words(NamedTuple):
    """What is said of a hook: where leaks are, what could not be read, what comes of it."""

    where: str
    unread: str
    verdict: str
    advice: tuple[str, ...]
    bypass: str = ""


_HOOKS = {
    "pre-commit": _Words(
        "staged",
        "some staged content",
        "commit blocked",
        (
            "Take them out of the files and stage again: read them from the environment or a "
            "secret store.",
        ),
        _SURE.format("commit"),
    ),
    "commit-msg": _Words(
        "in the message",
        "the message",
        "commit blocked",
        (
            "Take them out of the message, which git has kept for you:",
            'git commit --edit --file="$(git rev-parse --git-path COMMIT_EDITMSG)"',
        ),
        _SURE.format("commit"),
    ),
    "pre-push": _Words(
        "pushed",
        "some of what is pushed",
        "push blocked",
        _EVERY_COMMIT,
        _SURE.format("push"),
    ),
    "pre-receive": _Words("pushed", "some of what is pushed", "push refused", _EVERY_COMMIT),
}


def blocked(
    hook: str,
    seen: Sequence[tuple[Match, Occurrence]],
    gaps: Sequence[Skipped],
    notes: Sequence[Skipped] = (),
    hidden: Iterable[Secret] = (),
) -> Iterator[str]:
    """Yield the lines to print for leaks and for what was not read; none for neither.

    `hook` is git's name of it; `notes` tell of what was not read and does not block. What is in
    `hidden` is redacted wherever it stands, and so are the leaks.
    """
    words = _HOOKS[hook]
    mask = Mask((*(match.secret for match, _ in seen), *hidden))
    for match, where in seen[:_MOST]:
        place = _place(hook, mask.occurrence(where))
        yield f"{place}: {visible(match.rule.name)}: {visible(match.secret.redacted())}"
        said = f"has the form of: {match.rule.name}"  # as the line above does
        why = "; ".join(visible(mask.text(r)) for r in match.reasons if r != said)
        level = f"{match.confidence.name.lower()} confidence"
        yield f"    {match.rule.id}; {level}{': ' if why else ''}{why}"
        yield f"    {visible(match.rule.remediation)}"
        if match.rule.rotation:
            yield f"    {visible(match.rule.rotation)}"
    if len(seen) > _MOST:
        yield f"… and {len(seen) - _MOST:,} more places"
    for gap in map(mask.skipped, gaps):
        yield f"not read: {visible(gap.subject)}: {visible(gap.detail)}"
    for note in map(mask.skipped, notes[:_MOST_NOTES]):
        yield f"let pass, not searched in full: {visible(note.subject)}: {visible(note.detail)}"
    if len(notes) > _MOST_NOTES:
        yield f"… and {len(notes) - _MOST_NOTES:,} more such notes"
    if seen:
        count = len({match.secret.reveal() for match, _ in seen})
        yield ""
        yield f"leakseal: {count} secret{'s' if count > 1 else ''} {words.where}; {words.verdict}."
        yield from words.advice
        yield _REVOKE
    elif gaps:
        yield f"leakseal: {words.unread} could not be searched; {words.verdict}."
    if words.bypass and (seen or gaps):
        yield words.bypass


def _place(hook: str, where: Occurrence) -> str:
    """Return where something stands, for `git show` to lead there; the commit that brought it."""
    path, id_ = visible(where.path), where.object_id[:_ID]
    position = f"{where.line}:{where.column}"
    via = f" ({visible(' > '.join(where.via))})" if where.via else ""
    commit = f" in commit {where.introduced.id[:_ID]}" if where.introduced else ""
    match where.place:
        case "path":
            return f"{path}:in the file's name{via}{commit}"
        case "ref":
            return f"{path}:in the name of the ref{via}"
        case "commit" if hook == "commit-msg":
            return f"commit message:{position}{via}"
        case "commit" | "tag":
            named = f" {path}" if path else ""
            shown = f", line {where.line} of git cat-file -p {id_}"
            return f"{where.place}{named} {id_}{via}{shown}"
        case "object":
            return f"{path or id_}:{position}{via} in object {id_}"
    return f"{path}:{position}{via}{commit}"
