"""Checks of values whose name stands elsewhere."""

import base64

import pytest

from scanner.detect.structure import CHECKS, Standing
from scanner.rulepack import samples


@pytest.mark.parametrize(
    ("check", "value", "standing"),
    [
        ("named-password", "<<password 16>>", Standing.PROVED),
        ("named-password", "s3cr3t!", Standing.UNKNOWN),
        ("named-password", "tiger", Standing.DOUBTFUL),
        ("named-password", "${DB_PASSWORD}", Standing.DISPROVED),
        ("named-secret", "<<alnum 40>>", Standing.PROVED),
        ("named-secret", "service-account-token", Standing.DISPROVED),
    ],
)
def test_named_values(check, value, standing):
    assert CHECKS[check](samples.expand(value).encode()).standing is standing


@pytest.mark.parametrize(
    ("pair", "standing"),
    [
        ("alice:<<password 16>>", Standing.PROVED),
        ("alice:tiger", Standing.DOUBTFUL),
        ("user:password", Standing.DISPROVED),
        ("no colon", Standing.DISPROVED),
        ("élise:<<password 16>>", Standing.PROVED),
        ("\x01\x02:<<alnum 12>>", Standing.DISPROVED),
    ],
)
def test_basic_credentials(pair, standing):
    secret = base64.b64encode(samples.expand(pair).encode())
    assert CHECKS["basic-credentials"](secret).standing is standing


def test_a_hash_is_told_from_a_password():
    verdict = CHECKS["password-hash"](samples.expand("<<alnum 53>>").encode())
    assert verdict.standing is Standing.UNKNOWN
    assert "guessed" in verdict.reason


def test_what_is_no_base64_holds_no_credentials():
    assert CHECKS["basic-credentials"](b"a===").standing is Standing.DISPROVED
