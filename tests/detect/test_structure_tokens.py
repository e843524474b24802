"""Tokens of services: macaroons, ids within, expiry in words."""

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.structure import CHECKS, Standing
from scanner.rulepack import samples

PROVED, UNKNOWN = Standing.PROVED, Standing.UNKNOWN
DOUBTFUL, DISPROVED = Standing.DOUBTFUL, Standing.DISPROVED
WORD = "abcdefghijklmnopqrstuvwxyz0123456789"


def made(spec, salt=""):
    return samples.expand(f"{salt} <<{spec}>>").split()[-1].encode()


def jwt(claims, alg="HS256"):
    parts = ({"alg": alg}, claims)
    text = ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts)
    return f"{text.replace('=', '')}.c2lnbmF0dXJl".encode()


@pytest.mark.parametrize("version", ["1", "2", "2h"])
@given(place=st.text(WORD, min_size=1, max_size=60))
def test_macaroon(version, place):
    right = made(f"checked macaroon {version} {place}")
    verdict = CHECKS["macaroon"](right)
    assert verdict.standing == PROVED
    assert verdict.reason.endswith(place)
    assert CHECKS["macaroon"](right[:-8]).standing == DOUBTFUL


@given(location=st.binary(max_size=40), rest=st.binary(max_size=80))
def test_any_macaroon_gets_a_verdict(location, rest):
    for data in (b"\x02\x01" + bytes([len(location)]) + location + rest, b"0016location " + rest):
        verdict = CHECKS["macaroon"](base64.b64encode(data))
        assert verdict.standing in (PROVED, DOUBTFUL)
        assert verdict.reason.isprintable()


def test_macaroon_of_fly():
    body = b"\x94\x93\xc4\x10" + bytes(16) + b"\xa0\x90\xc4\x20" + bytes(range(32))
    right = b"fm2_" + base64.b64encode(body)
    assert CHECKS["fly-macaroon"](right).standing == PROVED
    assert CHECKS["fly-macaroon"](right[:-12]).standing == DOUBTFUL
    assert CHECKS["fly-macaroon"](b"fo1_" + b"a" * 43).standing == UNKNOWN


@given(text=st.text(WORD + "=", min_size=1, max_size=80))
def test_checksum_in_hex(text):
    check = f"{zlib.crc32(text.encode()):08X}"
    assert CHECKS["hex-crc32"]((text + check).encode()).standing == PROVED
    assert CHECKS["hex-crc32"]((text + "x" + check).encode()).standing == UNKNOWN


def test_ids_of_slack():
    token = "xoxb-" + "123456789012-210987654321-" + "Ab3dEf6hIj9lMn2pQr5tUv8x"
    assert "123456789012" in CHECKS["slack-token"](token.encode()).reason
    app = "xapp-1-A0B1C2D3E4F-1234567890123-" + "0a" * 32
    assert CHECKS["slack-token"](app.encode()).standing == PROVED
    assert "A0B1C2D3E4F" in CHECKS["slack-token"](app.encode()).reason
    hook = "T0123ABCD" + "/B0123ABCDEF/" + "Ab3dEf6hIj9lMn2pQr5tUv8x"
    assert "T0123ABCD" in CHECKS["slack-token"](hook.encode()).reason


@given(bot=st.integers(1, 2**53))
def test_bot_of_telegram(bot):
    verdict = CHECKS["telegram-token"](f"{bot}:AA{'b3' * 16}c".encode())
    assert verdict.standing == (PROVED if bot < 2**52 else DISPROVED)
    assert CHECKS["telegram-token"](f"0{bot}:AA{'b3' * 16}c".encode()).standing in (
        DISPROVED,
        UNKNOWN,
    )


def test_account_of_discord():
    text = base64.b64encode(b"80351110224678912").decode().rstrip("=")
    verdict = CHECKS["discord-token"](f"{text}.abcdef.ghijkl".encode())
    assert "2015-08-10" in verdict.reason
    big = base64.b64encode(str(2**63).encode()).decode().rstrip("=")
    assert CHECKS["discord-token"](f"{big}.a.b".encode()).standing == DISPROVED


@given(first=st.binary(min_size=16, max_size=16), second=st.binary(min_size=32, max_size=32))
def test_key_of_sendgrid(first, second):
    parts = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (first, second)]
    assert CHECKS["sendgrid-key"](".".join(["SG", *parts]).encode()).standing == PROVED
    assert CHECKS["sendgrid-key"](f"SG.{parts[0]}.{parts[1][:-1]}".encode()).standing == UNKNOWN


@pytest.mark.parametrize("prefix", ["sk-", "sk-proj-", "sk-svcacct-", "sk-admin-"])
def test_key_of_openai(prefix):
    for size, expected in ((20, PROVED), (74, PROVED)):
        half = ("aB3_" * 20)[:size]
        key = f"{prefix}{half}T3Blbk{'FJ'}{half}".encode()
        assert CHECKS["openai-key"](key).standing == expected
        assert CHECKS["openai-key"](key[:-1]).standing == UNKNOWN


def test_mode_of_stripe():
    assert "test" in CHECKS["stripe-key"](b"sk_test_" + b"a1" * 12).reason
    assert "live" in CHECKS["stripe-key"](b"rk_live_" + b"a1" * 12).reason


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        (1700000000, 1700003600, "for 1 hour, until 2023-11-14"),
        (1700000000, 1700000090, "for 2 minutes"),
        (1700000000, 1707776000, "for 90 days, until 2024-02-12"),
        (1700000000, 1800000000, "valid until 2027-01-15"),
        (None, 1800000000, "valid until 2027-01-15"),
        (1700000000, None, "does not expire"),
        (1700000000, 1600000000, "valid until 2020-09-13"),
    ],
)
def test_life_of_a_json_web_token_in_words(begin, end, words):
    claims = {name: value for name, value in (("iat", begin), ("exp", end)) if value}
    verdict = CHECKS["jwt"](jwt({"sub": "me", **claims}))
    assert verdict.standing == PROVED
    assert words in verdict.reason


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "1234567890", "name": "John Doe", "iat": 1516239022},
        {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True},
        {"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "anon"},
        {"iss": "supabase-demo", "role": "service_role"},
        {"iss": "https://server.example.com", "sub": "24400320", "aud": "s6BhdRkqt3"},
    ],
)
def test_json_web_tokens_that_everybody_knows(claims):
    assert CHECKS["jwt"](jwt(claims)).standing == DISPROVED


def test_json_web_token_without_a_signature():
    assert CHECKS["jwt"](jwt({"sub": "me", "exp": 1800000000}, "none")).standing == UNKNOWN


def test_a_token_of_sentry_names_its_organization():
    body = base64.b64encode(json.dumps({"iat": 1.5, "url": "u", "org": "acme"}).encode()).decode()
    verdict = CHECKS["base64-json"](f"sntrys_{body}_abc".encode())
    assert verdict.standing == PROVED
    assert "organization acme" in verdict.reason
