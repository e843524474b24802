"""The real sops reads what leakseal writes, and leakseal what sops writes."""

import json
import os
import stat
import sys
from pathlib import Path

import awkward
import pytest
from sops_files import NAME, Home
from subjects import sops

from scanner.errors import LeaksealError
from scanner.model import Secret
from scanner.vault.sops.file import open_file
from scanner.vault.sops.keys import unwrap
from scanner.vault.sops.scalars import plain
from scanner.vault.store import Outcome, StoreError

pytestmark = pytest.mark.skipif(not sops.binary(), reason="no sops: run .ci/servers/sops")

UNQUOTED = """
1 0x1F 0X1f 0o17 017 08 00 1_000 -0 +5 -7 0b11 -0b11 0x 0b2 99999999999999999999
-9223372036854775808 9223372036854775807 1.0 1.50 1e3 1E-7 .5 -.5 6. 1e21 1.5e300
123456789.123456789 0.1 1e 1__0 _1 1_ ._5 .5_0 1.2.3 12:30:45 1.7976931348623157e308 5e-324
2024-1-2 2024-01-02 2024-13-01 2024-02-30 24-01-02 2024-01-02T03:04:05Z 2024-01-02T03:04:05
2024-1-2t3:4:5.1200Z 2024-01-02T03:04:05+02:00 0001-01-01 2024-01-02T03:04:05.120+00:00 yes No
TRUE False tRUE y on off ~x Null null nUll x 0777 0o8 +0x1F 0x_1F -- + . .. .inf -.INF +.Inf .iNf
.nan .NaN true1 1a e1 =
"""
SCALARS = UNQUOTED.split()
PLAIN = """\
# of the file
top: value
port: 5432
ratio: 1.50
big: 1e21
on: true
when: 2024-01-02T03:04:05.600Z
nothing: null
empty: ""
config: '{"user": "x", "list": [1, 2]}'
"a/b": slashed
deep:
    er:  # beside
        inner: deeper
        # before a list
        list:
            - one
            # in it
            - 2
            - sub: x
note_unencrypted: plain
listed_unencrypted: [SCALARS]
"""


PLAIN = PLAIN.replace("SCALARS", ", ".join(SCALARS))


def run(home: Home, *arguments: str, stdin: bytes = b"") -> bytes:
    return sops.run(*arguments, environ=home.environ, stdin=stdin)


def extracted(home: Home, *keys: str) -> bytes:
    return run(home, "decrypt", "--extract", sops.index(*keys), str(home.file))


@pytest.fixture
def by_sops(home: Home) -> Home:
    """A file that sops has encrypted."""
    home.put("app/FIRST", b"value")
    encrypted(home)
    return home


def encrypted(home: Home, plain: str = PLAIN, **settings: object) -> None:
    """Put a file there that sops has encrypted with these settings."""
    config = home.folder / "config.yaml"
    config.write_text(json.dumps({"creation_rules": [{"age": home.recipient, **settings}]}))
    options = ["--filename-override", NAME, "--input-type", "yaml", "--output-type", "yaml"]
    arguments = ["--config", str(config), "encrypt", *options, "/dev/stdin"]
    home.file.write_bytes(run(home, *arguments, stdin=plain.encode()))


def test_sops_reads_a_file_of_leakseal(home: Home) -> None:
    facts = {"rule": "generic", "origin": "a: b # c", "y": "no", "count": "1e3"}
    home.put("app/KEY", b"value", facts)
    home.put("app/EMPTY", b"")
    tree = json.loads(run(home, "decrypt", "--output-type=json", str(home.file)))
    assert tree == {"app/KEY": "value", "app/KEY_unencrypted": facts, "app/EMPTY": ""}


def test_file_of_leakseal_looks_like_one_of_sops(home: Home) -> None:
    home.put("app/A", b"value", {"rule": "generic", "when": "2024-01-02", "no": "yes"})
    before = home.lines()
    run(home, "set", str(home.file), sops.index("app/B"), '"value"')
    after = home.lines()
    assert set(before) - set(after) <= {line for line in before if "mac:" in line or "last" in line}


