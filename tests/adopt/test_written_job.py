"""The job that init writes for GitHub, run as a runner would."""

import json
import os

import pytest
import yaml
from desk import PROGRAM, Desk, token, write

_INSTALLERS = ("PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP", "http")


@pytest.mark.slow
def test_the_job_installs_leakseal_and_searches_what_was_pushed(tmp_path):
    desk = Desk(tmp_path / "desk")
    project = desk.project()
    repository = desk.repository()
    source = ("--source", project.as_uri(), "--rev", desk.git(project, "rev-parse", "HEAD").strip())
    done = desk.leakseal("init", "--yes", "--platform", "github", *source, cwd=repository)
    assert done.returncode == 0, done.stderr
    job = yaml.safe_load((repository / ".github" / "workflows" / "leakseal.yml").read_text())
    script = job["jobs"]["leakseal"]["steps"][-1]["run"]
    desk.git(repository, "add", "-A")
    desk.git(repository, "commit", "-qm", "Guard")
    write(repository / "a.txt", f"token = '{token(1)}'\n")
    write(repository / "venv.py", "raise SystemExit('code of the repository ran')\n")
    desk.git(repository, "add", "-A")
    desk.git(repository, "commit", "-qm", "Leak")
    before, after = desk.git(repository, "rev-parse", "HEAD~1", "HEAD").split()
    event = write(desk.folder / "event.json", json.dumps({"before": before, "after": after}))
    (desk.folder / "runner").mkdir()
    desk.environment |= {n: v for n, v in os.environ.items() if n.startswith(_INSTALLERS)}
    done = desk.run(
        *("bash", "-e", "-c", script),
        cwd=repository,
        CC="/bin/false",
        PATH=f"{PROGRAM.rpartition('/')[0]}{os.pathsep}{desk.environment['PATH']}",
        RUNNER_TEMP=str(desk.folder / "runner"),
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="push",
        GITHUB_EVENT_PATH=str(event),
        GITHUB_REF="refs/heads/main",
        GITHUB_SHA=after,
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error file=a.txt,line=1" in done.stdout
    assert token(1) not in done.stdout + done.stderr
