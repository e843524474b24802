"""The GitLab component: it is YAML, its inputs are all used, and its script works as it stands."""

import json
import re
import subprocess
import sys
from pathlib import Path

import ci_graph
import pytest
import yaml
from ci_graph import LEAK, only
from ci_others import merge_request
from ci_replay import filled
from quiet_git import ENVIRONMENT

TEXT = (Path(__file__).resolve().parents[2] / "templates" / "leakseal.yml").read_text()
HEADER, BODY = yaml.safe_load_all(TEXT)
INPUTS = HEADER["spec"]["inputs"]
ONE = "+refs/pull/7/head:refs/remotes/origin/pull/7"


@pytest.fixture
def job(server, tmp_path):
    """Return what runs the job in a clone of a merge request that brings in a leak."""

    def run(shell="sh", before=":", **inputs):
        values = {name: str(given.get("default", "")) for name, given in INPUTS.items()}
        values |= {"fail": "true", "requirement": "", **inputs}
        text = re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: values[found[1]], TEXT)
        made = list(yaml.safe_load_all(text))[1]["leakseal"]
        path = ci_graph.cloned(server, tmp_path / f"job-{len(inputs)}", "t3", ONE, only("main"))
        variables = merge_request("<t3>", "<m4>")
        environment = ENVIRONMENT | filled(variables, server) | made["variables"]
        environment |= {"HOME": str(tmp_path), "LANG": "C.UTF-8"}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        script = "\n".join([before, *made["script"]])
        done = subprocess.run(
            [shell, "-e", "-c", script], cwd=path, env=environment, capture_output=True, timeout=120
        )
        return done.returncode, (done.stdout + done.stderr).decode(), path

    return run


def test_every_input_is_used_and_stands_in_no_script():
    used = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", TEXT))
    assert used == set(INPUTS)
    assert "$[[" not in "".join(BODY["leakseal"]["script"])
    assert "default" not in INPUTS["requirement"]  # a name alone could be anybody's package


def test_a_leak_is_reported_to_gitlab_and_fails_the_job(job):
    code, log, path = job()
    assert code == 1, log
    report = json.loads((path / "gl-secret-detection-report.json").read_text())
    assert [v["location"]["file"] for v in report["vulnerabilities"]] == ["t2.txt"]
    (issue,) = json.loads((path / "gl-code-quality-report.json").read_text())
    assert issue["location"]["path"] == "t2.txt"
    assert LEAK not in log
    url = ci_graph.git(path, "remote", "get-url", "origin")
    assert url == "https://gitlab.example/acme/shop.git"


def test_reports_that_the_repository_has_are_not_those_of_the_job(job):
    names = ("leakseal.json", "gl-secret-detection-report.json", "gl-code-quality-report.json")
    plant = (
        "".join(f"echo '{{}}' > {name}; " for name in names) + "echo 'rules: 3' > .leakseal.yaml"
    )
    code, log, path = job(before=plant)
    assert code == 2, log
    assert not any((path / name).exists() for name in names)


def test_the_job_can_report_only(job):
    code, log, path = job("bash", fail="false", confidence="high")
    assert code == 0, log
    assert (path / "gl-secret-detection-report.json").exists()
