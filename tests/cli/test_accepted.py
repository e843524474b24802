"""What is accepted stays quiet wherever it goes, and nothing else does."""

import base64
import io
import os
import subprocess
import zipfile

import pytest
from quiet_git import ENVIRONMENT

from scanner.cli.interrupt import Interrupt
from scanner.cli.target import Request, scan
from scanner.errors import UsageError
from scanner.report import render
from scanner.rulepack import samples
from scanner.sources.progress import Progress
from scanner.triage import baseline
from scanner.triage.baseline import Baseline, Entry
from scanner.triage.identity import keyed

A, B, C = samples.expand("<<checksum ghp_ 30>> <<checksum ghp_ 30>> <<checksum ghp_ 30>>").split()
EXPIRED = "2020-01-31"


class Repository:
    def __init__(self, path):
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments, stdin=b""):
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=ENVIRONMENT, input=stdin, capture_output=True
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode().strip()

    def write(self, name, text):
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def commit(self, **files):
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_", "."), text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def accept(self, **terms):
        """Accept what a scan reports, and return the report."""
        report = self.scan()
        key = f"root:{self.git('rev-list', '--max-parents=0', 'HEAD')}"
        entry = Entry("", "", "", "was there", "Ann", "2026-01-02", "")._replace(**terms)
        entries = (entry._replace(fingerprint=f.fingerprint) for f in report.findings)
        made = baseline.with_entries(Baseline(key, ()), entries)
        (self.path / baseline.NAME).write_text(baseline.text(made))
        return report

    def scan(self, environ=None, **fields):
        environment = {"XDG_CACHE_HOME": str(self.path.parent / "cache")} | (environ or {})
        request = Request(**({"path": str(self.path)} | fields))
        return scan(request, environment, Progress(), Interrupt())


@pytest.fixture
def repository(tmp_path, monkeypatch):
    made = Repository(tmp_path / "repository")
    monkeypatch.chdir(made.path)
    return made


def secrets(findings):
    return sorted(finding.secret.reveal().decode() for finding in findings)


def accepted(report):
    return {f.secret.reveal().decode(): f.suppressions for f in report.suppressed}


def test_an_accepted_secret_may_move_be_renamed_rebased_and_change_its_line_ends(repository):
    repository.commit(app_py=f"import os\ntoken = '{A}'\n")
    repository.accept()
    assert repository.scan().findings == ()
    repository.commit(app_py=f"import os\n\n\nimport sys\ntoken = '{A}'\n")
    assert repository.scan().findings == ()
    repository.git("mv", "app.py", "other.py")
    repository.commit()
    assert repository.scan().findings == ()
    repository.commit(other_py=f'import os\r\ntoken = "{A}"\r\n')
    assert repository.scan().findings == ()
    before = repository.git("rev-parse", "HEAD")
    repository.git("rebase", "-q", "--root", "--force-rebase", "-x", "git commit -q --amend -m new")
    assert repository.git("rev-parse", "HEAD") != before
    assert repository.scan().findings == ()
    repository.git("checkout", "-q", "--orphan", "again")
    repository.commit()
    repository.git("branch", "-q", "-D", "main")
    report = repository.scan()
    assert report.findings == ()
    assert report.baseline == baseline.NAME
    assert [s.kind for s in accepted(report)[A]] == ["baseline"]


def test_another_secret_on_the_same_line_alarms(repository):
    repository.commit(app_py=f"token = '{A}'\n")
    repository.accept()
    repository.commit(app_py=f"token = '{B}'\n")
    report = repository.scan()
    assert secrets(report.findings) == [B]
    assert list(accepted(report)) == [A]


def test_scans_of_what_is_staged_and_of_a_range_compare_too(repository):
    first = repository.commit(app_py=f"token = '{A}'\n")
    repository.accept()
    repository.git("add", "-A")
    repository.write("copy.py", f"key = '{A}'\nother = '{B}'\n")
    repository.git("add", "copy.py")
    report = repository.scan(staged=True)
    assert (secrets(report.findings), list(accepted(report))) == ([B], [A])
    repository.commit()
    report = repository.scan(revisions=f"{first}..HEAD")
    assert (secrets(report.findings), list(accepted(report))) == ([B], [A])


def test_a_shallow_clone_takes_the_salt_from_the_baseline(repository, tmp_path, monkeypatch):
    repository.commit(app_py=f"token = '{A}'\n")
    repository.accept()
    repository.commit(readme="more")
    source = repository.path.as_uri()
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", source, str(tmp_path / "clone")],
        env=ENVIRONMENT, check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.chdir(tmp_path / "clone")
    report = repository.scan(path=str(tmp_path / "clone"))
    assert report.findings == ()
    assert list(accepted(report)) == [A]


