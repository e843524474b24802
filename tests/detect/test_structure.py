import base64
import json
import string
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.candidate import Verdict
from scanner.detect.structure import CHECKS
from scanner.rulepack import samples

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE32 = string.ascii_uppercase + "234567"
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
    assert (verdict.ok is None) or verdict.reason


@given(body=st.recursive(st.none() | st.floats() | st.text(), st.lists, max_leaves=20))
@pytest.mark.parametrize("name", ["jwt", "base64-json"])
def test_any_json_gets_a_verdict(name, body):
    text = b64(json.dumps(body))
    assert CHECKS[name](f"{text}.{text}.x".encode()).ok is False


def test_deeply_nested_json_is_survived():
    deep = b64("[" * 100_000)
    assert CHECKS["base64-json"](deep.encode()).ok is False
    assert CHECKS["jwt"](f"{deep}.{deep}.x".encode()).ok is False


@given(body=letters)
def test_checksum_of_github_and_npm(body):
    right = f"ghp_{body}{samples.checksum(body)}".encode()
    assert CHECKS["base62-crc32"](right).ok is True
    wrong = right[:-1] + (b"a" if right[-1:] != b"a" else b"b")
    assert CHECKS["base62-crc32"](wrong).ok is False


def test_published_checksum_of_github():
    # The sample in the public description of the format.
    assert CHECKS["base62-crc32"](b"ghp_" + b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + b"0mLq17").ok


def test_mismatch_says_nothing_where_the_checksum_is_not_published():
    assert CHECKS["base62-crc32"](b"github_pat_" + b"1" * 22 + b"_" + b"a" * 59).ok is None


@given(payload=st.text(alphabet=BASE62 + "-_", min_size=27, max_size=300))
def test_checksum_of_gitlab(payload):
    right = routable("gl" + "pat-", payload)
    assert CHECKS["gitlab-routable"](right.encode()).ok is True
    changed = right.replace(payload, payload[:-1] + ("x" if payload[-1] != "x" else "y"))
    assert CHECKS["gitlab-routable"](changed.encode()).ok is False


def test_gitlab_tokens_of_other_forms_are_left_alone():
    assert CHECKS["gitlab-routable"](b"gl" + b"pat-abcdefghij0123456789").ok is None
    assert CHECKS["gitlab-routable"](b"gl" + b"pat-" + b"a" * 30 + b".01.0u0000000").ok is None


@given(body=letters)
def test_checksum_of_grafana(body):
    text = b"glsa_" + body.encode()
    assert CHECKS["grafana-crc32"](text + b"_" + little(text).hex().encode()).ok is True
    assert CHECKS["grafana-crc32"](text + b"_" + little(text + b"x").hex().encode()).ok is False


@given(body=st.text(alphabet=BASE62 + "+/", min_size=54, max_size=54))
def test_checksum_of_confluent(body):
    check = base64.b64encode(little(body.encode()))[:6].decode()
    assert CHECKS["confluent-crc32"](f"cflt{body}{check}".encode()).ok is True
    other = base64.b64encode(little(body.encode() + b"x"))[:6].decode()
    assert CHECKS["confluent-crc32"](f"cflt{body}{other}".encode()).ok is False


@given(
    account=st.integers(0, 10**12 - 1), rest=st.integers(0, 2**39 - 1), prefix=st.sampled_from("KS")
)
def test_account_of_an_access_key_id(account, rest, prefix):
    verdict = CHECKS["aws-key-id"](key_id(f"A{prefix}IA", account, rest))
    assert verdict.ok is True
    assert verdict.reason.endswith(f" {account:012d}")


def test_access_key_ids_that_tell_no_account():
    assert CHECKS["aws-key-id"](key_id("AKIA", 10**12)).ok is False
    assert CHECKS["aws-key-id"](b"AKIA" + b"J" + b"2" * 15).ok is None
    assert CHECKS["aws-key-id"](b"AKIA" + b"Y" + b"0" * 15).ok is False


