"""A socket that never blocks by surprise, with or without TLS, and what has come in on it."""

from __future__ import annotations

import selectors
import socket
import ssl
import time

SIZE = 64 * 1024  # bytes that are taken in or handed out at once


class Channel:
    """One connection. `buffer` holds what came and was not read yet.

    `pull` belongs to the thread that waits for all connections, the rest to the one that
    serves a request of this connection.
    """

    def __init__(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:  # the handshake is made by the first read, without blocking
            sock = tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self.socket = sock
        self.buffer = bytearray()
        self.ended = False
        self.waits = selectors.EVENT_READ  # what must happen before it can go on

    def pull(self) -> bool:
        """Take in what has arrived; False if there was nothing, or nothing will come any more."""
        if data := self._arrived():
            self.buffer += data
        return bool(data)

    def read(self, size: int, until: float) -> bytes:
        """Up to `size` bytes, at least one; b"" at the end, TimeoutError after `until`."""
        if self.buffer:
            data = bytes(self.buffer[:size])
            del self.buffer[:size]
            return data
        while True:
            if data := self._arrived(size):
                return data
            if self.ended:
                return b""
            self._wait(until)

    def send(self, data: bytes, patience: float) -> None:
        """All of `data`; TimeoutError if the client takes nothing for so many seconds."""
        left = memoryview(data)
        while left:
            try:
                left = left[self.socket.send(left) :]
                continue
            except (BlockingIOError, ssl.SSLWantWriteError):
                self.waits = selectors.EVENT_WRITE
            except ssl.SSLWantReadError:
                self.waits = selectors.EVENT_READ
            self._wait(time.monotonic() + patience)

    def finish(self, seconds: float) -> None:
        """End the answer and let a client that still sends read it first (RFC 9112 9.6)."""
        until = time.monotonic() + seconds
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while self.read(SIZE, until):
                self.buffer.clear()
        except OSError:
            pass  # the client has gone, or does not stop

    def close(self) -> None:
        self.socket.close()

    def _arrived(self, size: int = SIZE) -> bytes:
        try:
            data = self.socket.recv(min(size, SIZE))
        except (BlockingIOError, ssl.SSLWantReadError):
            self.waits = selectors.EVENT_READ
            return b""
        except ssl.SSLWantWriteError:
            self.waits = selectors.EVENT_WRITE
            return b""
        except OSError:  # reset by the client, or no TLS at all
            data = b""
        self.ended = not data
        return data

    def _wait(self, until: float) -> None:
        left = until - time.monotonic()
        with selectors.PollSelector() as selector:
            selector.register(self.socket, self.waits)
            if left <= 0 or not selector.select(left):
                raise TimeoutError
