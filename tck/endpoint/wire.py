"""Connections that can be cut, and that notice an answer which ends in its head."""

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
    """Cuts connections whose exchange is overdue.

    Socket time-outs begin anew with every byte, so a server that drips could hold a run for
    ever; one thread looks at the clock instead.
    """

    def __init__(self) -> None:
        self._deadlines: dict[int, tuple[float, threading.Event]] = {}
        self._connections: dict[int, weakref.WeakSet[Any]] = {}
        self._made: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def connected(self, connection: Any) -> None:
        """The calling thread has made a connection."""
        thread = threading.get_ident()
        with self._lock:
            self._connections.setdefault(thread, weakref.WeakSet()).add(connection)
            self._made[thread] += 1

    def made(self) -> int:
        """How many connections the calling thread has made."""
        return self._made[threading.get_ident()]

    def start(self, seconds: float) -> threading.Event:
        """Begin to watch the calling thread's exchange; the event is set if it was cut."""
        cut = threading.Event()
        with self._lock:
            self._deadlines[threading.get_ident()] = (time.monotonic() + seconds, cut)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")
                self._thread.start()
        return cut

    def stop(self) -> None:
        """The calling thread's exchange is over."""
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
                        # again and again: one may be made after its time was over
                        for connection in self._connections.get(thread, ()):
                            _shut(connection)


def _shut(connection: Any) -> None:
    sock = getattr(connection, "sock", None)
    if sock is not None:
        with contextlib.suppress(OSError):  # it may be gone already
            sock.shutdown(socket.SHUT_RDWR)


WATCHDOG = _Watchdog()


class _Head:
    """The lines of a head; remembers whether the last one was there."""

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
        """Read the head. The standard library takes its end for an empty line."""
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
        WATCHDOG.connected(self)


class _SecureConnection(HTTPSConnection):
    response_class = _Response

    def connect(self) -> None:
        super().connect()
        WATCHDOG.connected(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """The network, for a session of requests."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of this module."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
