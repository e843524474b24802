"""`leakseal baseline`, from making one to dropping what is gone."""

import json
import os
import subprocess

import pytest
from quiet_git import ENVIRONMENT

from scanner.cli.main import main
from scanner.rulepack import samples
from scanner.triage.baseline import NAME, read

A, B, C = samples.expand("<<checksum ghp_ 30>> <<checksum ghp_ 30>> <<checksum ghp_ 30>>").split()

SECRETS = samples.expand("<<checksum ghp_ 30>> " * 15).split()[3:]
BROKEN = "/nowhere/leakseal baseline merge %O %A %B || git merge-file --union %A %O %B"


class Repository:
    printed = None

    def __init__(self, path):
        self.path = path
        self.file = path / NAME
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        command = ["git", *arguments]
        subprocess.run(command, cwd=self.path, env=ENVIRONMENT, check=True, capture_output=True)

    def commit(self, **files):
        for name, text in files.items():
            (self.path / name.replace("_", ".")).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")

    def leakseal(self, *arguments, code=0):
        assert main(list(arguments)) == code
        said = "".join(self.printed.readouterr())
        assert not any(secret in said for secret in (A, B, C))
        return said

    def entries(self):
        return {e.path: e for e in read(str(self.file)).entries}


def test_a_report_made_with_another_key_is_refused(repository, monkeypatch, tmp_path):
    report = str(tmp_path / "report.json")
    monkeypatch.setenv("LEAKSEAL_KEY", "a" * 32)
    repository.leakseal("scan", "-q", "-f", "json", "-o", report, code=1)
    monkeypatch.setenv("LEAKSEAL_KEY", "b" * 32)
    said = repository.leakseal("baseline", "create", "--from", report, code=2)
    assert "was made with another key (LEAKSEAL_KEY)" in said
    assert not repository.file.exists()


@pytest.fixture
def repository(tmp_path, monkeypatch, capfd):
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("LEAKSEAL_KEY", raising=False)
    monkeypatch.setattr(Repository, "printed", capfd)
    made = Repository(tmp_path / "repository")
    monkeypatch.chdir(made.path)
    made.commit(a_py=f"token = '{A}'\n")
    return made


def test_from_making_one_to_dropping_what_is_gone(repository):
    (repository.path / ".gitattributes").write_text("*.png binary")
    said = repository.leakseal("baseline", "create", "--reason", "before", "--owner", "Ann")
    assert "Wrote .leakseal.baseline: 1 secret accepted." in said
    attributes = (repository.path / ".gitattributes").read_text()
    assert attributes == "*.png binary\n.leakseal.baseline merge=union\n"
    assert "Wrote .gitattributes, .git/config, .git/info/attributes: git merges" in said
    made = repository.file.read_bytes()
    assert A.encode() not in made
    assert repository.file.stat().st_mode & 0o777 == 0o644
    (entry,) = repository.entries().values()
    assert (entry.rule, entry.path) == ("github-personal-token", "a.py")
    assert (entry.reason, entry.owner, entry.expires) == ("before", "Ann", "")
    repository.leakseal("scan", "-q")

    said = repository.leakseal("baseline", "create", code=2)
    assert "there is a .leakseal.baseline already" in said
    assert "stays as it is" in repository.leakseal("baseline", "update", "--reason", "new")
    assert repository.file.read_bytes() == made

    repository.commit(b_py=f"token = '{B}'\n")
    (repository.path / "c.py").write_text(f"token = '{C}'\n")
    repository.leakseal("scan", "-q", code=1)
    said = repository.leakseal("baseline", "update", "--reason", "later", "--expires", "2099-01-01")
    assert "1 secret more accepted" in said
    assert "Left out: 1 secret neither staged nor in a branch or tag" in said
    assert set(made.splitlines()) < set(repository.file.read_bytes().splitlines())
    assert repository.entries()["b.py"].expires == "2099-01-01"

    said = repository.leakseal("baseline", "update", "--uncommitted")
    assert "1 secret more accepted" in said
    (repository.path / "c.py").unlink()
    assert "1 secret dropped" in repository.leakseal("baseline", "prune")
    assert sorted(repository.entries()) == ["a.py", "b.py"]
    assert "stays as it is" in repository.leakseal("baseline", "prune")

    print_ = repository.entries()["b.py"].fingerprint
    assert "1 secret dropped" in repository.leakseal("baseline", "prune", print_[:12])
    repository.leakseal("scan", "-q", code=1)
    assert "none begins with" in repository.leakseal("baseline", "prune", print_[:12], code=2)
    assert "1 secret more accepted" in repository.leakseal("baseline", "update", "--prune")
    repository.leakseal("scan", "-q")


