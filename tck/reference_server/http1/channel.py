"""A socket, with or without TLS, that blocks only up to a given time; and a buffer.

The socket is non-blocking throughout. With TLS a read may have to wait until the socket can be
written, and a write until it can be read; `waits` says which, for the selector of the loop and
for `_wait`.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time

SIZE = 64 * 1024  # bytes: the most that is read from the socket at once


class Channel:
    """One connection. `buffer` holds what has arrived and was not read yet.

    `ended` says that the client will send nothing more, `waits` is the event of the selectors
    module without which the socket can do nothing now. The loop calls `pull` alone; the worker
    that serves the connection calls everything.
    """

    def __init__(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:  # the handshake is made by the first read, without blocking
            sock = tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self.socket = sock
        self.buffer = bytearray()
        self.ended = False
        self.waits = selectors.EVENT_READ

    def pull(self) -> bool:
        """Read what has arrived into the buffer; False if nothing has, or nothing more will."""
        if data := self._arrived():
            self.buffer += data
        return bool(data)

    def read(self, size: int, until: float) -> bytes:
        """Between one and `size` bytes; b"" at the end, TimeoutError after the time `until`."""
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
        """Send all of `data`; TimeoutError if the client reads nothing for `patience` seconds."""
        unsent = memoryview(data)
        while unsent:
            try:
                unsent = unsent[self.socket.send(unsent) :]
                continue
            except (BlockingIOError, ssl.SSLWantWriteError):
                self.waits = selectors.EVENT_WRITE
            except ssl.SSLWantReadError:
                self.waits = selectors.EVENT_READ
            self._wait(time.monotonic() + patience)

    def finish(self, seconds: float) -> None:
        """End the sending side, and read on so that the answer is not lost (RFC 9112 9.6)."""
        until = time.monotonic() + seconds
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while self.read(SIZE, until):
                self.buffer.clear()
        except OSError:
            pass  # the client has gone, or does not stop sending

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
        except OSError:  # reset by the client, or not TLS
            data = b""
        self.ended = not data
        return data

    def _wait(self, until: float) -> None:
        seconds = until - time.monotonic()
        with selectors.PollSelector() as selector:
            selector.register(self.socket, self.waits)
            if seconds <= 0 or not selector.select(seconds):
                raise TimeoutError
