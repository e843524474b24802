"""Which cluster, and as whom: from a kubeconfig, or from the token that a pod is given.

Format: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/.
A kubeconfig can name programs to run and files to send, so none in the scanned folder is believed.
"""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException, incluster_config, kube_config

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.kubernetes.address import Place


def login(place: Place, environ: Mapping[str, str], folder: str) -> Configuration:
    """Return how to reach the cluster of `place`.

    Raises UsageError if there is no configuration, it makes no sense, or may not be believed. May
    run the program that the user's own kubeconfig names for a token.
    """
    home = environ.get("HOME") or os.path.expanduser("~")
    own = os.path.join(home, ".kube", "config")
    paths = _named(place, home, folder) or _usual(environ, own)
    configuration = Configuration()
    if paths:
        inside = [path for path in paths if _inside(path, folder, own)]
        if inside:
            raise UsageError(
                f"{visible(inside[0])} lies in the folder that is scanned, and could send your"
                " credentials anywhere; if it is yours, copy it out of there"
            )
        context, runs_program = _context(paths, place.context)
        _load(paths, context, configuration)
        if runs_program and not (configuration.api_key or configuration.cert_file):
            raise UsageError(f"the program that context {visible(context)} runs gave no token")
    elif environ.get("KUBERNETES_SERVICE_HOST") and not place.context:
        _in_cluster(environ, configuration)
    else:
        raise UsageError(
            "found no kubeconfig: set KUBECONFIG or put one at ~/.kube/config, as kubectl reads it"
        )
    return configuration


def _named(place: Place, home: str, folder: str) -> list[str]:
    path = place.kubeconfig
    if not path:
        return []
    path = os.path.join(home, path[2:]) if path.startswith("~/") else os.path.join(folder, path)
    if not os.path.isfile(path):
        raise UsageError(f"there is no kubeconfig {visible(path)}, which ?kubeconfig= names")
    return [path]


def _usual(environ: Mapping[str, str], own: str) -> list[str]:
    listed = environ.get("KUBECONFIG", "").split(os.pathsep)
    paths = [os.path.abspath(path) for path in listed if path] or [own]
    return [path for path in paths if os.path.isfile(path)]


def _inside(path: str, folder: str, own: str) -> bool:
    real, root = os.path.realpath(path), os.path.realpath(folder)
    return real != os.path.realpath(own) and os.path.commonpath([real, root]) == root


def _context(paths: list[str], wanted: str) -> tuple[str, bool]:
    """Return the context to use, and whether it runs a program for a token.

    The first file that names a context decides, as it does for kubectl.

    Raises UsageError if the user of that context may not be used.
    """
    documents = [_document(path) for path in paths]
    wanted = wanted or next(
        (str(one["current-context"]) for one in documents if one.get("current-context")), ""
    )
    context = _member(documents, "contexts", wanted).get("context")
    if not isinstance(context, dict):
        raise UsageError(f"{_shown(paths)} has no context {visible(wanted) or '(none is current)'}")
    user = _member(documents, "users", context.get("user")).get("user")
    named = set(user) if isinstance(user, dict) else set()
    if "auth-provider" in named:  # the library would renew such a token without checking TLS
        raise UsageError(
            f"context {visible(wanted)} logs in by an auth-provider, which kubectl gave up;"
            " use a token, a client certificate or an exec plugin"
        )
    return wanted, "exec" in named


def _document(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            document = yaml.safe_load(file)
    except (OSError, yaml.YAMLError, RecursionError):  # what they say may quote a token
        raise UsageError(f"{visible(path)} cannot be read as a kubeconfig") from None
    if not isinstance(document, dict):
        raise UsageError(f"{visible(path)} is not a kubeconfig")
    return document


def _member(documents: list[dict[str, Any]], kind: str, name: object) -> dict[str, Any]:
    """Return the first of `kind` called `name`, as kubectl merges files; {} if there is none."""
    for document in documents:
        members = document.get(kind)
        for one in members if isinstance(members, list) else ():
            if isinstance(one, dict) and name and one.get("name") == name:
                return one
    return {}


def _load(paths: list[str], context: str, configuration: Configuration) -> None:
    load: Any = kube_config.load_kube_config  # has no types
    try:
        load(
            kube_config.ENV_KUBECONFIG_PATH_SEPARATOR.join(paths),
            context,
            configuration,
            persist_config=False,
        )
        urlsplit(configuration.host)
    # The library walks whatever the file holds; what these say may quote a token or a key.
    except (ConfigException, AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise UsageError(
            f"{_shown(paths)} cannot be used ({type(error).__name__});"
            " see what `kubectl config view` and `kubectl auth whoami` say"
        ) from None


def _in_cluster(environ: Mapping[str, str], configuration: Configuration) -> None:
    loader: Any = incluster_config.InClusterConfigLoader  # has no types
    try:
        loader(
            incluster_config.SERVICE_TOKEN_FILENAME,
            incluster_config.SERVICE_CERT_FILENAME,
            environ=environ,
        ).load_and_set(configuration)
    except (ConfigException, OSError) as error:
        raise UsageError(f"the token of this pod cannot be used: {error}") from None


def _shown(paths: list[str]) -> str:
    return ", ".join(visible(path) for path in paths)
