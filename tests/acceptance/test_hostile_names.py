"""Names and texts that want to write to the terminal, and secrets that want to be printed."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from places_checkout import NAMES
from planting import Repository, run, scan, token

SARIF_SCHEMA = Path(__file__).parents[1] / "report" / "sarif-2.1.0.schema.json"
JSON_SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
FORMATS = ("text", "json", "sarif")


@pytest.fixture(scope="module")
def oddly_named(tmp_path_factory):
    """A repository with secrets under and in odd names, and all of git's free text hostile."""
    folder = tmp_path_factory.mktemp("odd")
    repository = Repository(folder / "red \x1b[31m\u202e")
    evil = "\x1b]0;owned\x07\x1b[2J\u202etxt\t"
    secrets = []
    for number, name in enumerate(NAMES.values()):
        secrets.append(token(f"odd {number}"))
        repository.write(name, b"TOKEN=%b\n" % secrets[-1])
    secrets += [token("in a name"), token("in a message"), token("in a tag"), token("in a branch")]
    repository.write(b"\x1b[1m-%b\n" % secrets[-4], b"")
    who = {"GIT_AUTHOR_NAME": f"Ann {evil}", "GIT_AUTHOR_EMAIL": f"{evil}@acme.example"}
    repository.commit(f"{evil} {secrets[-3].decode()}\n\n{evil}", **who)
    repository.git("tag", "-a", "v1", "-m", f"{evil}{secrets[-2].decode()}")
    repository.git("update-ref", f"refs/heads/\u202e{secrets[-1].decode()}", "HEAD")
    repository.git("remote", "add", "origin", "https://u:hunter-two-5Xk9@h.example/\u202e.git")
    return repository, secrets


@pytest.mark.parametrize("fmt", FORMATS)
def test_output_is_safe_to_show(oddly_named, tmp_path, fmt):
    """No control byte but the line feed, no bidirectional override, and no secret in any form."""
    repository, secrets = oddly_named
    done = run("scan", repository.path, "--format", fmt, home=tmp_path)
    assert done.returncode == 1
    for output in (done.stdout, done.stderr):
        assert not CONTROL.search(output)
        if fmt == "text":
            assert "\u202e" not in output.decode()
        for secret in (*secrets, b"hunter-two-5Xk9"):
            assert secret not in output
            assert secret[4:] not in output, "nor most of it"


def test_guard_output_is_safe_to_show(tmp_path):
    repository = Repository(tmp_path / "repository")
    secret = token("guard")
    for name in NAMES.values():
        repository.write(name, b"TOKEN=%b\n" % secret)
    repository.write(b"\x1b[1m-" + secret, b"")
    repository.git("add", "-A")
    done = run("guard", home=tmp_path, cwd=repository.path)
    assert done.returncode == 1
    for output in (done.stdout, done.stderr):
        assert not CONTROL.search(output)
        assert "\u202e" not in output.decode()
        assert secret not in output


def test_json_is_valid_and_complete(oddly_named, tmp_path):
    repository, secrets = oddly_named
    report = json.loads(run("scan", repository.path, "-f", "json", home=tmp_path).stdout)
    jsonschema.validate(report, json.loads(JSON_SCHEMA.read_bytes()))
    assert len(report["findings"]) >= len(secrets)
    found = scan(repository.path, home=tmp_path)
    for number, name in enumerate(NAMES.values()):
        paths = {place["path"] for place in found.places[token(f"odd {number}")]}
        assert paths == {name}


def test_sarif_is_valid_and_its_uris_are_encoded(oddly_named, tmp_path):
    repository, _ = oddly_named
    sarif = json.loads(run("scan", repository.path, "-f", "sarif", home=tmp_path).stdout)
    jsonschema.validate(sarif, json.loads(SARIF_SCHEMA.read_bytes()))
    uris = set(_uris(sarif))
    assert len(uris) >= len(NAMES)
    for uri in uris:
        assert re.fullmatch(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-F]{2})*", uri), uri
    assert any("caf%E9-%FF.env" in uri for uri in uris)


def _uris(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "uri":
                yield inner
            else:
                yield from _uris(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _uris(inner)