def test_what_has_expired_alarms_again_with_its_reason(repository):
    repository.commit(app_py=f"token = '{A}'\n")
    repository.accept(expires=EXPIRED, reason="until the move")
    (found,) = repository.scan().findings
    assert found.reasons[-1] == f"was accepted until {EXPIRED}: until the move"
    repository.accept(expires="9999-12-31")
    report = repository.scan()
    assert report.findings == ()
    assert accepted(report)[A][0].expires == "9999-12-31"


def test_the_baseline_may_be_left_out_or_be_another_one(repository, tmp_path):
    repository.commit(app_py=f"token = '{A}'\n")
    repository.accept()
    report = repository.scan(no_baseline=True)
    assert (secrets(report.findings), report.baseline) == ([A], "")
    (repository.path / baseline.NAME).rename(tmp_path / "elsewhere")
    assert secrets(repository.scan().findings) == [A]
    report = repository.scan(baseline=str(tmp_path / "elsewhere"))
    assert (report.findings, report.baseline) == ((), "elsewhere")
    with pytest.raises(UsageError, match="choose one of --baseline and --no-baseline"):
        repository.scan(baseline="x", no_baseline=True)


def test_a_baseline_of_another_key_is_an_error(repository):
    repository.commit(app_py=f"token = '{A}'\n")
    repository.accept()
    with pytest.raises(UsageError, match=r"was made without a key, but there is one now"):
        repository.scan({"LEAKSEAL_KEY": "k" * 32})
    mine = Baseline(keyed(b"k" * 32, "").key, ())
    (repository.path / baseline.NAME).write_text(baseline.text(mine))
    assert secrets(repository.scan({"LEAKSEAL_KEY": "k" * 32}).findings) == [A]
    with pytest.raises(UsageError, match="was made with a key that is not here"):
        repository.scan()
    with pytest.raises(UsageError, match=r"made with another key than this one \(LEAKSEAL_KEY\)"):
        repository.scan({"LEAKSEAL_KEY": "other" * 8})
    assert secrets(repository.scan(no_baseline=True).findings) == [A]


def test_with_a_key_the_same_secret_is_known_too(repository):
    key = {"LEAKSEAL_KEY": "k" * 32}
    repository.commit(app_py=f"token = '{A}'\n")
    (found,) = repository.scan(key).findings
    entry = Entry(found.fingerprint, "", "", "", "", "", "")
    made = Baseline(keyed(b"k" * 32, "").key, (entry,))
    (repository.path / baseline.NAME).write_text(baseline.text(made))
    report = repository.scan(key)
    assert report.findings == ()
    assert accepted(report)[A][0].reason == "no reason given"


def test_an_audit_and_a_scan_from_elsewhere_trust_neither_baseline_nor_comments(
    repository, tmp_path, monkeypatch
):
    repository.commit(app_py=f"token = '{A}'\n", b_py=f"token = '{B}'  # leakseal:allow test\n")
    repository.accept()
    report = repository.scan()
    assert report.findings == ()
    assert {s: [x.kind for x in said] for s, said in accepted(report).items()} == {
        A: ["baseline"], B: ["inline"],
    }  # fmt: skip
    report = repository.scan(audit=True)
    assert secrets(report.findings) == sorted([A, B])
    notes = {s.subject: s.detail for s in report.coverage.skipped}
    assert notes[baseline.NAME] == "not read: this is an audit"
    assert notes["leakseal:allow"].startswith("comments in 1 file or more do not count")
    monkeypatch.chdir(tmp_path)
    report = repository.scan()
    assert secrets(report.findings) == sorted([A, B])
    notes = {s.subject: s.detail for s in report.coverage.skipped}
    assert "give --baseline" in notes[baseline.NAME]
    (repository.path / baseline.NAME).write_text("hostile\n" * 1000)
    assert secrets(repository.scan(audit=True).findings) == sorted([A, B])


def test_a_baseline_that_is_a_link_does_not_count_and_a_damaged_one_is_an_error(
    repository, tmp_path
):
    repository.commit(app_py=f"token = '{A}'\n")
    repository.accept()
    own = repository.path / baseline.NAME
    own.rename(tmp_path / "elsewhere")
    own.symlink_to(tmp_path / "elsewhere")
    report = repository.scan()
    assert secrets(report.findings) == [A]
    assert "no regular file" in {s.subject: s.detail for s in report.coverage.skipped}[own.name]
    own.unlink()
    own.write_text("nonsense")
    with pytest.raises(UsageError, match=r"\.leakseal\.baseline:1: this is no line of a baseline"):
        repository.scan()


