"""The fixes that a plan writes into a SARIF log: they do what `apply` does."""

import json
from pathlib import Path

import jsonschema
import pytest
from sarif_fixes import fixed, fixes
from shop import FILES, PASSWORD, SECRETS, TOKEN, Shop, shop

from scanner.detect.engine import Engine
from scanner.remediate.found import in_file
from scanner.rulepack.pack import builtin
from scanner.rulepack.samples import expand

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")

_SCHEMA = Path(__file__).parents[1] / "report" / "sarif-2.1.0.schema.json"
ODD = {
    **FILES,
    "näme.py": f'\ufeffTOKEN = "{TOKEN}"; print("é😀")\r\n',
    "one/line.js": f'console.log("😀é", {{ password: "{PASSWORD}" }})',
}


def planned(made: Shop, *options: str) -> Path:
    log = made.home / "fixes.sarif"
    made.plan("--sarif", str(log), *options)
    return log


def test_all_fixes_together_do_what_apply_does(tmp_path: Path) -> None:
    made = shop(tmp_path, ODD)
    log = planned(made)
    offered = fixes(log)
    assert len(offered) == len(SECRETS)
    by_fixes = fixed(offered.values(), made.contents())
    assert made.apply().returncode == 0
    after = made.contents()
    assert by_fixes == {path: after[path] for path in ODD}


def test_a_fix_stands_alone_and_takes_only_its_own_secret(tmp_path: Path) -> None:
    made = shop(tmp_path)
    before = made.contents()
    held = {path: [s for s in SECRETS if s.encode() in text] for path, text in before.items()}
    for fix in fixes(planned(made)).values():
        gone = set()
        for path, text in fixed([fix], before).items():
            lost = [secret for secret in held[path] if secret.encode() not in text]
            assert len(lost) == 1
            gone.update(lost)
        assert len(gone) == 1


def test_a_log_with_fixes_fits_the_schema_and_holds_no_secret(tmp_path: Path) -> None:
    made = shop(tmp_path, ODD)
    text = planned(made).read_text()
    errors = jsonschema.Draft4Validator(json.loads(_SCHEMA.read_text())).iter_errors
    assert [error.message for error in errors(json.loads(text))] == []
    assert not any(secret in text for secret in SECRETS)
    assert "leakseal migrate apply" in text


def test_what_cannot_be_replaced_everywhere_has_no_fix(tmp_path: Path) -> None:
    noted = {**FILES, "notes.txt": f"the token is {TOKEN} \xff"}
    made = shop(tmp_path, noted)
    (made.top / "broken.py").write_bytes(f'TOKEN = "{TOKEN}\n\xff'.encode("latin-1"))
    made.git("add", "--all")
    plan_file = planned(made)
    plan = json.loads(made.plan_file.read_bytes())
    refused = {
        finding
        for entry in plan["entries"]
        if any(place["action"] != "replace" for place in entry["places"])
        for finding in entry["findings"]
    }
    assert len(refused) == 1
    assert len(fixes(plan_file)) == len(SECRETS) - 1
    assert not refused & fixes(plan_file).keys()


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        (b"a.py", 'USERS = {"%s": "%s"}\n'),
        (b"A.java", 'class A { void f() { users.put("%s", "%s"); } }\n'),
        (b"a.json", '{"%s": "%s"}\n'),
        (b"a.yaml", "%s: %s\n"),
    ],
)
def test_no_secret_gives_its_name_to_another(path: bytes, pattern: str) -> None:
    other, _ = expand("<<checksum ghp_ 30>> other").split()
    content = (pattern % (TOKEN, other)).encode()
    found = list(in_file(path, content, Engine(builtin()), lambda *_: "wanted"))
    assert [held.literal.value.reveal() for held in found][-1] == other.encode()
    assert not any(held.literal.name for held in found)
