"""`leakseal init` in real repositories: what it writes, and that it does so only when told to."""

import os
import pty
import sys

import pytest
import yaml
from desk import PROGRAM, script, snapshot, token, write

from scanner.adopt.ci_file import SERVICES
from scanner.triage.baseline import read

SOURCE = ("--source", "https://git.example/leakseal.git", "--rev", "v0.1.0")
PIP = "git+https://git.example/leakseal.git@v0.1.0"


@pytest.fixture
def repository(desk):
    path = desk.repository()
    write(path / "a.txt", "nothing\n")
    desk.git(path, "add", "-A")
    desk.git(path, "commit", "-qm", "First")
    return path


def started(desk, repository, *options, expect=0):
    done = desk.leakseal("init", "--yes", *SOURCE, *options, cwd=repository)
    assert done.returncode == expect, done.stderr
    return done


def files(repository):
    return {n: c for n, c in snapshot(repository).items() if not n.startswith(".git/")}


def test_everything_is_shown_and_nothing_written_without_consent(desk, repository):
    before = files(repository)
    done = desk.leakseal("init", *SOURCE, "--platform", "github", cwd=repository)
    assert done.returncode == 2
    assert "+++ b/.leakseal.yaml" in done.stdout
    assert "+++ b/.pre-commit-config.yaml" in done.stdout
    assert "+++ b/.github/workflows/leakseal.yml" in done.stdout
    assert "leakseal init --yes" in done.stderr
    assert files(repository) == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
@pytest.mark.parametrize(("answer", "written"), [(b"y\n", True), (b"\n", False)])
def test_on_a_terminal_it_asks(desk, repository, answer, written):
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(repository)
        os.execve(PROGRAM, ["leakseal", "init", "--no-ci", *SOURCE], desk.environment)
    os.write(terminal, answer)
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        pass  # the other end is closed
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == (0 if written else 2), said
    assert b"Write this?" in said
    assert (repository / ".leakseal.yaml").exists() == written


def test_a_repository_is_set_up_whole_and_a_second_run_finds_nothing_to_do(desk, repository):
    write(repository / "old.env", f"TOKEN={token('old')}\n")
    desk.git(repository, "add", "-A")
    desk.git(repository, "commit", "-qm", "Leak")
    write(repository / "new.env", f"TOKEN={token('new')}\n")
    done = started(desk, repository, "--platform", "github")
    assert token("old") not in done.stdout + done.stderr
    assert "the baseline accepts 1 secret" in done.stderr
    assert "not accepted, as it is in no branch or tag yet: 1 secret" in done.stderr
    assert "pre-commit install --hook-type pre-commit --hook-type commit-msg" in done.stdout
    assert [entry.path for entry in read(repository / ".leakseal.baseline").entries] == ["old.env"]
    assert (repository / ".gitattributes").read_text() == ".leakseal.baseline merge=union\n"
    hooks = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())
    assert hooks["default_install_hook_types"] == ["pre-commit", "commit-msg", "pre-push"]
    assert hooks["repos"] == [
        {
            "repo": "https://git.example/leakseal.git",
            "rev": "v0.1.0",
            "hooks": [
                {"id": "leakseal"},
                {"id": "leakseal-commit-msg"},
                {"id": "leakseal-push"},
            ],
        }
    ]
    before = files(repository)
    done = started(desk, repository, "--platform", "github")
    assert done.stdout == "Nothing to do.\n"
    assert files(repository) == before
    (repository / "new.env").unlink()
    desk.git(repository, "add", "-A")
    done = desk.leakseal("scan", "-q", cwd=repository)
    assert done.returncode == 0, done.stdout


def test_what_is_in_no_branch_is_not_accepted(desk, repository):
    for name, undo in (("staged", "reset -q"), ("stashed", "stash -q")):
        write(repository / f"{name}.env", f"TOKEN={token(name)}\n")
        desk.git(repository, "add", "-A")
        desk.git(repository, *undo.split())
        (repository / f"{name}.env").unlink(missing_ok=True)
    write(repository / "back.env", f"TOKEN={token('back')}\n")
    desk.git(repository, "add", "-A")
    desk.git(repository, "commit", "-qm", "Taken back")
    desk.git(repository, "reset", "-q", "--hard", "HEAD~")
    done = started(desk, repository, "--platform", "none")
    assert "not accepted, as it is in no branch or tag yet: 3 secrets" in done.stderr
    assert not (repository / ".leakseal.baseline").exists()