def test_settings_accept_by_fingerprint_rule_path_and_commit_until_a_day(repository):
    repository.commit(a_py=f"token = '{A}'\n")
    commit = repository.commit(b_py=f"token = '{B}'\n")
    names = {f.secret.reveal().decode(): f.fingerprint for f in repository.scan().findings}

    def allow(*entries):
        text = "allow:\n" + "".join(
            f"- {{{entry}, reason: why, owner: Ann}}\n" for entry in entries
        )
        repository.write(".leakseal.yaml", text)
        return repository.scan()

    report = allow(f"fingerprints: ['{names[A][:12]}']")
    assert (secrets(report.findings), list(accepted(report))) == ([B], [A])
    assert accepted(report)[A][0][:3] == ("allow", "why", "Ann")
    assert secrets(allow(f"paths: [a.py], commits: ['{commit}']").findings) == sorted([A, B])
    assert secrets(allow("paths: [a.py]").findings) == [B]
    assert secrets(allow(f"commits: ['{commit[:12]}']").findings) == [A]
    assert secrets(allow("rules: [github-personal-token]").findings) == []
    report = allow(f"rules: [github-personal-token], expires: {EXPIRED}", "paths: [b.py]")
    assert secrets(report.findings) == [A]
    assert report.findings[0].reasons[-1] == f"was accepted until {EXPIRED}: why"


def test_a_secret_that_is_accepted_in_some_places_only_is_in_both_lists(repository):
    repository.commit(a_py=f"token = '{A}'\n", fixtures__a_py=f"token = '{A}'\n")
    repository.write(".leakseal.yaml", "allow: [{paths: [fixtures/**], reason: why}]\n")
    report = repository.scan()
    (found,), (quiet,) = report.findings, report.suppressed
    assert [o.path for o in found.occurrences] == [b"a.py"]
    assert [o.path for o in quiet.occurrences] == [b"fixtures/a.py"]
    assert found.fingerprint == quiet.fingerprint


def test_a_comment_with_rules_speaks_of_those(repository):
    repository.commit(
        a_py=f"token = '{A}'  # leakseal:allow=github-personal-token made for tests\n",
        b_py=f"token = '{B}'  # leakseal:allow=aws-access-key-id made for tests\n",
        c_py=f"# leakseal:allow\ntoken = '{C}'\n",
    )
    report = repository.scan()
    assert secrets(report.findings) == [B]
    reasons = {secret: said[0].reason for secret, said in accepted(report).items()}
    assert reasons == {A: "made for tests", C: "no reason given"}


def test_a_comment_in_the_file_of_head_speaks_for_all_its_versions(repository):
    repository.commit(a_py=f"token = '{A}'\n")
    repository.commit(a_py=f"\ntoken = '{A}'  # leakseal:allow revoked\n")
    report = repository.scan()
    assert report.findings == ()
    assert [o.line for o in report.suppressed[0].occurrences] == [2, 1]
    repository.commit(a_py=f"token = '{A}'  # leakseal:allow revoked\nagain = '{A}'\n")
    (found,) = repository.scan().findings
    assert 2 in {o.line for o in found.occurrences}


def test_of_what_is_in_history_only_each_version_speaks_for_itself(repository):
    repository.commit(a_py=f"token = '{A}'  # leakseal:allow revoked\n", b_py=f"x = '{B}'\n")
    repository.commit(a_py="", b_py="")
    report = repository.scan()
    assert (secrets(report.findings), list(accepted(report))) == ([B], [A])


def test_a_comment_that_head_took_back_no_longer_counts(repository):
    repository.commit(a_py=f"token = '{A}'  # leakseal:allow for now\n")
    repository.commit(a_py=f"token = '{A}'\n")
    (found,) = repository.scan().findings
    assert found.occurrences[0].state.words == "in HEAD"


def test_staged_and_range_scans_look_at_the_version_that_they_read(repository):
    first = repository.commit(readme="x")
    repository.write("a.py", f"token = '{A}'  # leakseal:allow test\n")
    repository.git("add", "-A")
    assert repository.scan(staged=True).findings == ()
    repository.write("a.py", f"token = '{A}'\n")
    assert repository.scan(staged=True).findings == ()  # what is committed has it
    repository.git("add", "-A")
    repository.write("a.py", f"token = '{A}'  # leakseal:allow test\n")
    assert secrets(repository.scan(staged=True).findings) == [A]
    repository.git("commit", "-q", "-m", "without")
    assert secrets(repository.scan(revisions=f"{first}..").findings) == [A]
    repository.commit()
    assert repository.scan(revisions=f"{first}..").findings == ()
    repository.commit(a_py="")
    assert secrets(repository.scan(revisions=f"{first}..").findings) == [A]


