"""Values of Secret manifests in YAML and JSON, and of nothing else."""

import base64
import json
import random
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect import kubernetes
from scanner.model import Confidence, Rule, Severity

RULE = Rule(
    id="k", family="k", name="k", kind="password", provider="p", severity=Severity.HIGH,
    confidence=Confidence.HIGH, method="kubernetes", keywords=(), pattern="", lead=0, checks=(),
    min_entropy=0, remediation="",
)  # fmt: skip
KEYWORDS = (b"kind: secret", b'"kind": "secret"', b'"kind":"secret"')


def value(seed: int) -> str:
    return "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=20))


A, B = value(1), value(2)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def found(text: str, lowest: Confidence = Confidence.MEDIUM):
    data = text.encode()
    seen = []
    for word in KEYWORDS:
        at = -1
        while (at := data.lower().find(word, at + 1)) >= 0:
            seen += kubernetes.candidates(data, at, at + len(word), RULE)
    return [c for c in seen if (c.confidence or RULE.confidence) >= lowest]


def secrets(text: str) -> list[bytes]:
    return sorted(c.secret for c in found(text))


BOTH = sorted([A.encode(), B.encode()])
MANIFEST = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "labels": {"app": "shop"}},
    "type": "Opaque",
    "data": {"password": b64(A)},
    "stringData": {"token": B},
}
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"password": b64(value(9))}}


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("indent", [None, 2, 4])
def test_json(sort, indent):
    assert secrets(json.dumps(MANIFEST, sort_keys=sort, indent=indent)) == BOTH


def test_compact_json():
    assert secrets(json.dumps(MANIFEST, separators=(",", ":"))) == BOTH


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("style", [None, "'", '"'])
def test_yaml(sort, style):
    text = yaml.safe_dump(MANIFEST, sort_keys=sort, default_style=style)
    if style:
        text = text.replace(f"{style}kind{style}: {style}Secret{style}", "kind: Secret")
    assert secrets(text) == BOTH


@pytest.mark.parametrize("dump", [yaml.safe_dump, json.dumps])
def test_lists_keep_their_items_apart(dump):
    other = {**MANIFEST, "data": {"password": b64(value(3))}, "stringData": {}}
    text = dump({"kind": "List", "items": [CONFIG_MAP, MANIFEST, CONFIG_MAP, other]})
    assert secrets(text) == sorted([*BOTH, value(3).encode()])


def test_documents_are_kept_apart():
    text = "---\n".join(map(yaml.safe_dump, (CONFIG_MAP, MANIFEST, CONFIG_MAP)))
    assert secrets(text) == BOTH


def test_spans_hold_the_value_as_written():
    text = yaml.safe_dump(MANIFEST)
    spans = {text[c.start : c.end] for c in found(text)}
    assert spans == {b64(A), B}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("password", "changeme"),
        ("password", "<password>"),
        ("password", "${DB_PASSWORD}"),
        ("password", "{{ .Values.password }}"),
        ("username", A),
        ("ca.crt", "-----BEGIN CERTIFICATE-----" + A),
        ("type", "kubernetes-cluster7"),
        ("provider", "route53-global"),
        ("db.driver", "postgresql15"),
        ("clientId", A),
        ("replicas", "3"),
        ("empty", ""),
    ],
)
def test_what_is_no_secret_stays_below_the_threshold(name, written):
    for block, text in (("stringData", written), ("data", b64(written))):
        manifest = {"kind": "Secret", block: {name: text}}
        assert found(yaml.safe_dump(manifest)) == []
        assert found(json.dumps(manifest)) == []


@pytest.mark.parametrize("name", ["secret-id", "secretId", "approle_secret_id"])
def test_the_secret_id_of_an_approle_is_a_secret(name):
    assert secrets(yaml.safe_dump({"kind": "Secret", "stringData": {name: A}})) == [A.encode()]


@pytest.mark.parametrize(
    "kind", ["SealedSecret", "ExternalSecret", "SecretStore", "SecretProviderClass", "ConfigMap"]
)
def test_other_kinds_are_left_alone(kind):
    manifest = {**MANIFEST, "kind": kind}
    assert found(yaml.safe_dump(manifest), Confidence.LOW) == []
    assert found(json.dumps(manifest), Confidence.LOW) == []


def test_nested_data_is_not_the_manifests_own():
    nested = {"kind": "Secret", "spec": {"data": {"password": b64(A)}}}
    assert found(json.dumps(nested), Confidence.LOW) == []
    assert found(yaml.safe_dump(nested), Confidence.LOW) == []


names = st.from_regex(r"[a-z][a-z0-9-]{0,20}key", fullmatch=True)
values = st.text(alphabet=string.ascii_letters + string.digits, min_size=20, max_size=60)


@given(st.dictionaries(names, values, min_size=1, max_size=5), st.booleans())
def test_every_value_is_reported_once(entries, encoded):
    block = {k: b64(v) if encoded else v for k, v in entries.items()}
    manifest = {"kind": "Secret", "data" if encoded else "stringData": block}
    expected = sorted(v.encode() for v in entries.values())
    for text in (yaml.safe_dump(manifest), json.dumps(manifest)):
        seen = sorted(c.secret for c in found(text, Confidence.LOW))
        assert seen == expected


@given(st.text(alphabet="kind: Secret\n\"'{},-dat", max_size=300))
def test_any_text_is_read_without_an_error(junk):
    for text in (junk + "kind: Secret\n" + junk, junk + '"kind": "Secret"' + junk):
        for c in found(text, Confidence.LOW):
            assert 0 <= c.start < c.end <= len(text)
