"""OpenBao with its KV secrets engine, version 1 and version 2, read by its own client `bao`."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import openbao_server


class Bao:
    """Two mounts of a server in memory."""

    def __init__(self, server: openbao_server.Server, mount: str) -> None:
        self.environ: Mapping[str, str] = server.environ()
        self._server = server
        self._mount = mount
        self._numbers = count()

    def fresh(self) -> str:
        return f"vault://{self._mount}/base{next(self._numbers)}"

    def independent(self, address: str) -> bytes:
        path, key = _path(address)
        printed = self._server.bao("kv", "get", f"-mount={self._mount}", "-format=json", "--", path)
        data: dict[str, Any] = json.loads(printed)["data"]
        data = data["data"] if "metadata" in data else data
        value = str(data[key])
        return base64.b64decode(value) if data.get("encoding") == "base64" else value.encode()

    def put_behind(self, address: str, value: bytes) -> None:
        path, key = _path(address)
        self._server.bao(
            "kv", "put", f"-mount={self._mount}", "--", path, f"{key}={value.decode()}"
        )


class KvSubject(NamedTuple):
    """A version of the engine."""

    name: str
    version: int

    def missing(self) -> str:
        return openbao_server.missing()

    @contextmanager
    def running(self, folder: Path) -> Iterator[Bao]:
        with openbao_server.development(folder) as server:
            server.mount("kv", self.version)
            yield Bao(server, "kv")


def _path(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return unquote(parts.path[1:]), unquote(parts.fragment)


SUBJECTS = (KvSubject("vault-kv2", 2), KvSubject("vault-kv1", 1))
