"""Checkpoints: signed by a real ssh-keygen, and what they show that a chain alone does not."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledger_writing import BEGIN, FOUND, STORE, files, ledger, three_runs, through

from scanner.errors import UsageError
from scanner.remediate.ledger import checkpoint
from scanner.remediate.ledger.canonical import MalformedError
from scanner.remediate.ledger.checkpoint import merkle_root
from scanner.remediate.ledger.signature import Signatures
from scanner.remediate.ledger.verdict import Fault
from scanner.remediate.ledger.verify import verify

pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="no ssh-keygen: install OpenSSH"
)


class Person:
    """Somebody with an SSH key."""

    def __init__(self, folder, name):
        self.key = folder / name
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.key]
        subprocess.run(command, check=True)
        self.public = self.key.with_suffix(".pub")
        kind, value, _ = self.public.read_text().split()
        self.allowed = f"{name}@acme.example {kind} {value}\n"


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return Person(folder, "ann"), Person(folder, "eve")


@pytest.fixture
def ann(people):
    return people[0]


@pytest.fixture
def signers(ann, tmp_path):
    path = tmp_path / "allowed_signers"
    path.write_text(ann.allowed)
    return str(path)


@pytest.fixture
def book(tmp_path):
    return three_runs(tmp_path / "tree")


def sign(book, person, now=BEGIN, environ=os.environ):
    signatures = Signatures(environ, os.path.dirname(os.path.dirname(book.folder)))
    made = checkpoint.sign(book, str(person.key), now, signatures)
    return made and f"{checkpoint.folder(book.folder)}/{made.number:04}.json"


def faults(book, signers):
    return [problem.fault for problem in verify(book.folder, signers, os.environ).problems]


# The roots that the tests of certificate transparency logs give for these leaves (RFC 6962).
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
LEAVES = (*LEAVES, "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_that_of_rfc_6962(size):
    assert merkle_root(reversed(LEAVES[:size])) == ROOTS[size]


def test_a_signed_ledger_holds_and_says_who_signed(book, ann, signers):
    path = sign(book, ann)
    verdict = verify(book.folder, signers, os.environ)
    assert (verdict.problems, verdict.checkpoints) == ((), 1)
    name = "checkpoints/0001.json was signed by ann@acme.example at 2026-03-01T12:00:00.000Z"
    assert verdict.notes == (name,)
    assert os.path.basename(path) == "0001.json"


def test_the_signature_is_one_that_ssh_keygen_takes(book, ann, signers):
    content = Path(sign(book, ann))
    command = ["ssh-keygen", "-Y", "verify", "-n", "leakseal-ledger", "-I", "ann@acme.example"]
    command += ["-f", signers, "-s", content.with_suffix(".sig")]
    done = subprocess.run(command, input=content.read_bytes(), check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_checkpoint_names_only_what_changed(book, ann, signers):
    sign(book, ann)
    run = through(book, 5, (*FOUND, *STORE))
    second = Path(sign(book, ann))
    assert list(checkpoint.decode(second.read_bytes()).runs) == [run.id]
    assert faults(book, signers) == []


def test_nothing_new_is_not_signed_twice(book, ann):
    assert sign(book, ann)
    assert sign(book, ann) is None


def test_a_checkpoint_without_a_signature_is_followed_by_one_with(book, ann, signers):
    Path(sign(book, ann)).with_suffix(".sig").unlink()
    assert faults(book, signers) == [Fault.UNSIGNED]
    assert verify(book.folder, None, os.environ).exit_code == 7
    assert sign(book, ann).endswith("0002.json")


def test_who_is_not_named_cannot_sign(book, people, signers):
    sign(book, people[1])
    (problem,) = verify(book.folder, signers, os.environ).problems
    assert problem.fault is Fault.UNSIGNED
    assert "signer is not in" in problem.message


def test_a_ledger_that_nobody_signed_is_unsigned_if_signers_are_named(book, signers):
    assert faults(book, signers) == [Fault.UNSIGNED]
    assert faults(book, None) == []


def test_a_checkpoint_that_was_changed_after_it_was_signed(book, ann, signers):
    path = Path(sign(book, ann))
    path.write_bytes(path.read_bytes().replace(b"2026-03-01", b"2026-03-02"))
    (problem,) = verify(book.folder, signers, os.environ).problems
    assert problem.fault is Fault.TAMPERED
    assert "signature does not hold" in problem.message


def test_a_signature_for_another_purpose_does_not_count(book, ann, signers):
    path = Path(sign(book, ann))
    signature = path.with_suffix(".sig")
    signature.unlink()
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", ann.key, path]
    subprocess.run(command, check=True, capture_output=True)
    os.rename(f"{path}.sig", signature)
    assert faults(book, signers) == [Fault.TAMPERED]


def test_a_key_counts_for_what_was_signed_while_it_was_valid(book, ann, signers):
    Path(signers).write_text(ann.allowed.replace(" ", ' valid-before="20260401" ', 1))
    sign(book, ann)
    assert faults(book, signers) == []
    through(book, 5, FOUND)
    sign(book, ann, datetime(2026, 5, 1, tzinfo=UTC))
    assert faults(book, signers) == [Fault.UNSIGNED]


def test_a_tail_that_was_cut_cleanly_is_told(book, ann, signers):
    sign(book, ann)
    path = files(book)[-1]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    (problem,) = verify(book.folder, signers, os.environ).problems
    assert problem.fault is Fault.TAMPERED
    assert problem.message == "it has 1 records; checkpoints/0001.json names 2"


def test_a_checkpoint_that_was_removed_is_missed_by_the_next(book, ann, signers):
    first = Path(sign(book, ann))
    through(book, 5, FOUND)
    sign(book, ann)
    first.unlink()
    first.with_suffix(".sig").unlink()
    assert Fault.MISSING in faults(book, signers)


def test_a_checkpoint_under_another_number_is_told(book, ann, signers):
    first = Path(sign(book, ann))
    for suffix in (".json", ".sig"):
        shutil.copy(first.with_suffix(suffix), first.with_name(f"0002{suffix}"))
    assert Fault.TAMPERED in faults(book, signers)


def test_a_checkpoint_that_was_replaced_is_told_by_the_next(book, ann, signers, tmp_path):
    """Both are signed by who may sign, but the second one follows another first one."""
    first = Path(sign(book, ann))
    through(book, 5, FOUND)
    sign(book, ann)
    for suffix in (".json", ".sig"):
        first.with_suffix(suffix).unlink()
    second = first.with_name("0002.json")
    for suffix in (".json", ".sig"):
        second.with_suffix(suffix).rename(tmp_path / f"second{suffix}")
    sign(book, ann)
    for suffix in (".json", ".sig"):
        shutil.move(tmp_path / f"second{suffix}", second.with_suffix(suffix))
    (problem,) = verify(book.folder, signers, os.environ).problems
    assert problem.fault is Fault.TAMPERED
    assert "it follows another checkpoint" in problem.message


def test_a_checkpoint_of_another_history_is_told(book, ann, signers, tmp_path):
    other = ledger(tmp_path / "other")
    through(other, 7, FOUND)
    sign(other, ann)
    shutil.copytree(checkpoint.folder(other.folder), checkpoint.folder(book.folder))
    assert faults(book, signers) == [Fault.MISSING]


def test_an_agent_signs_with_a_key_that_has_no_file(book, ann, signers, tmp_path):
    if shutil.which("ssh-agent") is None or shutil.which("ssh-add") is None:
        pytest.skip("no ssh-agent: install OpenSSH")
    socket = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        while not os.path.exists(socket):
            assert agent.poll() is None
        environ = {**os.environ, "SSH_AUTH_SOCK": socket}
        subprocess.run(["ssh-add", "-q", ann.key], env=environ, check=True)
        public = tmp_path / "only.pub"
        shutil.copy(ann.public, public)
        signatures = Signatures(environ, str(tmp_path / "tree"))
        assert checkpoint.sign(book, str(public), BEGIN, signatures)
    finally:
        agent.terminate()
        agent.wait()
    assert faults(book, signers) == []


def test_a_key_that_cannot_sign_is_one_clear_line_and_leaves_nothing(book, tmp_path, ann):
    signatures = Signatures(os.environ, str(tmp_path / "tree"))
    (tmp_path / "no key").write_text("nothing")
    (tmp_path / "no key").chmod(0o600)
    for key, said in ((tmp_path / "no key", "did not sign: "), (tmp_path / "gone", "no key file")):
        with pytest.raises(UsageError, match=said) as caught:
            checkpoint.sign(book, str(key), BEGIN, signatures)
        assert "\n" not in str(caught.value)
    assert not os.path.exists(checkpoint.folder(book.folder))


def test_a_program_in_the_work_tree_is_not_run(book, tmp_path):
    fake = tmp_path / "tree" / "ssh-keygen"
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    fake.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh-keygen").symlink_to(fake)
    path = os.pathsep.join((str(fake.parent), str(tmp_path / "bin"), os.environ["PATH"]))
    signatures = Signatures({**os.environ, "PATH": path}, str(tmp_path / "tree"))
    with pytest.raises(UsageError):
        signatures.sign(b"", str(fake))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"v":1}', b'{"v":1,"runs":{"a":1}}', b'{"v":1,"number":true}']
)
def test_what_is_no_checkpoint_is_malformed_and_nothing_else(content):
    with pytest.raises(MalformedError):
        checkpoint.decode(content)
