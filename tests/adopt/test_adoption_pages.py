"""docs/getting-started.md and docs/audit.md: what they say to type works, as they show it."""

import os
from pathlib import Path

import pytest
from audited import served
from desk import PROGRAM, PROJECT, Desk
from pages import Reader, commands, steady

SOURCE = "https://git.acme.example/leakseal"
_NOTE = "name its repository: --source URL"  # where nobody else can reach it, as in a test
_INSTALLERS = ("PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP", "http")


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "desk")  # a reader would put quotes around a path with spaces


@pytest.fixture
def reader(desk):
    """Return somebody who begins with nothing but git, Python and pre-commit."""
    (desk.home / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n")
    programs = desk.folder / "programs"
    programs.mkdir()
    (programs / "pre-commit").symlink_to(Path(PROGRAM).with_name("pre-commit"))
    desk.environment |= {n: v for n, v in os.environ.items() if n.startswith(_INSTALLERS)}
    own = f"{desk.home}/.leakseal/bin{os.pathsep}{programs}"
    return Reader(
        desk.home,
        desk.environment
        | {
            "PATH": f"{own}{os.pathsep}{desk.environment['PATH']}",
            "CC": "/bin/false",  # compiling has tests of its own
            "PRE_COMMIT_HOME": str(desk.folder / "pre-commit"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        },
    )


def read(reader, page, names):
    """Type everything on a page; `names` are what is in the place of its placeholders."""
    for command, expected in commands((PROJECT / "docs" / page).read_text()):
        for name, value in names.items():
            command = command.replace(name, str(value))
        code, output = reader.type(command)
        if expected is None:
            assert code == 0, command + output
            continue
        for name, value in {"/home/ann": reader.folder, SOURCE: f"file://{names[SOURCE]}"}.items():
            output = output.replace(str(value), name)
        shown = [line for line in steady(output) if _NOTE not in line]
        assert shown == steady(expected), output


@pytest.mark.slow
def test_getting_started(desk, reader):
    clone = desk.project()
    read(
        reader,
        "getting-started.md",
        {"URL-OR-PATH-OF-THIS-REPOSITORY": clone, SOURCE: clone},
    )


def test_audit(desk, reader):
    (desk.folder / "programs" / "leakseal").symlink_to(PROGRAM)
    app, warehouse = served(desk)
    names = {"URL-OF-THE-REPOSITORY": app, "URL-OF-ANOTHER-REPOSITORY": warehouse}
    read(reader, "audit.md", names | {SOURCE: app})
