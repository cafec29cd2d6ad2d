"""Servers on real sockets that say exactly what a test wants, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from tck.endpoint.limits import Limits
from tck.endpoint.transport import Credentials, Transport

LIMITS = Limits(seconds=0.3, received=1 << 20, body=1 << 16)
SECRET = Credentials("canary", "päss")
Behave = Callable[[socket.socket, bytes], None]


class Peer:
    """Accepts connections; reads one request of each connection at a time and behaves."""

    def __init__(self, behave: Behave) -> None:
        """`behave` gets the connection and the head (and body) of a request."""
        self.heard: list[bytes] = []
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while request := _request(connection):
                self.heard.append(request)
                self._behave(connection, request)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()


def _request(connection: socket.socket) -> bytes:
    """One request: its head, and as much body as Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def peer(behave: Behave | bytes) -> Iterator[Peer]:
    """A running peer; bytes are what it answers to every request."""
    if isinstance(behave, bytes):
        said = behave

        def behave(connection: socket.socket, _request: bytes) -> None:
            connection.sendall(said)

    running = Peer(behave)
    try:
        yield running
    finally:
        running.stop()


def answer(body: bytes = b"<api/>", *fields: bytes, status: bytes = b"200 OK") -> bytes:
    """A complete answer with its right length."""
    head = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields, b"", b""]
    return b"\r\n".join(head) + body


@contextlib.contextmanager
def talking(
    behave: Behave | bytes,
) -> Iterator[tuple[Peer, Transport]]:
    with peer(behave) as server:
        transport = Transport(server.origin + "/api", SECRET, limits=LIMITS)
        try:
            yield server, transport
        finally:
            transport.close()
