"""Finds out beforehand whether Secrets could be written and read back; writes nothing."""

from collections.abc import Iterator, Sequence

from scanner.vault.kubernetes.address import Place
from scanner.vault.kubernetes.api import Answer, Api, UntrustedError
from scanner.vault.kubernetes.encryption import encryption
from scanner.vault.kubernetes.errors import failure, namespace_absent, terminating
from scanner.vault.kubernetes.secret import LARGEST, create, shape
from scanner.vault.store import Entry, Problem, RefusedError, StoreError

_REVIEWS = ("apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews")
_SHOWN = 5  # names in one message
_PROBE = Entry("leakseal-preflight", 0)
_NEEDED_FOR = {
    "create": "values cannot be stored",
    "get": "a stored value cannot be read back and compared",
    "update": "a stored value cannot be replaced later",
}


def check(api: Api, place: Place, entries: Sequence[Entry]) -> list[Problem]:
    """Return what would stop `entries` from being written to `place`, and what is worth knowing."""
    problems = list(_unfit(place, entries))
    if not api.verified:
        problems.append(
            Problem(
                "tls",
                f"the kubeconfig turns off the check of who {api.server} is"
                " (insecure-skip-tls-verify); give it certificate-authority instead",
                fatal=False,
            )
        )
    try:
        problems += _permissions(api, place, entries)
        if not any(problem.fatal for problem in problems):
            problems += _rehearsal(api, place, entries)
            problems += encryption(api)
    except UntrustedError as error:
        problems.append(Problem("tls", str(error)))
    except RefusedError as error:
        problems.append(Problem("login", str(error)))
    except StoreError as error:
        problems.append(Problem("address", str(error)))
    return problems


def _unfit(place: Place, entries: Sequence[Entry]) -> Iterator[Problem]:
    for entry in entries:
        if place.fit(entry.name) != entry.name:
            yield Problem("name", f"{entry.name!r} cannot be part of the name of a Secret")
        if entry.size > LARGEST:
            yield Problem(
                "size", f"{entry.name} has {entry.size} bytes; a Secret holds at most {LARGEST}"
            )


def _permissions(api: Api, place: Place, entries: Sequence[Entry]) -> Iterator[Problem]:
    for verb, purpose in _NEEDED_FOR.items():
        if (verb == "update" and place.immutable) or _allowed(api, place, verb, ""):
            continue
        # A role can name the Secrets that it lets read and update; creation cannot be limited so.
        names = [place.secret(entry.name) for entry in entries]
        if names and verb != "create":
            names = [name for name in names if not _allowed(api, place, verb, name)]
            if not names:
                continue
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        about = f" ({', '.join(names[:_SHOWN])}{more})" if names and verb != "create" else ""
        yield Problem(
            "permission",
            f"no permission to {verb} Secrets in {place.namespace}{about}, so {purpose};"
            f" the role needs the verb {verb} on secrets",
            fatal=verb != "update",
        )


def _allowed(api: Api, place: Place, verb: str, name: str) -> bool:
    attributes = {"namespace": place.namespace, "verb": verb, "resource": "secrets", "name": name}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = api.request("POST", _REVIEWS, review)
    status = answer.body.get("status")
    if answer.status != 201 or not isinstance(status, dict):
        raise failure(answer, "review access to", place, name)
    return status.get("allowed") is True


def _rehearsal(api: Api, place: Place, entries: Sequence[Entry]) -> Iterator[Problem]:
    """Create every Secret without a value and without keeping it (`dryRun=All`)."""
    path = ("api", "v1", "namespaces", place.namespace, "secrets")
    for entry in entries or [_PROBE]:
        body = create(place, entry.name, shape(b"", ""), "preflight", {})
        answer = api.request("POST", path, body, {"dryRun": "All"})
        if answer.status == 409 and answer.reason == "AlreadyExists":
            yield Problem(
                "taken",
                f"Secret {place.namespace}/{place.secret(entry.name)} exists;"
                " it will be left as it is, and used only if it holds the same value",
                fatal=False,
            )
        elif answer.status != 201 and not _dry_run_unsupported(answer):
            error = failure(answer, "create", place, place.secret(entry.name))
            whole = namespace_absent(answer) or terminating(answer)
            yield Problem("address" if whole else _code(answer), str(error))
            if whole:
                return


def _code(answer: Answer) -> str:
    return {403: "permission", 400: "permission", 422: "name"}.get(answer.status, "address")


def _dry_run_unsupported(answer: Answer) -> bool:
    """Tell whether an admission webhook cannot rehearse, which says nothing of the real thing."""
    return answer.status == 400 and "does not support dry run" in str(answer.body.get("message"))
