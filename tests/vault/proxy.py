"""An HTTP proxy on loopback that breaks answers on purpose, in front of a real server.

    with FaultyProxy(upstream_port) as proxy:
        proxy.faults.append(dropped("CreateSecret"))
        ...  # talk to http://127.0.0.1:{proxy.port}

A fault is used up by the first request that matches it; requests that match none pass unharmed.
"""

import http.client
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Fault(NamedTuple):
    """What happens to one request that has `match` in its method, path or headers."""

    match: str = ""
    forward: bool = True  # the server gets the request and acts on it
    delay: float = 0.0  # seconds between the server's answer and ours
    drop: bool = False  # the connection is closed without an answer
    status: int = 0  # 0: as the server says
    body: bytes | None = None  # None: as the server says


def lost(match: str = "") -> Fault:
    """Return the fault of a request that never reaches the server."""
    return Fault(match, forward=False, drop=True)


def dropped(match: str = "") -> Fault:
    """Return the fault of an answer that gets lost after the server has committed."""
    return Fault(match, drop=True)


def answered(status: int, body: bytes = b"{}", match: str = "") -> Fault:
    """Return the fault of an answer that does not come from the server, which sees nothing."""
    return Fault(match, forward=False, status=status, body=body)


def slow(seconds: float, match: str = "") -> Fault:
    """Return the fault of an answer that takes `seconds` longer; the server commits at once."""
    return Fault(match, delay=seconds)


class FaultyProxy:
    """Forwards to 127.0.0.1:`upstream_port`; `seen` are the requests as fault matching saw them."""

    def __init__(self, upstream_port: int) -> None:
        self.faults: list[Fault] = []
        self.seen: list[str] = []
        self.upstream_port = upstream_port
        self._lock = Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.port = int(self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "FaultyProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def count(self, match: str) -> int:
        """Return how many requests had `match` in their method, path or headers."""
        return sum(match in request for request in self.seen)

    def fault_for(self, request: str) -> Fault:
        """Record `request` and return its fault, used up, or one that does nothing."""
        with self._lock:
            self.seen.append(request)
            for place, fault in enumerate(self.faults):
                if fault.match in request:
                    return self.faults.pop(place)
        return Fault()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet: clients that hang up are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultyProxy
    protocol_version = "HTTP/1.1"

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.proxy.fault_for(f"{self.command} {self.path}\n{self.headers}")
        status, headers, answer = self._upstream(body) if fault.forward else (200, [], b"")
        time.sleep(fault.delay)
        if fault.drop:
            self.close_connection = True
            return
        self.send_response_only(fault.status or status)
        for name, value in headers:
            self.send_header(name, value)
        answer = answer if fault.body is None else fault.body
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_LIST = serve

    def _upstream(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.upstream_port, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            response = connection.getresponse()
            kept = [(n, v) for n, v in response.getheaders() if n.lower() not in _HOP_BY_HOP]
            return response.status, kept, response.read()
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""