def test_a_second_run_accepts_nothing_that_leaked_since(desk, repository):
    started(desk, repository, "--platform", "none")
    write(repository / "new.env", f"TOKEN={token('new')}\n")
    desk.git(repository, "add", "-A")
    desk.git(repository, "commit", "-qm", "Leak")
    assert started(desk, repository, "--platform", "none").stdout == "Nothing to do.\n"
    assert desk.leakseal("scan", "-q", cwd=repository).returncode == 1


@pytest.mark.parametrize("revision", ["1.0", "1e5", "null", "12:30", "0" * 40])
def test_a_revision_is_a_text_for_yaml(desk, repository, revision):
    options = ("--source", "https://git.example/leakseal.git", "--rev", revision)
    done = desk.leakseal("init", "--yes", "--no-ci", *options, cwd=repository)
    assert done.returncode == 0, done.stderr
    hooks = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())
    assert hooks["repos"][0]["rev"] == revision
    assert "release" not in done.stderr


def test_a_directory_in_place_of_a_file_is_refused(desk, repository):
    (repository / ".gitlab-ci.yml").mkdir()
    done = started(desk, repository, "--platform", "gitlab", expect=2)
    assert ".gitlab-ci.yml is no plain file" in done.stderr


def test_an_empty_repository_can_be_set_up(desk):
    repository = desk.repository()
    started(desk, repository, "--platform", "none")
    assert sorted(files(repository)) == [".leakseal.yaml", ".pre-commit-config.yaml"]
    desk.git(repository, "add", "-A")
    desk.git(repository, "commit", "-qm", "Guard")
    assert started(desk, repository, "--platform", "none").stdout == "Nothing to do.\n"


def test_what_is_there_stays_to_the_letter(desk, repository):
    hooks = "# ours\nrepos:\n  - repo: local   # why\n    hooks: []\n  # the end\nfail_fast: true\n"
    write(repository / ".pre-commit-config.yaml", hooks)
    write(repository / ".leakseal.yaml", "version: 1 # ours\n")
    write(repository / ".gitattributes", "*.png binary")
    write(repository / "old.env", f"TOKEN={token('old')}\n")
    desk.git(repository, "add", "old.env")
    desk.git(repository, "commit", "-qm", "Leak")
    (repository / ".pre-commit-config.yaml").chmod(0o600)
    done = started(desk, repository, "--platform", "none")
    assert "have changes that you have not committed" in done.stderr
    changed = (repository / ".pre-commit-config.yaml").read_text()
    assert changed.startswith("# ours\nrepos:\n  - repo: local   # why\n    hooks: []\n  - repo: h")
    assert changed.endswith("    - id: leakseal-push\n  # the end\nfail_fast: true\n")
    assert (repository / ".pre-commit-config.yaml").stat().st_mode & 0o777 == 0o600
    assert (repository / ".leakseal.yaml").read_text() == "version: 1 # ours\n"
    lines = (repository / ".gitattributes").read_text()
    assert lines == "*.png binary\n.leakseal.baseline merge=union\n"


def test_what_cannot_be_merged_is_left_to_people(desk, repository):
    write(repository / ".pre-commit-config.yaml", "repos: [{repo: local, hooks: []}]\n")
    write(repository / "Jenkinsfile", "pipeline { agent any }\n")
    before = files(repository)
    done = started(desk, repository)
    assert "Put this into .pre-commit-config.yaml" in done.stdout
    assert "- id: leakseal-push" in done.stdout
    assert "Put this into Jenkinsfile" in done.stdout
    assert PIP in done.stdout
    assert {n: c for n, c in files(repository).items() if n != ".leakseal.yaml"} == before


