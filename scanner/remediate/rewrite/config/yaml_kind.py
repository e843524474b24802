"""Which program reads a YAML file: told by its path first, then by the keys it begins with."""

import re
from fnmatch import fnmatchcase
from posixpath import basename

_BY_PATH = (
    ("github_actions", ("*.github/workflows/*", "*.gitea/workflows/*", "*.forgejo/workflows/*")),
    ("gitlab_ci", ("*.gitlab/ci/*", "*.gitlab-ci/*")),
    ("ansible", ("*group_vars/*", "*host_vars/*", "*playbooks/*")),
    ("ansible", tuple(f"*roles/*/{part}/*" for part in ("tasks", "vars", "defaults", "handlers"))),
)
_BY_NAME = (
    ("github_actions", ("action.yml", "action.yaml")),
    ("gitlab_ci", ("*.gitlab-ci.yml", "*.gitlab-ci.yaml")),
    ("compose", ("docker-compose*", "compose.y*ml", "compose.*.y*ml")),
    ("spring", ("application.y*ml", "application-*.y*ml", "bootstrap.y*ml", "bootstrap-*.y*ml")),
    ("helm", ("values.y*ml", "values[-_.]*.y*ml", "*[-_.]values.y*ml")),
)
_TOP = re.compile(rb"^[\"']?([A-Za-z_][\w-]*)[\"']?[ \t]*:", re.MULTILINE)
_LIST = re.compile(rb"^-[ \t]", re.MULTILINE)
_PLAY = re.compile(
    rb"^[ \t-]*(?:hosts|(?:ansible\.builtin\.)?import_playbook)[ \t]*:", re.MULTILINE
)
_SCRIPT = re.compile(rb"^[ \t]+script[ \t]*:", re.MULTILINE)
_MOST = 1 << 20


def yaml_kind(path: bytes, content: bytes) -> str:
    """Return compose, kubernetes, helm, github_actions, gitlab_ci, ansible, spring or yaml."""
    text = path.decode("latin-1").lower()
    if "/templates/" in f"/{text}" and b"{{" in content:
        return "yaml" if "roles/" in text else "helm"
    for name, patterns in _BY_PATH:
        if any(fnmatchcase(text, pattern) for pattern in patterns):
            return name
    base = basename(text)
    for name, patterns in _BY_NAME:
        if any(fnmatchcase(base, pattern) for pattern in patterns):
            return name
    return _by_content(content[:_MOST])


def _by_content(head: bytes) -> str:
    keys = {key.lower() for key in _TOP.findall(head)}
    if {b"apiversion", b"kind"} <= keys:
        return "kubernetes"
    if {b"jobs", b"on"} <= keys:
        return "github_actions"
    if b"stages" in keys and _SCRIPT.search(head):
        return "gitlab_ci"
    if b"services" in keys and keys & {b"volumes", b"networks", b"version", b"secrets", b"name"}:
        return "compose"
    if b"spring" in keys:
        return "spring"
    return "ansible" if _LIST.search(head) and _PLAY.search(head) else "yaml"
