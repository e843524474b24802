"""docs/moving-over.md: its commands work in turn, and what it shows is what is said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import elsewhere
import pytest
from elsewhere import Shop
from quiet_git import ENVIRONMENT

PAGE = Path(__file__).parents[2] / "docs" / "moving-over.md"
_BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_IDS = re.compile(r"\b[0-9a-f]{8}\b|\b[0-9a-f]{12}\b")


@pytest.fixture
def told(tmp_path):
    """A repository as the page has it: with files of every tool."""
    shop = Shop(tmp_path / "shop")
    files = {
        ".gitleaks.toml": "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['''^docs/''']\n",
        ".gitleaksignore": "".join(
            f"{commit}:{path}:github-pat:{line}\n" for path, line, commit, _ in shop.known[:2]
        )
        + "gone.env:github-pat:1\n",
        "gitleaks-report.json": elsewhere.gitleaks_report(shop),
        ".secrets.baseline": elsewhere.detect_secrets_baseline(shop),
        "trufflehog.jsonl": elsewhere.trufflehog_report(shop),
        "kingfisher.json": elsewhere.kingfisher_report(shop),
        "kingfisher-baseline.yaml": elsewhere.kingfisher_baseline(shop),
        ".gitguardian.yaml": elsewhere.ggshield_settings(shop),
    }
    for name, text in files.items():
        shop.write(name, text)
    return shop.path


@pytest.mark.slow
def test_every_command_works_in_turn(told, tmp_path):
    programs = Path(sys.executable).parent
    environment = ENVIRONMENT | {
        "HOME": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    for kind, body in _BLOCK.findall(PAGE.read_text()):
        first, _, expected = body.partition("\n") if kind == "console" else (body, "", "")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", first.removeprefix("$ ")],
            cwd=told,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (body, done.stdout, done.stderr)
        if kind == "console":
            assert _IDS.sub("ID", done.stdout) == _IDS.sub("ID", expected)


def test_every_tool_has_its_section():
    titles = re.findall(r"^## (.*)$", PAGE.read_text(), re.MULTILINE)
    wanted = ("gitleaks and betterleaks", "detect-secrets", "trufflehog", "kingfisher", "ggshield")
    assert [title for title in titles if title in wanted] == [*wanted]
