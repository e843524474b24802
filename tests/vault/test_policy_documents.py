"""Policies: they parse, and grant the entries that were named and no others."""

import json
import re
from urllib.parse import quote, urlsplit

import pytest
import tree_sitter_hcl
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from scanner.errors import UsageError
from scanner.vault.policy.document import Role
from scanner.vault.policy.least_privilege import documents, uris_of_plan

HCL = Parser(Language(tree_sitter_hcl.language()))
WRITER, READER = (Role.WRITER,), (Role.READER,)
MOUNTS = "sys/internal/ui/mounts/"
SEGMENTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(
    lambda text: text.strip(".") and text.isprintable()
)
PATHS = st.lists(SEGMENTS.filter(lambda text: "/" not in text), min_size=1, max_size=3)
AWS_NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9/_.-]{0,30}[A-Za-z0-9_]", fullmatch=True)
K8S_NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


def nodes(node: Node, kind: str) -> list[Node]:
    found = [node] if node.type == kind else []
    return found + [one for child in node.children for one in nodes(child, kind)]


def granted(text: str) -> dict[str, list[str]]:
    """Return what a policy in HCL gives, by path, as its grammar reads it."""
    tree = HCL.parse(text.encode())
    assert not tree.root_node.has_error
    assert not nodes(tree.root_node, "template_interpolation")
    assert not nodes(tree.root_node, "template_directive")
    found = {}
    for block in nodes(tree.root_node, "block"):
        strings = [json.loads(wide(n.text.decode())) for n in nodes(block, "string_lit")]
        assert nodes(block, "identifier")[0].text == b"path"
        found[strings[0]] = [json.loads(n.text) for n in nodes(block, "literal_value")]
    return found


def wide(literal: str) -> str:
    """Return a literal of HCL as one of JSON, which has no \\U."""
    return re.sub(r"\\U([0-9a-f]{8})", lambda m: json.dumps(chr(int(m[1], 16)))[1:-1], literal)


def text_of(uris: list[str], roles: tuple[Role, ...], account: str = "*") -> str:
    (document,) = documents(uris, roles, account)
    return document.text


@given(st.lists(PATHS, min_size=1, max_size=4))
def test_vault_grants_exactly_the_paths(paths: list[list[str]]) -> None:
    names = {"/".join(path) for path in paths}
    assume(not any(re.search(r"[*+]|\{\{|\}\}", name) for name in names))
    uris = [f"vault://kv/{quote(name)}#value" for name in names]
    writer, reader = granted(text_of(uris, WRITER)), granted(text_of(uris, READER))
    assert writer.pop(f"{MOUNTS}kv") == reader.pop(f"{MOUNTS}kv") == ["read"]
    areas = [f"kv/{area}/{name}" for name in names for area in ("data", "metadata")]
    assert writer == {path: ["create", "read", "update"] for path in areas}
    assert reader == {f"kv/data/{name}": ["read"] for name in names}


@pytest.mark.parametrize("name", ["a*", "*", "a/*/b", "+", "a/+/b", "+/a", "{{identity}}"])
def test_a_path_that_would_grant_others_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="other paths"):
        documents([f"vault://kv/{quote(name)}#value"], WRITER, "*")


@pytest.mark.parametrize(
    "name", ['a"b', "a${b", "%{x}", "a\\b", 'x"]}\npath "*" {', "ü€\U0001f511"]
)
def test_hostile_names_stay_names(name: str) -> None:
    uri = f"vault://kv/{quote(name, safe='')}#value"
    if name.isprintable():
        assert f"kv/data/{name}" in granted(text_of([uri], READER))
    else:
        with pytest.raises(UsageError):
            documents([uri], READER, "*")


def test_vault_version_1_and_namespaces() -> None:
    uris = ["vault://kv/a?namespace=team#value", "vault://old/b?kv=1#value"]
    outer, team = documents(uris, WRITER, "*")
    assert set(granted(outer.text)) == {"old/b", f"{MOUNTS}old"}
    assert set(granted(team.text)) == {"kv/data/a", "kv/metadata/a", f"{MOUNTS}kv"}
    assert "team" in team.title
    assert "-ttl=1h -explicit-max-ttl=1h" in team.note


@given(st.lists(AWS_NAMES, min_size=1, max_size=4, unique=True))
def test_aws_grants_exactly_the_names(names: list[str]) -> None:
    for scheme, resource in (("aws-sm", "secret:{}-??????"), ("ssm", "parameter/{}")):
        uris = [f"{scheme}://eu-west-1/{name}" for name in names]
        for role in Role:
            (statement,) = json.loads(text_of(uris, (role,), "1" * 12))["Statement"]
            service = statement["Action"][0].partition(":")[0]
            prefix = f"arn:aws:{service}:eu-west-1:{'1' * 12}:"
            assert statement["Resource"] == sorted(prefix + resource.format(n) for n in names)
            forbidden = ("Delete", "*") if role is Role.WRITER else ("Delete", "*", "Put", "Create")
            assert not any(word in action for action in statement["Action"] for word in forbidden)


