"""Accepts connections, waits for requests on all of them, and has threads serve them.

One thread runs the loop in `HttpServer.serve`. It alone touches the selector, the listener and
`_waiting`, so none of these needs a lock. A connection is in one of three places, and only the
thread that serves this place touches it:

- `_waiting`, registered with the selector: the loop reads what arrives into the channel's buffer
  until `Connection.ready` says that a worker can answer without waiting for the client. Then the
  connection is unregistered and given to the workers. `_expire` does the same with a request
  that is too slow, to have it answered with 408, and closes connections that are silent.
- a worker (`_in_service`): answers requests as long as the buffer holds a whole one.
- the queue `_served`: a connection that stays open, on its way back to the loop.

So a slow client costs a socket and no thread. What can hold a worker is a large body that comes
slowly, or an answer that is read slowly. `Workers.relieve` then starts more threads, and the
limits in body.py (`GRACE`, `RATE`) and connection.py (`PATIENCE`) end it.

A worker must get the loop out of `select` to have its connection registered: it writes a byte to
`_alarm`, the other end of `_bell`. `_asleep` saves that write while the loop is busy. The loop
sets it before it looks into `_served`, and the worker reads it after it has put the connection
there, so one of the two always sees the other.

`stop` first ends the loop, whose lock is `_serving`, so that no request can begin; then it waits
for the workers, and shuts the sockets of those that are late. TLS needs nothing special here:
the handshake is part of the first reads, and `Channel.waits` says what the next one waits for.
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import queue
import selectors
import socket
import ssl
import sys
import threading
import time
from typing import Any

from tck.reference_server.http1.channel import Channel
from tck.reference_server.http1.connection import Connection, Wsgi
from tck.reference_server.http1.workers import STUCK, Workers

IDLE = 60.0  # seconds for which a connection may be silent between requests
SLOW = 20.0  # seconds in which a request must have arrived, except for a large body
MOST_CONNECTIONS = 10_000
_TICK = 0.5
_BACKLOG = 1024
_NO_MORE_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

_log = logging.getLogger(__name__)


class HttpServer:
    """A listening socket, the connections that wait for requests, and the threads that serve.

    `address` is host and port, once bound the real ones; `threads` is the usual number of
    workers. `tls` can be changed until `bind`. `ConnectionClass` makes connections; tests of the
    kit put a subclass of `Connection` in its place.
    """

    ConnectionClass = Connection

    def __init__(
        self, app: Wsgi, address: tuple[str, int], threads: int, tls: ssl.SSLContext | None = None
    ) -> None:
        self.app = app
        self.address = address
        self.environ: dict[str, Any] = {}
        self.running = False
        self.tls = tls
        self._listener: socket.socket | None = None
        self._waiting: dict[Connection, None] = {}  # a set in order, the longest silent first
        self._in_service: set[Connection] = set()
        self._served: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._workers: Workers[Connection] = Workers(threads, self._work)
        self._asleep = False
        self._serving = threading.Lock()
        self._stopping = threading.Lock()

    def bind(self) -> None:
        """Take the port, so that connections wait; OSError if it is taken."""
        host, port = self.address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
        self._listener = listener
        self.address = listener.getsockname()[:2]
        self.environ = self._common(host)
        self._selector = selectors.DefaultSelector()
        self._alarm, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        self.running = True

    def _common(self, host: str) -> dict[str, Any]:
        """What every request has in its environ (PEP 3333)."""
        return {
            "SCRIPT_NAME": "",
            # Clients of HTTP/1.0 send no Host; hrefs for them are built from this name.
            "SERVER_NAME": f"[{host}]" if ":" in host else host,
            "SERVER_PORT": str(self.address[1]),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self.tls else "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def serve(self) -> None:
        """Serve until `stop`, in the thread that calls this."""
        with self._serving:
            if not self.running or self._listener is None:
                return
            self._selector.register(self._listener, selectors.EVENT_READ)
            self._selector.register(self._bell, selectors.EVENT_READ)
            checked = time.monotonic()
            while self.running:
                for key in self._events():
                    self._handle(key)
                while not self._served.empty():
                    self._wait_for(self._served.get())
                self._workers.relieve()
                if time.monotonic() - checked > _TICK:
                    self._expire(checked := time.monotonic())

    def stop(self, seconds: float = 1.0) -> None:
        """Close the port; requests that have begun get `seconds` to end, twice if need be."""
        with self._stopping:
            if self._listener is None:
                return
            self.running = False
            self._wake()
            with self._serving:  # the loop has ended now
                self._listener.close()
                self._listener = None
            if not self._workers.stop(seconds):
                for connection in list(self._in_service):
                    with contextlib.suppress(OSError):
                        connection.channel.socket.shutdown(socket.SHUT_RDWR)
                self._workers.stop(seconds)
            self._hang_up()

    def _hang_up(self) -> None:
        while not self._served.empty():
            self._served.get().channel.close()
        for connection in self._waiting:
            connection.channel.close()
        self._waiting.clear()
        for closing in (self._selector, self._alarm, self._bell):
            closing.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._alarm.send(b".")

    # -- the thread that waits -------------------------------------------------------------

    def _events(self) -> list[selectors.SelectorKey]:
        self._asleep = True
        seconds = STUCK if self._workers.waiting else _TICK
        events = self._selector.select(seconds if self._served.empty() else 0)
        self._asleep = False
        return [key for key, _ in events]

    def _handle(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._listener:
            self._accept()
        elif key.fileobj is self._bell:
            with contextlib.suppress(BlockingIOError):
                self._bell.recv(4096)
        else:
            self._read(key.data)

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as failure:
                if failure.errno not in _NO_MORE_FILES or not self._shed():
                    return
                continue
            if len(self._waiting) >= MOST_CONNECTIONS and not self._shed():
                sock.close()
                continue
            try:
                connection = self.ConnectionClass(self, Channel(sock, self.tls))
            except OSError:  # gone already
                sock.close()
                continue
            self._wait_for(connection)

    def _shed(self) -> bool:
        """Close the connection that has waited longest; False if there is none."""
        for connection in self._waiting:
            self._forget(connection)
            connection.channel.close()
            return True
        return False

    def _wait_for(self, connection: Connection) -> None:
        self._waiting[connection] = None
        self._selector.register(connection.channel.socket, connection.channel.waits, connection)

    def _forget(self, connection: Connection) -> None:
        del self._waiting[connection]
        self._selector.unregister(connection.channel.socket)

    def _read(self, connection: Connection) -> None:
        """Read what arrived, and have the request served if it is complete."""
        channel = connection.channel
        waited = channel.waits
        if not channel.buffer:
            connection.since = time.monotonic()
        while not connection.ready and channel.pull():
            pass
        if connection.ready:
            self._dispatch(connection)
        elif channel.ended:
            self._forget(connection)
            channel.close()
        elif channel.waits != waited:
            self._selector.modify(channel.socket, channel.waits, connection)

    def _dispatch(self, connection: Connection) -> None:
        self._forget(connection)
        self._workers.put(connection)

    def _expire(self, now: float) -> None:
        for connection in list(self._waiting):
            begun = bool(connection.channel.buffer)
            if now - connection.since < (SLOW if begun else IDLE):
                continue
            if begun:
                connection.late = True
                self._dispatch(connection)
            else:
                self._forget(connection)
                connection.channel.close()

    # -- the threads that serve ------------------------------------------------------------

    def _work(self, connection: Connection) -> None:
        self._in_service.add(connection)
        stays = False
        try:
            stays = connection.communicate()
            while stays and (connection.ready or (connection.channel.pull() and connection.ready)):
                stays = connection.communicate()
        except Exception:  # noqa: BLE001 - a worker must survive any connection
            _log.exception("connection closed after an error")
        finally:
            self._in_service.discard(connection)
        if not stays or connection.channel.ended:
            connection.channel.close()
            return
        connection.since = time.monotonic()
        self._served.put(connection)
        if self._asleep:
            self._wake()
