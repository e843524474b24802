import base64
import json
import string
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.structure import CHECKS, Standing, Verdict
from scanner.rulepack import samples

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE32 = string.ascii_uppercase + "234567"
PROVED, UNKNOWN = Standing.PROVED, Standing.UNKNOWN
DOUBTFUL, DISPROVED = Standing.DOUBTFUL, Standing.DISPROVED
letters = st.text(alphabet=BASE62, min_size=1, max_size=80)


def b64(data: bytes | str | dict) -> str:
    if isinstance(data, dict):
        data = json.dumps(data)
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims: dict, alg: str = "HS256", signature: str = "c2ln") -> bytes:
    return f"{b64({'alg': alg, 'typ': 'JWT'})}.{b64(claims)}.{signature}".encode()


def little(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "little")


def base36(value: int, width: int) -> str:
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = string.printable[digit] + digits
    return digits.rjust(width, "0")


def routable(prefix: str, payload: str) -> str:
    text = f"{prefix}{payload}.{base36(len(payload), 2)}"
    return text + base36(zlib.crc32(text.encode()), 7)


def key_id(prefix: str, account: int, rest: int = 12345) -> bytes:
    value = 1 << 79 | account << 39 | rest
    return (prefix + "".join(BASE32[value >> s & 31] for s in range(75, -1, -5))).encode()


@pytest.mark.parametrize("name", sorted(CHECKS))
@given(secret=st.binary(max_size=300))
def test_any_bytes_get_a_verdict(name, secret):
    verdict = CHECKS[name](secret)
    assert isinstance(verdict, Verdict)
    assert verdict.standing == UNKNOWN or verdict.reason
    assert verdict == CHECKS[name](secret)


@given(body=st.recursive(st.none() | st.floats() | st.text(), st.lists, max_leaves=20))
@pytest.mark.parametrize("name", ["jwt", "base64-json"])
def test_any_json_gets_a_verdict(name, body):
    text = b64(json.dumps(body))
    assert CHECKS[name](f"{text}.{text}.x".encode()).standing in (DOUBTFUL, DISPROVED)


def test_deeply_nested_json_is_survived():
    deep = b64("[" * 100_000)
    assert CHECKS["base64-json"](deep.encode()).standing == DOUBTFUL
    assert CHECKS["jwt"](f"{deep}.{deep}.x".encode()).standing == DISPROVED


@given(body=st.text(alphabet=BASE62, min_size=30, max_size=30))
@pytest.mark.parametrize("prefix", ["ghp_", "gho_", "npm_"])
def test_checksum_of_github_and_npm(prefix, body):
    right = f"{prefix}{body}{samples.checksum(body)}".encode()
    assert CHECKS["base62-crc32"](right).standing == PROVED
    wrong = right[:-1] + (b"a" if right[-1:] != b"a" else b"b")
    assert CHECKS["base62-crc32"](wrong).standing == DISPROVED


@given(body=letters)
def test_token_of_another_length_may_be_of_another_form(body):
    right = f"ghp_{body}{samples.checksum(body)}".encode()
    assert CHECKS["base62-crc32"](right).standing == PROVED
    wrong = right[:-1] + (b"a" if right[-1:] != b"a" else b"b")
    assert CHECKS["base62-crc32"](wrong).standing == (DISPROVED if len(body) == 30 else UNKNOWN)


def test_published_checksum_of_github():
    # The sample in the public description of the format.
    assert (
        CHECKS["base62-crc32"](b"ghp_" + b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + b"0mLq17").standing
        == PROVED
    )


def test_mismatch_says_nothing_where_the_checksum_is_not_published():
    assert CHECKS["base62-crc32"](b"github_pat_" + b"1" * 22 + b"_" + b"a" * 59).standing == UNKNOWN


@given(payload=st.text(alphabet=BASE62 + "-_", min_size=27, max_size=300))
def test_checksum_of_gitlab(payload):
    right = routable("gl" + "pat-", payload)
    assert CHECKS["gitlab-routable"](right.encode()).standing == PROVED
    changed = right.replace(payload, payload[:-1] + ("x" if payload[-1] != "x" else "y"))
    assert CHECKS["gitlab-routable"](changed.encode()).standing == DISPROVED


def test_gitlab_tokens_of_other_forms_are_left_alone():
    assert CHECKS["gitlab-routable"](b"gl" + b"pat-abcdefghij0123456789").standing == UNKNOWN
    assert (
        CHECKS["gitlab-routable"](b"gl" + b"pat-" + b"a" * 30 + b".01.0u0000000").standing
        == UNKNOWN
    )


@given(body=letters)
def test_checksum_of_grafana(body):
    text = b"glsa_" + body.encode()
    assert CHECKS["grafana-crc32"](text + b"_" + little(text).hex().encode()).standing == PROVED
    assert (
        CHECKS["grafana-crc32"](text + b"_" + little(text + b"x").hex().encode()).standing
        == DISPROVED
    )


@given(body=st.text(alphabet=BASE62 + "+/", min_size=54, max_size=54))
def test_checksum_of_confluent(body):
    check = base64.b64encode(little(body.encode()))[:6].decode()
    assert CHECKS["confluent-crc32"](f"cflt{body}{check}".encode()).standing == PROVED
    other = base64.b64encode(little(body.encode() + b"x"))[:6].decode()
    assert CHECKS["confluent-crc32"](f"cflt{body}{other}".encode()).standing == DISPROVED


@given(
    account=st.integers(0, 10**12 - 1), rest=st.integers(0, 2**39 - 1), prefix=st.sampled_from("KS")
)
def test_account_of_an_access_key_id(account, rest, prefix):
    verdict = CHECKS["aws-key-id"](key_id(f"A{prefix}IA", account, rest))
    assert verdict.standing == PROVED
    assert verdict.reason.endswith(f" {account:012d}")


