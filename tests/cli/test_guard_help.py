"""The two ways to the guard's usage say the same: the hooks' own, and that of the command line."""

import re

import pytest

from scanner import guard
from scanner.cli.main import main


def test_both_name_the_same_hooks_and_options(capsys):
    assert main(["guard", "--help"]) == 0
    by_group = capsys.readouterr().out
    assert guard.main(["--help"]) == 0
    assert capsys.readouterr().out == guard.USAGE_TEXT
    options = set(re.findall(r"--[a-z-]+", guard.USAGE_TEXT))
    assert options == set(re.findall(r"--[a-z-]+", by_group)) - {"--help"}
    for hook in guard.HOOKS:
        assert hook in guard.USAGE_TEXT
        assert hook in by_group


@pytest.mark.parametrize(
    "arguments", [["post-commit"], ["commit-msg"], ["pre-push", "a", "b", "c"]]
)
def test_both_refuse_the_same(capsys, arguments):
    assert main(["guard", *arguments]) == 2
    assert guard.main(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_command_line_passes_everything_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "message").write_text("Nothing\n")
    (tmp_path / "settings.yaml").write_text("rules: 1\n")
    command = ["guard", "commit-msg", "message", "--confidence", "low", "--timeout", "9"]
    assert main(command) == 0
    assert main([*command, "--config", "settings.yaml"]) == 2
    assert "settings.yaml: rules must be a mapping" in capsys.readouterr().err
