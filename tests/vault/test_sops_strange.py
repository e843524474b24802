"""Files that leakseal did not leave like this, or that are no files of SOPS at all."""

import json
import os
from collections.abc import Callable

import pytest
import yaml
from sops_files import NAME, Home

from scanner.errors import LeaksealError
from scanner.model import Secret
from scanner.vault.store import IntegrityError, StoreError


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", IntegrityError, "not a YAML mapping"),
        ("- a\n", IntegrityError, "not a YAML mapping"),
        ("password: x\n", StoreError, "not a SOPS file"),
        ("a: [\n", IntegrityError, "line 2 is not YAML"),
        ("a: &x 1\nb: *x\n", IntegrityError, "line 2 has an alias"),
        ("a: 1\na: 2\n", IntegrityError, "line 2 has a key for the second time"),
        ("1: a\n", IntegrityError, "no string"),
        ("<<: {a: b}\n", IntegrityError, "no string"),
        ("? [a]\n: b\n", IntegrityError, "no string"),
        ("a: 1\n---\nb: 1\n", IntegrityError, "second document"),
        ("a: " + "[" * 200 + "]" * 200 + "\n", IntegrityError, "levels deep"),
        ("a: !custom x\n", IntegrityError, "tag"),
        ("a: \0\n", IntegrityError, "not YAML"),
        ("a: \udcff\n", IntegrityError, "not UTF-8"),
    ],
)
def test_what_is_no_sops_file_is_left_alone(
    home: Home, content: str, error: type[LeaksealError], said: str
) -> None:
    raw = content.encode("utf-8", "surrogateescape")
    home.file.write_bytes(raw)
    for act in (home.store().names, lambda: home.put("app/KEY", b"value")):
        with pytest.raises(error, match=said) as raised:
            act()
        assert NAME in str(raised.value)
    assert home.file.read_bytes() == raw


def test_links_folders_and_giants_are_refused(home: Home) -> None:
    home.put("app/KEY", b"value")
    link = home.file.parent / "link.yaml"
    link.symlink_to(home.file)
    with pytest.raises(StoreError, match="symbolic link"):
        home.store("sops://link.yaml").names()
    (home.file.parent / "folder.yaml").mkdir()
    with pytest.raises(StoreError, match="regular file"):
        home.store("sops://folder.yaml").names()
    os.mkfifo(home.file.parent / "pipe.yaml")
    with pytest.raises(StoreError, match="regular file"):
        home.store("sops://pipe.yaml").names()
    os.truncate(home.file, (32 << 20) + 1)
    with pytest.raises(StoreError, match="larger than 32 MiB"):
        home.store().names()
    with pytest.raises(StoreError, match="No such file"):
        home.store("sops://absent/x.yaml").put_new("app/KEY", Secret(b"x"), "", {})


def test_byte_order_mark_and_missing_last_line_end_do_no_harm(home: Home) -> None:
    home.put("app/B", b"b")
    entry, metadata = home.file.read_text().split("\n", 1)
    home.file.write_bytes(b"\xef\xbb\xbf" + f"{metadata}{entry}".encode())
    home.put("app/C", b"c")
    assert [home.value(f"app/{x}") for x in "BC"] == [b"b", b"c"]


def test_facts_that_lost_their_entry_are_replaced(home: Home) -> None:
    home.put("app/A", b"value", {"rule": "old"})
    home.put("app/B", b"value")
    kept = [line for line in home.lines() if not line.startswith("app/A:")]
    home.file.write_text("\n".join(kept) + "\n")
    accepting = home.store(f"sops://{NAME}?merged=accept")
    accepting.put_new("app/A", Secret(b"new"), "", {"rule": "new"})
    assert home.store().read("app/A").facts == {"rule": "new"}
    assert home.store().names() == ["app/A", "app/B"]


def in_json(text: str, first: str) -> str:
    return json.dumps(yaml.safe_load(text)) + "\n"


@pytest.mark.parametrize(
    ("change", "name", "message"),
    [
        (in_json, "app/A", "start of a line"),
        (in_json, "app/B", "start of a line"),
        (
            lambda text, first: text.replace(first, first.replace("app/A: ", "? app/A\n: ")),
            "app/B",
            "start of a line",
        ),
        (
            lambda text, first: text.replace(first, first.replace("app/A: ", "app/A: |-\n  ")),
            "app/A",
            "is not on one line",
        ),
        (lambda text, first: f"{text}app/B_unencrypted: {{}}\n", "app/B", "_unencrypted is empty"),
    ],
)
def test_lines_that_cannot_be_changed_in_place_are_left(
    home: Home, change: Callable[[str, str], str], name: str, message: str
) -> None:
    version = home.put("app/A", b"value").version
    changed = change(home.file.read_text(), home.lines()[0])
    home.file.write_text(changed)
    assert home.value("app/A") == b"value"
    put = {
        "app/A": lambda: home.store().put_version("app/A", Secret(b"other"), "", {}, version),
        "app/B": lambda: home.put("app/B", b"other"),
    }[name]
    with pytest.raises(StoreError, match=message):
        put()
    assert home.file.read_text() == changed