@pytest.mark.parametrize("name", SERVICES)
def test_each_platform_gets_a_file_that_runs_leakseal_ci(desk, repository, name):
    started(desk, repository, "--platform", name, "--no-baseline", "--no-pre-commit")
    new = [repository / n for n in files(repository) if n not in ("a.txt", ".leakseal.yaml")]
    text = "".join(path.read_text() for path in new)
    assert "leakseal" in text
    assert PIP in text
    assert "@STAGE@" not in text
    assert "@REQ" not in text
    for path in new:
        if path.suffix == ".yml":
            assert isinstance(yaml.safe_load(path.read_text()), dict)
    found = started(desk, repository, "--no-pre-commit")
    assert found.stdout == "Nothing to do.\n", "it is recognised by its file"


@pytest.mark.parametrize(
    ("origin", "file"),
    [
        ("git@github.com:acme/shop.git", ".github/workflows/leakseal.yml"),
        ("https://user:secret@gitlab.acme.example/shop.git", ".gitlab-ci.yml"),
        ("https://acme@dev.azure.com/acme/shop/_git/shop", "azure-pipelines.yml"),
        ("ssh://git@bitbucket.org:22/acme/shop.git", "bitbucket-pipelines.yml"),
        ("https://codeberg.org/acme/shop", ".gitea/workflows/leakseal.yml"),
    ],
)
def test_the_platform_is_known_by_the_host_of_origin(desk, repository, origin, file):
    desk.git(repository, "remote", "add", "origin", origin)
    done = started(desk, repository, "--no-pre-commit", "--no-baseline")
    assert (repository / file).is_file()
    assert "secret@" not in done.stdout + done.stderr


def test_files_tell_more_than_the_host_and_without_both_it_says_so(desk, repository):
    done = started(desk, repository, "--no-pre-commit")
    assert "name one with --platform" in done.stderr
    desk.git(repository, "remote", "add", "origin", "git@github.com:acme/shop.git")
    write(repository / ".forgejo" / "workflows" / "test.yml", "on: push\n")
    started(desk, repository, "--no-pre-commit")
    assert (repository / ".forgejo" / "workflows" / "leakseal.yml").is_file()
    assert not (repository / ".github").exists()


def test_a_pipeline_of_gitlab_includes_the_job_in_a_stage_it_has(desk, repository):
    pipeline = "stages: [build]\ninclude:\n- template: X.yml\nbuild:\n  script: !reference [a, b]\n"
    write(repository / ".gitlab-ci.yml", pipeline)
    started(desk, repository, "--no-pre-commit")
    changed = (repository / ".gitlab-ci.yml").read_text()
    assert changed == pipeline.replace("X.yml\n", "X.yml\n- local: .gitlab/leakseal.yml\n")
    assert "stage: build\n" in (repository / ".gitlab" / "leakseal.yml").read_text()


@pytest.mark.parametrize(
    ("stages", "stage"),
    [
        ("", "test"),
        ("stages: [build, test]\n", "test"),
        ("stages:\n- .pre\n- lint # first\n- ship\n", "lint"),
        ("stages: []\n", "test"),
    ],
)
def test_the_job_is_never_in_a_stage_that_makes_no_pipeline(desk, repository, stages, stage):
    write(repository / ".gitlab-ci.yml", f"{stages}build:\n  script: make\n")
    started(desk, repository, "--no-pre-commit")
    assert f"stage: {stage}\n" in (repository / ".gitlab" / "leakseal.yml").read_text()


@pytest.mark.parametrize(
    ("pipeline", "runs"),
    [
        ("", True),
        ("build:\n  script: make\n", False),
        ("include: [{template: X.yml}]\nbuild:\n  script: make\n", True),
        ("workflow: {rules: [{if: $CI_COMMIT_BRANCH}]}\nbuild:\n  script: make\n", True),
        ("build:\n  script: make\n  only: [merge_requests]\n", True),
    ],
)
def test_merge_requests_get_a_pipeline_only_where_they_may_have_one(
    desk, repository, pipeline, runs
):
    if pipeline:
        write(repository / ".gitlab-ci.yml", pipeline)
    started(desk, repository, "--no-pre-commit", "--platform", "gitlab")
    (job,) = yaml.safe_load((repository / ".gitlab" / "leakseal.yml").read_text()).values()
    conditions = [rule["if"] for rule in job["rules"]]
    assert ('$CI_PIPELINE_SOURCE == "merge_request_event"' in conditions) == runs
    assert conditions[-2:] == ["$CI_COMMIT_BRANCH", "$CI_COMMIT_TAG"]