def test_what_was_blocked_and_taken_back_is_not_accepted_later(repository):
    repository.leakseal("baseline", "create")
    repository.commit()
    (repository.path / "b.py").write_text(f"token = '{B}'\n")
    repository.git("add", "-A")
    repository.leakseal("guard", code=1)
    repository.git("reset", "-q", "--hard")
    (repository.path / "c.py").write_text(f"token = '{C}'\n")
    repository.git("stash", "-q", "--include-untracked")
    said = repository.leakseal("baseline", "update")
    assert "Left out: 2 secrets neither staged nor in a branch or tag" in said
    (repository.path / "b.py").write_text(f"token = '{B}'\n")
    repository.git("add", "-A")
    repository.leakseal("guard", code=1)


def test_after_create_git_merges_exactly_what_both_sides_took_out_and_added(repository):
    for n in range(12):
        (repository.path / f"{n}.py").write_text(f"'{SECRETS[n]}'\n")
    repository.commit()
    repository.leakseal("baseline", "create")
    repository.commit()
    header, *lines = repository.file.read_text().splitlines(keepends=True)
    new = lines[0].replace('"fingerprint": "', '"fingerprint": "0123')
    new = new.replace(new.split('"')[3], new.split('"')[3][:40])

    def change(branch, *texts):
        repository.git("checkout", "-q", "-b", branch, "main")
        repository.file.write_text("".join((header, *texts)))
        repository.commit()

    change("one", *lines[:3], *lines[5:], new)
    change("other", *lines[:5], *lines[8:])
    repository.git("merge", "-q", "one", "-m", "merge")
    kept = [*lines[:3], *lines[8:], new]
    assert sorted(repository.file.read_text().splitlines(keepends=True)[1:]) == sorted(kept)


def test_where_leakseal_is_gone_git_merges_as_elsewhere(repository):
    repository.leakseal("baseline", "create")
    repository.commit()
    repository.git("config", "merge.leakseal.driver", BROKEN)
    made = repository.file.read_text()
    for branch, digit in (("one", "1"), ("other", "2")):
        repository.git("checkout", "-q", "-b", branch, "main")
        line = f'{{"fingerprint": "{digit * 40}"}}\n'
        repository.file.write_text(made + line)
        repository.commit()
    repository.git("merge", "-q", "one", "-m", "merge")
    assert len(read(str(repository.file)).entries) == 3


def test_what_is_listed(repository):
    assert "make one: leakseal baseline create" in repository.leakseal("baseline", "show", code=2)
    repository.leakseal("baseline", "create", "--reason", "x" * 200, "--owner", "Ann\x1b[31m")
    said = repository.leakseal("baseline", "show")
    assert said.splitlines()[0].split() == [
        "FINGERPRINT", "RULE", "PATH", "REASON", "OWNER", "ADDED", "EXPIRES",
    ]  # fmt: skip
    assert "1 secret, 0 expired" in said
    assert "\x1b" not in said
    assert "0 secrets, 0 expired" in repository.leakseal("baseline", "show", "--expired")
    text = repository.file.read_text().replace('"expires": ""', '"expires": "2020-01-31"')
    repository.file.write_text(text)
    (entry,) = json.loads(repository.leakseal("baseline", "show", "--expired", "-f", "json"))
    assert (entry["expires"], entry["expired"]) == ("2020-01-31", True)

    said = repository.leakseal("scan", "-q", code=1)
    assert "was accepted until 2020-01-31: xxx" in " ".join(said.split())
    said = repository.leakseal("baseline", "update")
    assert "Expired: 1 secret; --renew accepts them anew." in said
    repository.leakseal("baseline", "update", "--renew", "--expires", "2099-01-01")
    (entry,) = repository.entries().values()
    assert (entry.expires, entry.revision, entry.reason) == ("2099-01-01", 1, "x" * 200)
    repository.leakseal("scan", "-q")


