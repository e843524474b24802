"""What can be told about how a cluster keeps Secrets in etcd.

The API does not say: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/. So this
looks at the flags of the API server where it is a readable pod, and at who runs the cluster.
"""

import re
from typing import Any

from scanner.vault.kubernetes.api import Answer, Api
from scanner.vault.store import Problem

_PODS = ("api", "v1", "namespaces", "kube-system", "pods")
_FLAG = "--encryption-provider-config"
_HOW = "see https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/"
# From 1.28 on EKS encrypts all that the API keeps, without being asked:
# https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
_EKS = re.compile(r"v1\.(\d{1,3})\.\d+-eks-")
_EKS_SINCE = 28


def encryption(api: Api) -> list[Problem]:
    """Return a note on encryption at rest unless the cluster is known to have it."""
    pods = api.request("GET", _PODS, query={"labelSelector": "component=kube-apiserver"})
    commands = [command for command in _commands(pods) if _whole(command)]
    if any(not _has(command, _FLAG) for command in commands):
        return [_note(f"the API server runs without {_FLAG}, so etcd holds Secrets unencrypted")]
    if commands:
        return [_note(f"the API server has {_FLAG}; whether that covers Secrets was not seen")]
    version = str(api.request("GET", ("version",)).body.get("gitVersion", ""))
    eks = _EKS.match(version)
    if eks and int(eks[1]) >= _EKS_SINCE:
        return []
    return [_note("it could not be told whether etcd holds Secrets encrypted; ask who runs it")]


def _note(message: str) -> Problem:
    return Problem("encryption", f"{message}; {_HOW}", fatal=False)


def _commands(pods: Answer) -> list[list[str]]:
    items = pods.body.get("items") if pods.status == 200 else None
    return [
        [str(word) for part in ("command", "args") for word in container.get(part) or ()]
        for pod in items or ()
        for container in _containers(pod)
    ]


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    containers = pod.get("spec", {}).get("containers")
    return containers if isinstance(containers, list) else []


def _whole(command: list[str]) -> bool:
    """Tell whether these are the flags the API server was started with, not those of a script."""
    return _has(command, "--etcd-servers")


def _has(command: list[str], flag: str) -> bool:
    return any(word == flag or word.startswith(f"{flag}=") for word in command)
