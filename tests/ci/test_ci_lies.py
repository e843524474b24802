"""Variables and events that lie: a clear error, or no effect; never an option, never a ref."""

import pytest
from ci_github import environ, push
from ci_graph import ALL, only
from ci_others import bitbucket, gitlab, jenkins
from ci_replay import Case, replayed
from hypothesis import given
from hypothesis import strategies as st

from scanner.ci import event, platforms
from scanner.ci.job import commit_id
from scanner.errors import LeaksealError, UsageError

_MAIN = "refs/heads/main"
_LIES = ["HEAD; rm", "--output=/tmp/x", "HEAD", "main", "m6", "6f1c2d3e", "g" * 40, "0" * 39 + "1;"]


@pytest.mark.parametrize("lie", _LIES)
def test_what_is_no_id_is_refused(lie, server, clone, tmp_path):
    for case in (
        Case("", environ("push", lie, _MAIN), push(_MAIN, "<m5>", "<m6>"), "m6", (ALL,), "", ""),
        Case("", environ("push", "<m6>", _MAIN), push(_MAIN, lie, "<m6>"), "m6", (ALL,), "", ""),
        Case("", gitlab("push", lie, "main"), None, "m6", (ALL,), "", ""),
        Case("", gitlab("push", "<m6>", CI_COMMIT_BEFORE_SHA=lie), None, "m6", (ALL,), "", ""),
        Case("", jenkins(GIT_COMMIT=lie), None, "m6", (ALL,), "", ""),
        Case("", bitbucket(lie, BITBUCKET_BRANCH="main"), None, "m6", (ALL,), "", ""),
    ):
        with pytest.raises(UsageError, match="holds no commit id") as raised:
            replayed(case, server, clone, tmp_path)
        assert lie not in str(raised.value)


@pytest.mark.parametrize("name", ["--output=x", "../../HEAD", "a\nb", "main^{/x}", "@{-1}", ""])
def test_a_target_that_is_no_branch_is_only_looked_up(name, server, clone, tmp_path):
    target = jenkins(CHANGE_ID="7", CHANGE_TARGET=name)
    case = Case("", target, None, "t3", (only("topic"),), "", "")
    with pytest.raises(LeaksealError, match="target of this change is not in this checkout"):
        replayed(case, server, clone, tmp_path)


def test_a_short_id_is_never_taken_for_a_ref(server, clone, tmp_path):
    """A tag is named like the first digits of the target's id, and stands for the change."""
    short = server.ids["m6"][:12]
    tag = f"+refs/heads/topic:refs/tags/{short}"
    target = bitbucket("<t3>", BITBUCKET_PR_ID="7", BITBUCKET_PR_DESTINATION_COMMIT=short)
    case = Case("", target, None, "t3", (only("main"), only("topic"), tag), "", "")
    assert replayed(case, server, clone, tmp_path)[1] == {"t1", "t2", "t3"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no json", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b"9" * 10_000, "is not JSON"),
        (b"[]", "holds no event"),
        (b'"text"', "holds no event"),
        (b" " * (event.LARGEST + 1), "larger than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_event_that_is_none(content, words, tmp_path):
    path = tmp_path / "event.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        event.read(str(path))


def test_an_event_file_that_cannot_be_read(tmp_path):
    for path in ("", str(tmp_path / "none"), str(tmp_path), "/dev/zero", "a\0b"):
        with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
            event.read(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "head", "sha"]), inner, max_size=3)
    ),
)


@given(_JSON, st.sampled_from(["a", "a.b", "head.sha", "b.head.sha"]))
def test_a_field_of_any_event_is_text(value, path):
    payload = value if isinstance(value, dict) else {"a": value}
    assert isinstance(event.field(payload, path), str)
    assert isinstance(event.flag(payload, path), bool)


@given(st.text(max_size=70))
def test_an_id_is_hex_or_nothing_or_refused(text):
    try:
        found = commit_id(text, "NAME")
    except UsageError:
        return
    assert found == "" or (len(found) in (40, 64) and set(found) <= set("0123456789abcdef"))


_VARIABLES = [*environ("push", "", ""), *gitlab("", ""), *bitbucket(""), *jenkins(), "CHANGE_ID"]


@given(st.dictionaries(st.sampled_from(_VARIABLES), st.text(max_size=20)))
def test_no_variables_do_more_than_be_refused(variables):
    try:
        job = platforms.recognised(variables)
    except UsageError:
        return
    assert job is None or job.what.isprintable()
