"""One connection: requests are answered on it one after the other until one side closes it.

Whether the connection survives an answer is decided when its first byte is due, in
`_Answer._begin`: if the client wants to go on, the server is still running, and the body of the
request has been read or can be read past (`Body.settle`). Bytes of a body that were left unread
would be taken for the next request. A connection that ends while the client still sends is not
just closed, because a close with unread data resets it and may destroy the answer: `serve` ends
the sending side and reads on for a while (RFC 9112 9.6).
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from tck.reference_server.http1 import head as heads
from tck.reference_server.http1.body import Body, body_of
from tck.reference_server.http1.channel import SIZE, Channel
from tck.reference_server.http1.head import Head
from tck.reference_server.http1.limits import Limits
from tck.reference_server.http1.protocol_error import REFUSAL, ProtocolError

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Fields = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | None

_BREAKS = re.compile(r"[\r\n\0]")


class Output:
    """Where answers are written: `Connection.wfile`, which a subclass may replace."""

    def __init__(self, channel: Channel, limits: Limits) -> None:
        self._channel = channel
        self._limits = limits

    def write(self, data: bytes) -> None:
        """Send all of `data`; TimeoutError if the client reads too slowly."""
        seconds = self._limits.patience + len(data) / self._limits.rate
        self._channel.send(data, time.monotonic() + seconds)

    def flush(self) -> None:
        """Nothing to do: writes are not buffered."""


class Host(Protocol):
    """What connections use of the server that accepted them.

    `environ` holds what the environ of every request has in common; after an answer that begins
    while `running` is false the connection is closed. Fields with `_` in their names are ignored,
    because WSGI cannot tell them from those with `-`, unless they begin with one of
    `underscored`, in upper case.
    """

    app: Wsgi
    environ: dict[str, Any]
    limits: Limits
    running: bool
    underscored: tuple[str, ...]


class Connection:
    """A client's connection.

    `waits`: no byte of a further request has come yet. `answering`: a request has come whose answer
    has not been told to who watches.
    """

    def __init__(self, server: Host, channel: Channel) -> None:
        self.server = server
        self.channel = channel
        self.wfile: Any = Output(channel, server.limits)
        self.waits = True
        self.answering = False

    def serve(self) -> None:
        """Answer requests until one side ends; the socket stays open."""
        stays = True
        while stays:
            stays = self.communicate()
            self.channel.exchanged()
            self.answering = False
        self.channel.finish(time.monotonic() + self.server.limits.linger)

    def communicate(self) -> bool:
        """Serve one request; False if the connection ends with it."""
        try:
            return self._serve()
        except OSError:  # the client has gone, or does not read its answer
            self.channel.hang_up()
            return False

    def _serve(self) -> bool:
        head, limits = Head(), self.server.limits
        self.waits = True
        if not self.channel.buffer and not self.channel.fill(time.monotonic() + limits.idle):
            return False
        self.waits, self.answering = False, True
        try:
            return heads.read(self.channel, limits, head) and self._answer(head)
        except ProtocolError as refusal:
            return self._answer(head, refusal)

    def _answer(self, head: Head, refusal: ProtocolError | None = None) -> bool:
        """Have the application answer; returns whether the connection stays."""
        environ = self._environ(head)
        body = None
        if refusal is None:
            body = body_of(head, self.channel, self.server.limits)
            environ["wsgi.input"] = io.BufferedReader(body, SIZE)
        else:  # a request that was not understood must not change anything
            environ[REFUSAL] = refusal
            environ["REQUEST_METHOD"] = "HEAD" if head.method == "HEAD" else "GET"
        answer = _Answer(self, head, body)
        result = self.server.app(environ, answer.start)
        try:
            for piece in result:
                answer.write(piece)
            answer.finish()
        finally:
            if (close := getattr(result, "close", None)) is not None:
                close()
        return answer.stays

    def _environ(self, head: Head) -> dict[str, Any]:
        path, _, query = head.target.partition("?")
        environ = {
            **self.server.environ,
            "REQUEST_METHOD": head.method,
            "REQUEST_URI": head.target,
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": "HTTP/1.1" if head.version > (1, 0) else "HTTP/1.0",
        }
        for name, value in head.fields:
            upper = name.upper()
            if "_" in upper and not upper.startswith(self.server.underscored):
                continue
            key = upper.replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = f"HTTP_{key}"
            environ[key] = f"{environ[key]}, {value}" if key in environ else value
        if head.authority is not None:  # it counts, not the field (RFC 9112 3.2.2)
            environ["HTTP_HOST"] = head.authority
        return environ


class _Answer:
    """Sends the answer to one request; `start` is its start_response (PEP 3333).

    The head waits for the first piece of the body, `stays` is known once it has been sent.
    """

    def __init__(self, connection: Connection, head: Head, body: Body | None) -> None:
        self._connection = connection
        self._head = head
        self._body = body
        self._status = ""
        self._fields: Fields = []
        self._begun = False
        self._chunked = False
        self.stays = False

    def start(self, status: str, fields: Fields, error: ExcInfo = None) -> Callable[[bytes], None]:
        if error is not None and self._begun:
            raise error[1]
        if _BREAKS.search("".join(value for _, value in fields)):
            raise ValueError("a header field holds a line break")
        self._status, self._fields = status, fields
        return self.write

    def write(self, piece: bytes) -> None:
        if not piece:
            return
        lead = b"" if self._begun else self._begin()
        if self._chunked:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        self._connection.wfile.write(lead + piece)

    def finish(self) -> None:
        lead = b"" if self._begun else self._begin()
        if end := lead + (b"0\r\n\r\n" if self._chunked else b""):
            self._connection.wfile.write(end)
        self._connection.wfile.flush()

    def _begin(self) -> bytes:
        """Status line and fields; decides on framing and whether the connection stays."""
        self._begun = True
        names = {name.lower() for name, _ in self._fields}
        bare = self._head.method == "HEAD" or self._status[:3] in ("204", "304")
        self.stays = (
            self._connection.server.running
            and self._head.stays
            and (self._body is not None and self._body.settle())
        )
        lines = [f"HTTP/1.1 {self._status}", *(f"{name}: {value}" for name, value in self._fields)]
        if not bare and "content-length" not in names:
            self._chunked = self._head.version > (1, 0)
            self.stays &= self._chunked
            if self._chunked:
                lines.append("Transfer-Encoding: chunked")
        if not self.stays:
            lines.append("Connection: close")
        elif self._head.version == (1, 0):
            lines.append("Connection: keep-alive")
        if "date" not in names:
            lines.append(f"Date: {date_of(int(time.time()))}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@lru_cache(maxsize=2)
def date_of(second: int) -> str:
    """A time as the field Date states it; `second` counts from the epoch (RFC 9110 6.6.1)."""
    return formatdate(second, usegmt=True)
