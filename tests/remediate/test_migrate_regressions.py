"""Odd shapes of repositories, files and plans that a migration has to get right."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from shop import DATABASE, FILES, PASSWORD, TOKEN, Shop, shop

from scanner.rulepack.samples import expand

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")


def _kept(made: Shop) -> bytes:
    """Return all that leakseal keeps in the git directory and in the tree, save the store."""
    folders = [made.top / ".git/leakseal", made.top / ".leakseal", made.plan_file.parent]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files)


def test_one_value_that_several_rules_find_is_replaced_everywhere(tmp_path: Path) -> None:
    value = expand("<<alnum 20>>")
    made = shop(
        tmp_path,
        {
            "compose.yaml": (
                f'services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: "{value}"\n'
            ),
            "psql.sh": f"PGPASSWORD={value} psql -h db\n",
            "app.js": f"const url = 'postgres://shop:{value}@db.acme.io/shop'\n",
        },
    )
    plan = made.plan()
    places = {place["path"] for entry in plan["entries"] for place in entry["places"]}
    assert places == {"compose.yaml", "psql.sh", "app.js"}
    assert made.apply().returncode == 0
    left = {name: text for name, text in made.contents().items() if value.encode() in text}
    assert left == {}


def test_a_password_that_is_a_word_hides_no_file(tmp_path: Path) -> None:
    word = "petshop"
    made = shop(
        tmp_path,
        {
            "petshop/settings.py": f'github_token = "{TOKEN}"\n',
            "setup.sh": f"mysql --user=admin --password={word}\nexport DB_PASSWORD={word}\n",
            "url.py": f'url = "mysql://{word}:{word}@db.acme.io/{word}"\n',
        },
    )
    plan = made.plan()
    assert "petshop/settings.py" in {p["path"] for e in plan["entries"] for p in e["places"]}
    made.apply()
    assert TOKEN not in (made.top / "petshop/settings.py").read_text()


def test_what_is_escaped_or_encoded_is_not_kept_in_clear(tmp_path: Path) -> None:
    escaped = PASSWORD[:6] + "\\x41" + PASSWORD[6:]
    other = expand("<<>><<password 20>>")
    made = shop(
        tmp_path,
        {
            "a.py": f'db_password = "{escaped}"\n',
            "secret.yaml": (
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\ndata:\n"
                f"  password: {b64encode(other.encode()).decode()}\n  user: c2hvcA==\n"
            ),
        },
    )
    before = made.contents()
    plan = made.plan("--diff")
    shown = made.apply("--diff")
    assert shown.returncode == 0, shown.stdout
    forms = [escaped, escaped.replace("\\x41", "A"), other, b64encode(other.encode()).decode()]
    for form in forms:
        assert form not in shown.stdout + shown.stderr
        assert form.encode() not in _kept(made)
    assert made.leakseal("migrate", "rollback", plan["id"], "--yes").returncode == 0
    assert {path: made.contents()[path] for path in before} == before  # git has the old content


def test_a_secret_beside_another_is_not_lost(tmp_path: Path) -> None:
    other = expand("<<>><<checksum ghp_ 30>>")
    made = shop(tmp_path, {".env": f"GITHUB_TOKEN={TOKEN} # the old one: {other}\nDEBUG=1\n"})
    report = made.home / "report.json"
    made.leakseal("scan", "--no-history", "--format", "json", "-o", str(report))
    members = json.loads(report.read_bytes())
    members["findings"] = [f for f in members["findings"] if f["occurrences"][0]["start"] < 20]
    report.write_text(json.dumps(members))
    planned = made.leakseal("migrate", "plan", str(report), "-o", str(made.plan_file), "--diff")
    assert "another secret would go with it" in planned.stdout
    assert other not in planned.stdout
    assert made.apply().returncode == 1
    assert other in (made.top / ".env").read_text()
    assert other.encode() not in _kept(made)


def test_facts_hold_no_token(tmp_path: Path) -> None:
    user = expand("<<>><<checksum ghp_ 30>>")
    made = shop(tmp_path, {"url.py": f'url = "https://{user}@git.acme.io/shop.git"\n'})
    made.plan()
    made.apply()
    assert user not in (made.top / "secrets.enc.yaml").read_text()


def test_a_variable_is_not_pointed_at_another_secret(tmp_path: Path) -> None:
    values = [expand(f"<<>><<password 2{n}>>") for n in (0, 1)]
    made = shop(
        tmp_path,
        {f"{name}/config.py": f'password = "{v}"\n' for name, v in zip("ab", values, strict=True)},
    )
    plans = []
    for name in "ab":
        report = made.home / f"{name}.json"
        words = ("scan", "--no-history", "--path", f"{name}/*", "--format", "json")
        made.leakseal(*words, "-o", str(report))
        plans.append(str(made.home / f"{name}.plan"))
        made.leakseal("migrate", "plan", str(report), "-o", plans[-1])
    assert made.leakseal("migrate", "apply", plans[0]).returncode == 0
    second = made.leakseal("migrate", "apply", plans[1])
    assert second.returncode == 4
    assert "plan again" in second.stderr
    assert values[1] in (made.top / "b/config.py").read_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry["places"][0].update(action="replace"),
        lambda entry: entry.update(uri=entry["uri"] + "x"),
        lambda entry: entry.update(variable='X"] or print("'),
        lambda entry: entry["places"][0].update(environment="PATH"),
        lambda entry: entry.update(places=[]),
    ],
)
def test_a_plan_is_checked_again(tmp_path: Path, change: object) -> None:
    made = shop(tmp_path, {"app.pl": f'my $token = "{TOKEN}";\nprint "a shop";\n'})
    plan = made.plan()
    assert plan["entries"][0]["places"][0]["action"] == "refuse"
    assert callable(change)
    change(plan["entries"][0])
    made.plan_file.write_text(json.dumps(plan))
    assert made.apply().returncode in (2, 4)
    assert TOKEN in (made.top / "app.pl").read_text()


def test_a_key_file_that_code_reads_by_name_stays(tmp_path: Path) -> None:
    from forty import private_key

    made = shop(tmp_path, {"tls/key.pem": private_key(), "serve.py": 'open("tls/key.pem")\n'})
    plan = made.plan()
    (place,) = plan["entries"][0]["places"]
    assert (place["action"], place["environment"]) == ("refuse", "KEY_PEM")
    assert "serve.py reads it by name" in place["note"]
    assert made.apply().returncode == 1
    assert (made.top / "tls/key.pem").exists()
    listed = made.leakseal("run", "--list").stdout
    assert "KEY_PEM" in listed


def test_accepted_and_unwanted_findings_are_left_alone(tmp_path: Path) -> None:
    made = shop(tmp_path)
    made.leakseal("key")
    report = made.home / "report.json"
    made.leakseal("scan", "--no-history", "--format", "json", "-o", str(report))
    prints = {
        finding["rule"]["id"]: finding["fingerprint"]
        for finding in json.loads(report.read_bytes())["findings"]
    }
    made.leakseal(
        *("log", "record", prints["github-personal-token"], "accepted"),
        *("--reason", "a test token", "--report", str(report)),
    )
    plan = made.plan("--without", prints["postgresql-url"][:12])
    assert [entry["variable"] for entry in plan["entries"]] == ["SETTINGS_PASSWORD"]
    reasons = {left["finding"]: left["reason"] for left in plan["left"]}
    assert reasons[prints["github-personal-token"]] == "it is accepted in the ledger"
    assert reasons[prints["postgresql-url"]] == "it is to be left out"
    assert made.apply().returncode == 0
    wrong = made.leakseal("migrate", "plan", str(report), "--only", "00000000")
    assert (wrong.returncode, "begins with 00000000" in wrong.stderr) == (2, True)


def test_what_was_rotated_since_does_not_open_a_migration_again(tmp_path: Path) -> None:
    from scanner.model import Secret
    from scanner.vault import choose

    made = shop(tmp_path)
    plan = made.plan()
    assert made.apply().returncode == 0
    store, name = choose.entry(plan["entries"][0]["uri"], made.environ(), str(made.top))
    held = store.read(name)
    store.put_version(name, Secret(b"a new value"), "", held.facts, held.version)
    before = made.contents()
    assert made.apply().returncode == 0
    assert made.contents() == before
    (made.top / "deploy.sh").write_text("#!/bin/sh\necho rewritten by hand\n")
    assert made.apply().returncode == 0
    assert made.leakseal("migrate", "status").returncode == 0


def test_rolling_one_migration_back_keeps_what_another_needs(tmp_path: Path) -> None:
    made = shop(tmp_path)
    first = made.plan()
    made.apply()
    made.git("add", "--all")
    (made.top / "late.sh").write_text(FILES["deploy.sh"])
    made.plan()
    made.apply()
    assert made.leakseal("migrate", "rollback", first["id"], "--yes").returncode == 0
    assert made.leakseal("run", "--", "sh", "late.sh").stdout == f"{TOKEN}\n"
    assert (
        f"{first['id']}  {first['store']}  rolled back" in made.leakseal("migrate", "status").stdout
    )
    missing = made.leakseal("migrate", "rollback", first["id"], "--yes", "--path", "nope")
    assert missing.returncode == 2


@pytest.mark.parametrize("finished", [True, False])
def test_a_lost_ledger_stops_neither_resume_nor_rollback(tmp_path: Path, finished: bool) -> None:
    made = shop(tmp_path)
    before = made.contents()
    plan = made.plan()
    made.apply()
    for file in (made.top / ".leakseal/ledger").rglob("*.jsonl"):
        file.unlink()
    if not finished:
        state = made.top / f".git/leakseal/migrations/{plan['id']}.json"
        state.write_text(json.dumps({**json.loads(state.read_text()), "done": False}))
        assert made.leakseal("migrate", "resume").returncode == 0
    undone = made.leakseal("migrate", "rollback", plan["id"], "--yes")
    assert undone.returncode == 0, undone.stderr
    assert {path: made.contents()[path] for path in before} == before


def test_a_public_repository_is_revoked_first(tmp_path: Path) -> None:
    made = shop(tmp_path)
    made.plan("--public")
    assert made.apply().returncode == 2
    assert DATABASE in (made.top / "app/settings.py").read_text()
    assert made.apply("--revoked").returncode == 0


def test_another_repository_inside_is_left_alone(tmp_path: Path) -> None:
    made = shop(tmp_path, {"a.txt": "a shop\n"})
    inner = made.top / "lib"
    inner.mkdir()
    made.git("init", "--quiet", "lib")
    (inner / "deploy.sh").write_text(FILES["deploy.sh"])
    report = made.home / "report.json"
    made.leakseal("scan", "--no-history", "--format", "json", "-o", str(report))
    planned = made.leakseal("migrate", "plan", str(report), "-o", str(made.plan_file))
    assert "is in another repository" in planned.stdout
    made.apply()
    assert (inner / "deploy.sh").read_text() == FILES["deploy.sh"]


def test_emitted_manifests_name_what_workloads_read(tmp_path: Path) -> None:
    import yaml

    made = shop(
        tmp_path,
        {
            "k8s.yaml": (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers:\n"
                "    - name: shop\n      env:\n        - name: DB_URL\n"
                f'          value: "{DATABASE}"\n'
            )
        },
    )
    made.plan()
    assert made.apply().returncode == 0
    text = (made.top / "k8s.yaml").read_text()
    wanted = yaml.safe_load(text)["spec"]["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]
    refused = made.leakseal(
        *("migrate", "emit", "external-secret", str(made.plan_file), "--secret-store", "sops")
    )
    assert refused.returncode == 2  # the operator cannot read a SOPS file
    certificate = made.home / "cert.pem"
    certificate.write_text(_certificate())
    sealed = made.leakseal(
        *("migrate", "emit", "sealed-secret", str(made.plan_file)),
        *("--certificate", str(certificate), "--namespace", "shop"),
    )
    assert sealed.returncode == 0, sealed.stderr
    manifest = yaml.safe_load(sealed.stdout)
    assert manifest["metadata"] == {"name": wanted["name"], "namespace": "shop"}
    assert list(manifest["spec"]["encryptedData"]) == [wanted["key"]]
    assert DATABASE not in sealed.stdout


def _certificate() -> str:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    signed = made.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()
