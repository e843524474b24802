"""`leakseal policy render`: prints the least rights that entries of stores need."""

import re
from typing import BinaryIO

import click

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.policy.document import Role
from scanner.vault.policy.least_privilege import documents, uris_of_plan

_LARGEST_PLAN = 64 << 20
_ACCOUNT = re.compile(r"[0-9]{12}|\*")
_ROLES = {"writer": (Role.WRITER,), "reader": (Role.READER,), "both": tuple(Role)}


@click.group(name="policy")
def command() -> None:
    """Print the rights that writing and reading secrets need."""


@command.command(name="render")
@click.argument("uris", metavar="[URI]...", nargs=-1)
@click.option("--plan", type=click.File("rb"), help="Take the entries of this plan, - for stdin.")
@click.option("--role", type=click.Choice(list(_ROLES)), default="both", help="Whom it is for.")
@click.option("--account", default="*", help="Number of the AWS account.")
def render(uris: tuple[str, ...], plan: BinaryIO | None, role: str, account: str) -> int:
    """Print policies for the entries at URIs: HCL, IAM JSON, Kubernetes Roles.

    Each grants exactly these entries. If there are several, a line with # stands before each. What
    to do with a policy is said on standard error.
    """
    wanted = [*uris, *(_planned(plan) if plan else [])]
    if not wanted:
        raise UsageError("name the URI of an entry, or a plan with --plan")
    if not _ACCOUNT.fullmatch(account):
        raise UsageError(f"--account {visible(account)} is not the number of an AWS account")
    found = documents(wanted, _ROLES[role], account)
    texts = [f"# {visible(title)}\n{text}" for title, text, _ in found]
    click.echo("\n".join(texts) if texts[1:] else found[0].text, nl=False)
    for document in found:
        click.echo(f"{visible(document.title)}: {visible(document.note)}", err=True)
    return 0


def _planned(plan: BinaryIO) -> list[str]:
    content = plan.read(_LARGEST_PLAN + 1)
    if len(content) > _LARGEST_PLAN:
        raise UsageError("the plan is over 64 MiB")
    return uris_of_plan(content)