def test_jwt_says_how_long_it_is_valid():
    later = int(time.time()) + 86400 * 400
    verdict = CHECKS["jwt"](token({"sub": "7", "exp": later}))
    assert verdict.ok is True
    assert time.strftime("%Y-%m-%d", time.gmtime(later)) in verdict.reason
    assert CHECKS["jwt"](token({"sub": "7"})).ok is True


def test_jwt_tells_its_expiry_whatever_the_clock_says():
    verdict = CHECKS["jwt"](token({"exp": 1000000000}))
    assert verdict.ok is True
    assert "2001-09-09" in verdict.reason


@pytest.mark.parametrize("expiry", [1e400, -5, 10**30, "soon", None, [], float("nan")])
def test_jwt_with_an_odd_expiry_is_still_a_jwt(expiry):
    assert CHECKS["jwt"](token({"sub": "7", "exp": expiry})).ok is True


def test_jwt_that_is_no_credential():
    assert CHECKS["jwt"](token({"sub": "7"}, alg="none")).ok is None
    assert CHECKS["jwt"](token({"sub": "1234567890", "name": "John Doe"})).ok is False
    assert CHECKS["jwt"](token({"iss": "supabase", "role": "anon"})).ok is False
    assert CHECKS["jwt"](token({"iss": "supabase", "role": "service_role"})).ok is True
    assert CHECKS["jwt"](b"eyJhbGciOi.eyJzdWIi.x").ok is False


@pytest.mark.parametrize("site", ["pypi.org", "test.pypi.org"])
def test_macaroon_of_pypi(site):
    packet = b"\x02\x01" + bytes([len(site)]) + site.encode() + b"\x02\x24" + bytes(range(60))
    assert CHECKS["pypi-macaroon"](f"pypi-{b64(packet)}".encode()).ok is True
    assert CHECKS["pypi-macaroon"](f"pypi-{b64(packet[1:])}".encode()).ok is False


@given(random=st.text(alphabet=BASE62, min_size=20, max_size=40))
def test_reference_token_of_jfrog(random):
    text = f"reftkn:01:1735689600:{random}"
    assert CHECKS["jfrog-reference"](base64.b64encode(text.encode())).ok is True
    assert CHECKS["jfrog-reference"](base64.b64encode(text[1:].encode())).ok is False


@given(account=st.integers(10**17, 10**19))
def test_account_of_a_discord_token(account):
    verdict = CHECKS["discord-token"](f"{b64(str(account))}.Gh1jk2.{'a1' * 19}".encode())
    assert verdict.ok is True
    assert str(account) in verdict.reason
    assert CHECKS["discord-token"](f"{b64('x' + str(account))}.a.b".encode()).ok is False


@given(key=st.binary(min_size=1, max_size=80))
def test_key_of_azure(key):
    expected = len(key) in (32, 64)
    assert CHECKS["azure-key"](base64.b64encode(key)).ok is expected


@given(
    fields=st.dictionaries(st.sampled_from(string.ascii_letters), st.text(max_size=30), min_size=1)
)
@pytest.mark.parametrize("form", ["glc_{}", "sk.{}.aB3_x-9", "sntrys_{}_aB3/x9+c"])
def test_json_within_a_token(form, fields):
    assert CHECKS["base64-json"](form.format(b64(fields)).encode()).ok is True


def test_base64_that_is_no_json_object():
    assert CHECKS["base64-json"](b"glc_eyJhIjoi").ok is False


@pytest.mark.parametrize(
    ("name", "secret", "ok"),
    [
        ("letters-and-digits", b"abcdefgh", False),
        ("letters-and-digits", b"12345678", False),
        ("letters-and-digits", b"abcd5678", None),
        ("not-hex", b"0a1b2c3d4e5f", False),
        ("not-hex", b"0a1b2c3d4e5g", None),
    ],
)
def test_alphabet_of_a_token(name, secret, ok):
    assert CHECKS[name](secret).ok is ok
