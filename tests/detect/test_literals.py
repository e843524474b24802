"""A value of each kind gets the confidence that it deserves, and what is no literal gets none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.assignment import Style
from scanner.detect.literals import judge
from scanner.detect.names import Promise
from scanner.detect.shapes import not_a_literal
from scanner.detect.values import orderly, sequence
from scanner.model import Confidence
from scanner.rulepack import samples

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH
NO_WORD = "wa" + "nun" + "hfo"


def confidence(value, promised=Promise.PASSWORD, style=Style.QUOTED):
    judged = judge(samples.expand(value).encode(), style, promised)
    return judged and judged[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<<password 16>>", HIGH),
        ("<<alnum 12>>", HIGH),
        (NO_WORD, MEDIUM),
        ("s3cr3t!", MEDIUM),
        ("hawaii50", MEDIUM),
        ("My-Secr<<>>et-Passw0rd", MEDIUM),
        ("<<hex 32>>", MEDIUM),
        ("tiger", LOW),
        ("jenkins", LOW),
        ("correcthorsebatterystaple", LOW),
        ("user_password_input", None),
        ("Wachtwoord", LOW),
        ("Palavra-passe", LOW),
        ("Contraseña", LOW),
        ("12345", None),
        ("qwer5678", None),
        ("changeme", None),
        ("my_password", None),
        ("your-password-here", None),
        ("************", None),
        ("Enter your password below", None),
        ("${DB_PASSWORD}", None),
        ("@DB_PASSWORD@", None),
        ("$(cat /run/secret)", None),
        ("npm:^7.0.4", None),
        ("^1.2.3", None),
        ("/run/secrets/password", None),
        ("https://vault.acme.io/v1", None),
        ("app.settings.password", None),
        ("{SSHA}<<base64 32>>", None),
        ("$2b$10$<<alnum 53>>", None),
        ("pbkdf2_sha256$36000$<<alnum 12>>$<<base64 44>>", None),
        ("sha256:<<hex 64>>", None),
        ("[a-z0-9]{8,}", None),
        ("lookup(name)", None),
        ("required|string|min:8|confirmed", None),
        ("%APP_PASSWORD", None),
        ("pw#%d", None),
        ("$r-&gt", None),
        ("gf<<>>llw<nvq<<>>e>jx", HIGH),
        ("<your password>", None),
        ("my-<name>-here", None),
        ("e!@$%s^&<<>>*j)_x+m.", MEDIUM),
        ("Xgf<<>>ymytx", MEDIUM),
        ("vəl<<>>wəs", MEDIUM),
        ("密码密码", None),
    ],
)
def test_values_of_passwords(value, expected):
    assert confidence(value) is expected


@pytest.mark.parametrize(
    ("value", "promised", "expected"),
    [
        ("<<alnum 40>>", Promise.TOKEN, HIGH),
        ("<<hex 40>>", Promise.KEY, MEDIUM),
        ("<<uuid>>", Promise.SECRET, MEDIUM),
        ("<<uuid>>", Promise.LABEL, None),
        ("h480djs93hd8", Promise.TOKEN, MEDIUM),
        ("abcdefgh", Promise.TOKEN, None),
        ("rn" + "qhwn" + "fqxwkuz", Promise.SECRET, MEDIUM),
        ("68242820" + "23588666", Promise.KEY, MEDIUM),
        ("68242820" + "23588666", Promise.TOKEN, None),
        ("airflow-cluster1-mysql-password", Promise.SECRET, None),
        ("get-user-account-token", Promise.TOKEN, None),
        ("AGGREGATE", Promise.TOKEN, None),
        ("nm" + "xios", Promise.SECRET, MEDIUM),
        ("nm" + "xios", Promise.TOKEN, None),
        ("catxh" + "dlhtmw", Promise.TOKEN, MEDIUM),
        ("secured", Promise.SECRET, None),
        ("479" + "159", Promise.SECRET, MEDIUM),
        ("fz<<>>nug£55%%Ssjmb", Promise.SECRET, MEDIUM),
        ("<<alnum 32>>", Promise.SOME_KEY, MEDIUM),
        ("<<alnum 16>>", Promise.SOME_KEY, None),
        ("<<hex 40>>", Promise.SOME_KEY, None),
        ("<<uuid>>", Promise.SOME_KEY, None),
        ("eip155:1/erc20:0x<<hex 40>>", Promise.TOKEN, None),
        ("2024-01-02T03:04:05", Promise.TOKEN, None),
    ],
)
def test_values_of_keys(value, promised, expected):
    assert confidence(value, promised) is expected


@pytest.mark.parametrize("value", ["getpass", "rgb_ycc_start", NO_WORD, "ctx->password_1"])
def test_without_quotes_in_code_a_value_may_be_a_name(value):
    assert confidence(value, style=Style.BARE) in (None, LOW)


def test_made_up_keys_are_not_held_for_sure():
    made_up = "a1B2c3D4e5F6" + "g7H8i9J0k1L2m3N4"
    assert orderly(made_up.encode())
    assert confidence(made_up, Promise.TOKEN) is MEDIUM


@pytest.mark.parametrize("value", [b"qwertyuiop1", b"1234", b"abcd1234", b"asdf", b"98765"])
def test_rows_of_the_keyboard(value):
    assert sequence(value)


@pytest.mark.parametrize("value", [b"wxyz!a7", b"p7xw8z", b"tr0ub4dor"])
def test_other_texts_are_in_no_order(value):
    assert not sequence(value)


@given(st.binary(min_size=1, max_size=300), st.sampled_from(Style), st.sampled_from(Promise))
def test_any_bytes_can_be_judged(value, style, promised):
    judged = judge(value, style, promised)
    assert (judged is None) or judged[0] in Confidence
    if not_a_literal(value, style):
        assert judged is None
