"""The body of a request as a stream that ends where the body ends (RFC 9112 6 and 7)."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator

from tck.reference_server.http1.channel import SIZE, Channel
from tck.reference_server.http1.head import Head
from tck.reference_server.http1.protocol_error import ProtocolError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
GRACE = 30.0  # seconds for which a body may come slower than
RATE = 1024  # bytes a second
MOST_IGNORED = 1024 * 1024  # bytes that are thrown away so that a connection can be kept
_LONGEST_LINE = 8 * 1024
_MOST_TRAILERS = 200
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?")


def body_of(head: Head, channel: Channel) -> Body:
    """What `wsgi.input` is for a request whose head has been read."""
    return Chunked(head, channel) if head.chunked else Measured(head, channel)


class Body(ABC):
    """A stream as PEP 3333 wants it; what is wrong with it is told as a refusal."""

    finished = False

    def __init__(self, head: Head, channel: Channel) -> None:
        self._channel = channel
        self._uninvited = head.expects
        self._started = time.monotonic()
        self._received = 0
        self._broken = False

    @abstractmethod
    def _piece(self, size: int) -> bytes:
        """Up to `size` bytes, b"" at the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As many bytes as there are, up to `size` if that is not negative."""
        left = -1 if size is None else size
        pieces = []
        try:
            while left and (piece := self._piece(SIZE if left < 0 else min(left, SIZE))):
                pieces.append(piece)
                left -= len(piece) if left > 0 else 0
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
        """Get past a body that nobody read; False if the connection cannot go on after it."""
        if self._broken or (self._uninvited and not self.finished):
            return False  # nobody knows where it ends, or the client will not send it now
        ignored = 0
        try:
            while ignored < MOST_IGNORED and (piece := self._piece(SIZE)):
                ignored += len(piece)
        except (ProtocolError, OSError):
            return False
        return self.finished

    def _receive(self, size: int) -> bytes:
        if self._uninvited:
            self._uninvited = False
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
    """A body whose length is known, or that is not there."""

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
    """A body in chunks of any size, of which no more than asked for is held in memory."""

    def __init__(self, head: Head, channel: Channel) -> None:
        super().__init__(head, channel)
        self._left = 0
        self._begun = False

    def _piece(self, size: int) -> bytes:
        if not self._left and not self.finished:
            self._next_chunk()
        if self.finished:
            return b""
        data = self._receive(min(size, self._left))
        self._left -= len(data)
        return data

    def _next_chunk(self) -> None:
        if self._begun and self._line():
            raise ProtocolError(400, "A chunk of the body does not end where it should.")
        self._begun = True
        hit = _CHUNK_SIZE.fullmatch(self._line())
        if hit is None:
            raise ProtocolError(400, "The size of a chunk is no number.")
        self._left = int(hit[1], 16)
        if not self._left:
            for _ in range(_MOST_TRAILERS):  # nothing needs them
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
