import os
import stat
import time
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sops_files import Home

from scanner.errors import LeaksealError, UsageError
from scanner.vault.sops.rules import matcher
from scanner.vault.store import Problem, RefusedError, StoreError


def new_key() -> tuple[str, str]:
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def ssh_key() -> tuple[bytes, str]:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def rules(home: Home, text: str, folder: str = ".") -> None:
    (home.file.parent / folder / ".sops.yaml").write_text(text)


def said(home: Home) -> list[Problem]:
    problems = home.store().preflight([])
    assert not home.file.exists()
    return problems


def test_key_is_announced_then_made_private(home: Home) -> None:
    (problem,) = said(home)
    assert (problem.code, problem.fatal) == ("encryption", False)
    assert str(home.keys) in problem.message
    assert "back it up" in problem.message
    assert not home.keys.exists()
    home.put("app/KEY", b"value")
    assert stat.S_IMODE(home.keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.keys.parent.stat().st_mode) == 0o700
    before = home.keys.read_bytes()
    home.file.unlink()
    home.put("app/KEY", b"value")
    assert home.keys.read_bytes() == before
    assert home.store().preflight([]) == []


def test_key_is_not_made_in_the_repository(home: Home) -> None:
    (home.file.parent / ".git").mkdir()
    home.environ["SOPS_AGE_KEY_FILE"] = str(home.file.parent / "keys.txt")
    (problem,) = said(home)
    assert (problem.code, problem.fatal) == ("permission", True)
    with pytest.raises(RefusedError, match="SOPS_AGE_KEY_FILE"):
        home.put("app/KEY", b"value")
    assert os.listdir(home.file.parent) == [".git"]


def test_keys_are_found_where_sops_keeps_them(home: Home) -> None:
    home.put("app/KEY", b"value")
    key = home.keys.read_text()
    secret = next(line for line in key.splitlines() if line[0] != "#")
    for number, environ in enumerate(
        (
            {"SOPS_AGE_KEY": secret},
            {"SOPS_AGE_KEY": f"{new_key()[0]}\n{secret}"},
            {"SOPS_AGE_KEY_FILE": str(home.keys)},
            {"XDG_CONFIG_HOME": str(home.folder / ".config")},
        )
    ):
        home.environ = {"HOME": str(home.folder / f"other{number}"), **environ}
        assert home.value("app/KEY") == b"value"


def test_line_that_is_no_key_is_not_shown(home: Home) -> None:
    home.environ["SOPS_AGE_KEY"] = new_key()[0][:-1] + "X"
    with pytest.raises(UsageError, match="line 1 of SOPS_AGE_KEY is not an age key") as raised:
        home.put("app/KEY", b"value")
    assert "SECRET-KEY" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_ssh_key_opens_what_was_encrypted_for_it(home: Home) -> None:
    private, public = ssh_key()
    rules(home, f"creation_rules:\n  - age: {public}\n")
    with pytest.raises(RefusedError, match="none of your age keys"):
        home.put("app/KEY", b"value")
    (home.folder / ".ssh").mkdir()
    (home.folder / ".ssh" / "id_ed25519").write_bytes(private)
    (home.folder / ".ssh" / "id_rsa").write_bytes(b"no key")
    home.put("app/KEY", b"value")
    assert home.value("app/KEY") == b"value"
    assert not home.keys.exists()


def test_rule_says_for_whom(home: Home) -> None:
    (mine, me), (theirs, they) = new_key(), new_key()
    home.environ["SOPS_AGE_KEY"] = mine
    rules(
        home,
        f"keys: [&me {me}, &they {they}]\ncreation_rules:\n"
        "  - path_regex: other/.*\n    pgp: ABCD\n"
        "  - path_regex: secrets\\.enc\\.yaml$\n    key_groups:\n      - age: [*me, *they]\n",
    )
    (problem,) = said(home)
    assert (problem.code, problem.fatal) == ("encryption", False)
    assert me in problem.message
    assert they in problem.message
    home.put("app/KEY", b"value")
    home.environ["SOPS_AGE_KEY"] = theirs
    assert home.value("app/KEY") == b"value"