@pytest.mark.parametrize("name", ["a*", "a%3Fb", "${aws:username}", "ü", "a b"])
@pytest.mark.parametrize("scheme", ["aws-sm", "ssm"])
def test_names_that_mean_others_to_iam_are_refused(scheme: str, name: str) -> None:
    with pytest.raises(UsageError):
        documents([f"{scheme}://eu-west-1/acme/{name}"], WRITER, "*")


@pytest.mark.parametrize(
    ("key", "resource", "alias"),
    [
        ("1234-ab", "arn:aws:kms:eu-west-1:*:key/1234-ab", None),
        ("alias/leaks", "arn:aws:kms:eu-west-1:*:key/*", "alias/leaks"),
        ("arn:aws:kms:eu-west-1:1:key/12", "arn:aws:kms:eu-west-1:1:key/12", None),
        ("arn:aws:kms:eu-west-1:1:alias/leaks", "arn:aws:kms:eu-west-1:*:key/*", "alias/leaks"),
    ],
)
def test_a_kms_key_is_for_the_service_alone(key: str, resource: str, alias: str | None) -> None:
    text = text_of([f"aws-sm://eu-west-1/acme/KEY?kms={key}"], READER)
    _, statement = json.loads(text)["Statement"]
    assert statement["Action"] == ["kms:Decrypt"]
    assert statement["Resource"] == [resource]
    condition = statement["Condition"]
    assert condition["StringLike"] == {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
    asked = condition.get("ForAnyValue:StringEquals", {}).get("kms:ResourceAliases")
    assert asked == alias


@pytest.mark.parametrize(
    ("region", "start"), [("cn-north-1", "arn:aws-cn:"), ("us-gov-west-1", "arn:aws-us-gov:")]
)
def test_other_partitions_of_aws(region: str, start: str) -> None:
    assert f'"{start}ssm:{region}:' in text_of([f"ssm://{region}/acme/KEY"], READER)


def test_a_policy_that_is_too_long_for_iam_says_so() -> None:
    (document,) = documents([f"ssm:///acme/KEY_{n}" for n in range(300)], READER, "*")
    assert "split the entries" in document.note


@given(st.lists(K8S_NAMES, min_size=1, max_size=4, unique=True))
def test_kubernetes_grants_exactly_the_secrets(names: list[str]) -> None:
    uris = [f"k8s://shop/{name}#value" for name in names]
    role, binding = yaml.safe_load_all(text_of(uris, WRITER))
    create, others = role["rules"]
    assert (create["verbs"], "resourceNames" in create) == (["create"], False)
    assert others["verbs"] == ["get", "update"]
    assert others["resourceNames"] == sorted(names)
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert {role["metadata"]["namespace"], binding["metadata"]["namespace"]} == {"shop"}
    (role, _) = yaml.safe_load_all(text_of(uris, READER))
    (rule,) = role["rules"]
    assert (rule["verbs"], rule["resourceNames"]) == (["get"], sorted(names))


@pytest.mark.parametrize("uri", ["sops://a.enc.yaml#KEY", "kdbx:///a.kdbx#shop/KEY"])
def test_a_file_has_no_policy(uri: str) -> None:
    (document,) = documents([uri], tuple(Role), "*")
    assert document.text.startswith("# Nothing to grant")
    assert urlsplit(uri).scheme in document.title


@pytest.mark.parametrize("uri", ["k8s://shop/", "vault://kv", "ssm:///", "http://x/y", "x", "//["])
def test_what_is_no_entry_is_refused(uri: str) -> None:
    with pytest.raises(UsageError):
        documents([uri], WRITER, "*")


def test_the_entries_of_a_plan() -> None:
    plan = {"entries": [{"uri": "ssm:///a", "more": [1]}, {"uri": "ssm:///b"}], "other": None}
    assert uris_of_plan(json.dumps(plan).encode()) == ["ssm:///a", "ssm:///b"]
    assert uris_of_plan(b'{"entries": []}') == []


@pytest.mark.parametrize(
    "plan",
    [
        *(b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"null", b"{}"),
        *(b'{"entries": 1}', b'{"entries": {"uri": 1}}', b'{"entries": "uri"}'),
        *(b'{"entries": [1]}', b'{"entries": [{"uri": 1}]}'),
    ],
)
def test_a_hostile_plan_is_refused(plan: bytes) -> None:
    with pytest.raises(UsageError, match="the plan"):
        uris_of_plan(plan)