def test_leakseal_reads_a_file_of_sops(by_sops: Home) -> None:
    expected = {
        "a/b": b"slashed",
        "big": b"1000000000000000000000",
        "config": b'{"user": "x", "list": [1, 2]}',
        "deep/er/list/0": b"one",
        "deep/er/list/2": b"2",
        "deep/er/list/3/sub": b"x",
        "deep/er/inner": b"deeper",
        "empty": b"",
        "on": b"True",
        "port": b"5432",
        "ratio": b"1.5",
        "top": b"value",
        "when": b"2024-01-02T03:04:05.6Z",
    }
    assert {name: by_sops.value(name) for name in by_sops.store().names()} == expected
    assert by_sops.put("top", b"value").outcome is Outcome.SAME
    assert by_sops.put("deep/er/inner", b"other").outcome is Outcome.CONFLICT


def test_unquoted_scalars_mean_what_they_mean_to_sops(by_sops: Home) -> None:
    encrypted(by_sops, "".join(f"k{n}: {scalar}\n" for n, scalar in enumerate(SCALARS)))
    text = by_sops.file.read_text()
    file = open_file(text, lambda wrapped: unwrap(wrapped, by_sops.environ))
    words = {
        scalar: file.entries[f"k{n}"].plain.words.decode() if f"k{n}" in file.entries else None
        for n, scalar in enumerate(SCALARS)
    }
    assert words == {scalar: plain(scalar)[0] for scalar in SCALARS}
    kinds = {x: file.entries[f"k{n}"].plain.kind for n, x in enumerate(SCALARS) if words[x]}
    assert {x: kind == "str" for x, kind in kinds.items()} == {x: plain(x)[1] for x in kinds}


def test_leakseal_writes_into_a_file_of_sops(by_sops: Home) -> None:
    before = by_sops.lines()
    by_sops.put("app/KEY", b"value", {"rule": "generic"})
    version = by_sops.store().read("deep/er/inner").version
    by_sops.store().put_version("deep/er/inner", Secret(b"\0\xff"), "", {"rule": "x"}, version)
    changed = [line for line in before if line not in by_sops.lines()]
    words = [line.split(":")[0].strip() for line in changed]
    assert [word for word in words if word != "lastmodified"] == ["inner", "mac"]
    assert extracted(by_sops, "app/KEY") == b"value"
    assert extracted(by_sops, "deep", "er", "inner") == b"\0\xff"
    lines = run(by_sops, "decrypt", str(by_sops.file)).splitlines()
    comments = [line.strip() for line in lines if b"#" in line]
    assert comments == [b"# of the file", b"# beside", b"# before a list", b"# in it"]


@pytest.mark.parametrize(
    "settings",
    [
        {"unencrypted_suffix": "_plain"},
        {"encrypted_suffix": "KEY"},
        {"encrypted_regex": "^(deep|top|app/.*)$"},
        {"unencrypted_regex": "_unencrypted$|^port$"},
        {"mac_only_encrypted": True},
        {"mac_only_encrypted": True, "encrypted_regex": "KEY|inner"},
    ],
)
def test_settings_of_a_file_are_followed(by_sops: Home, settings: dict[str, object]) -> None:
    encrypted(by_sops, **settings)
    by_sops.put("app/KEY", b"value", {"rule": "generic"})
    assert by_sops.store().read("app/KEY").facts == {"rule": "generic"}
    assert extracted(by_sops, "app/KEY") == b"value"
    assert extracted(by_sops, "app/KEY_unencrypted", "rule") == b"generic"
    names = by_sops.store().names()
    assert ("port" in names) is ("port: ENC" in by_sops.file.read_text())
    assert "app/KEY_unencrypted/rule" not in names


def test_comment_settings_are_left_to_sops(by_sops: Home) -> None:
    encrypted(by_sops, encrypted_comment_regex="x")
    with pytest.raises(StoreError, match="cannot follow its encrypted_comment_regex"):
        by_sops.store().names()


