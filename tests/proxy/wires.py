"""Bytes on both sides of a proxy: an endpoint that answers what it is told, and clients."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tck.proxy.judging import Judges, Watching
from tck.proxy.running import Running

SECONDS = 20.0
Handler = Callable[[socket.socket], object]


class Endpoint:
    """Listens on a free port; `handler` is called with each connection, in a thread of its own.

    `heard` is what arrived, by connection; `ended` is set whenever a handler has returned.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.ended = threading.Event()
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/api"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                sock.settimeout(SECONDS)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self._handler(sock)
        self.ended.set()

    def close(self) -> None:
        self._listener.close()


def head(sock: socket.socket) -> bytes:
    """The head of a request, to its empty line; empty at the end of the connection."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            return b""
        data += byte
    return data


@contextlib.contextmanager
def proxied(
    handler: Handler, judges: Judges | None = None, **options: bool
) -> Iterator[tuple[Running, Endpoint]]:
    endpoint = Endpoint(handler)
    try:
        with Running(endpoint.url, judges and Watching(judges), **options) as running:  # type: ignore[arg-type]
            yield running, endpoint
    finally:
        endpoint.close()


def answering(*answers: bytes) -> Handler:
    """Gives an answer to each request in turn, the last of them for ever."""

    def handler(sock: socket.socket) -> None:
        left = list(answers)
        while head(sock):
            sock.sendall(left.pop(0) if len(left) > 1 else left[0])
            if b"\r\nConnection: close\r\n" in answers[-1]:
                return

    return handler


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 80), SECONDS)


def sent(url: str, data: bytes) -> bytes:
    """What comes for some bytes until the end of the connection."""
    with connected(url) as sock:
        sock.sendall(data)
        return to_the_end(sock)


def to_the_end(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(1 << 16), b""))


def get(target: str = "/api", *fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: name.test", *fields, "", ""]
    return "\r\n".join(lines).encode()


CLOSE = "Connection: close"
_CHANGING = re.compile(rb"\r\n(?:Date|X-Backend-Runtime|Connection): [^\r]*")


def unchanging(answer: bytes) -> bytes:
    """An answer without what differs from one moment to the next."""
    return _CHANGING.sub(b"", answer)
