"""What shows that a finding of ours is what another tool knows."""

import hashlib
from base64 import b64encode
from functools import cache
from urllib.parse import quote

import pytest
from elsewhere import signature, token

from scanner.foreign.evidence import Findings
from scanner.foreign.kinship import akin
from scanner.foreign.known import Known
from scanner.foreign.lines import standing
from scanner.foreign.table import secrets
from scanner.model import Confidence, Finding, Occurrence, Secret, State
from scanner.rulepack.pack import builtin


@cache
def rules():
    return {rule.id: rule for rule in builtin().rules}


def finding(value, rule="github-personal-token", path=b"a.txt", line=1, via=(), companions=()):
    name = hashlib.sha256(value.encode()).hexdigest()[:40]
    place = Occurrence("file", path, "", line, 1, 0, len(value), via, State.HEAD)
    secret = Secret(value.encode())
    return Finding(name, rules()[rule], secret, Confidence.HIGH, (), (place,), companions)


def of(known, *findings, content=None):
    return Findings(findings, lambda commit, path: content).of(known)


ONE, TWO = token("one"), token("two")


def test_a_value_counts_wherever_it_stands():
    found = of(Known("x", "elsewhere", 9, values=secrets(ONE)), finding(ONE), finding(TWO))
    assert [f.secret.reveal().decode() for f in found.findings] == [ONE]
    assert found.by == "same value"


def test_parts_of_a_joined_value_count_in_their_file():
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    joined = secrets(key, f"{key}:{ONE}")
    here, there = finding(ONE, line=3), finding(TWO, line=3)
    found = of(Known("AWS", "a.txt", 2, values=joined), here, there)
    assert found.findings == (here,)
    assert of(Known("AWS", "b.txt", 2, values=joined), here).findings == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", ""])
def test_the_lines_of_a_key_count_as_one_value_wherever_it_stands(end):
    body = b64encode(bytes(range(200))).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    label = "PRIVATE" + " KEY-----"
    value = end.join([f"-----BEGIN {label}", *lines, f"-----END {label}", ""])
    key = finding(body, "pkcs8-private-key", path=b"moved.pem")
    found = of(Known("PrivateKey", "a.pem", 1, values=secrets(value)), key)
    assert (found.findings, found.by) == ((key,), "same value")
    other = of(Known("PrivateKey", "a.pem", 1, values=secrets(value.replace("A", "B"))), key)
    assert other.findings == ()


def test_short_values_are_no_part_of_others():
    known = Known("x", "a.txt", 5, values=secrets("password of the shop"))
    assert of(known, finding("shop")).findings == ()


def test_hashes():
    sha1 = hashlib.sha1(ONE.encode()).hexdigest()
    assert of(Known("x", sha1=sha1), finding(ONE)).by == "same hash"
    alone = signature((ONE, "apikey"))
    assert of(Known("", signature=alone), finding(ONE)).by == "same hash"
    pair = signature((ONE, "client_id"), (TWO, "client_secret"))
    one = finding(ONE)
    two = finding(TWO, companions=(one.fingerprint,))
    one = one._replace(companions=(two.fingerprint,))
    assert set(of(Known("", signature=pair), one, two).findings) == {one, two}
    assert "no finding of ours has that hash" in of(Known("", signature="0" * 64), one).why


def test_the_line_of_the_commit_decides_over_where_it_stands_now():
    content = f"\n{ONE}\n{TWO}\n".encode()
    candidates = finding(ONE, line=9), finding(TWO, line=2)
    found = of(Known("github-pat", "a.txt", 2, commit="c" * 40), *candidates, content=content)
    assert [f.secret.reveal().decode() for f in found.findings] == [ONE]
    assert found.by == "same line of that commit"


