import os
import stat
from difflib import unified_diff
from pathlib import Path

import awkward
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sops_files import NAME, Home

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import (
    AbsentError,
    Outcome,
    Put,
    RefusedError,
    UnfitError,
)


def test_every_awkward_value_comes_back(home: Home) -> None:
    values = {f"app/{n}": v for n, v in enumerate(awkward.VALUES.values()) if len(v) <= 4097}
    for name, value in values.items():
        home.put(name, value, {"size": str(len(value))})
    for name, value in values.items():
        held = home.store().read(name)
        assert (held.value.reveal(), held.facts) == (value, {"size": str(len(value))})
    assert not any(v in home.file.read_bytes() for v in values.values() if len(v) > 20)


def test_largest_value_fits_and_a_byte_more_does_not(home: Home) -> None:
    largest = home.store().capabilities.largest
    with pytest.raises(UnfitError, match="1048577 bytes"):
        home.put("app/KEY", b"\0" * (largest + 1))
    assert not home.file.exists()
    assert not home.keys.exists()
    home.put("app/KEY", b"\0" * largest)
    assert home.value("app/KEY") == b"\0" * largest


def test_an_entry_more_changes_its_own_lines_and_the_seal(home: Home) -> None:
    for name in ("app/B", "app/D", "app"):
        home.put(name, b"value", {"rule": name})
    before = home.lines()
    home.put("app/C", b"value", {"rule": "app/C"})
    diff = list(unified_diff(before, home.lines(), n=0))[2:]
    changed = [line[0] + line[1:].split(":")[0].strip() for line in diff if line[0] in "+-"]
    assert [line for line in changed if "lastmodified" not in line] == [
        "+app/C",
        "+app/C_unencrypted",
        "+rule",
        "-mac",
        "+mac",
    ]
    keys = [line.split(":")[0] for line in home.lines() if line[0] != " "]
    tops = [key for key in keys if not key.endswith("_unencrypted")]
    assert tops == ["app", "app/B", "app/C", "app/D", "sops"]
    assert keys[:4] == ["app", "app_unencrypted", "app/B", "app/B_unencrypted"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=9), st.binary(max_size=40)), max_size=6),
    st.dictionaries(st.from_regex("[a-z_]{1,9}", fullmatch=True), st.text(max_size=20), max_size=3),
)
def test_store_is_a_mapping(
    home: Home, pairs: list[tuple[str, bytes]], facts: dict[str, str]
) -> None:
    home.file.unlink(missing_ok=True)
    expected: dict[str, bytes] = {}
    for name, value in pairs:
        fitted = home.store().fit(name)
        version = home.store().read(fitted).version if fitted in expected else ""
        put = home.put(fitted, value, facts)
        if version and expected[fitted] != value:
            assert put == Put(Outcome.CONFLICT, version)
            done = home.store().put_version(fitted, Secret(value), "", facts, version)
            assert done.version not in ("", version)
        expected[fitted] = value
    assert home.store().names() == sorted(expected)
    for name, value in expected.items():
        held = home.store().read(name)
        assert (held.value.reveal(), held.facts) == (value, facts)


def test_version_is_of_value_and_key_alone(home: Home, tmp_path: Path) -> None:
    first = home.put("app/KEY", b"value").version
    second = home.store().put_version("app/KEY", Secret(b"other"), "", {}, first).version
    third = home.store().put_version("app/KEY", Secret(b"value"), "", {}, second).version
    assert first == third != second
    other = Home(tmp_path / "other")
    assert other.put("app/KEY", b"value").version != first
    assert home.put("app/KEY_2", b"value").version != first


def test_facts_are_replaced_with_the_value(home: Home) -> None:
    first = home.put("app/KEY", b"\0", {"rule": "a", "gone": "x"}).version
    home.put("app/KEZ", b"other", {"rule": "stays"})
    home.store().put_version("app/KEY", Secret(b"text"), "", {"rule": "b"}, first)
    assert home.store().read("app/KEY").facts == {"rule": "b"}
    second = home.store().read("app/KEY").version
    home.store().put_version("app/KEY", Secret(b"more"), "", {}, second)
    assert home.store().read("app/KEY").facts == {}
    assert home.store().read("app/KEZ").facts == {"rule": "stays"}
    third = home.store().read("app/KEY").version
    home.store().put_version("app/KEY", Secret(b"more still"), "", {"rule": "c"}, third)
    assert home.store().read("app/KEY").facts == {"rule": "c"}