def test_sops_edit_keeps_every_awkward_value(home: Home) -> None:
    values = {f"app/{n}": v for n, v in enumerate(awkward.VALUES.values()) if len(v) <= 4097}
    for name, value in values.items():
        home.put(name, value, {"size": str(len(value))})
    editor = home.folder / "editor"
    code = 'import sys\nopen(sys.argv[1], "a").write("more: x\\n")\n'
    editor.write_text(f"#!{sys.executable}\n{code}")
    editor.chmod(0o700)
    home.environ["EDITOR"] = str(editor)
    run(home, "edit", str(home.file))
    assert home.value("more") == b"x"
    for name, value in values.items():
        held = home.store().read(name)
        assert (held.value.reveal(), held.facts) == (value, {"size": str(len(value))})


def test_version_outlives_edits_of_others(home: Home) -> None:
    version = home.put("app/A", b"value").version
    run(home, "set", str(home.file), sops.index("app/B"), '"value"')
    assert home.store().read("app/A").version == version
    done = home.store().put_version("app/A", Secret(b"other"), "", {}, version)
    assert done.outcome is Outcome.CREATED


def test_key_added_and_rotated_by_sops(home: Home, tmp_path: Path) -> None:
    home.put("app/A", b"value")
    other = Home(tmp_path / "other")
    other.put("app/A", b"theirs")
    run(home, "rotate", "--in-place", "--add-age", other.recipient, str(home.file))
    home.put("app/B", b"more")
    other.file.write_bytes(home.file.read_bytes())
    assert {name: other.value(name) for name in other.store().names()} == {
        "app/A": b"value",
        "app/B": b"more",
    }


def test_file_of_key_groups_is_left_to_sops(home: Home, tmp_path: Path) -> None:
    home.put("app/A", b"value")
    other = Home(tmp_path / "other")
    other.put("app/A", b"theirs")
    groups = [{"age": [home.recipient]}, {"age": [other.recipient]}]
    encrypted(home, age="", key_groups=groups)
    with pytest.raises(StoreError, match="no age key by itself"):
        home.store().names()


def test_sops_follows_the_same_creation_rule(home: Home) -> None:
    home.put("app/A", b"value")
    rule = home.file.parent / ".sops.yaml"
    rule.write_text(f"creation_rules:\n  - path_regex: ^secrets\\..*$\n    age: {home.recipient}\n")
    home.keys.rename(home.folder / "moved")
    home.environ["SOPS_AGE_KEY_FILE"] = str(home.folder / "moved")
    home.file.unlink()
    home.put("app/A", b"value")
    run(home, "--config", str(rule), "updatekeys", "--yes", str(home.file))
    assert extracted(home, "app/A") == b"value"


def test_sops_refuses_what_leakseal_refuses(home: Home) -> None:
    home.put("app/A", b"value", {"rule": "x"})
    text = home.file.read_text()
    for changed in (text.replace("rule: x", "rule: y"), text.replace("app/A:", "app/B:")):
        home.file.write_text(changed)
        with pytest.raises(LeaksealError):
            home.store().names()
        with pytest.raises(AssertionError, match=r"MAC mismatch|Could not decrypt"):
            run(home, "decrypt", str(home.file))


def test_merge_that_leakseal_sealed_is_whole_to_sops(home: Home) -> None:
    home.put("app/A", b"value")
    home.put("app/B", b"value")
    home.file.write_text("\n".join(x for x in home.lines() if "app/B" not in x) + "\n")
    with pytest.raises(AssertionError, match="MAC mismatch"):
        run(home, "decrypt", str(home.file))
    home.store(f"sops://{NAME}?merged=accept").put_new("app/A", Secret(b"value"), "", {})
    assert extracted(home, "app/A") == b"value"


def test_binary_is_found_and_can_run() -> None:
    assert stat.S_IMODE(os.stat(sops.binary()).st_mode) & 0o111
