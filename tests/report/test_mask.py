import json
import random
import string
from base64 import b64encode
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Secret
from scanner.report.mask import SHORTEST, forms, masked

LETTERS = string.ascii_letters + string.digits
values = st.binary(min_size=6, max_size=30).map(lambda raw: b"Qx7" + raw + b"kZ9")


def path_masked(make, path, *secrets):
    findings = [make.finding(make.occurrence(path), secret=Secret(s)) for s in secrets]
    return masked(make.report(*findings)).findings[0].occurrences[0].path


def token(seed):
    return "".join(random.Random(seed).choices(LETTERS, k=20)).encode()


@pytest.mark.parametrize("seed", range(3))
def test_a_secret_in_a_path_is_shown_redacted(make, seed):
    value = token(seed)
    shown = Secret(value).redacted().encode()
    assert path_masked(make, b"keys/" + value + b".pem", value) == b"keys/" + shown + b".pem"


def test_every_string_that_comes_from_the_repository_is_masked(make):
    raw = token(1)
    text = raw.decode()
    author = make.commit(author=raw, email=raw + b"@acme.example", subject=b"use " + raw)
    place = make.occurrence(raw, via=("zip:" + text,), introduced=author, removed=author)
    report = make.report(
        make.finding(place, secret=Secret(raw), reasons=("next to " + text,)),
        target="/srv/" + text,
        branch=text,
        origin="/mirror/" + text,
        key_source="file " + text,
        coverage=make.coverage(make.skipped(subject=text, detail="broken: " + text)),
    )
    done = masked(report)
    assert text in repr(report)
    assert text not in repr(done)
    assert done.findings[0].secret.reveal() == raw


def test_the_secret_of_one_finding_is_masked_in_the_places_of_another(make):
    one, other = token(1), token(2)
    assert other not in path_masked(make, b"x/" + other, one, other)


def test_secrets_that_overlap_go_as_one(make):
    whole = token(3)
    first, second = whole[:14], whole[6:]
    shown = Secret(first).redacted().encode()
    assert path_masked(make, b"<" + whole + b">", first, second) == b"<" + shown + b">"


def test_the_longest_of_several_secrets_at_one_place_goes(make):
    whole = token(4)
    assert path_masked(make, whole, whole[:8], whole) == Secret(whole).redacted().encode()


def test_what_is_shorter_than_any_password_stays_readable(make):
    word = b"r" * (SHORTEST - 1)
    assert path_masked(make, b"srv/" + word, word) == b"srv/" + word


def test_credentials_in_urls_are_dropped_even_when_no_rule_found_them(make):
    user = "ann:" + token(5).decode() + "@"
    done = masked(make.report(target=f"https://{user}git.example/a", origin=f"ssh://{user}h/a@b"))
    assert (done.target, done.origin) == ("https://git.example/a", "ssh://h/a@b")


def test_a_key_of_many_lines_is_masked_line_by_line_and_joined_by_spaces(make):
    lines = [token(seed) for seed in range(4)]
    key = b"\n".join(lines) + b"\n"
    assert lines[2] not in path_masked(make, b"x" + lines[2], key)
    assert not any(line in path_masked(make, b" ".join(lines), key) for line in lines)


@given(values, st.binary(max_size=7), st.binary(max_size=7))
def test_no_common_form_survives_in_any_company(make, value, before, after):
    inside = before + value + after
    written = [
        inside,
        b64encode(inside),
        b64encode(inside, b"-_"),
        inside.hex().encode(),
        inside.hex().upper().encode(),
        quote_from_bytes(inside).encode(),
        quote_from_bytes(inside, safe="").encode(),
    ]
    text = value.decode("utf-8", "surrogateescape")
    written += [
        before + json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogateescape") + after
    ]
    for path in written:
        done = path_masked(make, path, value)
        assert b"characters]" in done
        assert not [form for form in forms(value) if len(form) >= SHORTEST and form in done]


