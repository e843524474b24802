"""`leakseal log` on a real repository."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys

import pytest

from scanner.cli.main import main
from scanner.remediate.ledger.ledger import FOLDER, Ledger
from scanner.remediate.ledger.record import Actor, State, Step, StoredAt, Subject
from scanner.rulepack.samples import expand

ONE, TWO = "1a" * 20, "1b" + "2c" * 19
TOKEN = expand("<<checksum ghp_ 30>>")


class Tree:
    """A repository with a ledger: one finding is stored, another only found."""

    def __init__(self, path, capture):
        self.path, self.capture = path, capture
        subprocess.run(["git", "init", "-q", path], check=True)
        self.ledger = Ledger(str(path / FOLDER))
        run = self.ledger.start(Actor("ann", "laptop", "leakseal 0"))
        at = StoredAt("vault://kv/acme/a#TOKEN", "1", "op")
        for state in (State.FOUND, State.PLANNED, State.STORING, State.STORED, State.VERIFIED):
            outcome = "done" if state in (State.STORED, State.VERIFIED) else ""
            run.append(Step(state, self.subject(ONE), "p/1", at, outcome))
        run.append(Step(State.FOUND, self.subject(TWO, path="b\x1b[31m.py")))
        self.run_id = run.id

    def subject(self, digits, path="a.py"):
        return Subject(f"hmac-sha256:{digits}", "k1", "github-token", path, 3)

    def run(self, *arguments, tree=True):
        where = ("-C", self.path) if tree else ()
        code = main(["log", *map(str, (*arguments, *where))])
        return code, *self.capture.readouterr()

    def last(self):
        return self.ledger.history()[-1]


@pytest.fixture
def tree(tmp_path, capfd):
    return Tree(tmp_path / "tree", capfd)


def test_show_is_a_table_that_is_safe_to_look_at(tree):
    code, output, error = tree.run("show")
    assert (code, error) == (0, "")
    assert "\x1b" not in output
    lines = [re.split(r"  +", line) for line in output.splitlines()]
    assert lines[0] == ["time", "state", "finding", "rule", "path", "store", "who"]
    store = "vault://kv/acme/a#TOKEN"
    assert lines[4][1:] == ["stored (done)", ONE[:12], "github-token", "a.py:3", store, "ann"]
    assert lines[6][1:] == ["found", TWO[:12], "github-token", "b\\x1b[31m.py:3", "ann"]
    assert len(lines) == 7


def test_show_gives_json_and_only_what_was_asked_for(tree):
    records = json.loads(tree.run("show", "--json")[1])
    assert [record["seq"] for record in records] == [1, 2, 3, 4, 5, 6]
    filters = ("--fingerprint", ONE[:8], "--state", "stored", "--run", tree.run_id)
    (record,) = json.loads(tree.run("show", "--json", *filters)[1])
    assert (record["state"], record["finding"]["fp"]) == ("stored", f"hmac-sha256:{ONE}")
    assert json.loads(tree.run("show", "--json", "--run", "0")[1]) == []


def test_verify_says_what_is_wrong_and_exits_with_the_worst(tree):
    code, output, _ = tree.run("verify")
    assert code == 0
    assert output.splitlines()[-1] == "Read 6 records, 1 run, 0 checkpoints: no problem."
    (path,) = (tree.path / FOLDER).glob("*/*.jsonl")
    content = path.read_bytes()
    path.write_bytes(content + b'{"half')
    code, output, _ = tree.run("verify")
    assert code == 8
    assert output.startswith(f"torn: {path.parent.name}/{path.name}: the last record is only half")
    path.write_bytes(content.replace(b"github", b"gitlab", 1) + b'{"half')
    code, output, _ = tree.run("verify", "--json")
    assert (code, json.loads(output)["exit_code"]) == (5, 5)
    problems = json.loads(output)["problems"]
    assert [problem["fault"] for problem in problems] == ["tampered", "torn"]
    assert tree.run("show")[0] == 5


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen: install OpenSSH")
def test_sign_and_verify_with_signers(tree, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    signers = tmp_path / "signers"
    signers.write_text(f"ann@acme.example {key.with_suffix('.pub').read_text()}")
    assert tree.run("verify", "--signers", signers)[0] == 7
    code, output, error = tree.run("sign", "--key", key)
    assert (code, error) == (0, "")
    stated = json.loads((tree.path / FOLDER / "checkpoints" / "0001.json").read_text())
    assert output == f"Signed checkpoint 1, root {stated['root']}; commit it\n"
    assert tree.run("sign", "--key", key)[1] == "Nothing was added since the last checkpoint\n"
    code, output, _ = tree.run("verify", "--signers", signers)
    assert (code, "signed by ann@acme.example" in output) == (0, True)
    (path,) = (tree.path / FOLDER).glob("*/*.jsonl")
    path.write_bytes(path.read_bytes().replace(b"github", b"gitlab", 1))
    code, output, _ = tree.run("sign", "--key", key)
    assert (code, output.startswith("tampered: ")) == (5, True)
    assert len(list((tree.path / FOLDER / "checkpoints").iterdir())) == 2
    assert tree.run("verify", "--signers", tmp_path / "gone")[0] == 2


def test_a_person_attests_what_was_done_outside(tree):
    evidence = ("--evidence", "ticket=OPS-17", "--evidence", "url=https://x.example/?a=b")
    code, output, error = tree.run("record", ONE[:8], "revoked", *evidence)
    assert (code, error) == (0, "")
    assert output == f"Recorded revoked for {ONE[:12]} github-token\n"
    record = tree.last()
    assert record.step.subject == tree.subject(ONE)
    assert (record.step.state, record.step.outcome) == (State.REVOKED, "attested")
    assert record.step.evidence == {"ticket": "OPS-17", "url": "https://x.example/?a=b"}
    assert record.actor.user != "ann"
    code, _, _ = tree.run(
        "record",
        f"hmac-sha256:{TWO}",
        "accepted",
        "--reason",
        "a test key",
        "--review-after",
        "2027-01-31",
        "--path",
        "c.py",
    )
    assert code == 0
    step = tree.last().step
    assert (step.state, step.review_after) == (State.ACCEPTED, "2027-01-31")
    assert (step.subject.path, step.subject.line) == ("c.py", 0)
    assert tree.run("verify")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((ONE[:8], "accepted"), "say why with --reason; accepted_risk needs one"),
        ((ONE[:8], "closed", "--reason", " "), "say why with --reason; closed needs one"),
        ((ONE[:7], "revoked"), "that is no fingerprint; give at least its first 8 hexadecimal"),
        ((TOKEN, "revoked"), "that is no fingerprint; give at least its first 8 hexadecimal"),
        (("0" * 40, "revoked"), "no finding of the ledger has this fingerprint; name its --rep"),
        ((ONE[:8], "closed", "--reason", f"it was {TOKEN}"), "that holds what looks like a sec"),
        ((ONE[:8], "closed", "--reason", "x", "--evidence", TOKEN), "evidence looks like ticket="),
        ((ONE[:8], "revoked", "--evidence", "0a1b2c3d4e5f"), "evidence looks like ticket="),
        ((ONE[:8], "revoked", "--evidence", "a1b2c3d4e5f6="), "evidence looks like ticket="),
        ((ONE[:8], "revoked", "--evidence", f"a={TOKEN}"), "that holds what looks like a secret"),
        ((ONE[:8], "revoked", "--path", f"{TOKEN}.txt"), "that holds what looks like a secret"),
        ((ONE[:8], "revoked", "--review-after", "soon"), "a date to review after looks like"),
    ],
)
def test_what_cannot_be_attested_is_refused_and_not_repeated(tree, arguments, said):
    before = tree.ledger.runs()
    code, output, error = tree.run("record", *arguments)
    assert (code, output) == (2, "")
    assert error.startswith(f"leakseal: {said}")
    assert TOKEN not in error
    assert tree.ledger.runs() == before


def test_a_prefix_of_two_findings_names_neither(tree):
    run = tree.ledger.start(Actor("ann", "laptop", "leakseal 0"))
    run.append(Step(State.FOUND, tree.subject(ONE[:20] + "0" * 20)))
    code, _, error = tree.run("record", ONE[:8], "revoked")
    assert (code, error) == (2, "leakseal: 2 findings begin like this; give more digits\n")


def test_closed_is_final_until_it_is_found_again(tree):
    closing = ("record", ONE[:8], "closed", "--reason", "done")
    assert tree.run(*closing)[0] == 0
    code, _, error = tree.run(*closing)
    assert (code, "the finding must be found again first" in error) == (2, True)


def test_a_finding_of_a_report_can_be_accepted_before_anything_else(tree, tmp_path):
    (tree.path / "conf.py").write_text(f"token = '{TOKEN}'\n")
    report = tmp_path / "report.json"
    scan = ["scan", tree.path, "--no-history", "-f", "json", "-o", report]
    environ = os.environ | {"LEAKSEAL_KEY": "k" * 32}
    subprocess.run([sys.executable, "-m", "scanner", *scan], env=environ, check=False)
    digits = json.loads(report.read_text())["findings"][0]["fingerprint"]
    code, _, error = tree.run(
        "record", digits[:10], "accepted", "--reason", "public test", "--report", report
    )
    assert (code, error) == (0, "")
    subject = tree.last().step.subject
    assert (subject.fingerprint, subject.path) == (f"hmac-sha256:{digits}", "conf.py")
    assert tree.run("verify")[0] == 0


def test_export_to_a_file_and_to_standard_output(tree, tmp_path):
    code, output, _ = tree.run("export", "--format", "csv")
    assert (code, len(output.splitlines())) == (0, 3)
    target = tmp_path / "audit.md"
    assert tree.run("export", "-f", "md", "-o", target)[:2] == (0, "")
    assert target.read_text().startswith("# Leaked secrets and what was done, as of 20")
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    events = tree.run("export", "-f", "ocsf")[1].splitlines()
    assert [json.loads(event)["class_uid"] for event in events] == [7001] * 6


def test_wrong_places_are_usage_errors(tree, tmp_path):
    code, _, error = tree.run("show", "-C", tmp_path, tree=False)
    assert (code, "is in no git repository with files" in error) == (2, True)
    assert tree.run("export", "-f", "xml")[0] == 2


def test_as_a_process_in_the_repository(tree):
    command = [sys.executable, "-m", "scanner", "log", "show"]
    done = subprocess.run(command, cwd=tree.path, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 7