def test_a_secret_in_a_file_that_is_changed_is_not_shown(desk, repository):
    write(repository / ".gitlab-ci.yml", f"variables:\n  TOKEN: {token('ci')}\n")
    done = started(desk, repository, "--no-pre-commit")
    assert "[REDACTED]" in done.stdout
    assert token("ci") not in done.stdout + done.stderr
    assert token("ci") in (repository / ".gitlab-ci.yml").read_text()


def test_links_and_what_is_no_file_are_not_touched(desk, repository):
    outside = write(desk.folder / "outside.yaml", "repos:\n- repo: local\n  hooks: []\n")
    (repository / ".pre-commit-config.yaml").symlink_to(outside)
    done = started(desk, repository, "--platform", "none", expect=2)
    assert "is a symbolic link" in done.stderr
    assert outside.read_text() == "repos:\n- repo: local\n  hooks: []\n"
    (repository / ".pre-commit-config.yaml").unlink()
    (desk.folder / "elsewhere").mkdir()
    (repository / ".github").symlink_to(desk.folder / "elsewhere")
    done = started(desk, repository, "--platform", "github", expect=2)
    assert "symbolic link" in done.stderr
    assert not (repository / ".leakseal.yaml").exists(), "all or nothing"
    assert list((desk.folder / "elsewhere").iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_all_or_nothing_where_a_folder_cannot_be_written(desk, repository):
    (repository / ".github" / "workflows").mkdir(parents=True)
    (repository / ".github" / "workflows").chmod(0o500)
    before = files(repository)
    started(desk, repository, "--platform", "github", expect=3)
    assert files(repository) == before


def test_all_or_nothing_where_a_file_stands_for_a_folder(desk, repository):
    write(repository / ".github", "a file\n")
    before = files(repository)
    done = desk.leakseal("init", "--yes", *SOURCE, "--platform", "github", cwd=repository)
    assert done.returncode in (2, 3), done.stderr
    assert "Traceback" not in done.stderr
    assert files(repository) == before


def test_a_baseline_of_half_a_repository_is_not_written(desk, repository):
    blob = desk.git(repository, "rev-parse", "HEAD:a.txt").strip()
    write(repository / "a.txt", "changed\n")
    desk.git(repository, "commit", "-qam", "Change")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    before = files(repository)
    done = started(desk, repository, "--platform", "none", expect=3)
    assert "--no-baseline" in done.stderr
    assert files(repository) == before
    started(desk, repository, "--platform", "none", "--no-baseline")


def test_hostile_sources_do_not_get_into_files(desk, repository):
    for source in ("https://x/$(id)", "https://x/a b", "--upload-pack=id", 'https://x/"; id; "'):
        done = desk.leakseal("init", "--yes", f"--source={source}", "--rev", "v1", cwd=repository)
        assert done.returncode == 2
        assert "cannot be written" in done.stderr


def test_outside_of_a_repository_there_is_nothing_to_set_up(desk):
    done = desk.leakseal("init", "--yes", *SOURCE, cwd=desk.home)
    assert (done.returncode, done.stdout) == (2, "")
    assert "git init" in done.stderr
    done = desk.leakseal("init", "--yes", *SOURCE, cwd=desk.repository("bare.git", "--bare"))
    assert done.returncode == 2
    assert "bare" in done.stderr


def test_in_a_subdirectory_the_whole_repository_is_set_up(desk, repository):
    (repository / "inner").mkdir()
    started(desk, repository / "inner", "--platform", "none", "--no-baseline")
    assert (repository / ".leakseal.yaml").is_file()
    assert list((repository / "inner").iterdir()) == []


def test_hooks_of_the_repository_do_not_run(desk, repository):
    script(repository / ".git" / "hooks" / "post-index-change", "touch ran")
    desk.git(repository, "config", "core.fsmonitor", "touch ran")
    (repository / "ran").unlink(missing_ok=True)
    write(repository / ".gitattributes", "*.png binary\n")
    started(desk, repository, "--platform", "none")
    assert not (repository / "ran").exists()