def test_rule_sets_what_is_encrypted(home: Home) -> None:
    mine, me = new_key()
    home.environ["SOPS_AGE_KEY"] = mine
    rules(
        home,
        f"creation_rules:\n  - age: '{me},'\n    encrypted_regex: ^app/\n"
        "    mac_only_encrypted: true\n",
    )
    home.put("app/KEY", b"value", {"rule": "visible"})
    assert home.store().read("app/KEY").facts == {"rule": "visible"}
    with pytest.raises(StoreError, match="leave other/KEY unencrypted"):
        home.put("other/KEY", b"plain")
    assert "plain" not in home.file.read_text()
    assert "visible" not in home.file.read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("creation_rules:\n  - path_regex: other\n    age: KEY\n", "no creation rule fits"),
        ("creation_rules:\n  - pgp: ABCD\n    age: KEY\n", "asks for pgp"),
        ("creation_rules:\n  - kms: [arn]\n", "asks for kms"),
        (
            "creation_rules:\n  - key_groups: [{age: [KEY]}, {age: [KEY]}]\n",
            "asks for key_groups/1",
        ),
        ("creation_rules:\n  - age: age1nonsense\n", "not a recipient"),
        ("creation_rules:\n  - age: [\n", "not YAML"),
        ("creation_rules:\n  - age: KEY\n    encrypted_comment_regex: x\n", "cannot follow"),
        ("creation_rules:\n  - path_regex: (x+x+)+y\n    age: KEY\n", "pattern"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias"),
    ],
)
def test_rule_that_cannot_be_followed_stops(home: Home, text: str, message: str) -> None:
    mine, me = new_key()
    home.environ["SOPS_AGE_KEY"] = mine
    rules(home, text.replace("KEY", me))
    (problem,) = said(home)
    assert problem.fatal
    with pytest.raises(LeaksealError, match=message):
        home.put("app/KEY", b"value")
    assert not home.file.exists()


def test_rules_end_where_the_repository_does(home: Home) -> None:
    rules(home, "creation_rules:\n  - pgp: ABCD\n", "..")
    home.put("app/KEY", b"value")
    home.file.unlink()
    (home.folder / ".git").mkdir()
    with pytest.raises(StoreError, match="asks for pgp"):
        home.put("app/KEY", b"value")
    (home.file.parent / ".git").write_text("gitdir: elsewhere\n")
    home.put("app/KEY", b"value")


def test_file_that_the_user_could_not_read_is_not_made(home: Home) -> None:
    home.environ["SOPS_AGE_KEY"] = new_key()[0]
    rules(home, f"creation_rules:\n  - age: {new_key()[1]}\n")
    (problem,) = said(home)
    assert (problem.code, problem.fatal) == ("permission", True)
    with pytest.raises(RefusedError, match="none of your age keys opens it"):
        home.put("app/KEY", b"value")
    assert not home.file.exists()


def test_key_file_without_a_key_is_named(home: Home) -> None:
    home.keys.parent.mkdir(parents=True)
    home.keys.write_text(" # no key\n\nAGE-PLUGIN-X\n")
    (problem,) = said(home)
    assert (problem.code, problem.fatal) == ("permission", True)
    with pytest.raises(RefusedError, match="holds no age key"):
        home.put("app/KEY", b"value")
    assert home.keys.read_text() == " # no key\n\nAGE-PLUGIN-X\n"


def test_unreadable_key_file_is_named(home: Home, tmp_path: Path) -> None:
    home.environ["SOPS_AGE_KEY_FILE"] = str(tmp_path)
    with pytest.raises(StoreError, match="is not a regular file"):
        home.put("app/KEY", b"value")


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^secrets/.*\.ya?ml$", "secrets/a/b.yml", True),
        (r"^secrets/.*\.ya?ml$", "x/secrets/a.yml", False),
        (r"(^|/)prod/[^/]+\.enc\.yaml$", "a/prod/x.enc.yaml", True),
        (r"^(data|stringData)$", "stringData", True),
        (r"(?i)PASS|key", "my_pass", True),
        (r"[*+]", "a*b", True),
        (r"\*x", "x", False),
        (r"^.{3}$", "äöü", True),
    ],
)
def test_pattern_means_what_it_means_to_sops(pattern: str, text: str, found: bool) -> None:
    assert matcher(pattern)(text) is found


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a*)*$",
        r"(a+)+b",
        r".*.*.*.*.*.*x",
        r"(a{1,200}){1,200}b",
        r"[[:alpha:]]",
        r"a\z",
        "(",
        "a**",
    ],
)
def test_pattern_that_costs_too_much_or_is_gos_alone_is_refused(pattern: str) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        matcher(pattern)


def test_patterns_end_in_time() -> None:
    found = matcher("(.{0,100})(.{0,100})x")
    start = time.thread_time()
    with pytest.raises(StoreError, match="takes too long"):
        any(found("a" * 150 + str(number)) for number in range(1000))
    assert time.thread_time() - start < 5
    with pytest.raises(StoreError, match="too long"):
        matcher("x")("a" * 256)
