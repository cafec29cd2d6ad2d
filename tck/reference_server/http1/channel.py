"""A socket, with or without TLS, that blocks only up to a given time; and a buffer.

Times are those of `time.monotonic`. Only the thread that serves the connection reads and writes;
the thread that accepts connections may call `hang_up` at any time, which ends what blocks.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

SIZE = 64 * 1024  # bytes: the most that is read from the socket at once


class Channel:
    """One connection. `active` is the time at which a byte last went either way."""

    def __init__(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Else the system holds megabytes for each client that does not read.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * SIZE)
        if tls is not None:  # the handshake is made by the first read
            sock = tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self._socket = sock
        self.buffer = bytearray()
        self.active = time.monotonic()

    def fill(self, until: float) -> bool:
        """Wait for more bytes in `buffer`; False at the end, TimeoutError after the time `until`.

        Other failures of the connection are OSErrors.
        """
        self._wait(until)
        data = self._socket.recv(SIZE)
        self.active = time.monotonic()
        self.buffer += data
        return bool(data)

    def line(self, most: int, until: float) -> bytes:
        """The next line with its end, what there is of it after `most` bytes or at the end."""
        searched = 0
        while (end := self.buffer.find(b"\n", searched, most)) < 0:
            searched = len(self.buffer)
            if searched >= most or not self.fill(until):
                return self.take(most)
        return self.take(end + 1)

    def read(self, size: int, until: float) -> bytes:
        """Between one and `size` bytes; b"" at the end. Errors as of `fill`."""
        if not self.buffer:
            self.fill(until)
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Up to `size` bytes of the buffer."""
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def send(self, data: bytes, until: float) -> None:
        """Send all of `data`; errors as of `fill`."""
        unsent = memoryview(data)
        while unsent:
            self._wait(until)
            self.active = time.monotonic()  # not after it: the client may be the faster
            unsent = unsent[self._socket.send(unsent) :]

    def fileno(self) -> int:
        """Of the socket, for `select`."""
        return self._socket.fileno()

    def has_left(self) -> bool:
        """Whether the other side has ended its sending; only asked if the socket can be read."""
        try:
            flags = socket.MSG_PEEK | socket.MSG_DONTWAIT
            return not self.buffer and not socket.socket.recv(self._socket, 1, flags)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def note(self, text: str) -> None:
        """Say something of the exchange that goes on, to whoever watches."""

    def exchanged(self) -> None:
        """A request has been answered, or the connection ended before it was."""

    def finish(self, until: float) -> None:
        """End the sending side, and read on so that the answer is not lost (RFC 9112 9.6)."""
        with contextlib.suppress(OSError):  # the client has gone, or does not stop sending
            self._shut(socket.SHUT_WR)
            while self.fill(until):
                self.buffer.clear()

    def hang_up(self) -> None:
        """End both sides; reads that block find the end, writes fail."""
        with contextlib.suppress(OSError):
            self._shut(socket.SHUT_RDWR)

    def close(self) -> None:
        """Release the socket."""
        self._socket.close()

    def _shut(self, how: int) -> None:
        socket.socket.shutdown(self._socket, how)  # TLS of another thread stays as it is

    def _wait(self, until: float) -> None:
        seconds = until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(seconds)
