"""`leakseal policy render`, as a real process."""

import json
import subprocess
import sys

import pytest


def render(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "policy", "render", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_one_policy_stands_alone() -> None:
    code, output, error = render("ssm:///acme/KEY", "--role", "reader", "--account", "1" * 12)
    assert code == 0
    (statement,) = json.loads(output)["Statement"]
    assert statement["Resource"] == [f"arn:aws:ssm:*:{'1' * 12}:parameter/acme/KEY"]
    assert error.startswith("IAM policy for the reader, Parameter Store: ")


def test_several_policies_have_headings() -> None:
    code, output, error = render("vault://kv/acme/KEY#value", "k8s://shop/key#value")
    assert code == 0
    headings = [line for line in output.splitlines() if line.startswith("# ")]
    assert headings == [
        "# Vault policy for the writer",
        "# Vault policy for the reader",
        "# Kubernetes Role for the writer in shop",
        "# Kubernetes Role for the reader in shop",
    ]
    assert len(error.splitlines()) == 4
    assert "vault token create -policy=leakseal-writer -ttl=1h -explicit-max-ttl=1h" in error


def test_the_entries_come_from_a_plan_too() -> None:
    plan = {"version": 1, "entries": [{"uri": "ssm:///acme/A", "env": "A"}]}
    arguments = ("ssm:///acme/B", "--plan", "-", "--role", "reader")
    code, output, _ = render(*arguments, stdin=json.dumps(plan).encode())
    assert code == 0
    (statement,) = json.loads(output)["Statement"]
    assert [arn.rpartition("/")[2] for arn in statement["Resource"]] == ["A", "B"]


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        ((), b""),
        (("ftp://x",), b""),
        (("ssm:///acme/*",), b""),
        (("ssm:///acme/KEY", "--account", "me"), b""),
        (("ssm:///acme/KEY", "--role", "owner"), b""),
        (("--plan", "absent.json"), b""),
        (("--plan", "-"), b"{}"),
        (("--plan", "-"), b'{"entries": []}'),
        (("--plan", "-"), b"[" * 100_000),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], stdin: bytes) -> None:
    code, output, error = render(*arguments, stdin=stdin)
    assert (code, output) == (2, "")
    assert error.startswith("leakseal: ")
    assert len(error.splitlines()) == 1


def test_what_a_terminal_would_act_upon_is_not_shown() -> None:
    code, output, error = render("vault://kv/\x1b[31m?namespace=\x1b[2J#value", "ssm:///\x1b")
    assert (code, output) == (2, "")
    assert "\x1b" not in error
    code, output, error = render("vault://kv/a?namespace=%1b%5b2J#value")
    assert "\x1b" not in output + error
