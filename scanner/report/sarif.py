"""The report in SARIF 2.1.0, as GitHub and other code hosts and editors read it.

One result for each secret; its location is the most exposed file place, other places are related
locations. What stands in no file of the tree (a commit, a tag, a ref, an object without a path)
has a logical location that names it and, since GitHub takes no result without a file, a physical
one that names `.git`, the place that does hold it; standard input is called `-`. Line 1 stands
for a whole artifact where no line is meaningful. What replaces a secret depends on where it will be
stored, which a scan does not know: `fixes` come from the plan of a migration.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from scanner import __version__
from scanner.model import Finding, Report
from scanner.report import uri
from scanner.report.coverage import skipped_line
from scanner.report.escape import as_bytes, as_text, visible
from scanner.report.json_text import dumps
from scanner.report.places import present
from scanner.report.sarif_fixes import Fix
from scanner.report.sarif_limits import LEAST_RELATED, MOST_RELATED, fitting, over, without_rest
from scanner.report.sarif_places import ROOT, message
from scanner.report.sarif_results import absent, result
from scanner.report.sarif_rules import Object, descriptor, rules_of

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_END = "[]}]}"
_LIMITS, _SCOPE = "result-limit", "result-scope"
_NOTICES = {
    _LIMITS: "Left out or shortened: the file would be over a limit of GitHub's",
    _SCOPE: "Left out: not in the scope that was asked for",
}


def render(
    report: Report,
    *,
    show_secrets: bool,
    scope: str = "all",
    category: str = "leakseal",
    fixes: Mapping[str, Fix] = MappingProxyType({}),
) -> str:
    """Return the whole log, one run; snippets are redacted unless `show_secrets`.

    `fixes` are offered with the findings that have these fingerprints. The scope
    "head" leaves out what does not count as a leak, what stands in no file of HEAD, the index or
    the working tree, and what is absent; a notification says how much of the first two there is.
    An upload replaces what was uploaded before under its `category`.
    """
    found = [*report.findings, *report.suppressed] if scope == "all" else _anchored(report)
    notices = _out_of_scope(report, found)
    wanted = without_rest(found)
    gone = report.absent if scope == "all" else ()
    total = len(found) + len(gone)
    rules = rules_of(wanted)
    index = {id_: number for number, id_ in enumerate(rules)}
    descriptors = [descriptor(rule) for rule in rules.values()]
    empty = _log(report, descriptors, notices, total, category)
    baseline = bool(report.baseline)
    for most in (MOST_RELATED, LEAST_RELATED):
        told = (result(f, index, fixes, baseline, most, show_secrets) for f in wanted)
        results = fitting(empty, map(dumps, chain(told, map(absent, gone))))
        if len(results) >= len(wanted):
            break
    notices += [(_LIMITS, words) for words in over(total, len(results), most)]
    log = _log(report, descriptors, notices, total - len(results), category)
    return log.removesuffix(_END) + "[" + ", ".join(results) + "]}]}\n"


def _anchored(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if present(finding)]


def _out_of_scope(report: Report, found: Sequence[Finding]) -> list[tuple[str, str]]:
    total = len(report.findings) + len(report.suppressed)
    if len(found) == total:
        return []
    elsewhere = len(report.findings) - len(found)
    words = f"Not listed: {elsewhere:,} of {len(report.findings):,} secrets that stand in no file"
    words += f" of HEAD, the index or the working tree, and {len(report.suppressed):,} that do not"
    words += " count as leaks. All are in --sarif-scope all."
    return [(_SCOPE, words)]


def _log(
    report: Report,
    rules: list[Object],
    notices: list[tuple[str, str]],
    left_out: int,
    category: str,
) -> str:
    """Return the log without results, ending in `_END`."""
    codes = sorted({skipped.code for skipped in report.coverage.skipped})
    known = [(code, f"Not read: {visible(code)}") for code in codes]
    known += [(id_, words) for id_, words in _NOTICES.items() if id_ in dict(notices)]
    provenance = _provenance(report)
    run: Object = {
        "tool": {"driver": _driver(rules, known)},
        "automationDetails": {"id": f"{category}/"},
        "invocations": [_invocation(report, [id_ for id_, _ in known], notices)],
        "originalUriBaseIds": {ROOT: _root(report)},
        **({"versionControlProvenance": [provenance]} if provenance else {}),
        "columnKind": "unicodeCodePoints",
        "redactionTokens": ["…"],
        "properties": _properties(report, left_out),
        "results": [],
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _driver(rules: list[Object], notifications: list[tuple[str, str]]) -> Object:
    return {
        "name": "leakseal",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": rules,
        "notifications": [
            {"id": id_, "shortDescription": {"text": words}} for id_, words in notifications
        ],
    }


def _invocation(report: Report, ids: list[str], notices: list[tuple[str, str]]) -> Object:
    told = [
        (skipped.code, "warning" if skipped.incomplete else "note", skipped_line(skipped))
        for skipped in report.coverage.skipped
    ]
    told += [(id_, "warning" if id_ == _LIMITS else "note", words) for id_, words in notices]
    times = {"startTimeUtc": report.started, "endTimeUtc": report.ended}
    return {
        "executionSuccessful": report.coverage.complete,
        **{name: time.replace("+00:00", "Z") for name, time in times.items() if time},
        "toolExecutionNotifications": [
            {
                "descriptor": {"id": id_, "index": ids.index(id_)},
                "level": level,
                "message": message(words),
            }
            for id_, level, words in told
        ],
    }


def _root(report: Report) -> Object:
    """Return what paths are relative to: the repository, also where a directory in it was named."""
    filters = (each.subject for each in report.coverage.skipped if each.code == "path-filter")
    inside = any(report.target.endswith((f"/{place}", f"\\{place}")) for place in filters)
    where = "" if inside else uri.folder(report.target)
    about = {"text": "Root of what was scanned; paths are relative to it."}
    return {**({"uri": where} if where else {}), "description": about}


def _provenance(report: Report) -> Object:
    where = uri.remote(report.origin) or uri.folder(report.target)
    if not report.head or not where:
        return {}
    branch = as_text(as_bytes(report.branch))
    return {
        "repositoryUri": where,
        "revisionId": report.head,
        **({"branch": branch} if branch else {}),
        "mappedTo": {"uriBaseId": ROOT},
    }


def _properties(report: Report, left_out: int) -> Object:
    coverage = report.coverage
    return {
        "target": as_text(as_bytes(report.target)),
        "rulesDigest": report.rules_digest,
        "keySource": as_text(as_bytes(report.key_source)),
        "baseline": as_text(as_bytes(report.baseline)),
        "secrets": len(report.findings),
        "suppressed": len(report.suppressed),
        "resultsLeftOut": left_out,
        "coverage": {
            "complete": coverage.complete,
            "counts": coverage.counts,
            "bytesRead": coverage.bytes_read,
        },
    }
