"""Recorded jobs of every platform, replayed on a real graph: which commits each is about."""

import ci_github
import ci_graph
import ci_others
import pytest
from ci_replay import Case, replayed

CASES = ci_github.CASES + ci_others.CASES


def test_there_are_cases_enough_and_each_has_a_name_of_its_own():
    assert len(CASES) >= 24
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_job_is_about(case, server, clone, tmp_path):
    words, labels = replayed(case, server, clone, tmp_path)
    assert labels == (None if case.commits is None else set(case.commits.split()))
    assert case.words in words


def test_without_a_word_from_the_platform_the_default_branch_is_what_the_clone_says(
    server, tmp_path
):
    path = ci_graph.cloned(server, tmp_path / "checkout", "x2", ci_graph.ALL)
    head, develop = "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"
    case = Case("", ci_others.azure("IndividualCI", "<d2>", "refs/heads/develop"), None,
                "d2", (), "", "")  # fmt: skip
    assert replayed(case, server, lambda *_, **__: path, tmp_path)[1] == {"d1", "d2"}
    ci_graph.git(path, "symbolic-ref", head, develop)
    labels = replayed(case, server, lambda *_, **__: path, tmp_path)[1]
    assert labels == {"m1", "m2", "m3", "d1", "d2"}
