import os
import re
import subprocess
import sys
from pathlib import Path

from scanner.report import FORMATS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reports.md").read_text()
TOKEN = "glpat-" + "x7Kq2mVb9TzLw4RdYc8N"


def test_every_command_on_the_page_works_in_sequence(tmp_path):
    command = tmp_path / "bin" / "leakseal"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner "$@"\n')
    command.chmod(0o755)
    environment = {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LEAKSEAL_KEY": "a key for tests, long enough",
    }
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "a.env").write_text(f"TOKEN={TOKEN}\n")
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True, env=environment)
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) >= 9
    script = "set -e -o pipefail\n" + "".join(blocks)
    result = subprocess.run(
        ["bash", "-c", script], cwd=repository, env=environment, capture_output=True
    )
    assert result.returncode == 0, result.stderr
    made = {path.name for path in repository.iterdir()}
    assert {"report.json", "report.html", "leakseal.sarif", "leaks.csv", "summary.md"} <= made
    assert TOKEN.encode() not in result.stdout
    for name in made - {"a.env", ".git"}:
        assert TOKEN not in (repository / name).read_text(), name


def test_every_format_is_on_the_page():
    for name in FORMATS:
        assert f"`{name}`" in PAGE