def test_access_key_ids_that_tell_no_account():
    assert CHECKS["aws-key-id"](key_id("AKIA", 10**12)).standing == DISPROVED
    assert CHECKS["aws-key-id"](b"AKIA" + b"J" + b"2" * 15).standing == UNKNOWN
    assert CHECKS["aws-key-id"](b"AKIA" + b"Y" + b"0" * 15).standing == DISPROVED


def test_jwt_says_how_long_it_is_valid():
    later = int(time.time()) + 86400 * 400
    verdict = CHECKS["jwt"](token({"sub": "7", "exp": later}))
    assert verdict.standing == PROVED
    assert time.strftime("%Y-%m-%d", time.gmtime(later)) in verdict.reason
    assert CHECKS["jwt"](token({"sub": "7"})).standing == PROVED


def test_jwt_tells_its_expiry_whatever_the_clock_says():
    verdict = CHECKS["jwt"](token({"exp": 1000000000}))
    assert verdict.standing == PROVED
    assert "2001-09-09" in verdict.reason


@pytest.mark.parametrize("expiry", [1e400, -5, 10**30, "soon", None, [], float("nan")])
def test_jwt_with_an_odd_expiry_is_still_a_jwt(expiry):
    assert CHECKS["jwt"](token({"sub": "7", "exp": expiry})).standing == PROVED


@pytest.mark.parametrize("begin", [10**400, -(10**400), float("nan"), True])
def test_jwt_with_an_odd_beginning_is_still_a_jwt(begin):
    verdict = CHECKS["jwt"](token({"exp": 1000000000.5, "iat": begin}))
    assert verdict == Verdict(PROVED, "is a JSON web token, valid until 2001-09-09")


def test_jwt_that_is_no_credential():
    assert CHECKS["jwt"](token({"sub": "7"}, alg="none")).standing == UNKNOWN
    assert CHECKS["jwt"](token({"sub": "1234567890", "name": "John Doe"})).standing == DISPROVED
    assert CHECKS["jwt"](token({"iss": "supabase", "role": "anon"})).standing == DISPROVED
    assert CHECKS["jwt"](token({"iss": "supabase", "role": "service_role"})).standing == PROVED
    assert CHECKS["jwt"](b"eyJhbGciOi.eyJzdWIi.x").standing == DISPROVED


@pytest.mark.parametrize("site", ["pypi.org", "test.pypi.org"])
def test_macaroon_of_pypi(site):
    packet = b"\x02\x01" + bytes([len(site)]) + site.encode() + b"\x02\x24" + bytes(range(36))
    packet += b"\0\x02\x06" + bytes(range(1, 7)) + b"\0\0\x06\x20" + bytes(range(32))
    assert CHECKS["pypi-macaroon"](f"pypi-{b64(packet)}".encode()).standing == PROVED
    assert CHECKS["pypi-macaroon"](f"pypi-{b64(packet[:-1])}".encode()).standing == DOUBTFUL
    assert CHECKS["pypi-macaroon"](f"pypi-{b64(packet[1:])}".encode()).standing == DISPROVED


@given(random=st.text(alphabet=BASE62, min_size=20, max_size=40))
def test_reference_token_of_jfrog(random):
    text = f"reftkn:01:1735689600:{random}"
    assert CHECKS["jfrog-reference"](base64.b64encode(text.encode())).standing == PROVED
    assert CHECKS["jfrog-reference"](base64.b64encode(text[1:].encode())).standing == DOUBTFUL


@given(account=st.integers(10**17, 2**63 - 1))
def test_account_of_a_discord_token(account):
    verdict = CHECKS["discord-token"](f"{b64(str(account))}.Gh1jk2.{'a1' * 19}".encode())
    assert verdict.standing == PROVED
    assert str(account) in verdict.reason
    assert CHECKS["discord-token"](f"{b64('x' + str(account))}.a.b".encode()).standing == DOUBTFUL


@given(key=st.binary(min_size=1, max_size=80))
def test_key_of_azure(key):
    expected = PROVED if len(key) in (32, 64) else DOUBTFUL
    assert CHECKS["azure-key"](base64.b64encode(key)).standing == expected


@given(
    fields=st.dictionaries(st.sampled_from(string.ascii_letters), st.text(max_size=30), min_size=1)
)
@pytest.mark.parametrize("form", ["glc_{}", "sk.{}.aB3_x-9", "sntrys_{}_aB3/x9+c"])
def test_json_within_a_token(form, fields):
    assert CHECKS["base64-json"](form.format(b64(fields)).encode()).standing == PROVED


def test_base64_that_is_no_json_object():
    assert CHECKS["base64-json"](b"glc_eyJhIjoi").standing == DOUBTFUL


@pytest.mark.parametrize(
    ("name", "secret", "standing"),
    [
        ("letters-and-digits", b"abcdefgh", DOUBTFUL),
        ("letters-and-digits", b"12345678", DOUBTFUL),
        ("letters-and-digits", b"abcd5678", UNKNOWN),
        ("not-hex", b"0a1b2c3d4e5f", DOUBTFUL),
        ("not-hex", b"0a1b2c3d4e5g", UNKNOWN),
    ],
)
def test_alphabet_of_a_token(name, secret, standing):
    assert CHECKS[name](secret).standing == standing


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_is_documented(name):
    text = Path(__file__).parents[2].joinpath("docs", "rules.md").read_text("utf-8")
    assert f"\n| `{name}` |" in text
