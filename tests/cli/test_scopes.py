"""The scopes of `leakseal scan`, each as a real process on a real repository."""

import json
import os
import subprocess
import sys

import pytest
from quiet_git import ENVIRONMENT

from scanner.rulepack import samples

A, B, C = (samples.expand(f"<<checksum ghp_ 30>>{n}")[:40] for n in "abc")


class Repository:
    def __init__(self, path):
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.day = 0

    def git(self, *args):
        done = subprocess.run(
            ["git", *args], cwd=self.path, env=ENVIRONMENT, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def write(self, name, text):
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def commit(self, message, **files):
        for name, text in files.items():
            self.write(name.replace("__", "."), text)
        self.git("add", "-A")
        self.day += 1
        date = f"2024-01-{self.day:02d}T12:00:00+00:00"
        environment = ENVIRONMENT | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        subprocess.run(
            ["git", "commit", "-q", "--allow-empty", "-m", message],
            cwd=self.path, env=environment, check=True,
        )  # fmt: skip
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def scan(tmp_path, *arguments, stdin=b"", cwd=None):
    home = tmp_path / "home"
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", "-f", "json", "--show-secrets", *arguments],
        input=stdin, capture_output=True, env=environment, cwd=cwd or os.getcwd(), check=False,
    )  # fmt: skip
    report = json.loads(done.stdout) if done.stdout else None
    return done.returncode, report, done.stderr.decode()


def found(report):
    return {f["secret"]: f["occurrences"] for f in report["findings"]}


def test_a_range_reports_what_its_commits_add(repository, tmp_path):
    first = repository.commit("one", a__txt=A)
    second = repository.commit("two", a__txt=A, b__txt=B)
    repository.commit("three", a__txt=A, b__txt=f"moved\n{B}")
    code, report, _ = scan(tmp_path, str(repository.path), "--range", f"{first}..HEAD")
    assert code == 1
    (occurrence,) = found(report)[B]
    assert set(found(report)) == {B}
    assert occurrence["introduced"]["id"] == second
    assert occurrence["path"] == "b.txt"


def test_a_range_ignores_what_a_merge_brings_in_and_finds_what_it_adds(repository, tmp_path):
    base = repository.commit("base", a__txt="1\n")
    repository.git("checkout", "-qb", "side")
    side = repository.commit("side", b__txt=B)
    repository.git("checkout", "-q", "main")
    repository.commit("main", c__txt="2\n")
    repository.git("merge", "-q", "--no-ff", "--no-commit", "side")
    merge = repository.commit("merge", d__txt=C)
    code, report, _ = scan(tmp_path, str(repository.path), "--range", f"{base}..main")
    assert code == 1
    assert found(report)[B][0]["introduced"]["id"] == side
    assert found(report)[C][0]["introduced"]["id"] == merge
    _, report, _ = scan(tmp_path, str(repository.path), "--range", f"{merge}^..{merge}", "-q")
    assert set(found(report)) == {B, C}
    _, report, _ = scan(tmp_path, str(repository.path), "--range", f"{side}..{merge}")
    assert set(found(report)) == {C}


def test_a_rename_adds_nothing(repository, tmp_path):
    first = repository.commit("one", a__txt=f"x\ny\n{A}\n")
    repository.git("mv", "a.txt", "b.txt")
    repository.commit("rename")
    code, report, _ = scan(tmp_path, str(repository.path), "--range", f"{first}..HEAD")
    assert (code, report["findings"]) == (0, [])


def test_commit_messages_belong_to_a_range(repository, tmp_path):
    first = repository.commit("one")
    repository.commit(f"token {B}")
    _, report, _ = scan(tmp_path, str(repository.path), "--range", f"{first}..HEAD")
    assert found(report)[B][0]["place"] == "commit"


def test_since_a_date(repository, tmp_path):
    repository.commit("one", a__txt=A)
    repository.commit("two", b__txt=B)
    _, report, _ = scan(tmp_path, str(repository.path), "--since", "2024-01-02T00:00:00Z")
    assert set(found(report)) == {B}


def test_staged(repository, tmp_path):
    repository.commit("one", a__txt=A)
    repository.write("a.txt", f"moved\n{A}")
    repository.write("b.txt", B)
    repository.git("add", "-A")
    repository.write("b.txt", "gone from the working tree")
    code, report, _ = scan(tmp_path, str(repository.path), "--staged")
    assert code == 1
    assert set(found(report)) == {B}
    assert found(report)[B][0]["state"] == "staged"


