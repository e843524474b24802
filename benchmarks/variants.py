"""How each tool is started, and how its output is read.

None may validate a secret online or call home: their options say so, and the proxy they are given
leads nowhere. Each gets the same number of threads, as far as it can be told.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["complete", "incomplete", "failed", "timed out"]
Subject = Literal["history", "tree"]

_EXTEND_DEFAULT = "[extend]\nuseDefault = true"  # a scanned tree must not bring its own rules


@dataclass(frozen=True)
class Output:
    """What one run wrote."""

    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Variant:
    name: str
    tool: str
    subject: Subject
    arguments: tuple[str, ...]
    """`{path}`, `{jobs}` and `{skip_git}` (a file that excludes `.git/`) are filled in."""
    read: Callable[[Output], tuple[Outcome, int]]
    """Returns what came of a run, and the number of findings."""
    environment: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    """Arguments to add if the tool knows the first of them."""
    needs: tuple[str, ...] = ()
    """Options without which this variant is left out."""
    warm: bool = False
    """Whether it finds the cache of an earlier run of its own."""
    bare: tuple[str, ...] = ()
    """Arguments to add for a repository without a working tree."""


def _leakseal(output: Output) -> tuple[Outcome, int]:
    report = json.loads(output.stdout)
    outcomes: dict[int, Outcome] = {0: "complete", 1: "complete", 3: "incomplete"}
    return outcomes.get(output.exit_code, "failed"), len(report["findings"])


def _kingfisher(output: Output) -> tuple[Outcome, int]:
    # The report is followed by a second document, a summary.
    report, _ = json.JSONDecoder().raw_decode(output.stdout.decode("utf-8", "replace"))
    if output.exit_code not in (0, 200, 205):
        return "failed", len(report["findings"])
    scans = report.get("audit", {}).get("summary", {})
    partial = scans.get("scan_partial", 0) + scans.get("scan_failed", 0)
    return "incomplete" if partial else "complete", len(report["findings"])


def _gitleaks(output: Output) -> tuple[Outcome, int]:
    findings = len(json.loads(output.stdout or b"[]") or [])
    if output.exit_code not in (0, 1):
        return "failed", findings
    # It logs errors only; 1 means leaks as well as a scan that broke off.
    log = re.sub(rb"\x1b\[[0-9;]*m", b"", output.stderr)
    return "incomplete" if re.search(rb"\b(ERR|FTL)\b", log) else "complete", findings


def _trufflehog(output: Output) -> tuple[Outcome, int]:
    findings = sum(line.startswith(b"{") for line in output.stdout.splitlines())
    if output.exit_code:
        return "failed", findings
    broken = any(entry.get("level") in ("error", "fatal") for entry in _log(output.stderr))
    return "incomplete" if broken else "complete", findings


def _detect_secrets(output: Output) -> tuple[Outcome, int]:
    if output.exit_code:
        return "failed", 0
    return "complete", sum(map(len, json.loads(output.stdout)["results"].values()))


def _log(lines: bytes) -> Iterator[dict[str, Any]]:
    for line in lines.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


_LEAKSEAL = ("scan", "--quiet", "--format=json", "{path}")
_KINGFISHER = ("scan", "--no-validate", "--no-update-check", "--jobs={jobs}", "--format=json")
_GITLEAKS = ("--no-banner", "--log-level=error", "--report-format=json", "--report-path=-")
_TRUFFLEHOG = ("--no-verification", "--no-update", "--json", "--concurrency={jobs}")
_RULES = {"GITLEAKS_CONFIG_TOML": _EXTEND_DEFAULT, "GOMAXPROCS": "{jobs}"}
_WORKERS = ("--workers", "{jobs}")


def _leakseals() -> Iterator[Variant]:
    for subject, only in (("history", ()), ("tree", ("--no-history",))):
        start = (*_LEAKSEAL, *only)
        yield Variant("leakseal", "leakseal", subject, start, _leakseal, optional=_WORKERS)
        yield Variant(
            "leakseal (one worker)",
            "leakseal",
            subject,
            (*start, "--workers", "1"),
            _leakseal,
            needs=("--workers",),
        )
        yield Variant(
            "leakseal (interpreted)",
            "leakseal",
            subject,
            start,
            _leakseal,
            {"LEAKSEAL_PURE": "1"},
            optional=_WORKERS,
        )
    yield Variant(
        "leakseal (second run)",
        "leakseal",
        "history",
        _LEAKSEAL,
        _leakseal,
        optional=_WORKERS,
        needs=("--no-cache",),
        warm=True,
    )
    yield Variant(
        "leakseal (exhaustive)",
        "leakseal",
        "history",
        (*_LEAKSEAL, "--exhaustive"),
        _leakseal,
        optional=_WORKERS,
        needs=("--exhaustive",),
    )


def _kingfishers() -> Iterator[Variant]:
    for subject, only in (("history", ()), ("tree", ("--git-history=none",))):
        for name, turbo in (("kingfisher", ()), ("kingfisher --turbo", ("--turbo",))):
            arguments = (*_KINGFISHER, *only, *turbo, "{path}")
            yield Variant(name, "kingfisher", subject, arguments, _kingfisher)


def _others() -> Iterator[Variant]:
    for subject, verb in (("history", "git"), ("tree", "dir")):
        arguments = (verb, *_GITLEAKS, "{path}")
        yield Variant("gitleaks", "gitleaks", subject, arguments, _gitleaks, _RULES)
        arguments = (verb, *_GITLEAKS, "--validation=false", "{path}")
        yield Variant("betterleaks", "betterleaks", subject, arguments, _gitleaks, _RULES)
    yield Variant(
        "trufflehog",
        "trufflehog",
        "history",
        ("git", "file://{path}", *_TRUFFLEHOG),
        _trufflehog,
        {"GOMAXPROCS": "{jobs}"},
        bare=("--bare",),
    )
    yield Variant(
        "trufflehog",
        "trufflehog",
        "tree",
        ("filesystem", "{path}", "--exclude-paths={skip_git}", *_TRUFFLEHOG),
        _trufflehog,
        {"GOMAXPROCS": "{jobs}"},
    )
    yield Variant(
        "detect-secrets",
        "detect-secrets",
        "tree",
        ("-C", "{path}", "--cores", "{jobs}", "scan", "--no-verify"),
        _detect_secrets,
    )


VARIANTS = (*_leakseals(), *_kingfishers(), *_others())
REFERENCES = ("kingfisher", "kingfisher --turbo", "gitleaks")
