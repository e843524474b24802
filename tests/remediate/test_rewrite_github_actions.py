import pytest
import yaml
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.github_actions import LANGUAGE
from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Refusal

HEAD = b"on: push\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            b"    - env:\n        A: sample-horses\n",
            b"    - env:\n        A: ${{ secrets.APP_X }}\n",
        ),
        (b"    - env: {A: sample-horses}\n", b'    - env: {A: "${{ secrets.APP_X }}"}\n'),
        (
            b"    - with:\n        a: 'x sample-horses'\n",
            b"    - with:\n        a: 'x ${{ secrets.APP_X }}'\n",
        ),
        (
            b"    - run: curl -u a:sample-horses x\n      name: n\n",
            b"    - env:\n        APP_X: ${{ secrets.APP_X }}\n"
            b'      run: curl -u a:"${APP_X}" x\n      name: n\n',
        ),
        (
            b"      - name: n\n        run: |\n          echo 'it'\n"
            b'          login "a sample-horses"\n',
            b"      - name: n\n        env:\n          APP_X: ${{ secrets.APP_X }}\n"
            b"        run: |\n          echo 'it'\n          login \"a ${APP_X}\"\n",
        ),
        (
            b"    - run: |\n        login 'a sample-horses'\n      env:\n        B: c # x\n",
            b"    - run: |\n        login 'a '\"${APP_X}\"''\n      env:\n"
            b"        APP_X: ${{ secrets.APP_X }}\n        B: c # x\n",
        ),
        (
            b"    - run: login sample-horses\n      env:\n        APP_X: ${{ secrets.APP_X }}\n",
            b'    - run: login "${APP_X}"\n      env:\n        APP_X: ${{ secrets.APP_X }}\n',
        ),
        (
            b'    - run: "login \\"sample-horses\\""\n',
            b'    - env:\n        APP_X: ${{ secrets.APP_X }}\n      run: "login \\"${APP_X}\\""\n',
        ),
        (
            b"    - run: |\n        # sample-horses isn't it\n        true\n",
            b"    - run: |\n        # [REDACTED] isn't it\n        true\n",
        ),
        (b"    # sample-horses\n    - run: a\n", b"    # [REDACTED]\n    - run: a\n"),
    ],
)
def test_a_secret_of_the_repository_takes_its_place(source: bytes, expected: bytes) -> None:
    changed = content(LANGUAGE, HEAD + source)
    assert changed == HEAD + expected
    assert yaml.safe_load(changed)


@pytest.mark.parametrize(
    "source",
    [
        b"on: push\nenv:\n  A: sample-horses\njobs: {}\n",
        b"on: push\njobs:\n  b:\n    env:\n      A: sample-horses\n",
        b"on: push\njobs:\n  b:\n    uses: x\n    secrets:\n      A: sample-horses\n",
        b"on: push\njobs:\n  b:\n    container:\n      credentials:\n"
        b"        password: sample-horses\n",
    ],
)
def test_every_place_that_knows_the_secrets(source: bytes) -> None:
    outcome = once(LANGUAGE, source)
    assert not isinstance(outcome, str)
    assert outcome.content == source.replace(SECRET, b"${{ secrets.APP_X }}")
    assert (outcome.environment, outcome.note) == ("", "run: gh secret set APP_X")


def test_two_secrets_of_one_script_come_into_one_env() -> None:
    source = HEAD + b"    - run: |\n        a one-horse\n        b two-horse\n"
    wanted = []
    for secret, variable in ((b"one-horse", "ONE"), (b"two-horse", "TWO")):
        start = source.index(secret)
        literal = LANGUAGE.locate(source, start, start + len(secret))
        assert not isinstance(literal, Refusal)
        wanted.append(Wanted(literal, variable))
    step = yaml.safe_load(change(source, LANGUAGE, wanted).content)["jobs"]["b"]["steps"][0]
    assert step == {
        "env": {"ONE": "${{ secrets.ONE }}", "TWO": "${{ secrets.TWO }}"},
        "run": 'a "${ONE}"\nb "${TWO}"\n',
    }


def test_a_name_that_github_keeps_to_itself_is_changed() -> None:
    source = HEAD + b"    - env:\n        A: sample-horses\n"
    start = source.index(SECRET)
    literal = LANGUAGE.locate(source, start, start + len(SECRET))
    assert not isinstance(literal, Refusal)
    changed = change(source, LANGUAGE, [Wanted(literal, "GITHUB_TOKEN")])
    assert changed.content == source.replace(SECRET, b"${{ secrets.GH_TOKEN }}")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"    - if: github.token == 'sample-horses'\n", "no secrets here"),
        (b"    - env:\n        A: ${{ x == 'sample-horses' }}\n", "inside an expression"),
        (b"    - {run: a sample-horses}\n", "braces"),
        (b"    - run: a sample-horses\n      env: {B: c}\n", "braces"),
        (b"    - run: a sample-horses\n      env:\n        APP_X: c\n", "another APP_X"),
        (b"    - run: a sample-horses\n      shell: pwsh\n", "POSIX"),
        (b"    - run: a sample-horses\n    - run: b # on Windows\n", "PowerShell"),
        (b"    - run: |\n        cat <<E\n        sample-horses\n        E\n", "here-document"),
    ],
)
def test_where_no_secret_can_be_named_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, HEAD + source)
    assert isinstance(answer, str)
    assert reason in answer


def test_an_action_of_its_own_takes_inputs() -> None:
    answer = once(LANGUAGE, b"runs:\n  steps:\n  - env:\n      A: sample-horses\n")
    assert isinstance(answer, str)
    assert "input" in answer


def test_a_secret_with_an_expansion_in_it_is_refused() -> None:
    answer = once(LANGUAGE, HEAD + b'    - run: a "sample-horses$B"\n', b"sample-horses$B")
    assert isinstance(answer, str)
    assert "escapes" in answer
