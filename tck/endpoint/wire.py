"""Connections with a deadline, which also notice when an answer ends before its body begins.

Why a deadline needs a thread of its own: see transport.py.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from tck.endpoint.breakage import why
from tck.endpoint.exchange import Headers, Response
from tck.endpoint.limits import Limits

BROKE_OFF = "the answer broke off"
_CHUNK = 1 << 16


class _Watchdog:
    """Shuts the connections of threads whose exchange is overdue; one for the whole process.

    A thread has at most one exchange at a time (`Transport` is not shared between threads), so
    deadlines and connections are kept by thread id.
    """

    def __init__(self) -> None:
        self._deadlines: dict[int, tuple[float, threading.Event]] = {}
        self._connections: dict[int, weakref.WeakSet[Any]] = {}
        self._made: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add_connection(self, connection: Any) -> None:
        """Remember a connection that the calling thread has just made."""
        thread = threading.get_ident()
        with self._lock:
            self._connections.setdefault(thread, weakref.WeakSet()).add(connection)
            self._made[thread] += 1

    def connections_made(self) -> int:
        """How many connections the calling thread has made so far."""
        return self._made[threading.get_ident()]

    def start(self, seconds: float) -> threading.Event:
        """Start the deadline of the calling thread's exchange; the event is set if it passes."""
        cut = threading.Event()
        with self._lock:
            self._deadlines[threading.get_ident()] = (time.monotonic() + seconds, cut)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")
                self._thread.start()
        return cut

    def stop(self) -> None:
        """End the deadline: the calling thread's exchange is over."""
        with self._lock:
            self._deadlines.pop(threading.get_ident(), None)

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(0.1)
            now = time.monotonic()
            with self._lock:
                for thread, (deadline, cut) in self._deadlines.items():
                    if now > deadline:
                        cut.set()
                        # every time: a connection may be made after the deadline
                        for connection in self._connections.get(thread, ()):
                            _shut(connection)


def _shut(connection: Any) -> None:
    sock = getattr(connection, "sock", None)
    if sock is not None:
        with contextlib.suppress(OSError):  # it may be gone already
            sock.shutdown(socket.SHUT_RDWR)


WATCHDOG = _Watchdog()


class _Lines:
    """The stream of a response, with a limit on the lines that follow each other.

    Such are the status line and the fields, with those of 1xx answers before them, and trailers;
    between the lines that give the sizes of chunks, the chunks are read. `ended`: where a line was
    expected, the stream ended.
    """

    def __init__(self, stream: Any, most: int) -> None:
        self._stream = stream
        self._most = most
        self._size = 0
        self.ended = False

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._stream.readline(limit)
        self.ended = not line
        self._size += len(line)
        if self._size > self._most:
            raise http.client.HTTPException(f"more than {self._most} bytes of header fields")
        return line

    def read(self, size: int = -1) -> bytes:
        if size < 0:  # the size of a chunk; it would read all there is
            raise http.client.HTTPException("the size of a chunk is below zero")
        self._size = 0
        content: bytes = self._stream.read(size)
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Response(http.client.HTTPResponse):
    def __init__(self, *args: Any, most_header_bytes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: Any = _Lines(self.fp, most_header_bytes)

    def begin(self) -> None:
        """Read the head. The standard library takes the end of the stream for the empty line."""
        head = self.fp
        super().begin()
        if head.ended:
            raise http.client.HTTPException("the answer ends in its head")

    def _read_status(self) -> tuple[str, int, str]:
        """The status line. The standard library goes on to the next after 100 only."""
        version, status, reason = super()._read_status()  # type: ignore[misc]
        interim = 100 <= status < 200 and status != 101
        return version, 100 if interim else status, reason


class _Connection(HTTPConnection):
    """A connection that is watched, with answers of bounded heads; `hold`: see `Adapter`."""

    def __init__(
        self,
        *args: Any,
        most_header_bytes: int,
        hold: Callable[[], None] | None = None,
        has_content: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._hold, self._has_content = hold, has_content
        self.response_class = partial(  # type: ignore[assignment]
            _Response, most_header_bytes=most_header_bytes
        )

    def connect(self) -> None:
        super().connect()  # a handshake of TLS has all its time at once, not again with every byte
        self.sock.settimeout(None)  # from here on the watchdog looks after it
        WATCHDOG.add_connection(self)

    def send(self, data: Any) -> None:
        hold, self._hold = self._hold, None
        if hold is None:
            super().send(data)
            return
        known = len(data) if self._has_content else len(data) - 1
        super().send(data[:known])
        hold()
        if data[known:]:
            super().send(data[known:])


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """What sends prepared requests of the library requests, over connections of this module."""

    def __init__(
        self,
        most_header_bytes: int,
        hold: Callable[[], None] | None = None,
        *,
        has_content: bool = False,
    ) -> None:
        """`most_header_bytes`: of all lines before the content of an answer, or after it.

        `hold` is called on each connection in its first request: after the head if that
        `has_content`, else before the last byte of the head.
        """
        self._options: dict[str, Any] = {"most_header_bytes": most_header_bytes}
        if hold is not None:
            self._options |= {"hold": hold, "has_content": has_content}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of this module."""
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": _Pool, "https": _SecurePool}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: partial(pool, **self._options) for scheme, pool in pools.items()
        }


def receive(
    adapter: Adapter, prepared: PreparedRequest, limits: Limits
) -> tuple[Response, str | None]:
    """The response as far as it came, and why it is not complete (None if it is)."""
    seconds, most = limits.seconds, limits.body
    with adapter.send(
        prepared,
        stream=True,
        timeout=(min(10.0, seconds), seconds + 1),  # the watchdog comes first
    ) as raw:
        content, size, failure = bytearray(), 0, None
        try:
            for chunk in raw.raw.stream(_CHUNK, decode_content=False):
                size += len(chunk)
                content += chunk
                if size > most:
                    content.clear()
                if size > limits.received:
                    failure = f"more than {limits.received} bytes of content"
                    break
        except (HTTPError, OSError, ValueError) as error:
            failure = f"{BROKE_OFF} after {size} bytes: {why(error)}"
        pairs = tuple((str(k), str(v)) for k, v in raw.raw.headers.iteritems())
        status, reason, headers = raw.status_code, raw.reason or "", Headers(pairs)
        if size > most:
            omitted = f"{size} bytes, more than {most} (limit body)"
            return Response(status, reason, headers, None, omitted), failure
        return Response(status, reason, headers, bytes(content)), failure