def test_without_history(repository, tmp_path):
    repository.commit("one", a__txt=A, b__txt=B)
    (repository.path / "a.txt").unlink()
    repository.commit("two")
    repository.write("c.txt", C)
    _, report, _ = scan(tmp_path, str(repository.path), "--no-history")
    assert set(found(report)) == {B, C}
    assert found(report)[B][0]["state"] == "head"
    assert found(report)[C][0]["state"] == "worktree"


def test_introduced_and_removed(repository, tmp_path):
    first = repository.commit("one", a__txt=f"first line\n  {A}\n")
    second = repository.commit("two", a__txt="first line\n")
    _, report, _ = scan(tmp_path, str(repository.path))
    (occurrence,) = found(report)[A]
    assert occurrence["introduced"]["id"] == first
    assert occurrence["introduced"]["when"] == "2024-01-01T12:00:00+00:00"
    assert occurrence["introduced"]["author"] == "Ann"
    assert occurrence["removed"]["id"] == second
    assert occurrence["state"] == "history"
    assert (occurrence["line"], occurrence["column"]) == (2, 3)


def test_path_globs(repository, tmp_path):
    repository.commit(f"message {C}", a__env=A, b__txt=B)
    code, report, _ = scan(tmp_path, str(repository.path), "--path", "*.env")
    assert set(found(report)) == {A}
    assert report["coverage"]["skipped"][0]["code"] == "path-filter"
    assert code == 1


def test_a_directory_that_is_no_repository(tmp_path):
    plain = tmp_path / "plain"
    (plain / "sub").mkdir(parents=True)
    (plain / "sub" / "a.txt").write_text(A)
    code, report, _ = scan(tmp_path, str(plain))
    assert code == 1
    assert found(report)[A][0]["path"] == "sub/a.txt"


def test_one_file_and_standard_input(tmp_path):
    (tmp_path / "a.txt").write_text(A)
    assert set(found(scan(tmp_path, str(tmp_path / "a.txt"))[1])) == {A}
    code, report, _ = scan(tmp_path, "-", stdin=B.encode())
    assert code == 1
    assert found(report)[B][0]["place"] == "stdin"


def test_a_subdirectory_limits_the_scan_to_it(repository, tmp_path):
    repository.commit("one", a__txt=A)
    repository.write("sub/b.txt", B)
    repository.commit("two")
    _, report, _ = scan(tmp_path, str(repository.path / "sub"))
    assert set(found(report)) == {B}


def test_a_repository_without_commits(repository, tmp_path):
    repository.write("a.txt", A)
    code, report, _ = scan(tmp_path, str(repository.path))
    assert (code, set(found(report))) == (1, {A})


def test_confidence_and_exit_code(repository, tmp_path):
    weak = "password = " + '"letters' + 'only"'
    repository.commit("one", a__txt=weak)
    assert scan(tmp_path, str(repository.path))[0] == 0
    assert scan(tmp_path, str(repository.path), "--confidence", "low")[0] == 1
    assert scan(tmp_path, str(repository.path), "--confidence", "low", "--exit-code", "9")[0] == 9


@pytest.mark.parametrize(
    "arguments",
    [
        ["--range", "no..such"],
        ["--range", "--output=/tmp/x"],
        ["--staged", "--since", "yesterday"],
        ["--key-file", "/nowhere"],
        ["--nonsense"],
    ],
)
def test_usage_errors(repository, tmp_path, arguments):
    repository.commit("one", a__txt=A)
    code, report, error = scan(tmp_path, str(repository.path), *arguments)
    assert code == 2
    assert report is None
    assert 0 < len(error.strip().splitlines()) <= 3
    assert "Traceback" not in error


def test_fingerprints_survive_moves_and_clones(repository, tmp_path):
    repository.commit("one", a__txt=A)
    before = scan(tmp_path, str(repository.path))[1]["findings"][0]["fingerprint"]
    repository.git("mv", "a.txt", "z.txt")
    repository.commit("two", z__txt=f"\n\nkey={A}")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", str(repository.path), str(clone))
    after = scan(tmp_path, str(clone))[1]["findings"][0]["fingerprint"]
    assert before == after


def test_without_history_the_index_counts_even_where_the_file_differs(repository, tmp_path):
    repository.commit("one", a__txt=A, b__txt=B)
    repository.write("a.txt", "clean now")
    (repository.path / "b.txt").unlink()
    code, report, _ = scan(tmp_path, str(repository.path), "--no-history")
    assert code == 1
    assert set(found(report)) == {A, B}
    assert {o["state"] for places in found(report).values() for o in places} == {"head"}


