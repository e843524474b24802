"""Plain TCP on loopback in front of a server that speaks TLS, so that a proxy can see requests."""

import select
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread


class Tunnel:
    """Passes bytes between 127.0.0.1:`port` and the TLS server on 127.0.0.1:`upstream_port`."""

    def __init__(self, upstream_port: int, authority: Path) -> None:
        tls = ssl.create_default_context(cafile=str(authority))
        # In 1.3 a server sends tickets unasked, so that a readable socket may have nothing to read.
        tls.maximum_version = ssl.TLSVersion.TLSv1_2

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                plain = socket.create_connection(("127.0.0.1", upstream_port))
                with tls.wrap_socket(plain, server_hostname="127.0.0.1") as upstream:
                    _pump(self.request, upstream)

        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> "Tunnel":
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _pump(plain: socket.socket, upstream: ssl.SSLSocket) -> None:
    other = {plain: upstream, upstream: plain}
    with suppress(OSError):  # either side may be gone
        while True:
            ready = [upstream] if upstream.pending() else select.select(list(other), [], [])[0]
            for source in ready:
                if not (chunk := source.recv(65536)):
                    return
                other[source].sendall(chunk)