def test_comments_line_ends_and_strangers_lines_stay(home: Home) -> None:
    home.put("app/B", b"b")
    text = "# of the file\n" + home.file.read_text().replace("sops:\n", "# of sops\nsops:\n")
    home.file.write_bytes(text.replace("\n", "\r\n").encode())
    home.put("app/A", b"a", {"rule": "x"})
    home.put("app/C", b"c")
    content = home.file.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    words = [line.split(":")[0] for line in home.lines() if line[0] != " "]
    assert words == [
        "app/A",
        "app/A_unencrypted",
        "# of the file",
        "app/B",
        "app/C",
        "# of sops",
        "sops",
    ]
    assert [home.value(f"app/{x}") for x in "ABC"] == [b"a", b"b", b"c"]


def test_file_is_private_and_keeps_permissions_it_was_given(home: Home) -> None:
    home.put("app/A", b"a")
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o600
    home.file.chmod(0o644)
    home.put("app/B", b"b")
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o644
    assert os.listdir(home.file.parent) == [NAME]


def test_uri_says_where_the_file_is(home: Home) -> None:
    (home.file.parent / "Sub").mkdir()
    for uri, path in {
        "sops://SECRETS.enc.yaml": "SECRETS.enc.yaml",
        "sops://Sub/x.yml": "Sub/x.yml",
        "sops://./Sub/y.yaml": "Sub/y.yaml",
        "sops://a%20b%23.yaml": "a b#.yaml",
        f"sops://{home.file.parent}/abs.yaml": "abs.yaml",
    }.items():
        store = home.store(uri)
        assert store.uri == uri
        store.put_new("app/K 1", Secret(b"value"), "", {})
        assert (home.file.parent / path).is_file()
        assert store.address("app/K 1") == f"{uri}#app/K%201"
        found, name = choose.entry(store.address("app/K 1"), home.environ, str(home.file.parent))
        assert found.read(name).value.reveal() == b"value"


@pytest.mark.parametrize(
    "uri",
    [
        "sops://",
        "sops://x.json",
        "sops://folder/",
        "sops://x.yaml?merged=yes",
        "sops://x.yaml?a=b",
        "sops://x.yaml#app/KEY",
        "sops://x%00.yaml",
    ],
)
def test_uri_that_names_no_file_is_refused(home: Home, uri: str) -> None:
    with pytest.raises(UsageError):
        home.store(uri)


def test_entry_needs_a_name(home: Home) -> None:
    with pytest.raises(UsageError, match="ends in its name"):
        choose.entry(f"sops://{NAME}", home.environ, str(home.file.parent))


def test_file_that_git_does_not_have_yet_is_empty(home: Home) -> None:
    store = home.store()
    assert store.names() == []
    with pytest.raises(AbsentError):
        store.read("app/KEY")
    assert not home.keys.exists()


def test_names_that_sops_gives_a_meaning_are_refused_unfitted(home: Home) -> None:
    for name in ("sops", "app/KEY_unencrypted", "app/\n", "app[0]", "x" * 101):
        with pytest.raises(UnfitError):
            home.put(name, b"value")
    assert not home.file.exists()


def test_a_store_that_was_closed_holds_no_values(home: Home) -> None:
    store = home.store()
    store.put_new("app/KEY", Secret(b"value"), "", {})
    store.close()
    assert not any("value" in repr(held) for held in vars(store).values())


def test_somebody_elses_key_opens_nothing(home: Home) -> None:
    home.put("app/KEY", b"value")
    before = home.file.read_bytes()
    home.keys.unlink()
    for act in (home.store().names, lambda: home.put("app/KEY_2", b"value")):
        with pytest.raises(RefusedError, match="none of your age keys opens it"):
            act()
    (problem,) = home.store().preflight([])
    assert (problem.code, problem.fatal) == ("permission", True)
    assert home.file.read_bytes() == before
    assert not home.keys.exists()