def test_a_comment_in_a_file_that_no_commit_has_counts(repository):
    repository.commit(readme="x")
    repository.write("a.py", f"/* leakseal:allow test */\ntoken = '{A}'\n")
    repository.write("b.py", f"token = '{B}'\n")
    report = repository.scan()
    assert (secrets(report.findings), list(accepted(report))) == ([B], [A])


def test_a_line_may_be_encoded_but_not_packed(repository):
    line = f"token = '{B}'  # leakseal:allow test\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.py", line)
    (repository.path / "b.zip").write_bytes(packed.getvalue())
    code = base64.b64encode(f"token={A}".encode()).decode()
    wide = f"\ufefftoken = '{C}'  # leakseal:allow test\r\n".encode("utf-16-le")
    (repository.path / "c.ini").write_bytes(wide)
    repository.commit(a_py=f"code = '{code}'  # leakseal:allow test\n")
    report = repository.scan()
    assert secrets(report.findings) == [B]
    assert sorted(accepted(report)) == sorted([A, C])


def test_a_line_may_hold_letters_of_any_encoding(repository):
    for name, codec in (("a.py", "utf-8"), ("b.py", "latin-1")):
        line = f"grüße = 'üüü'; token = '{A}'  # leakseal:allow grün\n"
        (repository.path / name).write_bytes(line.encode(codec))
    repository.commit()
    report = repository.scan()
    assert report.findings == ()
    assert "grün" in [s.reason for s in accepted(report)[A]]


def test_a_secret_of_several_lines_is_accepted_at_its_first(repository):
    label = "RSA PRIVATE " + "KEY"
    body = samples.expand("<<der 600>>")
    key = f"-----BEGIN {label}-----\n{body}\n-----END {label}-----"
    text = f'# leakseal:allow made for tests\nKEY = """{key}"""\n'
    repository.commit(a_py=text, b_py=f'KEY = """{key}"""\n# leakseal:allow\n')
    report = repository.scan()
    (found,) = report.findings
    assert [o.path for o in found.occurrences] == [b"b.py"]
    assert [o.path for o in report.suppressed[0].occurrences] == [b"a.py"]


def test_comments_for_other_tools_count_only_if_asked_for(repository):
    repository.commit(a_py=f"token = '{A}'  # gitleaks:allow a test\n")
    assert secrets(repository.scan().findings) == [A]
    report = repository.scan(honor_foreign_ignores=True)
    assert accepted(report)[A][0].reason == "gitleaks:allow: a test"
    repository.write(".leakseal.yaml", "honor_foreign_ignores: true\n")
    assert repository.scan().findings == ()


def test_a_reason_holds_no_secret_that_stands_in_it(repository):
    repository.commit(a_py=f"# leakseal:allow not this: {A}\n")
    report = repository.scan()
    assert report.findings == ()
    assert accepted(report)[A][0].reason == "not this"


def test_what_accepts_nothing_is_said_if_asked_for(repository, capsys):
    repository.commit(
        a_py=f"token = '{A}'\n", b_py=f"x = 1  # leakseal:allow old\n# leakseal:allow\ny = '{B}'\n"
    )
    repository.accept(path=f"dir/{A}.py", rule="some-rule")
    extra = baseline.read(str(repository.path / baseline.NAME))
    gone = Entry("ab" * 20, "gone-rule", f"dir/{A}.py", "", "", "", "")
    (repository.path / baseline.NAME).write_text(
        baseline.text(baseline.with_entries(extra, [gone]))
    )
    repository.write(".leakseal.yaml", "allow: [{paths: [nowhere], reason: old}]\n")
    report = repository.scan()
    assert report.findings == ()
    assert [entry.fingerprint for entry in report.absent] == ["ab" * 20]
    assert A not in render(report, "sarif") + render(report, "json") + render(report, "jsonl")
    assert repository.scan(globs=("*.c",)).absent == repository.scan(no_history=True).absent == ()
    assert capsys.readouterr().err == ""
    repository.scan(verbose=True, no_cache=True)
    said = capsys.readouterr().err
    assert "abababababab (gone-rule, dir/" in said
    assert "entry 1 of allow accepts nothing: old" in said
    assert "b.py:1: this comment accepts nothing" in said
    assert said.count("leakseal: ") == 3
    assert A not in said
    repository.scan(verbose=True, no_cache=True, globs=("*.c",))
    repository.scan(verbose=True, no_history=True)
    assert capsys.readouterr().err == ""


def test_nothing_is_read_again_where_nothing_was_found(repository, monkeypatch):
    repository.commit(a_py="x = 1  # leakseal:allow test\n")
    monkeypatch.setattr("scanner.triage.contents.Contents.read", None)
    assert repository.scan(path=os.fspath(repository.path)).findings == ()
