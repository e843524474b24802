"""GitLab CI: variables of the project, masked and protected, in place of those in the file.

They come before the file's own: https://docs.gitlab.com/ci/variables/#cicd-variable-precedence
"""

import re

from scanner.model import Secret
from scanner.remediate.rewrite.config import yaml_script
from scanner.remediate.rewrite.config.yaml_entry import removal
from scanner.remediate.rewrite.config.yaml_literal import Found, edit, find, part, problem, whole
from scanner.remediate.rewrite.config.yaml_scalar import Path
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction
from scanner.report.escape import visible

_VARIABLE = re.compile(rb"(?<!\$)(?:\$\$)*\$[A-Za-z_{]")
_SCRIPTS = ("script", "before_script", "after_script")


class _GitLabCI:
    """`.gitlab-ci.yml` and the files that it includes."""

    name = "gitlab_ci"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value of a variable, or the secret in a script."""
        found = find(content, start, end)
        if not isinstance(found, Found):
            return found
        if _is_script(found.scalar.path):
            return yaml_script.locate(found, start, end)
        if len(found.scalar.path) < 3 or found.scalar.path[-2] != "variables":
            return Refusal("only scripts and variables can name a variable of the project")
        if _VARIABLE.search(content, start, end):
            return Refusal("it refers to something else already")
        if _VARIABLE.search(content, found.scalar.left, found.scalar.right):
            return part(content, found.scalar, start, end, str(found.scalar.path[-1]))
        text = whole(found.scalar)
        return text._replace(value=Secret(text.value.reveal().replace(b"$$", b"$")))

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Take the variable out, or put `${variable}` in the place of a part."""
        found = find(content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        script = isinstance(found, Found) and _is_script(found.scalar.path)
        if isinstance(found, Literal) or (script and yaml_script.in_comment(found, literal)):
            return redaction(literal)
        changed: Edit | Refusal
        if script:
            changed = yaml_script.edit(found, literal, variable)
        elif (literal.start, literal.end) == (found.scalar.start, found.scalar.end):
            changed, variable = removal(found.document, found.scalar), literal.name
        else:
            changed = edit(found, literal, f"${{{variable}}}".encode())
        if isinstance(changed, Refusal):
            return changed
        note = f"add {visible(variable)} to the project's CI/CD variables, masked and protected"
        return Rewrite((changed,), "", note)

    def problem(self, content: bytes) -> str:
        """Return why the file is not well-formed YAML."""
        return problem(content)


def _is_script(path: Path) -> bool:
    return any(part in _SCRIPTS for part in path[-3:])


LANGUAGE: Language = _GitLabCI()
