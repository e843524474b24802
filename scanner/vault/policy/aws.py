"""IAM policies for Secrets Manager and Parameter Store.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html and
…/list_awssystemsmanager.html say what each action is for.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import SplitResult

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.aws.place import Place, entry
from scanner.vault.policy.document import Document, Role

_MOST = 6144  # characters of a managed policy, white space not counted


class _Service(NamedTuple):
    name: str
    prefix: str
    options: tuple[str, ...]  # of its URIs
    resource: str
    allowed: re.Pattern[str]  # names; in all others, IAM would see wildcards or variables
    actions: dict[Role, tuple[str, ...]]
    key_actions: dict[Role, tuple[str, ...]]


_SECRETS = _Service(
    "Secrets Manager",
    "secretsmanager",
    ("kms", "profile"),
    "secret:{}-??????",  # AWS adds six random characters to the name
    re.compile("[A-Za-z0-9/_+=.@-]+"),
    {
        Role.WRITER: (
            *("CreateSecret", "DescribeSecret", "GetSecretValue", "PutSecretValue"),
            *("TagResource", "UntagResource", "UpdateSecretVersionStage"),
        ),
        Role.READER: ("DescribeSecret", "GetSecretValue"),
    },
    {Role.WRITER: ("Decrypt", "GenerateDataKey"), Role.READER: ("Decrypt",)},
)
_PARAMETERS = _Service(
    "Parameter Store",
    "ssm",
    ("kms", "profile", "tier"),
    "parameter/{}",
    re.compile("[A-Za-z0-9/_.-]+"),
    {
        Role.WRITER: (
            *("AddTagsToResource", "GetParameter", "ListTagsForResource", "PutParameter"),
            "RemoveTagsFromResource",
        ),
        Role.READER: ("GetParameter", "ListTagsForResource"),
    },
    {Role.WRITER: ("Decrypt", "Encrypt", "GenerateDataKey"), Role.READER: ("Decrypt",)},
)


def secrets_manager(entries: list[SplitResult], role: Role, account: str) -> list[Document]:
    """Return a policy for the secrets at `entries`; raise UsageError for a name AWS has not."""
    return [_document(_SECRETS, entries, role, account)]


def parameter_store(entries: list[SplitResult], role: Role, account: str) -> list[Document]:
    """Return a policy for the parameters at `entries`; raise UsageError for a name AWS has not."""
    return [_document(_PARAMETERS, entries, role, account)]


def _document(service: _Service, entries: list[SplitResult], role: Role, account: str) -> Document:
    places = [_place(service, parts) for parts in entries]
    arns = [_arn(service, place, account) for place in places]
    statements = [_statement(service.prefix, service.actions[role], arns)]
    keys = {(place.region, place.options.kms) for place in places if place.options.kms}
    statements += [_key(service, role, account, *key) for key in sorted(keys)]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"
    note = f"attach it to the {role.value}'s role; it never deletes"
    if len("".join(text.split())) > _MOST:
        note += f"; it is over the {_MOST} characters of a managed policy, so split the entries"
    return Document(f"IAM policy for the {role.value}, {service.name}", text, note)


def _place(service: _Service, parts: SplitResult) -> Place:
    place, name = entry(parts._replace(fragment=""), service.options)
    found = place.below(name)
    if not service.allowed.fullmatch(found.path):
        raise UsageError(f"{visible(parts.geturl())}: AWS has no such name")
    return found


def _arn(service: _Service, place: Place, account: str) -> str:
    resource = service.resource.format(place.path[1:])
    partition = _partition(place.region)
    return f"arn:{partition}:{service.prefix}:{place.region or '*'}:{account}:{resource}"


def _statement(prefix: str, actions: Iterable[str], arns: Iterable[str]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{prefix}:{action}" for action in actions],
        "Resource": sorted(set(arns)),
    }


def _key(service: _Service, role: Role, account: str, region: str, key: str) -> dict[str, Any]:
    """Return the right to use a KMS key through the service alone."""
    arn = f"arn:{_partition(region)}:kms:{region or '*'}:{account}:key/"
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    through = f"{service.prefix}.{region or '*'}.{domain}"
    condition: dict[str, Any] = {"StringLike": {"kms:ViaService": through}}
    _, is_alias, alias = key.rpartition("alias/")
    if is_alias:  # IAM knows keys by their ids; an alias can only be asked for
        arn += "*"
        condition["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": f"alias/{alias}"}
    else:
        arn = key if key.startswith("arn:") else arn + key
    return _statement("kms", service.key_actions[role], [arn]) | {"Condition": condition}


def _partition(region: str) -> str:
    for start, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(start):
            return partition
    return "aws"
