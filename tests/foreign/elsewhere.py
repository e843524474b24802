"""A repository with credentials that other scanners know, and files as those scanners write them.

The files were made with gitleaks 8.30, detect-secrets 1.5, trufflehog 3.97, kingfisher 2.14 and
ggshield 1.56 and are written here field by field with the values of the test.
"""

import hashlib
import json
import random
import string
import subprocess

from quiet_git import ENVIRONMENT

from scanner.rulepack.samples import checksum


def token(seed):
    """Return a GitHub token, checksum and all, that is always the same for `seed`."""
    rng = random.Random(f"elsewhere {seed}")
    body = "".join(rng.choices(string.ascii_letters + string.digits, k=30))
    return f"ghp_{body}{checksum(body)}"


def git(directory, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=ENVIRONMENT, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


class Shop:
    """Four tokens: two in HEAD, one in history only, and one that only leakseal is to find."""

    def __init__(self, path):
        self.path = path
        path.mkdir()
        git(path, "init", "-q", "-b", "main")
        self.deploy, self.app, self.old, self.new = map(token, ("deploy", "app", "old", "new"))
        self.write("deploy.sh", f"#!/bin/sh\n\nexport TOKEN={self.deploy}\n")
        self.write("conf/app.env", f"NAME=shop\nGITHUB_TOKEN={self.app}\n")
        self.write("src/old.py", f"token = '{self.old}'\n")
        self.first = self.commit("one")
        (path / "src" / "old.py").unlink()
        self.write("fresh.txt", f"{self.new}\n")
        self.second = self.commit("two")

    def write(self, name, text):
        full = self.path / name
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)

    def commit(self, message):
        git(self.path, "add", "-A")
        git(self.path, "commit", "-q", "-m", message)
        return git(self.path, "rev-parse", "HEAD")

    @property
    def known(self):
        """Every place another tool knows: path, line, commit and value."""
        return (
            ("deploy.sh", 3, self.first, self.deploy),
            ("conf/app.env", 2, self.first, self.app),
            ("src/old.py", 1, self.first, self.old),
        )


def gitleaks_report(shop, redacted=False):
    return json.dumps(
        [
            {
                "RuleID": "github-pat",
                "Description": "Uncovered a GitHub Personal Access Token",
                "StartLine": line,
                "EndLine": line,
                "StartColumn": 1,
                "EndColumn": 40,
                "Match": "REDACTED" if redacted else value,
                "Secret": "REDACTED" if redacted else value,
                "File": path,
                "SymlinkFile": "",
                "Commit": commit,
                "Entropy": 4.7,
                "Author": "Ann",
                "Email": "ann@example.com",
                "Date": "2026-01-31T00:00:00Z",
                "Message": "one",
                "Tags": [],
                "Fingerprint": f"{commit}:{path}:github-pat:{line}",
            }
            for path, line, commit, value in shop.known
        ],
        indent=1,
    )


def gitleaks_ignore(shop):
    lines = [f"{commit}:{path}:github-pat:{line}" for path, line, commit, _ in shop.known]
    return "# accepted\n\n" + "\n".join(lines) + "\n"


def detect_secrets_baseline(shop, **more):
    results = {}
    for path, line, _, value in shop.known:
        sha1 = hashlib.sha1(value.encode()).hexdigest()
        entry = {"type": "GitHub Token", "filename": path, "hashed_secret": sha1}
        results[path] = [entry | {"is_verified": False, "line_number": line}]
    document = {
        "version": "1.5.0",
        "plugins_used": [{"name": "GitHubTokenDetector"}],
        "filters_used": [{"path": "detect_secrets.filters.heuristic.is_lock_file"}],
        "results": results,
        "generated_at": "2026-01-31T10:00:00Z",
    }
    return json.dumps(document | more, indent=2)


def trufflehog_report(shop):
    lines = [
        {
            "SourceMetadata": {
                "Data": {
                    "Git": {
                        "commit": commit,
                        "file": path,
                        "email": "Ann <ann@example.com>",
                        "repository": "file:///src/shop",
                        "timestamp": "2026-01-31 00:00:00 +0000",
                        "line": line,
                        "repository_local_path": "/src/copy",
                    }
                }
            },
            "SourceID": 1,
            "SourceType": 16,
            "SourceName": "trufflehog - git",
            "DetectorType": 8,
            "DetectorName": "Github",
            "DetectorDescription": "A platform for version control.",
            "DecoderName": "PLAIN",
            "Verified": False,
            "VerificationFromCache": False,
            "Raw": value,
            "RawV2": "",
            "Redacted": "",
            "ExtraData": {"version": "2"},
            "StructuredData": None,
            "SecretParts": {"key": value},
        }
        for path, line, commit, value in shop.known
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def kingfisher_report(shop, *, lines=False):
    findings = [
        {
            "rule": {"name": "github-pat", "id": "betterleaks.github-pat"},
            "finding": {
                "snippet": value,
                "fingerprint": str(number),
                "confidence": "high",
                "line": line,
                "path": f"./{path}",
                "git_metadata": {"commit": {"id": commit}, "file": {"path": path}},
            },
        }
        for number, (path, line, commit, value) in enumerate(shop.known)
    ]
    if lines:
        findings.append({"audit": {"schema": "kingfisher.repository-audit.v1"}})
        return "".join(json.dumps(finding) + "\n" for finding in findings)
    return json.dumps({"findings": findings, "metadata": {}})


def kingfisher_baseline(shop):
    entries = "".join(
        f"  - path: {path}\n    fingerprint: '{number}'\n    rule_id: betterleaks.github-pat\n"
        f"    line: {line}\n    first_seen_at: 2026-01-31T10:00:00.5+00:00\n"
        for number, (path, line, _, _) in enumerate(shop.known)
    )
    head = "version: 2\nfingerprint_algorithm: kingfisher-v1\nrepositories:\n"
    return f"{head}- id: local:///shop\n  findings:\n{entries}"


def signature(*parts):
    """Return what ggshield calls the ignore SHA of a credential's parts, each with its type."""
    ordered = sorted(parts, key=lambda part: part[1])
    text = "".join(f"{value},{type_}" for value, type_ in ordered)
    return hashlib.sha256(text.encode()).hexdigest()


def ggshield_settings(shop):
    matches = [(signature((shop.deploy, "apikey")), "deploy"), (shop.app, "in clear text")]
    listed = "".join(f"  - match: {match}\n    name: {name}\n" for match, name in matches)
    return f"secret:\n  ignored_matches:\n{listed}version: 2\n"
