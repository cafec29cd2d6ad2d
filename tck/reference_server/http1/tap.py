"""What went over a connection, byte for byte, for whoever watches the server.

A tap sees the request as it was sent and the answer as it left, also where something between the
application and the socket changed it. Of each side it keeps the beginning only.
"""

from __future__ import annotations

import itertools
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tck.reference_server.http1.channel import Channel

MOST = (4 << 20) + (128 << 10)  # bytes of each side that are kept: a body, and its head and chunks

_NUMBERS = itertools.count(1)


class Stretch:
    """The beginning of what went one way: `data`, and the `size` of all of it in bytes."""

    __slots__ = ("data", "size")

    def __init__(self) -> None:
        self.data = bytearray()
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Count a piece, and keep as much of it as there is room for."""
        self.size += len(piece)
        if len(self.data) < MOST:
            self.data += piece[: MOST - len(self.data)]


@dataclass(slots=True)
class Seen:
    """One request and its answer on a connection, which has the number `connection`.

    `started`: when the first byte came, in seconds since the epoch; `ms`: milliseconds from then
    to the last byte of the answer. `gone`: the client was, before all of it could be sent.
    `note`: what the connection says of it.
    """

    connection: int
    started: float = 0.0
    ms: float = 0.0
    gone: bool = False
    note: str = ""
    received: Stretch = field(default_factory=Stretch)
    sent: Stretch = field(default_factory=Stretch)

    @property
    def kept(self) -> int:
        """How many bytes this holds in memory."""
        return len(self.received.data) + len(self.sent.data)


Watch = Callable[[Seen], object]


class TappedChannel(Channel):
    """A channel that tells what went over it, one request with its answer at a time."""

    def __init__(self, sock: socket.socket, tls: ssl.SSLContext | None, watch: Watch) -> None:
        super().__init__(sock, tls)
        self._watch = watch
        self._number = next(_NUMBERS)
        self._seen = Seen(self._number)
        self._began = 0.0

    def take(self, size: int) -> bytes:
        """As of a channel. What is taken belongs to the request that is being read."""
        data = super().take(size)
        if data and not self._seen.received.size:
            self._seen.started, self._began = time.time(), time.perf_counter()
        self._seen.received.add(data)
        return data

    def send(self, data: bytes, until: float) -> None:
        """As of a channel. What may not have arrived counts as sent."""
        self._seen.sent.add(data)
        try:
            super().send(data, until)
        except OSError:
            self._seen.gone = True
            raise

    def note(self, text: str) -> None:
        """Say something of the exchange that goes on."""
        self._seen.note = text

    def exchanged(self) -> None:
        """A request has been answered, or the connection ended before it was."""
        seen, self._seen = self._seen, Seen(self._number)
        if seen.received.size:
            seen.ms = (time.perf_counter() - self._began) * 1000
            self._watch(seen)
