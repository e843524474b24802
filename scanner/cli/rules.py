"""`leakseal rules`: lists the rules."""

import click

from scanner.rulepack.pack import builtin


@click.command(name="rules")
def command() -> int:
    """List the rules a scan runs with: id, kind, provider, severity, name."""
    for rule in builtin().rules:
        fields = (rule.id, rule.kind, rule.provider, rule.severity.name.lower(), rule.name)
        click.echo("\t".join(fields))
    return 0
