"""From a file to the language it is written in, by its name, ending or first line.

The parser of a language is imported only when a file asks for it.
"""

import importlib
import re
from fnmatch import fnmatchcase
from posixpath import basename

from scanner.errors import UsageError
from scanner.remediate.rewrite.config.yaml_kind import yaml_kind
from scanner.remediate.rewrite.edit import Language

_YAML = "yaml"  # which kind of YAML it is, its content says

# In this order: the first pattern that the lower-case base name matches decides.
_BY_NAME = (
    ("dockerfile", ("dockerfile", "containerfile", "dockerfile.*", "*.dockerfile")),
    ("shell", (".envrc", ".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".zprofile")),
    ("dotenv", (".env", ".env.*", "*.env")),
    ("spring", ("application*.properties", "bootstrap*.properties")),
    ("terraform", ("*.tf", "*.tfvars")),
    ("helm", ("*.tpl",)),
    (_YAML, ("*.yaml", "*.yml")),
    ("python", ("*.py", "*.pyi", "*.pyw")),
    ("javascript", ("*.js", "*.jsx", "*.mjs", "*.cjs")),
    ("typescript", ("*.ts", "*.mts", "*.cts")),
    ("tsx", ("*.tsx",)),
    ("java", ("*.java",)),
    ("kotlin", ("*.kt", "*.kts")),
    ("go", ("*.go",)),
    ("rust", ("*.rs",)),
    ("ruby", ("*.rb", "*.rake", "*.gemspec", "*.ru", "rakefile", "gemfile", "vagrantfile")),
    ("php", ("*.php", "*.phtml")),
    ("csharp", ("*.cs", "*.csx")),
    ("shell", ("*.sh", "*.bash", "*.ksh", "*.zsh")),
    ("json", ("*.json", "*.jsonc", "*.json5", "*.ipynb", "*.tfstate", "*.tfstate.backup")),
    ("xml", ("*.xml", "*.config", "*.csproj", "*.props", "*.targets", "*.plist", "*.xsd", "*.xsl")),
    ("ini", ("*.ini", "*.cfg", "*.cnf", ".npmrc", ".pypirc", ".my.cnf", ".gitconfig", ".s3cfg")),
    ("toml", ("*.toml",)),
    ("properties", ("*.properties",)),
    ("unknown", ("requirements*.txt",)),  # a program reads it
    ("markup", ("*.md", "*.markdown", "*.rst", "*.adoc", "*.org")),
    ("text", ("*.txt", "*.log", "readme", "changelog", "notes", "todo")),
)
_BY_PROGRAM = (
    ("python", re.compile(rb"python[0-9.]*|pypy[0-9.]*")),
    ("javascript", re.compile(rb"node(?:js)?")),
    ("typescript", re.compile(rb"ts-node|tsx|deno|bun")),
    ("ruby", re.compile(rb"j?ruby[0-9.]*")),
    ("php", re.compile(rb"php[0-9.]*")),
    ("shell", re.compile(rb"(?:ba|da|k|mk|z|a)?sh")),
)
_CODE = ("csharp", "go", "java", "javascript", "kotlin", "php", "python", "ruby", "rust", "shell")
_PLAIN = ("json", "xml", "ini", "toml", "properties", "yaml", "markup", "text")
_MODULES = {  # where a language is, if not in `config` under its own name
    **{name: f"code.{name}" for name in _CODE},
    **dict.fromkeys(("typescript", "tsx"), "code.javascript"),
    **dict.fromkeys(_PLAIN, "config.plain"),
    "unknown": "unknown",
}
_SHEBANG = re.compile(rb"#![ \t]*(?:\S*/)?(?:env(?:[ \t]+(?:-\S+|\w+=\S*))*[ \t]+)?(?:\S*/)?(\S+)")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 8000  # as git does: a NUL this early makes a file binary


def language_of(path: bytes, content: bytes) -> Language | None:
    """Return the language of the file at `path`; None if the file is not text.

    A language that is not known refuses everything. Raises UsageError if the parser of one that is
    is not installed.
    """
    if b"\0" in content[:_HEAD] and not content.startswith(_WIDE):
        return None
    name = _name(path, content)
    return named(yaml_kind(path, content) if name == _YAML else name)


def named(name: str) -> Language:
    """Return the language called `name`; raises UsageError if its parser is not installed."""
    module = _MODULES.get(name, f"config.{name}")
    try:
        loaded = importlib.import_module(f"scanner.remediate.rewrite.{module}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("scanner."):
            raise
        raise UsageError(
            f"rewriting {name} needs {error.name}; run: pip install 'leakseal[rewrite]'"
        ) from None
    several: dict[str, Language] = getattr(loaded, "LANGUAGES", {})
    return several.get(name) or loaded.LANGUAGE


def _name(path: bytes, content: bytes) -> str:
    base = basename(path).decode("latin-1").lower()
    for name, patterns in _BY_NAME:
        if any(fnmatchcase(base, pattern) for pattern in patterns):
            return name
    shebang = _SHEBANG.match(content[:200])
    if shebang:
        for name, program in _BY_PROGRAM:
            if program.fullmatch(shebang[1]):
                return name
    return "unknown"
