"""Takes the secrets of a report's findings out of everything else the report says.

A file name, a branch, a commit subject or an author can hold the very secret that was found. This
is the one place where that is undone, on the bytes before any format escapes them.

A password that is an ordinary word stays in names that do not give it as a value. `docker` in
`docker/app.yml` tells nobody that it is a password; a gap there would, and whoever can commit could
take any word out of the places of all other leaks.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote_from_bytes

from scanner.model import (
    CommitInfo,
    Finding,
    Occurrence,
    Report,
    Secret,
    Skipped,
    Suppression,
    Withheld,
)
from scanner.report.escape import as_bytes
from scanner.report.ordinary import is_given, is_word

SHORTEST = 6  # a shorter value, such as "root", cannot be told from an ordinary word
_LONG_LINE = 16
# What is left as it is when a part of a URL is written with percent signs: nothing, a path's slash,
# what JavaScript's encodeURIComponent and encodeURI leave, what may stand in a part (RFC 3986).
_UNQUOTED = ("", "/", "!'()*", "!#$&'()*+,/:;=?@", "!$&'()*+,;=:@", "!$&'()*+,;=", "*")
_USERINFO = re.compile(r"(://)[^/?#]*@")


def masked(report: Report, *, nothing: bool = False) -> Report:
    """Return `report` with every finding's secret, in any of its `forms`, shown redacted.

    So is what is `hidden`. With `nothing`, the findings' secrets stay; user names and passwords in
    URLs are taken out, and so is what is hidden, as nobody was told of that.
    Covers what comes from the repository or names it: target, origin, branch, paths, refs, commits,
    decoding steps, reasons, what was skipped, what a baseline says of what is absent. Ids,
    fingerprints and the words of rules stay as they are. The findings keep their `Secret`.
    """
    found = dict.fromkeys(f.secret for f in (*report.findings, *report.suppressed))
    hidden = (secret for secret in report.hidden if not (nothing and secret in found))
    mask = Mask((*(() if nothing else found), *hidden))
    coverage = report.coverage
    return report._replace(
        target=mask.name(_USERINFO.sub(r"\1", report.target)),
        origin=mask.name(_USERINFO.sub(r"\1", report.origin)),
        branch=mask.name(report.branch),
        key_source=mask.name(report.key_source),
        baseline=mask.name(report.baseline),
        findings=tuple(mask.finding(finding) for finding in report.findings),
        suppressed=tuple(mask.finding(finding) for finding in report.suppressed),
        coverage=coverage._replace(skipped=tuple(mask.skipped(s) for s in coverage.skipped)),
        hidden=(),
        absent=tuple(
            a._replace(
                rule=mask.name(a.rule),
                path=mask.name(a.path),
                suppression=mask.suppression(a.suppression),
            )
            for a in report.absent
        ),
    )


def forms(value: bytes) -> Iterator[bytes]:
    """Yield the ways `value` is commonly written: as it is, base64, hex, percent, quoted.

    Base64 comes at each of its three alignments without the characters that neighbours share, so
    that it is found inside a longer encoded text too.
    """
    from html import escape  # noqa: PLC0415 - pulls in a large table, only reports need it
    from json import dumps  # noqa: PLC0415 - likewise

    yield value
    yield value.strip()
    lines = value.split()
    if len(lines) > 1:  # git joins the lines of a subject with spaces
        yield b" ".join(lines)
        yield b"".join(lines)
        yield from (line for line in value.splitlines() if len(line) >= _LONG_LINE)
    yield from _base64_forms(value)
    percents = [quote_from_bytes(value, safe).encode() for safe in _UNQUOTED]
    percents += [form.replace(b"%20", b"+") for form in percents if b"%20" in form]
    percents.append("".join(f"%{byte:02X}" for byte in value).encode())
    for form in [value.hex().encode(), *percents]:
        yield form
        yield form.upper() if b"%" not in form else _lower_percent(form)
    text = value.decode("utf-8", "surrogateescape")
    quoted = (dumps(text, ensure_ascii=False)[1:-1], escape(text), escape(text, quote=False))
    yield from (as_bytes(form) for form in quoted)


def _lower_percent(form: bytes) -> bytes:
    return re.sub(rb"%[0-9A-F]{2}", lambda match: match[0].lower(), form)


def _base64_forms(value: bytes) -> Iterator[bytes]:
    for altchars in (b"+/", b"-_"):
        yield b64encode(value, altchars)
        for lead, shared in ((0, 0), (1, 2), (2, 3)):
            whole = (lead + len(value)) * 8 // 6
            yield b64encode(bytes(lead) + value, altchars)[shared:whole]


class Mask:
    """Replaces many byte strings at once; the cost follows the text, not the number of secrets."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Prepare to redact `secrets` in each of their `forms`."""
        self._shown: dict[bytes, bytes] = {}
        self._words: set[bytes] = set()
        for secret in secrets:
            if isinstance(secret, Withheld):
                continue
            value = secret.reveal()
            if len(value) < SHORTEST:
                continue
            if is_word(value):
                self._words.add(value.lower())
            shown = as_bytes(secret.redacted())
            for form in forms(value):
                if len(form) >= SHORTEST:
                    self._shown.setdefault(form, shown)
        lengths: dict[bytes, set[int]] = {}
        for form in self._shown:
            lengths.setdefault(form[:SHORTEST], set()).add(len(form))
        self._lengths = {key: sorted(found, reverse=True) for key, found in lengths.items()}
        self._done: dict[bytes, bytes] = {}
        self._names: dict[tuple[bytes, int], bytes] = {}
        self._commits: dict[CommitInfo, CommitInfo] = {}

    def clean(self, raw: bytes) -> bytes:
        """Return `raw` with every secret in it redacted; the same object when there is none."""
        done = self._done.get(raw)
        if done is None:
            done = self._done[raw] = self._replaced(raw)
        return done

    def clean_name(self, raw: bytes, lead: int = 0) -> bytes:
        """Return `raw` as `clean` does, but with words left that it does not give as values.

        The first `lead` bytes say what kind of name it is, and give nothing.
        """
        if not self._words:
            return self.clean(raw)
        done = self._names.get((raw, lead))
        if done is None:
            done = self._names[raw, lead] = self._replaced(raw, lead)
        return done

    def _replaced(self, raw: bytes, lead: int | None = None) -> bytes:
        openings = self._lengths
        last = len(raw) - SHORTEST + 1
        starts = [i for i in range(last) if raw[i : i + SHORTEST] in openings]
        out = []
        done = 0  # everything before is in `out`; secrets that overlap go as one
        for start in starts:
            but_words = lead is not None and (start == lead or not is_given(raw, start))
            form = self._form_at(raw, start, but_words)
            if form is None or start + len(form) <= done:
                continue
            if start >= done:
                out += [raw[done:start], self._shown[form]]
            done = start + len(form)
        return b"".join([*out, raw[done:]]) if out else raw

    def _form_at(self, raw: bytes, start: int, but_words: bool) -> bytes | None:
        for length in self._lengths[raw[start : start + SHORTEST]]:
            form = raw[start : start + length]
            if form in self._shown and not (but_words and form.lower() in self._words):
                return form
        return None

    def text(self, text: str) -> str:
        """Return `text` with every secret in it redacted."""
        raw = as_bytes(text)
        done = self.clean(raw)
        return text if done is raw else done.decode("utf-8", "surrogateescape")

    def name(self, name: str) -> str:
        """Return `name` as `clean_name` has it."""
        raw = as_bytes(name)
        done = self.clean_name(raw)
        return name if done is raw else done.decode("utf-8", "surrogateescape")

    def texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Return `texts`, each as `text` has it."""
        return tuple(self.text(text) for text in texts)

    def skipped(self, skipped: Skipped) -> Skipped:
        """Return `skipped` with every secret in it redacted."""
        return skipped._replace(
            subject=self.name(skipped.subject), detail=self.text(skipped.detail)
        )

    def finding(self, finding: Finding) -> Finding:
        """Return `finding` with what was said beside its secret redacted."""
        return finding._replace(
            reasons=self.texts(finding.reasons),
            occurrences=tuple(self.occurrence(place) for place in finding.occurrences),
            suppressions=tuple(map(self.suppression, finding.suppressions)),
        )

    def suppression(self, suppression: Suppression) -> Suppression:
        """Return `suppression` with every secret in its words redacted."""
        return suppression._replace(
            reason=self.text(suppression.reason), owner=self.text(suppression.owner)
        )

    def occurrence(self, place: Occurrence) -> Occurrence:
        """Return `place` with every secret in it redacted."""
        return place._replace(
            path=self.clean_name(place.path),
            via=tuple(map(self._step, place.via)),
            introduced=self.commit(place.introduced),
            removed=self.commit(place.removed),
        )

    def _step(self, step: str) -> str:
        raw = as_bytes(step)
        done = self.clean_name(raw, raw.find(b":") + 1)  # `zip:` gives no value
        return step if done is raw else done.decode("utf-8", "surrogateescape")

    def commit(self, commit: CommitInfo | None) -> CommitInfo | None:
        """Return `commit` with every secret in it redacted."""
        if commit is None:
            return None
        done = self._commits.get(commit)
        if done is None:
            done = self._commits[commit] = commit._replace(
                author=self.clean_name(commit.author),
                email=self.clean_name(commit.email),
                subject=self.clean(commit.subject),
            )
        return done
