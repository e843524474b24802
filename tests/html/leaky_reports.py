"""Reports to make pages of, from none to thousands of findings."""

import random
from html.parser import HTMLParser

import built

from scanner.model import Confidence, Secret, Severity, State, Suppression

RULE = built.rule(rotation="Make a second key and switch to it.")
COMMIT = built.commit(id="1" * 40, subject=b"Add")
GONE = built.commit(
    id="2" * 40,
    author=b"Bo",
    email=b"bo@acme.example",
    when="2024-06-02T00:00:00Z",
    subject=b"Remove the key",
)
PLACE = built.occurrence(introduced=COMMIT)
FINDING = built.finding(
    PLACE,
    fingerprint="0123456789abcdef" * 2,
    rule=RULE,
    reasons=("its checksum is right", "assigned to API_KEY"),
)
GAP = built.skipped()


NASTY = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "\"><a href='javascript:alert(1)'>",
    "'--><!-- ]]>&amp;&#60;{{7*7}}{%raw%}",
    "\u202eevil\u2066\x1b[2J\0\r\n\u2028",
    "javascript:alert(1)",
]


def report(*findings, gaps=(), **changes):
    times = {"started": "2026-06-01T08:00:00Z", "ended": "2026-06-01T08:00:09Z"}
    return built.report(*findings, coverage=built.coverage(*gaps), **{**times, **changes})


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
