"""The body of a request as a stream that ends where the body ends (RFC 9112 6 and 7).

Nothing is read before the application reads: a large body is never in memory as a whole, and a
client that sent `Expect: 100-continue` is asked for the body by the first read. A body may come
slowly for `GRACE` seconds, then at `RATE` or faster; this is what ends an upload that would hold
a worker thread.
"""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator

from tck.reference_server.http1.channel import SIZE, Channel
from tck.reference_server.http1.head import Head
from tck.reference_server.http1.protocol_error import ProtocolError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
GRACE = 30.0  # seconds for which a body may come more slowly than at RATE
RATE = 1024  # bytes per second
MOST_IGNORED = 1024 * 1024  # bytes of an unread body that are skipped to keep the connection
_LONGEST_LINE = 8 * 1024
_MOST_TRAILERS = 200
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?")


def body_of(head: Head, channel: Channel) -> Body:
    """The `wsgi.input` of a request whose head has been read."""
    return Chunked(head, channel) if head.chunked else Measured(head, channel)


class Body(ABC):
    """A stream for `wsgi.input` (PEP 3333); `finished` once its end has been read.

    Reading raises ProtocolError: 408 if the body comes too slowly, 400 if it breaks off or its
    chunks are malformed.
    """

    finished = False

    def __init__(self, head: Head, channel: Channel) -> None:
        self._channel = channel
        self._awaits_continue = head.expects
        self._started = time.monotonic()
        self._received = 0
        self._broken = False

    @abstractmethod
    def _piece(self, size: int) -> bytes:
        """Up to `size` bytes, b"" at the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As many bytes as there are, up to `size` if that is not negative."""
        remaining = -1 if size is None else size
        pieces = []
        try:
            while remaining and (
                piece := self._piece(SIZE if remaining < 0 else min(remaining, SIZE))
            ):
                pieces.append(piece)
                remaining -= len(piece) if remaining > 0 else 0
        except ProtocolError:
            self._broken = True
            raise
        return b"".join(pieces)

    def readline(self, size: int = -1, /) -> bytes:
        line = b""
        while len(line) != size and not line.endswith(b"\n") and (byte := self.read(1)):
            line += byte
        return line

    def readlines(self, _hint: int = -1, /) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def settle(self) -> bool:
        """Skip what was not read; False if the connection cannot be used after this body."""
        if self._broken or (self._awaits_continue and not self.finished):
            return False  # its end is unknown, or the client will not send it now
        ignored = 0
        try:
            while ignored < MOST_IGNORED and (piece := self._piece(SIZE)):
                ignored += len(piece)
        except (ProtocolError, OSError):
            return False
        return self.finished

    def _receive(self, size: int) -> bytes:
        if self._awaits_continue:
            self._awaits_continue = False
            if not self._channel.buffer:
                self._channel.send(CONTINUE, GRACE)
        try:
            until = self._started + GRACE + self._received / RATE
            data = self._channel.read(size, until)
        except TimeoutError:
            raise ProtocolError(408, "The body comes too slowly.") from None
        if not data:
            raise ProtocolError(400, "The body breaks off.")
        self._received += len(data)
        return data


class Measured(Body):
    """A body of known length, which may be 0."""

    def __init__(self, head: Head, channel: Channel) -> None:
        super().__init__(head, channel)
        self._left = head.length
        self.finished = not self._left

    def _piece(self, size: int) -> bytes:
        if not self._left:
            return b""
        data = self._receive(min(size, self._left))
        self._left -= len(data)
        self.finished = not self._left
        return data


class Chunked(Body):
    """A body in chunks of any size; no more than a read asks for is held in memory."""

    def __init__(self, head: Head, channel: Channel) -> None:
        super().__init__(head, channel)
        self._left = 0
        self._has_begun = False

    def _piece(self, size: int) -> bytes:
        if not self._left and not self.finished:
            self._next_chunk()
        if self.finished:
            return b""
        data = self._receive(min(size, self._left))
        self._left -= len(data)
        return data

    def _next_chunk(self) -> None:
        if self._has_begun and self._line():
            raise ProtocolError(400, "A chunk of the body does not end where it should.")
        self._has_begun = True
        hit = _CHUNK_SIZE.fullmatch(self._line())
        if hit is None:
            raise ProtocolError(400, "The size of a chunk is not a number.")
        self._left = int(hit[1], 16)
        if not self._left:
            for _ in range(_MOST_TRAILERS):  # read and ignored
                if not self._line():
                    self.finished = True
                    return
            raise ProtocolError(400, "The body has too many trailers.")

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            if len(line) > _LONGEST_LINE:
                raise ProtocolError(400, "A line between the chunks is too long.")
            line += self._receive(1)
        return line[:-1].removesuffix(b"\r")
