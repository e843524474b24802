"""What a refusal of the API server means, in words without the server's own.

Its messages can quote what was sent, so only names, fields and reasons are taken from them.
https://kubernetes.io/docs/reference/using-api/api-concepts/ and the Status object.
"""

import re

from scanner.errors import LeaksealError
from scanner.report.escape import visible
from scanner.vault.kubernetes.address import Place
from scanner.vault.kubernetes.api import Answer
from scanner.vault.store import RefusedError, StoreError, UnfitError

_POLICY = re.compile(
    r"""(admission webhook "[a-z0-9.-]{1,253}"|ValidatingAdmissionPolicy '[a-z0-9.-]{1,253}') """
)


def failure(answer: Answer, verb: str, place: Place, secret: str) -> LeaksealError:
    """Return the error for an answer that is no success, to what `verb` asked of `secret`."""
    what = f"Secret {place.namespace}/{secret}" if secret else f"Secrets in {place.namespace}"
    status = answer.status
    if status == 401:
        return RefusedError("the API server does not accept the login (401); log in again")
    if policy := _POLICY.search(str(answer.body.get("message", ""))):
        return RefusedError(f"the cluster's {policy[1]} does not let us {verb} {what}")
    if status == 403:
        return _forbidden(answer, verb, place, what)
    if status == 404 and namespace_absent(answer):
        return StoreError(
            f"there is no namespace {place.namespace}: kubectl create namespace {place.namespace}"
        )
    if status in (413, 422):
        fields = sorted({visible(str(cause.get("field", "")), 80) for cause in answer.causes})
        about = f" because of {', '.join(fields)}" if any(fields) else ""
        return UnfitError(f"the API server does not accept {what}{about} ({status})")
    if status == 429 or status >= 500:
        wait = f" in {visible(answer.retry_after, 20)} seconds" if answer.retry_after else " later"
        return StoreError(
            f"the API server cannot {verb} {what} for now ({status}); try again{wait}"
        )
    reason = visible(answer.reason, 60) or "no reason given"
    return StoreError(f"the API server did not {verb} {what}: {status} {reason}")


def terminating(answer: Answer) -> bool:
    """Tell whether a refusal is for a namespace that is being deleted."""
    return any(cause.get("reason") == "NamespaceTerminating" for cause in answer.causes)


def namespace_absent(answer: Answer) -> bool:
    """Tell whether what was not found is the namespace."""
    return answer.status == 404 and answer.details.get("kind") == "namespaces"


def _forbidden(answer: Answer, verb: str, place: Place, what: str) -> LeaksealError:
    message = str(answer.body.get("message", ""))
    if terminating(answer):
        return StoreError(f"namespace {place.namespace} is being deleted; choose another")
    if "exceeded quota" in message:
        return RefusedError(f"the quota of namespace {place.namespace} has no room for {what}")
    if f"cannot {verb} resource" in message:
        return RefusedError(f"no permission to {verb} {what}: it takes the verb {verb} on secrets")
    return RefusedError(f"an admission policy of the cluster does not let us {verb} {what}")
