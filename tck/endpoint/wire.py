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
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


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


class _Head:
    """A stream for reading the head of a response; `ended` if it ended before the empty line."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.ended = False

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self.stream.readline(limit)
        self.ended = not line
        return line

    def close(self) -> None:
        self.stream.close()


class _Response(http.client.HTTPResponse):
    def begin(self) -> None:
        """Read the head. The standard library takes the end of the stream for the empty line."""
        head = self.fp = _Head(self.fp)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is head:  # type: ignore[comparison-overlap]
                self.fp = head.stream
        if head.ended:
            raise http.client.HTTPException("the answer ends in its head")


class _Connection(HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        super().connect()
        WATCHDOG.add_connection(self)


class _SecureConnection(HTTPSConnection):
    response_class = _Response

    def connect(self) -> None:
        super().connect()
        WATCHDOG.add_connection(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """What sends prepared requests of the library requests, over connections of this module."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of this module."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