def test_without_history_a_staged_blob_over_the_limit_is_a_gap(repository, tmp_path):
    repository.commit("one")
    repository.write("big.txt", A + "x" * (2 << 20))
    repository.git("add", "-A")
    repository.write("big.txt", "small")
    code, report, _ = scan(tmp_path, str(repository.path), "--no-history", "--max-size", "1")
    assert code == 3
    assert {s["code"] for s in report["coverage"]["skipped"]} == {"over-size"}


@pytest.mark.parametrize("date", ["typo", "2026-99-99", "", "soon ago"])
def test_a_date_that_is_none(repository, tmp_path, date):
    repository.commit("one", a__txt=A)
    code, report, error = scan(tmp_path, str(repository.path), "--since", date)
    assert (code, report) == (2, None)
    assert "is no date" in error


def test_since_looks_at_each_commit(repository, tmp_path):
    repository.commit("one", a__txt=A)
    repository.day = 9
    repository.commit("ten", b__txt=B)
    repository.day = 1
    repository.commit("two, on top", c__txt=C)
    assert set(found(scan(tmp_path, str(repository.path), "--since", "2024-01-05")[1])) == {B}
    assert scan(tmp_path, str(repository.path), "--since", "2 days ago")[0] == 0


def test_a_bare_repository_in_a_directory_is_read(repository, tmp_path):
    repository.commit("one", a__txt=A)
    (tmp_path / "plain").mkdir()
    repository.git("clone", "-q", "--mirror", ".", str(tmp_path / "plain" / "m.git"))
    code, report, _ = scan(tmp_path, str(tmp_path / "plain"))
    assert code == 1
    assert found(report)[A][0]["path"] == "m.git/a.txt"


def test_a_name_in_a_tree_that_no_commit_holds(repository, tmp_path):
    repository.commit("one", a__txt="x")
    blob = repository.git("rev-parse", "HEAD:a.txt")
    subprocess.run(
        ["git", "mktree"], input=f"100644 blob {blob}\tkey-{A}.txt\n".encode(),
        cwd=repository.path, env=ENVIRONMENT, check=True, capture_output=True,
    )  # fmt: skip
    code, report, _ = scan(tmp_path, str(repository.path))
    assert code == 1
    assert (found(report)[A][0]["place"], found(report)[A][0]["state"]) == ("path", "unreachable")


def test_a_directory_whose_name_begins_like_the_git_directory(repository, tmp_path):
    repository.write(".github/b.txt", B)
    repository.commit("one", a__txt=A)
    assert set(found(scan(tmp_path, str(repository.path / ".github"))[1])) == {B}


def test_where_a_secret_stands_now_and_where_it_came_in(repository, tmp_path):
    first = repository.commit("one", a__txt=A)
    repository.commit("two", a__txt=f"\n\n{A}")
    places = found(scan(tmp_path, str(repository.path))[1])[A]
    assert [(o["state"], o["line"]) for o in places] == [("head", 3), ("history", 1)]
    assert {o["introduced"]["id"] for o in places} == {first}


@pytest.mark.parametrize("glob", ["", "[z-a]", "."])
def test_what_is_no_glob(repository, tmp_path, glob):
    repository.commit("one", a__txt=A)
    code, _, error = scan(tmp_path, str(repository.path), "--path", glob)
    assert code == 2
    assert "is no glob" in error


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_an_output_that_cannot_be_written(repository, tmp_path):
    repository.commit("one", a__txt=A)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "scanner", "scan", str(repository.path)],
            stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_a_file_has_the_fingerprints_of_its_repository(repository, tmp_path):
    repository.commit("one", a__txt=A)
    whole = scan(tmp_path, str(repository.path))[1]["findings"][0]["fingerprint"]
    alone = scan(tmp_path, str(repository.path / "a.txt"))[1]["findings"][0]["fingerprint"]
    assert whole == alone


def test_a_change_is_searched_whole_from_any_folder(repository, tmp_path):
    repository.commit("one", sub__txt="")
    folder = repository.path / "sub"
    folder.mkdir()
    repository.write("a.txt", A)
    repository.git("add", "-A")
    assert set(found(scan(tmp_path, "--staged", cwd=folder)[1])) == {A}
    repository.commit(f"two {B}")
    assert set(found(scan(tmp_path, "--range", "HEAD~1..HEAD", cwd=folder)[1])) == {A, B}


