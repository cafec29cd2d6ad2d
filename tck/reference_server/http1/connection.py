"""One connection: requests are answered on it one after the other until one side closes it.

The loop of server.py reads `ready` while the connection waits, one worker runs `communicate`
while it is served; they never do so at the same time, so nothing is locked here.

Whether the connection survives an answer is decided when its first byte is due, in
`_Answer._begin`: if the client wants to go on, the server is still running, and the body of the
request has been read or can be read past (`Body.settle`). Bytes of a body that were left unread
would be taken for the next request. A connection that ends while the client still sends is not
just closed, because a close with unread data resets it and may destroy the answer: `_serve`
ends the sending side and reads on for `LINGER` seconds (RFC 9112 9.6).
"""

from __future__ import annotations

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
from tck.reference_server.http1.channel import Channel
from tck.reference_server.http1.head import Head
from tck.reference_server.http1.protocol_error import REFUSAL, ProtocolError

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Fields = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | None

PATIENCE = 60.0  # seconds in which a client must read at least some bytes of an answer
LINGER = 5.0  # seconds for which a client may go on sending after a final answer
SMALL = 64 * 1024  # bytes: a body up to this size arrives before a worker is taken

_BREAKS = re.compile(r"[\r\n\0]")
_FRAMING = re.compile(
    rb"\n(content-length|transfer-encoding|expect):[ \t]*([^\r\n]*?)[ \t]*(?=\r?\n)", re.IGNORECASE
)


class Output:
    """Where answers are written: `Connection.wfile`, which a subclass may replace."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def write(self, data: bytes) -> None:
        """Send all of `data`; TimeoutError if the client reads nothing for `PATIENCE` seconds."""
        self._channel.send(data, PATIENCE)

    def flush(self) -> None:
        """Nothing to do: writes are not buffered."""


class Host(Protocol):
    """What connections use of the server that accepted them.

    `environ` holds what the environ of every request has in common; after an answer that begins
    while `running` is false the connection is closed.
    """

    app: Wsgi
    environ: dict[str, Any]
    running: bool


class Connection:
    """A client's connection.

    `since` is the monotonic time at which the current request began to arrive or, between
    requests, at which the last one ended. `late` says that the request took too long to arrive.
    """

    def __init__(self, server: Host, channel: Channel) -> None:
        self.server = server
        self.channel = channel
        self.wfile: Any = Output(channel)
        self.since = time.monotonic()
        self.late = False

    @property
    def ready(self) -> bool:
        """Whether a worker can serve the next request without waiting for the client.

        True also for a head that can only be refused, and for a body that is large, chunked or
        announced by `Expect`: that is read by the worker.
        """
        buffer = self.channel.buffer
        while buffer[:2] == b"\r\n":  # tolerated before a request line (RFC 9112 2.2)
            del buffer[:2]
        if not buffer:
            return False
        end = heads.END.search(buffer)
        if end is None:
            return len(buffer) > heads.LARGEST or heads.cannot_be_request(buffer)
        framing = _FRAMING.findall(buffer, 0, end.end())
        if len(framing) != 1 or not framing[0][1].isdigit() or len(framing[0][1]) > 6:
            return True
        length = int(framing[0][1])
        return length > SMALL or len(buffer) >= end.end() + length

    def communicate(self) -> bool:
        """Serve one request; False if the connection ends with it."""
        try:
            return self._serve()
        except OSError:  # the client has gone, or does not read its answer
            return False

    def _serve(self) -> bool:
        head = Head("GET", "/", (1, 1))
        try:
            heads.parse(self._head(), head)
        except ProtocolError as refusal:
            self._answer(head, refusal)
            self.channel.finish(LINGER)
            return False
        stays, body = self._answer(head)
        if not stays and body is not None and not body.finished:
            self.channel.finish(LINGER)
        return stays

    def _head(self) -> bytes:
        if self.late:
            raise ProtocolError(408, "The request comes too slowly.")
        buffer = self.channel.buffer
        end = heads.END.search(buffer)
        head = bytes(buffer[: end.start()] if end else buffer)
        del buffer[: end.end() if end else len(buffer)]
        return head

    def _answer(self, head: Head, refusal: ProtocolError | None = None) -> tuple[bool, Body | None]:
        """Have the application answer; returns whether the connection stays, and the body."""
        environ = self._environ(head)
        body = None
        if refusal is None:
            body = environ["wsgi.input"] = body_of(head, self.channel)
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
        return answer.stays, body

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
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = f"HTTP_{key}"
            environ[key] = f"{environ[key]}, {value}" if key in environ else value
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
