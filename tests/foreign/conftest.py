import pytest
from elsewhere import Shop

from scanner.cli.main import main


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A repository with credentials, which is also the current directory."""
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("LEAKSEAL_KEY", raising=False)
    made = Shop(tmp_path / "shop")
    monkeypatch.chdir(made.path)
    return made


@pytest.fixture
def leakseal(capsysbinary):
    """Run the command line in this process; return its exit code and both outputs."""

    def run(*arguments):
        code = main([*map(str, arguments)])
        shown = capsysbinary.readouterr()
        return code, shown.out.decode(), shown.err.decode()

    return run
