"""`action.yml`: its form, and its scripts run for real with the variables a runner sets."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from ci_github import PULL_7, environ, pull
from ci_graph import ALL, LEAK
from ci_replay import filled
from quiet_git import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
INPUTS = {name: given.get("default", "") for name, given in ACTION["inputs"].items()}


@pytest.fixture
def runner(tmp_path, server):
    """Return what runs a step's script in a checkout, and gives back its code, log and outputs."""
    (tmp_path / "temp").mkdir()

    def run(step, cwd, event=None, outputs=None, **inputs):
        answers = tmp_path / "output"
        answers.write_text("")
        variables = environ("pull_request", "<t7>", "refs/pull/7/merge")
        variables |= {
            "GITHUB_WORKSPACE": str(tmp_path),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(answers),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "HOME": str(tmp_path),
            "CC": "/bin/false",  # compiling has tests of its own
            "RUNNER_TEMP": str(tmp_path / "temp"),
        }
        if event is not None:
            (tmp_path / "event.json").write_text(json.dumps(filled(event, server)))
            variables["GITHUB_EVENT_PATH"] = str(tmp_path / "event.json")
        values = INPUTS | {name.replace("_", "-"): value for name, value in inputs.items()}
        own = {k: _value(v, values, outputs or {}) for k, v in STEPS[step].get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[step]["run"]],
            cwd=cwd, env=ENVIRONMENT | filled(variables, server) | own, capture_output=True,
            timeout=600,
        )  # fmt: skip
        given = dict(line.split("=", 1) for line in answers.read_text().splitlines())
        return done.returncode, (done.stdout + done.stderr).decode(), given

    return run


def _value(text, inputs, outputs):
    """Return an expression's value: that of an input, or of an earlier step's output."""
    found = re.fullmatch(r"\$\{\{ (inputs|steps\.\w+\.outputs)\.([\w-]+) \}\}", text)
    assert found, text
    return inputs[found[2]] if found[1] == "inputs" else outputs.get(found[2], "")


BIN = {"bin": os.path.dirname(sys.executable)}


def test_it_has_the_form_that_github_publishes():
    schema = json.loads((Path(__file__).parent / "github-action.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(ACTION)


def test_no_expression_stands_in_a_script_and_other_actions_are_pinned():
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])


def test_nothing_is_imported_from_the_repository():
    """`python -m` looks in the current directory first."""
    assert set(re.findall(r"(\S+) -[mc] ", STEPS["Install leakseal"]["run"])) == {"-I"}


def test_a_leak_is_reported_everywhere_and_fails_the_job_last(runner, clone, tmp_path):
    path = clone("t7", ALL, PULL_7)
    code, log, outputs = runner("Search", path, pull(7, "<m6>", "<t3>"), BIN)
    assert (code, outputs["exit-code"]) == (0, "1")
    assert "::error file=t2.txt,line=1" in log
    assert "t2.txt" in (tmp_path / "summary").read_text()
    sarif = json.loads(Path(outputs["sarif-file"]).read_text())
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "t2.txt"
    for written in (log, (tmp_path / "summary").read_text(), json.dumps(sarif)):
        assert LEAK not in written
    assert runner("Result", path, outputs=outputs)[0] == 1


def test_a_checkout_that_is_too_shallow_fails_the_job_and_says_why(runner, clone):
    path = clone("t7", PULL_7, depth=1)
    code, log, outputs = runner("Search", path, pull(7, "<m6>", "<t3>"), BIN)
    assert (code, outputs["exit-code"]) == (0, "3")
    assert "fetch-depth: 0" in log
    assert "::error::leakseal searched nothing" in log
    assert runner("Result", path, outputs=outputs)[0] == 3


def test_inputs_reach_leakseal_as_they_are(runner, clone, tmp_path):
    path = clone("t7", ALL, PULL_7)
    target = tmp_path / "$(touch x) `touch y`.sarif"
    baseline, event = str(tmp_path / "none; touch z"), pull(7, "<m6>", "<t3>")
    code, log, outputs = runner(
        "Search", path, event, BIN, sarif_file=str(target), confidence="high", format="text"
    )
    assert (code, outputs["sarif-file"]) == (0, str(target))
    assert "leakseal 0" in log
    code, log, outputs = runner("Search", path, event, BIN, baseline=baseline, path="--help")
    assert (code, outputs["exit-code"]) == (0, "2")
    assert not {"x", "y", "z"} & {name.name for name in path.iterdir()}
    assert "sarif-file" not in outputs


def test_several_uploads_differ_in_category_and_each_knows_its_checkout(runner, clone, tmp_path):
    path = clone("t7", ALL, PULL_7)
    event = pull(7, "<m6>", "<t3>")
    (path / "part").mkdir()
    for place in (path.name, f"{path.name}/part"):
        _, log, outputs = runner("Search", path.parent, event, BIN, path=place, category=place)
        assert outputs["root"] == str(path), log
        (run,) = json.loads(Path(outputs["sarif-file"]).read_text())["runs"]
        assert run["automationDetails"] == {"id": f"{place}/"}
    _, _, outputs = runner("Search", path.parent, event, BIN, path="none")
    assert outputs["root"] == str(tmp_path)
    upload = STEPS["Upload to code scanning"]["with"]
    assert upload["checkout_path"] == "${{ steps.scan.outputs.root }}"


def test_a_scan_that_gave_no_code_fails(runner, tmp_path):
    assert runner("Result", tmp_path)[0] == 4


@pytest.mark.slow
def test_it_installs_from_its_own_checkout_and_runs_nothing_of_the_repository(runner, tmp_path):
    trap = "import pathlib; pathlib.Path('ran').touch()\n"
    for name in ("venv.py", "pip.py", "sys.py", "sitecustomize.py", "ensurepip.py"):
        (tmp_path / name).write_text(trap)
    code, log, outputs = runner("Install leakseal", tmp_path)
    assert code == 0, log
    assert not (tmp_path / "ran").exists()
    program = [os.path.join(outputs["bin"], "leakseal"), "--version"]
    assert subprocess.run(program, capture_output=True, check=True).stdout.startswith(b"leakseal")
