"""The stores of AWS against a moto server: a process of its own, spoken to over HTTP."""

import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REGION = "eu-west-1"
MARK = "data:application/octet-stream;base64,"


def missing() -> str:
    """Return what this machine lacks to run moto."""
    absent = [name for name in ("boto3", "moto", "flask") if find_spec(name) is None]
    return f"no {', '.join(absent)}: pip install --group servers" if absent else ""


@contextmanager
def moto(folder: Path) -> Iterator[int]:
    """Run a moto server and yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (
        open(folder / "moto.log", "wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"moto ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("moto does not answer")


def environ(port: int, key: str = "testing", secret: str = "testing") -> dict[str, str]:
    """Return the environment in which AWS is what listens on `port`."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": REGION,
    }


def client(service: str, port: int) -> Any:
    """Return a plain boto3 client of moto, which owes nothing to leakseal."""
    import boto3

    session = boto3.Session("testing", "testing", region_name=REGION)
    return session.client(service, endpoint_url=f"http://127.0.0.1:{port}")


class _Running:
    def __init__(self, port: int, service: str) -> None:
        self.environ = environ(port)
        self._client = client(service, port)
        self._numbers = count(1)


class _SecretsManager(_Running):
    def fresh(self) -> str:
        return f"aws-sm://{REGION}/contract-{next(self._numbers)}"

    def independent(self, address: str) -> bytes:
        # Without a stage moto returns the version that was the first one, which AWS does not.
        name = urlsplit(address).path[1:]
        answer = self._client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
        if "SecretString" in answer:
            return str(answer["SecretString"]).encode()
        return bytes(answer["SecretBinary"])

    def put_behind(self, address: str, value: bytes) -> None:
        # In two steps, because moto's PutSecretValue leaves AWSCURRENT on two versions at times.
        name = urlsplit(address).path[1:]
        current = self._client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
        put = self._client.put_secret_value(
            SecretId=name, SecretBinary=value, VersionStages=["AWSPENDING"]
        )
        self._client.update_secret_version_stage(
            SecretId=name,
            VersionStage="AWSCURRENT",
            RemoveFromVersionId=current["VersionId"],
            MoveToVersionId=put["VersionId"],
        )


class _ParameterStore(_Running):
    def fresh(self) -> str:
        return f"ssm://{REGION}/contract-{next(self._numbers)}"

    def independent(self, address: str) -> bytes:
        answer = self._client.get_parameter(Name=urlsplit(address).path, WithDecryption=True)
        text = str(answer["Parameter"]["Value"])
        return b64decode(text.removeprefix(MARK)) if text.startswith(MARK) else text.encode()

    def put_behind(self, address: str, value: bytes) -> None:
        self._client.put_parameter(
            Name=urlsplit(address).path, Value=value.decode(), Type="SecureString", Overwrite=True
        )


class _Subject:
    def __init__(self, name: str, service: str, kind: type[_SecretsManager | _ParameterStore]):
        self.name = name
        self._service = service
        self._kind = kind

    def missing(self) -> str:
        return missing()

    @contextmanager
    def running(self, folder: Path) -> Iterator[_SecretsManager | _ParameterStore]:
        with moto(folder) as port:
            yield self._kind(port, self._service)


SUBJECTS = (
    _Subject("aws-sm", "secretsmanager", _SecretsManager),
    _Subject("ssm", "ssm", _ParameterStore),
)
