"""`leakseal rules`: shows rules, tests them, and takes over those of other tools."""

import json
from collections.abc import Iterable, Sequence

import click

from scanner.cli import rules_import, rules_test
from scanner.errors import CLEAN, LEAKS, UsageError
from scanner.model import Rule
from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.report.write import write
from scanner.rulepack.load import KINDS
from scanner.rulepack.pack import builtin

_FORMATS = click.Choice(["text", "json"])


@click.group(name="rules", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> int:
    """List, show and test rules; import those of other tools. By itself it lists them."""
    if context.invoked_subcommand is None:
        _print(builtin().rules)
    return CLEAN


@command.command(name="list")
@click.option("-f", "--format", "fmt", type=_FORMATS, default="text", show_default=True)
@click.option("--kind", type=click.Choice(KINDS), help="Only rules for this kind of credential.")
@click.option("--provider", default="", metavar="TEXT", help="Only of providers with this name.")
@click.option("--rules", "paths", metavar="FILE", multiple=True, help="Those of FILE; repeatable.")
def list_(fmt: str, kind: str | None, provider: str, paths: tuple[str, ...]) -> int:
    """List the built-in rules, or those of a file: id, kind, provider, severity, name."""
    chosen = [
        rule
        for rule in _rules(paths)
        if kind in (None, rule.kind) and provider.lower() in rule.provider.lower()
    ]
    if fmt == "json":
        click.echo(json.dumps([rules_test.described(rule) for rule in chosen], indent=2))
        return CLEAN
    _print(chosen)
    return CLEAN


@command.command(name="show")
@click.argument("name", metavar="ID")
@click.option("-f", "--format", "fmt", type=_FORMATS, default="text", show_default=True)
@click.option("--examples", is_flag=True, help="Also what it finds and does not, made up.")
@click.option("--rules", "paths", metavar="FILE", multiple=True, help="Of FILE; repeatable.")
def show(name: str, fmt: str, examples: bool, paths: tuple[str, ...]) -> int:
    """Show everything about the rule ID."""
    rule = next((rule for rule in _rules(paths) if rule.id == name), None)
    if rule is None:
        raise UsageError(f"there is no rule {visible(name)}; see: leakseal rules list")
    fields = rules_test.described(rule)
    if examples:
        fields |= rules_test.samples_of(name, paths)
    if fmt == "json":
        click.echo(json.dumps(fields, indent=2))
        return CLEAN
    width = max(map(len, fields))
    for key, value in fields.items():
        for text in _lines(value):
            click.echo(f"{key.ljust(width)}  {text}")
    return CLEAN


@command.command(name="test")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
def test(paths: tuple[str, ...]) -> int:
    """Test the rules of files, or the built-in ones, on their own examples.

    Every pattern must take no more than linear time. Exit codes: 0 all is well, 1 an example was
    not found or a counterexample was, 2 a rule or a file cannot be used.
    """
    outcome = rules_test.tested(paths)
    for line in outcome.lines():
        click.echo(line)
    return LEAKS if outcome.failures else UsageError.exit_code if outcome.refused else CLEAN


@command.command(name="import")
@click.argument("path", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", help="Write the rules to FILE as our YAML.")
@click.option("-f", "--format", "fmt", type=_FORMATS, default="text", show_default=True)
def import_(path: str, output: str | None, fmt: str) -> int:
    """Say what of a rule file of another tool is understood, and take it over.

    Reads .toml of gitleaks and betterleaks, .yaml of Nosey Parker and Kingfisher, and directories
    of them.
    """
    taken = rules_import.taken(path)
    if output:
        write(output, taken.text())
    if fmt == "json":
        click.echo(json.dumps(taken.described(), indent=2))
        return CLEAN
    for line in taken.lines():
        click.echo(line)
    if output:
        click.echo(f"Wrote {amount(len(taken.pack.rules), 'rules')} to {visible(output)}")
    return CLEAN


def _print(rules: Iterable[Rule]) -> None:
    for rule in rules:
        fields = (rule.id, rule.kind, rule.provider, rule.severity.name.lower(), rule.name)
        click.echo("\t".join(map(visible, fields)))


def _rules(paths: Sequence[str]) -> Iterable[Rule]:
    return rules_import.pack(paths).rules if paths else builtin().rules


def _lines(value: object) -> list[str]:
    if isinstance(value, list):
        return [line for item in value for line in _lines(item)] or ["-"]
    if isinstance(value, dict):
        return [", ".join(f"{key} {each}" for key, each in value.items())]
    return [visible(line) for line in str(value).splitlines()] or ["-"]
