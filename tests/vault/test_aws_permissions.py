"""What AWS does not allow is told by the name of the action, with the IAM of moto."""

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any, NamedTuple
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from subjects import aws

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import AbsentError, Entry, Outcome, RefusedError

if lacking := aws.missing():
    pytest.skip(lacking, allow_module_level=True)

_NUMBERS = count(1)
# What docs/stores/ asks for.
ACTIONS = {
    "aws-sm": (
        "secretsmanager:CreateSecret",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecrets",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    "ssm": (
        "ssm:AddTagsToResource",
        "ssm:DescribeParameters",
        "ssm:GetParameter",
        "ssm:ListTagsForResource",
        "ssm:PutParameter",
        "ssm:RemoveTagsFromResource",
    ),
}
MISSING = [(scheme, action) for scheme, actions in ACTIONS.items() for action in actions]
BEFORE = ("DescribeSecret", "GetSecretValue", "GetParameter", "ListTagsForResource")


class Account(NamedTuple):
    """A moto that asks for permission; `keys` are the access keys of users by name."""

    port: int
    keys: dict[str, dict[str, str]]

    def environ(self, user: str, **other: str) -> dict[str, str]:
        return aws.environ(self.port) | self.keys[user] | other


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with aws.moto(tmp_path_factory.mktemp("moto")) as port:
        iam = aws.client("iam", port)
        keys = {scheme: _user(iam, scheme, actions) for scheme, actions in ACTIONS.items()}
        for scheme, action in MISSING:
            rest = [other for other in ACTIONS[scheme] if other != action]
            keys[action] = _user(iam, action.replace(":", "-"), rest)
        keys["create only"] = _user(iam, "creator", ["secretsmanager:CreateSecret"])
        url = f"http://127.0.0.1:{port}/moto-api/reset-auth"
        urlopen(Request(url, b"0", {"Content-Type": "application/octet-stream"})).close()
        yield Account(port, keys)


def _user(iam: Any, name: str, actions: Any) -> dict[str, str]:
    statement = {"Effect": "Allow", "Resource": "*", "Action": list(actions)}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def everything(store: Any) -> None:
    """Do all that leakseal ever does with a store."""
    first = store.put_new("KEY", Secret(b"first"), str(uuid4()), {"rule": "x", "note": "y"})
    second = store.put_version("KEY", Secret(b"2"), str(uuid4()), {"rule": "x"}, first.version)
    assert second.outcome is Outcome.CREATED
    assert store.read("KEY").value.reveal() == b"2"
    assert store.names() == ["KEY"]


def base(scheme: str) -> str:
    return f"{scheme}://eu-west-1/base-{next(_NUMBERS)}"


@pytest.mark.parametrize("scheme", ACTIONS)
def test_the_documented_policy_is_enough(account: Account, scheme: str) -> None:
    with closing(choose.store(base(scheme), account.environ(scheme), ".")) as store:
        assert not any(problem.fatal for problem in store.preflight([Entry("KEY", 5)]))
        everything(store)


@pytest.mark.parametrize(("scheme", "action"), MISSING)
def test_an_action_that_is_not_allowed_is_named(account: Account, scheme: str, action: str) -> None:
    with closing(choose.store(base(scheme), account.environ(action), ".")) as store:
        problems = [p for p in store.preflight([Entry("KEY", 5)]) if p.fatal]
        if action.partition(":")[2] in BEFORE:
            assert [problem.code for problem in problems] == ["permission"]
            assert action in problems[0].message
        else:
            assert problems == []
        with pytest.raises(RefusedError, match=f"does not allow {action} "):
            everything(store)


def test_who_may_only_create_writes_nothing(account: Account) -> None:
    uri = base("aws-sm")
    with closing(choose.store(uri, account.environ("create only"), ".")) as store:
        (problem,) = (p for p in store.preflight([Entry("KEY", 5)]) if p.fatal)
        assert problem.code == "permission"
        with pytest.raises(RefusedError, match="secretsmanager:GetSecretValue"):
            store.put_new("KEY", Secret(b"value"), str(uuid4()), {})
    with (
        closing(choose.store(uri, account.environ("aws-sm"), ".")) as store,
        pytest.raises(AbsentError),
    ):
        store.read("KEY")


@pytest.mark.parametrize("scheme", ACTIONS)
@pytest.mark.parametrize("wrong", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_credentials_are_a_matter_of_login(account: Account, scheme: str, wrong: str) -> None:
    environ = account.environ(scheme, **{wrong: "nobodys"})
    with closing(choose.store(base(scheme), environ, ".")) as store:
        (problem,) = (p for p in store.preflight([Entry("KEY", 5)]) if p.fatal)
        assert problem.code == "login"
        with pytest.raises(RefusedError, match="log in again"):
            store.read("KEY")
