"""Names for a secret: the environment variable that carries it, and its entry in the store."""

import re
from collections.abc import Container, Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from scanner.model import Rule

_LONGEST = 60
_SHORTEST = 3  # a name such as T says less than the rule's
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # as in apiKey, APIKey
_OTHER = re.compile(r"[^A-Za-z0-9]+")
# Alone these say nothing of what they are for; the file's name goes before them.
_GENERIC = re.compile(
    "(?:API_|PRIVATE_|SECRET_)?KEY|AUTH|CERT|CREDENTIALS?|DATA|DSN|PASS(?:PHRASE|WD|WORD)?|PWD"
    "|SECRET|TOKEN|UR[IL]|USER|VALUE"
)
# Programs and loaders take orders from these; a value from a store must not become one.
_TAKEN = re.compile(
    "(?:ANSIBLE|BASH_FUNC|CARGO_BUILD|DOTNET|DYLD|GIT|LC|LD|LEAKSEAL|PIP|SOPS|SSH|TF_CLI|XDG)_.*"
    "|(?:BAO|VAULT)_(?!TOKEN$).*|AWS_(?:CA|CONFIG|ENDPOINT|PROFILE|SHARED).*|NPM_CONFIG_(?!.*AUTH).*"
    "|DOCKER_(?:CONFIG|CONTEXT|HOST).*|GO(?:FLAGS|PATH|PROXY|ROOT|NOSUMDB|PRIVATE)|RUSTC?_?.*"
    "|NODE_(?!AUTH).*|PYTHON.*|PERL5.*|RUBY(?:LIB|OPT)|.*(?:_PROXY|_OPTS|JAVA_OPTIONS|JDK_OPTIONS)"
    "|(?:.*_)?(?:CLASSPATH|PRELOAD)|(?:CURL|REQUESTS)_CA_BUNDLE|SSL_CERT_.*|OPENSSL_.*|GCONV_PATH"
    "|(?:MAKE|C|CPP|CXX|LD)FLAGS|AR|AS|CC|CXX|LD|KUBECONFIG|PROMPT_COMMAND|ZDOTDIR"
    "|BASH_ENV|COMSPEC|DISPLAY|EDITOR|ENV|HOME|HOST|HOSTNAME|IFS|LANG|LOGNAME|MAIL|OLDPWD|PAGER"
    "|PATH|PATHEXT|PORT|PS[14]|PWD|SHELL|SHLVL|SYSTEMROOT|TEMP|TERM|TMP|TMPDIR|TZ|USER|USERNAME"
    "|VISUAL"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


class Naming(NamedTuple):
    """A user's wish for names: what it is for (globs), and the names, where they are not empty.

    `variable` and `entry` may hold `{variable}`, `{repository}`, `{folder}` and `{rule}`.
    """

    rule: str = "*"
    path: str = "*"
    name: str = "*"
    variable: str = ""
    entry: str = ""


class Names(NamedTuple):
    """The environment variable and the entry of one secret."""

    variable: str
    entry: str


def carries(variable: str) -> bool:
    """Tell whether a secret may be given to programs in the environment variable of this name."""
    return bool(_VARIABLE.fullmatch(variable)) and not _TAKEN.fullmatch(variable.upper())


def names(
    given: str, rule: Rule, path: str, repository: str, wishes: Iterable[Naming] = ()
) -> Names:
    """Return the names for a secret that is assigned to `given` (or to nothing) in `path`."""
    folder, _, file = path.rpartition("/")
    variable = _variable(given, rule, file)
    fields = {"repository": repository, "folder": folder, "rule": rule.id}
    entry = "{repository}/{folder}/{variable}"
    for wish in wishes:
        if (
            fnmatchcase(rule.id, wish.rule)
            and fnmatchcase(path, wish.path)
            and fnmatchcase(given, wish.name)
        ):
            variable = _filled(wish.variable or variable, variable=variable, **fields)
            entry = wish.entry or entry
            break
    entry = _filled(entry, variable=variable, **fields)
    return Names(variable, "/".join(part for part in entry.split("/") if part))


def distinct(name: str, taken: Container[str]) -> str:
    """Return `name`, or with the first number behind it that makes it one not `taken`."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _variable(given: str, rule: Rule, file: str) -> str:
    name = _upper(given)
    if len(name) < _SHORTEST or name.isdigit():
        name = _upper(rule.id)
    elif _GENERIC.fullmatch(name) or not carries(name):
        name = f"{_upper(file.lstrip('.').partition('.')[0]) or 'APP'}_{name}"
    if name[0].isdigit() or not carries(name):
        name = f"APP_{name}"
    return name[:_LONGEST].rstrip("_")


def _upper(text: str) -> str:
    return _OTHER.sub("_", _HUMP.sub("_", text)).strip("_").upper()


def _filled(template: str, **fields: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: fields.get(m[1], m[0]), template)
