"""`leakseal migrate emit`: manifests that give a cluster the Secrets of a plan."""

import os

import click

from scanner.cli.planned import at, read_plan
from scanner.errors import UsageError
from scanner.remediate.manifests import Sealing, external, sealed, wanted
from scanner.remediate.project import project
from scanner.report.escape import visible
from scanner.report.write import write
from scanner.vault import choose
from scanner.vault.manifests.external import StoreRef
from scanner.vault.manifests.sealed import SCOPES

_LARGEST_CERTIFICATE = 1 << 16


@click.command(name="emit")
@click.argument("kind", type=click.Choice(["external-secret", "sealed-secret"]))
@click.argument("file", metavar="PLAN", type=click.Path(exists=True, dir_okay=False))
@click.option("-n", "--namespace", default="default", show_default=True)
@click.option("--only", multiple=True, metavar="VAR", help="Only this variable; repeatable.")
@click.option(
    "--secret-store",
    metavar="NAME[:KIND]",
    help="The SecretStore, or NAME:ClusterSecretStore, that the operator reads from.",
)
@click.option("--certificate", metavar="FILE", help="What kubeseal --fetch-cert printed.")
@click.option("--scope", type=click.Choice(SCOPES), default="strict", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write them to FILE (mode 0600).")
@at
def command(
    kind: str,
    file: str,
    namespace: str,
    only: tuple[str, ...],
    secret_store: str | None,
    certificate: str | None,
    scope: str,
    output: str | None,
    path: str,
) -> int:
    """Print manifests for the Secrets that the Kubernetes files of an applied PLAN refer to.

    external-secret lets the External Secrets Operator fetch each from the store; sealed-secret
    holds it encrypted for the Sealed Secrets controller. Neither shows a value.
    """
    plan, where = read_plan(file), project(path, os.environ)
    entries = wanted(plan, only)
    store = choose.store(plan.store, os.environ, where.top)
    try:
        if kind == "external-secret":
            text = external(entries, store, namespace, _source(secret_store))
        else:
            text = sealed(entries, store, namespace, Sealing(_certificate(certificate), scope))
    finally:
        store.close()
    if output:
        write(output, text.decode())
    else:
        click.echo(text.decode(), nl=False)
    return 0


def _source(text: str | None) -> StoreRef:
    if not text:
        raise UsageError("name the cluster's store with --secret-store NAME[:ClusterSecretStore]")
    name, _, kind = text.partition(":")
    if kind not in ("", "SecretStore", "ClusterSecretStore"):
        raise UsageError(f"{visible(kind)} is neither SecretStore nor ClusterSecretStore")
    return StoreRef(name, kind or "SecretStore")


def _certificate(path: str | None) -> bytes:
    if not path:
        raise UsageError("name the controller's certificate with --certificate FILE")
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST_CERTIFICATE)
    except OSError as error:
        raise UsageError(f"{visible(path)} cannot be read: {error.strerror}") from None
