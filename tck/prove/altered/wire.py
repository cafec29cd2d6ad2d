"""Changes to the bytes of answers on the socket, which no application can make."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from tck.prove.altered.change import Change
from tck.reference_server.serving import Server

Bytes = Callable[[bytes], bytes]

# What is to be done to the answer that this thread is about to write; the layer says it.
PENDING: ContextVar[tuple[Change, ...]] = ContextVar("PENDING", default=())


def take(server: Server) -> Server:
    """Let pending changes act on every answer that the server writes."""
    kind: Any = server._http.ConnectionClass

    class Changed(kind):  # type: ignore[misc]
        """Holds an answer back until it is whole, and changes it."""

        wfile: Any

        def communicate(self) -> bool:
            out, self.wfile = self.wfile, _Held()
            PENDING.set(())
            try:
                stays: bool = super().communicate()
                data = self.wfile.getvalue()
            finally:
                self.wfile = out
            for change in PENDING.get():
                assert change.wire is not None
                data, stays = change.wire(data), stays and not change.hangs_up
            out.write(data)
            out.flush()
            return stays

    server._http.ConnectionClass = Changed
    return server


class _Held(io.BytesIO):
    @property
    def bytes_written(self) -> int:
        return len(self.getvalue())


def raw(where: str, text: str, act: Bytes, *, hangs_up: bool = False) -> Change:
    """Change a whole answer, head and body; `hangs_up` closes the connection after it."""
    return Change(text, where, wire=act, hangs_up=hangs_up)


def head(where: str, text: str, act: Bytes, *, hangs_up: bool = False) -> Change:
    """Change status line and fields; the body stays."""

    def change(data: bytes) -> bytes:
        fields, gap, rest = data.partition(b"\r\n\r\n")
        return act(fields) + gap + rest

    return raw(where, text, change, hangs_up=hangs_up)


def without(where: str, name: str) -> Change:
    """Leave a field out that the server adds by itself."""
    line = re.compile(rb"\r\n%s:[^\r]*" % name.encode(), re.IGNORECASE)
    return head(where, f"sends no {name}", lambda data: line.sub(b"", data))
