"""What the commands about a plan share: where the repository is, and how a plan is read."""

import click

from scanner.errors import UsageError
from scanner.remediate import plan as plans
from scanner.remediate.plan import Plan
from scanner.report.escape import visible

at = click.option("-C", "path", default=".", metavar="PATH", help="The repository; here, if not.")


def read_plan(file: str) -> Plan:
    """Return the plan in a file; raise UsageError if it is none."""
    try:
        with open(file, "rb") as stream:
            return plans.loads(stream.read(plans.LARGEST + 1))
    except OSError as error:
        raise UsageError(f"{visible(file)} cannot be read: {error.strerror}") from None
