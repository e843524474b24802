"""Reports to make pages of, from none to thousands of findings."""

import random
from html.parser import HTMLParser

from scanner.model import (
    CommitInfo,
    Confidence,
    Coverage,
    Finding,
    Occurrence,
    Report,
    Rule,
    Secret,
    Severity,
    Skipped,
    State,
    Suppression,
)

RULE = Rule(
    id="acme-api-key",
    family="acme",
    name="Acme API key",
    kind="api-key",
    provider="Acme",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    method="pattern",
    keywords=("acme_",),
    pattern="",
    lead=0,
    checks=(),
    min_entropy=0.0,
    remediation="https://acme.example/keys#revoke",
    rotation="Make a second key and switch to it.",
)
COMMIT = CommitInfo("1" * 40, b"Ann Lee", b"ann@acme.example", "2024-05-01T10:20:30+02:00", b"Add")
GONE = CommitInfo("2" * 40, b"Bo", b"bo@acme.example", "2024-06-02T00:00:00Z", b"Remove the key")
PLACE = Occurrence(
    "file", b"conf/app.env", "ab" * 20, 12, 9, 200, 220, (), State.HEAD, introduced=COMMIT
)
FINDING = Finding(
    fingerprint="0123456789abcdef" * 2,
    rule=RULE,
    secret=Secret(b"acme_" + b"000Zq7xW2"),
    confidence=Confidence.HIGH,
    reasons=("its checksum is right", "assigned to API_KEY"),
    occurrences=(PLACE,),
)
GAP = Skipped("over-size", "dump.sql", "120 MB are more than the limit of 64 MB")


NASTY = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"><a href='javascript:alert(1)'>",
    "'--><!-- ]]>&amp;&#60;{{7*7}}{%raw%}",
    "\u202eevil\u2066\x1b[2J\0\r\n\u2028",
    "javascript:alert(1)",
]


def report(*findings, gaps=(), **changes):
    known = Report(
        target="/srv/acme",
        head="12345678" * 5,
        branch="main",
        origin="https://git.example/acme.git",
        findings=findings,
        coverage=Coverage({"blobs": 1234, "commits": 1}, 5_600_000, tuple(gaps)),
        started="2026-06-01T08:00:00Z",
        ended="2026-06-01T08:00:09Z",
        rules_digest="d1",
        key_source="environment",
    )
    return known._replace(**changes)


def full(words):
    """A report that says `words` wherever a repository, its settings or a rule has a say."""
    raw = words.encode("utf-8", "surrogateescape")
    who = COMMIT._replace(author=raw, email=raw, subject=raw)
    place = PLACE._replace(path=raw, via=(words,), introduced=who)
    gone = place._replace(state=State.HISTORY, removed=GONE._replace(author=raw, subject=raw))
    rule = RULE._replace(
        name=words, provider=words, kind=words, rotation=words, remediation=f"gopher:{words}"
    )
    finding = FINDING._replace(
        rule=rule, reasons=(words,), occurrences=(place, gone), companions=(f"no {words}",)
    )
    kept = Suppression("baseline", words, words, words, words)
    return report(
        finding,
        finding._replace(occurrences=(gone,)),
        suppressed=(finding._replace(suppressions=(kept,)),),
        target=f"/{words}",
        branch=words,
        origin=words,
        key_source=words,
        baseline=words,
        gaps=[
            GAP._replace(subject=words, detail=words),
            GAP._replace(code=words, incomplete=False),
        ],
    )


def large(count):
    """A report of `count` findings of all severities and states, about three places each."""
    draw = random.Random(3)
    kinds = [
        RULE._replace(
            id=f"rule-{n}",
            name=f"{name} key {n}",
            provider=name,
            severity=draw.choice(list(Severity)),
            kind=draw.choice(["api-key", "password", "ssh-key"]),
        )
        for n in range(40)
        for name in ("Acme", "Bolt", "Cairn")
    ]
    return report(*(_finding(draw, number, draw.choice(kinds)) for number in range(count)))


def _finding(draw, number, rule):
    state = draw.choice([State.HEAD, State.HISTORY, State.HISTORY, State.UNREACHABLE])
    places = tuple(_place(draw, state) for _ in range(draw.choice([1, 1, 2, 3, 9])))
    return FINDING._replace(
        fingerprint=f"{number:040x}",
        rule=rule,
        secret=Secret(f"key{draw.getrandbits(128):032x}".encode()),
        confidence=draw.choice(list(Confidence)),
        occurrences=places,
    )


def _place(draw, state):
    commit = COMMIT._replace(
        id=f"{draw.getrandbits(160):040x}",
        author=draw.choice([b"Ann Lee", b"Bo", "Zoë".encode()]),
        when=f"20{draw.randrange(15, 26)}-0{draw.randrange(1, 10)}-11T12:00:00Z",
    )
    return PLACE._replace(
        path=f"src/{draw.choice('abcdef')}/module_{draw.randrange(900)}/settings.py".encode(),
        line=draw.randrange(1, 900),
        state=state,
        introduced=commit,
        removed=GONE if state is State.HISTORY else None,
    )


class Page(HTMLParser):
    """What a parser sees in a page: every start tag with its attributes, and the text."""

    VOID = frozenset({"meta", "link", "input"})

    def __init__(self, source):
        super().__init__()
        self.tags = []
        self.texts = []
        self.inside = []
        self.raw = {"style": "", "script": ""}
        self.feed(source)
        self.close()
        assert not self.inside

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names))
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.inside.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        if self.inside and self.inside[-1] in self.raw:
            self.raw[self.inside[-1]] += data
        else:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]
