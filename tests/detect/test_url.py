"""Passwords in URLs: what is one, whose it is, and what only looks like one."""

import os
import random
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.detect import url
from scanner.detect.values import sequence
from scanner.model import Confidence
from scanner.rulepack import load

RULES = {
    source.rule.id: source.rule
    for name in ("databases.yaml", "brokers.yaml")
    for source in load.file(os.path.join(load.builtin_directory(), name))
    if source.rule.method == "url"
}
PASSWORD = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=18))
AT = "@"


def found(text: str):
    data = text.encode()
    low = data.lower()
    seen = []
    for rule in RULES.values():
        for word in map(str.encode, rule.keywords):
            at = -1
            while (at := low.find(word, at + 1)) >= 0:
                seen += [(rule.id, c) for c in url.candidates(data, at, at + len(word), rule)]
    return list(dict.fromkeys(seen))


def only(text: str):
    ((rule, candidate),) = found(text)
    return rule, candidate


@pytest.mark.parametrize(
    ("scheme", "rule"),
    [
        ("postgres", "postgresql-url"),
        ("postgresql+psycopg2", "postgresql-url"),
        ("mysql+pymysql", "mysql-url"),
        ("mariadb", "mysql-url"),
        ("mssql+pyodbc", "sqlserver-url"),
        ("oracle+oracledb", "oracle-url"),
        ("mongodb+srv", "mongodb-url"),
        ("rediss", "redis-url"),
        ("redis+sentinel", "redis-url"),
        ("snowflake", "analytics-database-url"),
        ("clickhouse+native", "analytics-database-url"),
        ("cockroachdb", "database-url"),
        ("neo4j+s", "database-url"),
        ("ibm_db_sa", "database-url"),
        ("amqps", "amqp-url"),
        ("nats", "messaging-url"),
        ("smtps", "mail-url"),
        ("sftp", "file-transfer-url"),
        ("https", "basic-auth-url"),
        ("git+https", "basic-auth-url"),
        ("whatever", "basic-auth-url"),
    ],
)
def test_each_url_belongs_to_one_rule(scheme, rule):
    text = f'url = "{scheme}://app:{PASSWORD}{AT}db.acme.io:1234/x?y=1"'
    hit, candidate = only(text)
    assert hit == rule
    assert candidate.secret == PASSWORD.encode()
    assert text[candidate.start : candidate.end] == PASSWORD
    assert candidate.confidence is Confidence.HIGH
    assert candidate.reasons == ("password of app at db.acme.io",)


@given(st.text(alphabet=string.printable, min_size=8, max_size=40))
def test_percent_encoding_is_undone(tail):
    password = PASSWORD + tail
    text = f"amqp://app:{quote(password, safe='')}{AT}mq.acme.io/x"
    assert [c.secret for _, c in found(text)] in ([password.encode()], [])
    plain = PASSWORD + "".join(c for c in tail if c.isalnum() or c in "/:@ ")
    assume(not sequence(plain.encode()))
    assert only(f"amqp://app:{quote(plain, safe='')}{AT}mq.acme.io/x")[1].secret == plain.encode()


@pytest.mark.parametrize("raw", ["a/b", "a@b", "a:b", "a?b", "a#b/c"])
def test_a_password_may_hold_delimiters_unencoded(raw):
    password = PASSWORD + raw
    assert only(f"redis://:{password}{AT}cache.acme.io:6379/0")[1].secret == password.encode()


@pytest.mark.parametrize(
    "text",
    [
        "jdbc:postgresql://db.acme.io/x?user=app&password={}&ssl=true",
        "jdbc:mysql://db.acme.io/x?user=app&amp;password={}",
        "jdbc:sqlserver://db.acme.io:1433;databaseName=x;user=app;password={};encrypt=true",
        "jdbc:db2://db.acme.io:50000/X:user=app;password={};",
        "jdbc:derby://db.acme.io:1527/x;create=true;user=app;password={}",
        "jdbc:teradata://db.acme.io/DATABASE=x,USER=app,PASSWORD={}",
        "postgresql://db.acme.io/x?user=app&password={}",
    ],
)
def test_parameters_name_passwords(text):
    _, candidate = only(text.format(PASSWORD))
    assert candidate.secret == PASSWORD.encode()
    assert candidate.reasons == ("password of app at db.acme.io",)


@pytest.mark.parametrize(
    "userinfo",
    [
        "user:password", "user:pass", "app:${DB_PASS}", "app:$PASS", "app:%s", "{user}:{password}",
        "app:<password>", "app:***", "app:xxxxxxxx", "scott:tiger", "app:{{ pw }}", "app:changeme",
        "app:", "app",
    ],
)  # fmt: skip
def test_placeholders_and_references_are_nothing(userinfo):
    assert found(f"postgres://{userinfo}{AT}db.acme.io/x") == []


@pytest.mark.parametrize(
    "text",
    [
        "http://host:8080/path/to@something.io",
        "https://cdn.acme.io/npm/vue@3.4.21/dist/vue.js",
        "docker://nginx:1.21@sha256:" + "ab" * 32,
        "ssh://git@github.com:22/acme/site.git",
        "see http://acme.io: mail me@acme.io",
        "http://[::1]:8080/me@acme.io",
        "https://fonts.acme.io/css2?family=Inter:wght@400;600",
        "https://" + "0123456789abcdef" * 2 + "@o1.ingest.sentry.io/2",
    ],
)
def test_other_urls_are_nothing(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("userinfo", "host", "confidence"),
    [
        ("postgres:postgres", "localhost", Confidence.LOW),
        ("root:root", "db.acme.io", Confidence.LOW),
        ("app:moonlight77", "127.0.0.1", Confidence.LOW),
        ("app:moonlight77", "db.acme.io", Confidence.MEDIUM),
        (f"app:{PASSWORD}", "localhost", Confidence.MEDIUM),
        ("app:wa" + "nunhfo", "10.1.2.3", Confidence.MEDIUM),
        ("app:mushroom", "10.1.2.3", Confidence.LOW),
        (f"app:{PASSWORD}", "db.example.com", Confidence.LOW),
        (f"app:{PASSWORD}", "db.acme.io", Confidence.HIGH),
    ],
)
def test_host_and_strength_decide_the_confidence(userinfo, host, confidence):
    _, candidate = only(f"mysql://{userinfo}{AT}{host}:3306/x")
    assert candidate.confidence is confidence
    assert PASSWORD not in " ".join(candidate.reasons)


@pytest.mark.parametrize("userinfo", ["{}:x-oauth-basic", "{}:", "{}"])
def test_a_token_may_stand_in_the_users_place(userinfo):
    token = PASSWORD + PASSWORD[::-1]
    text = f"https://{userinfo.format(token)}{AT}git.acme.io/x.git"
    assert only(text)[1].secret == token.encode()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(junk):
    data = b"postgres://" + junk + b"jdbc:h2:" + junk
    for rule in RULES.values():
        for start, end in ((0, 11), (8, 11), (11 + len(junk), 16 + len(junk))):
            for candidate in url.candidates(data, start, end, rule):
                assert 0 <= candidate.start < candidate.end <= len(data)
