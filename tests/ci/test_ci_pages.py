"""The pages on CI: their YAML parses, their commands work, and they quote what is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import ci_graph
import pytest
import yaml
from quiet_git import ENVIRONMENT

from scanner.ci import azure, bitbucket, circleci, github, gitlab

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text() for name in ("ci.md", "github.md", "gitlab.md")}


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[page], re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_yaml_is_yaml(page):
    found = [yaml.safe_load(block) for block in blocks(page, "yaml")]
    assert found
    assert all(found)


@pytest.mark.parametrize("page", PAGES)
def test_commands_work(page, clone, tmp_path):
    path = clone("t3", ci_graph.ALL)
    environment = ENVIRONMENT | {"HOME": str(tmp_path)}
    environment["PATH"] = f"{os.path.dirname(sys.executable)}:{environment['PATH']}"
    for block in blocks(page, "sh"):
        command = ["bash", "-e", "-c", block]
        done = subprocess.run(command, cwd=path, env=environment, capture_output=True, timeout=60)
        assert done.returncode in (0, 1), done.stderr  # there is a leak


@pytest.mark.parametrize("page", PAGES)
def test_recipes_import_nothing_from_the_repository(page):
    """`python -m` looks in the current directory first, and so would a venv made without -I."""
    assert not re.search(r"python3? -m|bin/python\"? -m", "".join(blocks(page, r"\w+")))


def test_what_is_said_to_add_is_what_the_recipes_have():
    recipes = {"ci.md": (azure, bitbucket, circleci), "gitlab.md": (gitlab,)}
    for page, platforms in recipes.items():
        for platform in platforms:
            for line in platform.PLATFORM.deepen.splitlines():
                assert line.strip() in PAGES[page]
    job = github.job({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "schedule"})
    assert job.platform.deepen in PAGES["github.md"]


def test_every_variable_on_the_page_is_one_that_is_asked_for():
    sources = "".join(p.read_text() for p in (DOCS.parent / "scanner" / "ci").glob("*.py"))
    (table,) = re.findall(r"\| platform \| recognised by.*?\n\n", PAGES["ci.md"], re.DOTALL)
    for name in re.findall(r"`([A-Z_0-9]{6,})`", table):
        assert f'"{name}"' in sources
