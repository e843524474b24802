"""GitHub Actions workflows: the `secrets` context, in a script by way of `env`.

Where it may be named: https://docs.github.com/en/actions/reference/accessing-contextual-information
(context availability). A secret in the text of a script would be open to injection.
"""

import re

from scanner.remediate.rewrite.bounds import newline
from scanner.remediate.rewrite.config import yaml_script
from scanner.remediate.rewrite.config.yaml_entry import indent
from scanner.remediate.rewrite.config.yaml_literal import Found, edit, find, literal, problem
from scanner.remediate.rewrite.config.yaml_scalar import Document, Path, Scalar
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction

_EXPRESSION = re.compile(rb"\$\{\{")
_SHELLS = ("bash", "sh")


class _GitHubActions:
    """Workflows of GitHub, and of Gitea and Forgejo, which read the same."""

    name = "github_actions"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return a value of `env`, `with` and the like, or the secret in a script."""
        found = find(content, start, end)
        if not isinstance(found, Found):
            return found
        before = content[found.scalar.left : start]
        if before.rfind(b"${{") > before.rfind(b"}}"):
            return Refusal("it is inside an expression; name secrets.… there by hand")
        if found.document.key((0, "jobs")) is None:
            return Refusal("an action has no secrets; make it an input that the workflow gives")
        if _is_script(found.scalar.path):
            reason = _other_shell(found)
            return Refusal(reason) if reason else yaml_script.locate(found, start, end)
        if not _takes_secrets(found.scalar.path):
            return Refusal("GitHub knows no secrets here; only in env, with, secrets, credentials")
        return literal(found, start, end, _EXPRESSION)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put `${{ secrets.X }}` in its place, or `$X` and `X` into the `env` of the step."""
        found = find(content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        script = isinstance(found, Found) and _is_script(found.scalar.path)
        if isinstance(found, Literal) or (script and yaml_script.in_comment(found, literal)):
            return redaction(literal)
        name = _secret_name(variable)
        note = f"run: gh secret set {name}"
        if not script:
            changed = edit(found, literal, _reference(name))
            return changed if isinstance(changed, Refusal) else Rewrite((changed,), "", note)
        changed = yaml_script.edit(found, literal, name)
        if isinstance(changed, Refusal):
            return changed
        given = _given(found.document, found.scalar, name)
        return given if isinstance(given, Refusal) else Rewrite((*given, changed), "", note)

    def problem(self, content: bytes) -> str:
        """Return why the file is not well-formed YAML."""
        return problem(content)


def _reference(name: str) -> bytes:
    return f"${{{{ secrets.{name} }}}}".encode()


def _secret_name(variable: str) -> str:
    """Return a name that GitHub takes: none with its own prefix or a digit in front."""
    name = re.sub(r"^GITHUB_", "GH_", variable)
    return f"_{name}" if name[:1].isdigit() else name


def _is_script(path: Path) -> bool:
    return len(path) > 3 and path[-1] == "run" and isinstance(path[-2], int)


def _takes_secrets(path: Path) -> bool:
    if len(path) < 3:
        return False
    parent = path[-2]
    in_step = isinstance(path[-3], int)
    return parent in ("env", "credentials") or (parent == "with" and in_step) or parent == "secrets"


def _other_shell(found: Found) -> str:
    """Return why the script is perhaps not one of a POSIX shell; empty if it surely is."""
    document, path = found.document, found.scalar.path
    defaults = ("defaults", "run", "shell")
    places = ((*path[:-1], "shell"), (*path[:3], *defaults), (path[0], *defaults))
    shell = next((text for place in places if (text := document.value(place))), "")
    if shell and shell.split()[0] not in _SHELLS:
        return "the script is not one of a POSIX shell"
    if not shell and b"windows" in document.content.lower():
        return "the script may run in PowerShell; say shell: bash first"
    return ""


def _given(document: Document, script: Scalar, name: str) -> tuple[Edit, ...] | Refusal:
    """Return the edits that set `name` in the `env` of the step that `script` belongs to."""
    step = script.path[:-1]
    content, run = document.content, document.key(script.path)
    if run is None or run.flow:
        return Refusal("the step is written in braces; write one key on a line first")
    line = f"{name}: ".encode() + _reference(name) + newline(content)
    if document.key((*step, "env")) is None:
        column = indent(content, run)
        opening = Edit(run.start - 1, run.start - 1, b" env:" + newline(content) + column[:-1])
        return (opening, Edit(run.start, run.start, b"  " + line + column))
    given = document.keys((*step, "env"))
    if not given or given[0].flow:
        return Refusal("the env of the step is written in braces; write one key on a line first")
    if name in (key.value for key in given):
        taken = document.value((*step, "env", name)).encode() != _reference(name)
        return Refusal(f"the env of the step has another {name}") if taken else ()
    return (Edit(given[0].start, given[0].start, line + indent(content, given[0])),)


LANGUAGE: Language = _GitHubActions()
