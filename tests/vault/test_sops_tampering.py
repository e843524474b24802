"""What was changed in a file without its key is never taken for what was written."""

import re
from collections.abc import Callable

import pytest
from sops_files import Home

from scanner.errors import LeaksealError
from scanner.model import Secret
from scanner.vault.store import IntegrityError

VALUES = {"app/A": b"value of a", "app/B": b"\0 value of b"}
FACTS = {"rule": "generic", "origin": "app/x.py:1"}


@pytest.fixture
def sealed(home: Home) -> Home:
    for name, value in VALUES.items():
        home.put(name, value, FACTS)
    return home


def ciphertext(text: str, name: str) -> str:
    found = re.search(rf"^{name}: (ENC\[.*\])$", text, re.MULTILINE)
    assert found
    return found[1]


def swapped(text: str) -> str:
    one, other = ciphertext(text, "app/A"), ciphertext(text, "app/B")
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def reordered(text: str) -> str:
    lines = text.splitlines(keepends=True)
    second = next(n for n, line in enumerate(lines) if line.startswith("app/B:"))
    end = lines.index("sops:\n")
    return "".join([*lines[second:end], *lines[:second], *lines[end:]])


CHANGES: dict[str, Callable[[str], str]] = {
    "values change places": swapped,
    "entries change places": reordered,
    "an entry goes": lambda text: re.sub("^app/A: .*\n", "", text, flags=re.MULTILINE),
    "an entry is emptied": lambda text: text.replace(ciphertext(text, "app/A"), '""'),
    "an entry is plain": lambda text: text.replace(ciphertext(text, "app/A"), "value of a"),
    "an entry is a number": lambda text: text.replace(ciphertext(text, "app/A"), "5"),
    "an entry is renamed": lambda text: text.replace("app/A:", "app/AA:"),
    "an entry comes twice": lambda text: f"app/C: {ciphertext(text, 'app/A')}\n{text}",
    "a plain entry comes": lambda text: f"app/C_unencrypted: more\n{text}",
    "a fact changes": lambda text: text.replace("rule: generic", "rule: other", 1),
    "a fact goes": lambda text: text.replace("    rule: generic\n", "", 1),
    "a fact comes": lambda text: text.replace("    rule:", "    added: x\n    rule:", 1),
    "the time changes": lambda text: re.sub('lastmodified: "2', 'lastmodified: "1', text),
    "the MAC goes": lambda text: re.sub(r"\n    mac: .*", "", text),
    "the time goes": lambda text: re.sub(r"\n    lastmodified: .*", "", text),
    "the MAC is emptied": lambda text: re.sub(r"mac: .*", 'mac: ""', text),
    "the MAC is that of nothing": lambda text: re.sub(r"mac: .*", "mac: CF83E1357EEFB8BD", text),
    "the MAC is a value": lambda text: re.sub(
        r"mac: .*", lambda _: f"mac: {ciphertext(text, 'app/A')}", text
    ),
    "the MAC covers less": lambda text: text + "    mac_only_encrypted: true\n",
    "all is said to be plain": lambda text: text.replace(
        "unencrypted_suffix: _unencrypted", 'unencrypted_regex: ".*"'
    ),
    "facts are said to be secret": lambda text: text.replace(
        "unencrypted_suffix: _unencrypted", "unencrypted_suffix: _no"
    ),
    "the data key is cut": lambda text: re.sub(r"\n +-----END AGE.*", "", text),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told(sealed: Home, change: str) -> None:
    text = sealed.file.read_text()
    changed = CHANGES[change](text)
    assert changed != text
    sealed.file.write_text(changed)
    for act in (sealed.store().names, lambda: sealed.put("app/NEW", b"new")):
        with pytest.raises(LeaksealError) as raised:
            act()
        assert "value of" not in str(raised.value)
        if "data key" not in change:
            assert isinstance(raised.value, IntegrityError)
            assert raised.value.exit_code == 5
    assert sealed.file.read_text() == changed


def test_every_changed_byte_is_told_or_does_no_harm(sealed: Home) -> None:
    content = sealed.file.read_bytes()
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 0x01
        sealed.file.write_bytes(changed)
        store = sealed.store()
        try:
            held = {name: store.read(name) for name in store.names()}
        except LeaksealError:
            continue
        assert {name: h.value.reveal() for name, h in held.items()} == VALUES
        kept = {fact for h in held.values() for fact in h.facts.values()}  # SOPS binds no names
        assert kept <= set(FACTS.values())


def test_every_changed_byte_of_an_entry_is_told_when_a_merge_is_accepted(sealed: Home) -> None:
    text = sealed.file.read_text()
    start = text.index("ENC[")
    for place in range(start, text.index("\n", start)):
        changed = chr(ord(text[place]) ^ 0x01)
        sealed.file.write_text(text[:place] + changed + text[place + 1 :])
        try:
            held = sealed.store("sops://secrets.enc.yaml?merged=accept").read("app/A")
        except IntegrityError:
            continue
        assert held.value.reveal() == VALUES["app/A"]  # a bit that base64 does not use


def test_an_older_file_is_whole_and_a_mix_of_two_is_told(sealed: Home) -> None:
    old = sealed.file.read_text()
    version = sealed.store().read("app/A").version
    sealed.store().put_version("app/A", Secret(b"rotated"), "", FACTS, version)
    new = sealed.file.read_text()
    sealed.file.write_text(old)
    assert sealed.value("app/A") == VALUES["app/A"]
    sealed.file.write_text(new.replace(ciphertext(new, "app/A"), ciphertext(old, "app/A")))
    with pytest.raises(IntegrityError, match="MAC"):
        sealed.store().names()
