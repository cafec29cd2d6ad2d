"""The body of a request as a stream that ends where the body ends (RFC 9112 6 and 7).

Nothing is read before the application reads: a large body is never in memory as a whole, and a
client that sent `Expect: 100-continue` is asked for the body by the first read.
"""

from __future__ import annotations

import io
import re
import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from tck.reference_server.http1.channel import SIZE, Channel
from tck.reference_server.http1.head import Head, is_field
from tck.reference_server.http1.limits import Limits
from tck.reference_server.http1.protocol_error import ProtocolError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MOST_IGNORED = 1024 * 1024  # bytes of an unread body that are skipped to keep the connection
_LONGEST_LINE = 4 * 1024
_CHUNK = re.compile(
    rb"(0{0,16}[0-9A-Fa-f]{1,15})"
    rb"(?:[ \t]*+;[ \t]*+[!#$%&'*+.^_`|~0-9A-Za-z-]++"
    rb"(?:[ \t]*+=[ \t]*+(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++"
    rb'|"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t\x20-\x7e\x80-\xff])*+"))?)*+\r\n'
)


def body_of(head: Head, channel: Channel, limits: Limits) -> Body:
    """The body of a request whose head has been read."""
    return (Chunked if head.chunked else Measured)(head, channel, limits)


class Body(io.RawIOBase):
    """A raw stream; `finished` once its end has been read.

    Reading raises ProtocolError: 408 if the body comes too slowly, 400 if it breaks off or its
    chunks are malformed, 413 if these are needlessly many.
    """

    def __init__(self, head: Head, channel: Channel, limits: Limits) -> None:
        super().__init__()
        self.finished = False
        self._channel = channel
        self._limits = limits
        self._awaits_continue = head.expects
        self._started = time.monotonic()
        self._received = 0
        self._broken = False

    @abstractmethod
    def _piece(self, size: int) -> bytes:
        """Up to `size` bytes, b"" at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._piece(len(buffer))
        except BaseException:
            self._broken = True
            raise
        buffer[: len(data)] = data
        return len(data)

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

    @property
    def _until(self) -> float:
        return self._started + self._limits.patience + self._received / self._limits.rate

    def _receive(self, size: int) -> bytes:
        data = self._waited(self._channel.read, size)
        if not data:
            raise ProtocolError(400, "The body breaks off.")
        self._received += len(data)
        return data

    def _waited(self, read: Callable[[int, float], bytes], size: int) -> bytes:
        try:
            if self._awaits_continue and not self._channel.buffer:
                self._channel.send(CONTINUE, self._until)
            self._awaits_continue = False
            return read(size, self._until)
        except TimeoutError:
            raise ProtocolError(408, "The body comes too slowly.") from None
        except OSError:
            raise ProtocolError(400, "The body breaks off.") from None


class Measured(Body):
    """A body of known length, which may be 0."""

    def __init__(self, head: Head, channel: Channel, limits: Limits) -> None:
        super().__init__(head, channel, limits)
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

    _left = 0
    _framing = 0
    _has_begun = False

    def _piece(self, size: int) -> bytes:
        if not self._left and not self.finished:
            self._next_chunk()
        if self.finished:
            return b""
        data = self._receive(min(size, self._left))
        self._left -= len(data)
        return data

    def _next_chunk(self) -> None:
        if self._has_begun and self._line() != b"\r\n":
            raise ProtocolError(400, "A chunk of the body does not end where it should.")
        self._has_begun = True
        hit = _CHUNK.fullmatch(self._line())
        if hit is None:
            raise ProtocolError(400, "The size of a chunk is malformed.")
        self._left = int(hit[1], 16)
        if not self._left:
            self._skip_trailers()

    def _skip_trailers(self) -> None:
        for _ in range(self._limits.trailers + 1):
            line = self._line()
            if line == b"\r\n":
                self.finished = True
                return
            if not is_field(line):
                raise ProtocolError(400, "A trailer is malformed.")
        raise ProtocolError(413, "The body has too many trailers.")

    def _line(self) -> bytes:
        line = self._waited(self._channel.line, _LONGEST_LINE)
        self._framing += len(line)
        if self._framing > self._received + self._limits.framing:
            raise ProtocolError(413, "The chunks of the body are too small.")
        return line