def test_rules_of_a_file_count_where_they_are_named(repository, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\nid = "acme"\nregex = "acme_[a-z]{20}"\nkeywords = ["acme"]\n')
    repository.commit(b_txt="acme_" + "qwertzuiopasdfghjkly" + "\n")
    repository.leakseal("baseline", "create", "--rules", str(rules))
    assert sorted(repository.entries()) == ["a.py", "b.txt"]
    repository.leakseal("scan", "-q", "--rules", str(rules))
    said = repository.leakseal("baseline", "prune", "--rules", str(rules))
    assert "stays as it is" in said
    assert "1 secret dropped" in repository.leakseal("baseline", "prune")


def test_it_can_be_made_from_a_saved_report(repository, tmp_path, monkeypatch):
    report = str(tmp_path / "report.json")
    repository.leakseal("scan", "-q", "-f", "json", "-o", report, code=1)
    repository.leakseal("baseline", "create", "--from", report, "--no-attributes")
    assert not (repository.path / ".gitattributes").exists()
    repository.commit(b_py=f"token = '{B}'\n")
    repository.leakseal("scan", "-q", "-f", "json", "-o", report, code=1)
    assert "1 secret more" in repository.leakseal("baseline", "update", "--from", report)
    repository.leakseal("scan", "-q")
    said = repository.leakseal("baseline", "update", "--from", report, "--prune", code=2)
    assert "leave out --from" in said
    repository.file.unlink()
    other = Repository(tmp_path / "other")
    monkeypatch.chdir(other.path)
    said = other.leakseal("baseline", "create", "--from", report, code=2)
    assert "is of another repository: its HEAD is not here" in said
    monkeypatch.chdir(repository.path)
    monkeypatch.setenv("LEAKSEAL_KEY", "k" * 32)
    said = repository.leakseal("baseline", "create", "--from", report, code=2)
    assert "was made with another key (derived without a key) than this one (LEAKSEAL_KEY)" in said
    assert not repository.file.exists()


def test_nothing_is_dropped_when_not_everything_could_be_read(repository, tmp_path, monkeypatch):
    repository.commit(a_py="")
    repository.leakseal("baseline", "create")
    repository.commit()
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", repository.path.as_uri(), "main")
    clone.git("reset", "-q", "--hard", "FETCH_HEAD")
    made = clone.file.read_bytes()
    monkeypatch.chdir(clone.path)
    assert "nothing was dropped" in clone.leakseal("baseline", "prune", code=3)
    assert "nothing was dropped" in clone.leakseal("baseline", "update", "--prune", code=3)
    assert clone.file.read_bytes() == made


def test_what_makes_no_sense_changes_nothing(repository, tmp_path):
    for option, said in (
        ("2026-02-30", "--expires takes a date"),
        ("2020-01-01", "lies in the past"),
    ):
        assert said in repository.leakseal("baseline", "create", "--expires", option, code=2)
    said = repository.leakseal("baseline", "create", "--from", str(tmp_path / "none"), code=2)
    assert "none cannot be read" in said
    assert not repository.file.exists()
    repository.file.symlink_to(tmp_path / "elsewhere")
    repository.leakseal("baseline", "create", code=2)
    repository.leakseal("baseline", "update", code=2)
    assert not (tmp_path / "elsewhere").exists()


def test_a_place_that_holds_a_secret_is_not_written(repository):
    os.mkdir(repository.path / A)
    (repository.path / A / f"{B}.py").write_text(f"'{B}'")
    repository.commit()
    repository.leakseal("baseline", "create", "--reason", f"know {A}")
    text = repository.file.read_text()
    assert A not in text
    assert B not in text
    repository.leakseal("scan", "-q")