@given(st.binary(max_size=200))
def test_what_holds_no_secret_is_left_alone(make, path):
    assert path_masked(make, path, token(6)) == path


def test_what_is_hidden_is_redacted_as_findings_are(make):
    known, other = token(4), token(5)
    place = make.occurrence(b"x/" + known + b"/" + other)
    report = make.report(make.finding(place, secret=Secret(known)), hidden=(Secret(other),))
    path = masked(report).findings[0].occurrences[0].path
    assert known not in path
    assert other not in path
    shown = masked(report, nothing=True)
    assert known in shown.findings[0].occurrences[0].path
    assert other not in shown.findings[0].occurrences[0].path
    assert masked(report).hidden == shown.hidden == ()


WORDS = [b"docker", b"config", b"Postgres", b"settings"]


@pytest.mark.parametrize("word", WORDS)
def test_a_password_that_is_a_word_takes_no_word_out_of_names(make, word):
    who = make.commit(author=b"Ann " + word, email=word + b"@acme.example", subject=b"Use " + word)
    path = b"deploy/" + word + b"/app.env"
    place = make.occurrence(path, via=("zip:" + word.decode(),), introduced=who)
    gap = make.skipped(subject=path.decode())
    report = make.report(
        make.finding(place, secret=Secret(word)),
        target=f"/srv/{word.decode()}",
        branch=f"feature/{word.decode()}",
        coverage=make.coverage(gap),
    )
    done = masked(report)
    kept = done.findings[0].occurrences[0]
    assert kept._replace(introduced=None) == place._replace(introduced=None)
    assert (kept.introduced.author, kept.introduced.email) == (who.author, who.email)
    assert word not in kept.introduced.subject
    assert (done.target, done.branch) == (report.target, report.branch)
    assert done.coverage == report.coverage


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("before", [b"password=", b"user:", b"pass: ", b"x='", b'"', b"pw= "])
def test_a_word_that_a_name_gives_as_a_value_is_redacted(make, word, before):
    path = b"docs/" + before + word + b"/docker.txt"
    shown = Secret(word).redacted().encode()
    assert path_masked(make, path, word) == path.replace(before + word, before + shown)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_redacted_in_names_where_it_is_encoded(make, word):
    assert b64encode(word) not in path_masked(make, b"x/" + b64encode(word), word)
    assert word.hex().encode() not in path_masked(make, b"x/" + word.hex().encode(), word)


@pytest.mark.parametrize(
    "value",
    [
        b"hunter2",
        b"qzvwbnmkxj",
        b"S3cret!x",
        b"correct-horse",
        b"acmepass",
        b"src/main",
        token(7),
    ],
)
def test_what_is_no_ordinary_word_is_redacted_in_names(make, value):
    assert value not in path_masked(make, b"x/" + value + b".pem", value)


def test_a_long_path_full_of_words_takes_no_long_time(make):
    path = b"docker" * 100_000
    assert path_masked(make, path, b"docker") == path


def test_a_secret_with_a_colon_is_redacted_in_a_step_of_decoding(make):
    value = b"Qx7:kZ9vJ4w"
    place = make.occurrence(via=(value.decode(), "zip:a/" + value.decode()))
    done = masked(make.report(make.finding(place, secret=Secret(value))))
    assert value.decode() not in repr(done.findings[0].occurrences)


def test_what_a_baseline_says_of_what_is_absent_is_masked(make):
    raw = token(6).decode()
    gone = make.absent(rule=raw, path=f"a/{raw}", reason=f"is {raw}", owner=raw)
    for known in (
        make.report(make.finding(secret=Secret(raw.encode())), absent=(gone,)),
        make.report(absent=(gone,), hidden=(Secret(raw.encode()),)),
    ):
        assert raw not in repr(masked(known).absent)


def test_an_ordinary_word_stays_in_upper_case_too(make):
    assert path_masked(make, b"docker/DOCKER.md", b"docker") == b"docker/DOCKER.md"
    assert path_masked(make, b"a/PW=DOCKER", b"docker") != b"a/PW=DOCKER"