def test_staged_content_is_not_taken_from_another_index_than_git_s(repository, tmp_path):
    repository.commit("one", a__txt="")
    repository.write("a.txt", A)
    hook = repository.path / ".git/hooks/pre-commit"
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner scan --staged\n')
    hook.chmod(0o755)
    environment = ENVIRONMENT | {"HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    commit = ["git", "commit", "-qam", "two"]
    done = subprocess.run(commit, cwd=repository.path, env=environment, capture_output=True)
    assert done.returncode
    assert b"leakseal guard" in done.stderr


def test_a_range_has_what_loses_its_comment(repository, tmp_path):
    repository.commit("one", a__txt=f"{A} # leakseal:allow not real")
    repository.commit("two", a__txt=A)
    code, report, _ = scan(tmp_path, "--range", "HEAD~1..HEAD", cwd=repository.path)
    assert (code, set(found(report))) == (1, {A})


def test_a_copy_that_is_accepted_for_its_path_does_not_hide_the_others(repository, tmp_path):
    repository.write(".leakseal.yaml", "allow: [{paths: ['tests/**'], reason: Not real}]\n")
    first = repository.commit("Settings")
    repository.commit("Leak", a__txt=f"token = '{A}'\n")
    for copy in ("src/a.txt", "tests/a.txt"):
        repository.write(copy, f"token = '{A}'\n")
    repository.git("rm", "-q", "a.txt")
    repository.commit("Copy")
    code, report = scan(tmp_path, "--range", f"{first}..HEAD", cwd=repository.path)[:2]
    assert code == 1
    assert "src/a.txt" in json.dumps(report)


@pytest.mark.parametrize("edited", [True, False])
def test_a_range_tells_of_a_moved_file_where_it_came_in_and_where_it_stands(
    repository, tmp_path, edited
):
    repository.commit("base", x__txt="x")
    first = repository.commit("one", a__txt=f"{A}\n")
    repository.git("mv", "a.txt", "z.txt")
    repository.commit("two", **{"z__txt": f"\n\n{A}\n"} if edited else {})
    repository.commit("three", a__txt="another file\n")
    code, report, _ = scan(tmp_path, str(repository.path), "--range", "HEAD~3..HEAD")
    assert code == 1
    places = [(o["state"], o["path"], o["line"], o["introduced"]["id"]) for o in found(report)[A]]
    line = 3 if edited else 1
    assert places == [("head", "z.txt", line, first), ("history", "a.txt", 1, first)]


@pytest.mark.parametrize("edited", [True, False])
@pytest.mark.parametrize("folder", ["one", "two"])
def test_of_several_places_that_one_is_told_where_anything_is_reported(
    repository, tmp_path, folder, edited
):
    repository.commit("base", x__txt="x")
    repository.commit("leak", a__txt=f"{A}\n")
    repository.git("rm", "-q", "a.txt")
    top = "\n" if edited else ""
    repository.commit("moved", **{"one/a__txt": f"{top}{A}\n", "two/a__txt": f"{top}{A}\n"})
    code, report, _ = scan(
        tmp_path, str(repository.path), "--range", "HEAD~2..HEAD", "--path", f"{folder}/**"
    )
    assert code == 1
    assert [o["path"] for o in found(report)[A]] == [f"{folder}/a.txt"]


def test_what_a_merge_takes_over_is_not_read_to_tell_where_a_leak_went(repository, tmp_path):
    repository.commit("base", x__txt="x")
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit("leak", a__txt=f"{A}\n")
    repository.commit("gone", a__txt="x")
    repository.git("checkout", "-q", "main")
    repository.commit("large", large__txt="word " * 300_000)
    repository.git("checkout", "-q", "topic")
    repository.git("merge", "-q", "main")
    options = ("--range", "main..topic", "--max-size", "1")
    code, report, _ = scan(tmp_path, str(repository.path), *options)
    assert (code, [o["path"] for o in found(report)[A]]) == (1, ["a.txt"])


@pytest.mark.parametrize("edited", [True, False])
def test_what_was_moved_to_where_it_is_allowed_counts_where_it_came_in(
    repository, tmp_path, edited
):
    allowed = "version: 1\nallow:\n- paths: ['fixtures/**']\n  reason: for tests\n"
    repository.commit("base", **{".leakseal.yaml": allowed})
    repository.commit("one", a__txt=f"{A}\n")
    (repository.path / "fixtures").mkdir()
    repository.git("mv", "a.txt", "fixtures/a.txt")
    repository.commit("two", **{"fixtures/a__txt": f"# test\n{A}\n"} if edited else {})
    code, report, _ = scan(
        tmp_path, str(repository.path), "--range", "HEAD~2..HEAD", cwd=repository.path
    )
    assert code == 1
    assert [o["path"] for o in found(report)[A]] == ["a.txt"]
    assert [o["path"] for f in report["suppressed"] for o in f["occurrences"]] == ["fixtures/a.txt"]
