"""Changes to the bytes on the socket, which no WSGI application can make.

Of answers: the layer leaves the changes that concern one in `PENDING`; the connection, which
`install` has replaced, holds the answer back until it is whole, applies them, and sends the result.
Of requests: what was `received` is changed before the server reads it, so that it takes for right
what it would refuse.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from tck.prove.altered.change import Change
from tck.reference_server.serving import Server

Bytes = Callable[[bytes], bytes]
_MOST = 1 << 20  # bytes of a head that are waited for

# Changes to the answer that this thread is about to write; set by the layer.
PENDING: ContextVar[tuple[Change, ...]] = ContextVar("PENDING", default=())


def install(server: Server, changes: Callable[[], Iterable[Change]]) -> Server:
    """Apply to what goes over each connection the `changes` that are in force then.

    Those that are pending to every answer, and those of what is received to that.
    """
    kind: Any = server._http.ConnectionClass

    def wanted() -> bool:
        return any(change.on_socket for change in changes())

    class Changed(kind):  # type: ignore[misc]
        """Changes what is received, then collects an answer, changes it and sends it."""

        wfile: Any
        _before = b""

        def communicate(self) -> bool:
            if not _arrived(self, changes):
                return False
            out, held = self.wfile, _Buffer(self.wfile, wanted)
            self.wfile = held
            PENDING.set(())
            try:
                stays: bool = super().communicate()
            finally:
                self.wfile = out
            if held.passes_on:
                return stays
            data = held.getvalue()
            for change in PENDING.get():
                new = change.wire(data) if change.wire else data
                new = change.following(self._before, new) if change.following else new
                stays = stays and not (change.hangs_up and (change.wire or new != data))
                data = new
            self._before = data
            out.write(data)
            out.flush()
            return stays

    server._http.ConnectionClass = Changed
    return server


def _arrived(connection: Any, changes: Callable[[], Iterable[Change]]) -> bool:
    """Wait for a request, and change what is there of it; False if none comes."""
    channel, limits = connection.channel, connection.server.limits
    buffer = channel.buffer
    try:
        connection.waits = not buffer
        if not buffer and not channel.fill(time.monotonic() + limits.idle):
            return False
        connection.waits = False
        if acts := [change.received for change in changes() if change.received]:
            until = time.monotonic() + limits.arrival
            while b"\r\n\r\n" not in buffer and len(buffer) < _MOST:
                if not channel.fill(until):
                    break
            for act in acts:
                buffer[:] = act(bytes(buffer))
    except OSError:
        channel.hang_up()
        return False
    return True


class _Buffer(io.BytesIO):
    """Keeps an answer, unless nothing is wanted of it when its first bytes are written."""

    def __init__(self, out: Any, wanted: Callable[[], bool]) -> None:
        super().__init__()
        self._out, self._wanted = out, wanted
        self.passes_on = False
        self._begun = False

    def write(self, data: Any) -> int:
        if not self._begun:
            self._begun, self.passes_on = True, not self._wanted()
        if not self.passes_on:
            return super().write(data)
        self._out.write(data)
        return len(data)


def received(text: str, act: Bytes, where: str = "*") -> Change:
    """Change the bytes of requests before the server reads them."""
    return Change(text, where, received=act)


def heads(text: str, act: Bytes) -> Change:
    """Change request line and fields (`act` gets no blank line); what is behind them stays."""

    def change(data: bytes) -> bytes:
        fields, gap, rest = data.partition(b"\r\n\r\n")
        return act(fields) + gap + rest if gap else data

    return received(text, change)


def raw(where: str, text: str, act: Bytes, *, hangs_up: bool = False) -> Change:
    """Change a whole answer, head and body; with `hangs_up` close the connection after it."""
    return Change(text, where, wire=act, hangs_up=hangs_up)


def after(where: str, text: str, act: Callable[[bytes, bytes], bytes]) -> Change:
    """Change an answer by the one before it on the connection, which `act` gets first.

    The connection is closed after an answer that was changed.
    """
    return Change(text, where, following=act, hangs_up=True)


def head(where: str, text: str, act: Bytes, *, hangs_up: bool = False) -> Change:
    """Change status line and header fields (`act` gets no blank line); the body stays."""

    def change(data: bytes) -> bytes:
        fields, gap, rest = data.partition(b"\r\n\r\n")
        return act(fields) + gap + rest

    return raw(where, text, change, hangs_up=hangs_up)


def without(where: str, name: str) -> Change:
    """Leave out a field that the HTTP server adds below the application."""
    line = re.compile(rb"\r\n%s:[^\r]*" % name.encode(), re.IGNORECASE)
    return head(where, f"sends no {name}", lambda data: line.sub(b"", data))