def test_on_a_line_the_value_must_not_have_changed():
    other = token("other")
    now = finding(ONE, line=2)
    text = f"a\nx={ONE}\n".encode()
    given = Known("github-pat", "a.txt", 2, values=secrets(other))
    assert of(given, now, content=text).why == "another value stands there now"
    assert of(given, now).why == "another value stands there now"
    wider = Known("github-pat", "a.txt", 2, values=secrets(f"x={ONE}"))
    narrower = Known("github-pat", "a.txt", 2, values=secrets(ONE[4:]))
    cut = Known("github-pat", "a.txt", 2, values=secrets(other[:12] + "..."))
    for known in (wider, narrower, cut):
        assert of(known, now, content=text).findings == (now,)


def test_on_a_line_the_hash_must_be_of_something_there():
    now = finding(ONE, line=2)
    text = f"a\nx={ONE}\n".encode()

    def hashed(value):
        sha1 = hashlib.sha1(value.encode()).hexdigest()
        return Known("GitHub Token", "a.txt", 2, sha1=sha1)

    for part in ("ghp", ONE[4:], f"x={ONE}"):
        assert of(hashed(part), now, content=text).findings == (now,)
    assert of(hashed("ghp"), now).findings == (now,)
    assert of(hashed(token("other")), now, content=text).why == "another value stands there now"
    head = "-----BEGIN " + "RSA PRIVATE KEY-----"
    key = finding(f"{head}\n{'x' * 64}\n" * 9, "rsa-private-key", line=2)
    assert of(hashed(head.strip("-"))._replace(rule="Private Key"), key).findings == (key,)
    long = finding("y" * 300, "generic-secret", line=2)
    assert of(hashed("y" * 300), long).findings == (long,)
    assert of(hashed("y" * 299)._replace(rule="x"), long).findings == ()


@pytest.mark.parametrize("commit", ["", "c" * 40])
def test_a_secret_beside_a_known_value_is_not_that_value(commit):
    harmless = "0f" * 20
    now = finding(ONE, line=2)
    text = f"a\nbuild={harmless} x={ONE}\n".encode()
    known = Known("generic-api-key", "a.txt", 2, commit=commit)
    sha1 = hashlib.sha1(harmless.encode()).hexdigest()
    for given in (known._replace(values=secrets(harmless)), known._replace(sha1=sha1)):
        assert of(given, now, content=text).why == "another value stands there now"
    for nothing in (" ", "g"):
        given = known._replace(values=secrets(nothing))
        assert of(given, now, content=text).findings == ()
    across = known._replace(values=secrets(f"{harmless} x={ONE[:8]}"))
    assert of(across, now, content=text).findings == (now,)


PASSWORD = finding("Sunny-Winter-4711", "generic-password")
SLACK = finding("slack" + TWO, "slack-bot-token")


@pytest.mark.parametrize(
    ("name", "there", "taken"),
    [
        ("generic-api-key", [PASSWORD, finding(ONE)], [PASSWORD]),
        ("github-pat", [PASSWORD, finding(ONE)], [finding(ONE)]),
        ("github-pat", [finding(ONE), SLACK], [finding(ONE)]),
        ("generic-api-key", [finding(ONE), SLACK], []),
        ("generic-api-key", [finding(ONE)], [finding(ONE)]),
        ("generic-api-key", [finding(ONE), finding(TWO)], [finding(ONE), finding(TWO)]),
        ("github-pat", [PASSWORD], [PASSWORD]),
    ],
)
def test_of_several_on_a_line_only_what_the_name_means_is_taken(name, there, taken):
    line = b" ".join(each.secret.reveal() for each in there)
    for commit in ("", "f" * 40):
        found = of(Known(name, "a.txt", 1, commit=commit), *there, content=line)
        assert list(found.findings) == taken
        assert taken or "several" in found.why


def test_several_that_belong_together_are_taken_together():
    name = hashlib.sha256(ONE.encode()).hexdigest()[:40]
    other = finding(TWO, "slack-bot-token", companions=(name,))
    one = finding(ONE, companions=(other.fingerprint,))
    content = f"{ONE} {TWO}".encode()
    found = of(Known("generic-api-key", "a.txt", 1), one, other, content=content)
    assert found.findings == (one, other)


def test_without_its_content_the_place_decides():
    found = of(Known("github-pat", "a.txt", 2, commit="c" * 40), finding(ONE, line=2))
    assert found.by == "same line"
    gone = of(Known("github-pat", "a.txt", 3, commit="c" * 40), finding(ONE, line=2))
    assert "that commit does not have the file" in gone.why


def test_files_in_archives():
    inside = finding(ONE, path=b"a.zip", via=("zip:conf/app.env",))
    known = Known("github-pat", "a.zip!conf/app.env", 3)
    assert of(known, inside).by == "same file in the archive"
    assert of(known._replace(path="a.zip!app.env"), inside).findings == ()
    plain = finding(TWO, path=b"wow!.txt", line=3)
    assert of(known._replace(path="wow!.txt"), plain).findings == (plain,)


@pytest.mark.parametrize(
    ("name", "rule", "expected"),
    [
        ("github-pat", "github-personal-token", True),
        ("GitHub Token", "github-personal-token", True),
        ("Github", "github-personal-token", True),
        ("betterleaks.github-pat", "github-personal-token", True),
        ("slack-bot-token", "github-personal-token", False),
        ("generic-api-key", "github-personal-token", True),
        ("Base64 High Entropy String", "github-personal-token", True),
        ("Secret Keyword", "github-personal-token", True),
        ("github-pat", "generic-password", True),
        ("private-key", "rsa-private-key", True),
        ("Private Key", "ec-private-key", True),
        ("aws-access-token", "aws-access-key-id", True),
        ("AWS Access Key", "aws-secret-after-key-id", True),
        ("gcp-api-key", "google-api-key", True),
        ("veles.secrets/npmjsaccesstoken", "npm-access-token", True),
        ("", "npm-access-token", True),
    ],
)
def test_names_of_one_kind(name, rule, expected):
    assert akin(name, finding(ONE, rule)) is expected


def test_a_token_of_json_is_one_whoever_issues_it():
    head = "eyJ" + "hbGciOiJIUzI1NiJ9"
    assert akin("jwt", finding(head + ".x.y", "slack-bot-token"))
    assert akin("JSON Web Token", finding(head + ".x.y", "slack-bot-token"))
    assert not akin("jwt", finding(ONE, "slack-bot-token"))


def test_secrets_that_begin_on_a_line():
    content = b"one\ntwo three\nBEGIN\nEND\n"
    items = [finding(value) for value in ("one", "three", "BEGIN\nEND", "END")]

    def on(first, last):
        found = standing(content, first, last, items)
        return [f.secret.reveal().decode() for f in found]

    assert on(1, 1) == ["one"]
    assert on(2, 2) == ["three"]
    assert on(3, 3) == ["BEGIN\nEND"]
    assert on(2, 4) == ["three", "BEGIN\nEND", "END"]
    assert on(5, 9) == on(99, 99) == []


def test_a_value_may_be_written_in_another_notation_on_the_line():
    value = "a-long+value/of=some"
    for written in (b64encode(value.encode()).decode(), quote(value, safe=""), value):
        now = finding(written, "generic-secret", line=1)
        known = Known("generic-api-key", "a.txt", 1, values=secrets(value))
        assert of(known, now, content=f"x: {written}\n".encode()).findings == (now,)


def test_what_only_sounds_alike_is_not_taken():
    known = Known("cloudflare-origin-ca-key", "a.txt", 1)
    other = finding(ONE, "alibaba-access-key-id")
    assert of(known, other).findings == ()
    mine = finding(TWO, "cloudflare-origin-ca-key")
    assert of(known, other, mine, content=f"{ONE} {TWO}\n".encode()).findings == (mine,)
    assert not akin("DataboxDetector", finding(ONE, "box-developer-token"))
    assert not akin("boxed-token", finding(ONE, "box-developer-token"))
    assert akin("digitaloceantoken", finding(ONE, "digitalocean-token"))
    assert akin("NewRelicPersonalApiKey", finding(ONE, "newrelic-user-key"))
