"""Accepts connections and gives each a thread, up to `Limits.connections` of them.

So a client that is slow, with its request or in reading an answer, holds up nobody but itself.
Once there are as many connections as may be, or the system has no file descriptors or threads
left, the connection on which no byte went either way for the longest time makes room for the new
one. Whoever is being served moves bytes, or is done in an instant; to drive such a client out,
others must open connections faster than it is answered.

`stop` first ends the loop, whose lock is `_serving`, so that no connection can begin, and hangs up
on those that wait for a request; then it waits for the others, and hangs up on those that are
late. `_bell` gets the loop out of `select`: a byte is written to its other end, `_alarm`.
"""

from __future__ import annotations

import contextlib
import heapq
import io
import logging
import selectors
import socket
import ssl
import sys
import threading
import time
from typing import Any

from tck.reference_server.http1.channel import Channel
from tck.reference_server.http1.connection import Connection, Wsgi
from tck.reference_server.http1.limits import Limits
from tck.reference_server.http1.tap import TappedChannel, Watch

_BACKLOG = 1024
_MOMENT = 0.001  # seconds
_BREATH = 0.01  # seconds in which connections that were hung up give their files back

_log = logging.getLogger(__name__)


class HttpServer:
    """A listening socket, and the connections with their threads.

    `address` is host and port, once bound the real ones. `tls` can be changed until `bind`;
    `underscored` is explained in `connection.Host`. `watch` is called after each answer, in the
    thread of its connection, with what went over it; it too can be changed until `bind`.
    `ConnectionClass` makes connections; tests of
    the kit put a subclass of `Connection` in its place.
    """

    ConnectionClass = Connection

    def __init__(
        self,
        app: Wsgi,
        address: tuple[str, int],
        *,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        underscored: tuple[str, ...] = (),
        watch: Watch | None = None,
    ) -> None:
        self.app = app
        self.address = address
        self.environ: dict[str, Any] = {}
        self.limits = limits or Limits()
        self.running = False
        self.tls = tls
        self.underscored = underscored
        self.watch = watch
        self._listener: socket.socket | None = None
        self._connections: dict[Connection, threading.Thread] = {}
        self._threads: set[threading.Thread] = set()
        self._most = self.limits.connections
        self._lock = threading.Lock()  # of the two above
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
        self._alarm, self._bell = socket.socketpair()
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
        """Accept connections until `stop`, in the thread that calls this."""
        with self._serving, selectors.DefaultSelector() as selector:
            if not self.running or self._listener is None:
                return
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            while self.running:
                selector.select()
                self._accept(self._listener)

    def stop(self, seconds: float = 0.5) -> None:
        """Close the port; requests that have begun get `seconds` to end."""
        with self._stopping:
            if self._listener is None:
                return
            self.running = False
            with contextlib.suppress(OSError):
                self._alarm.send(b".")
            with self._serving:  # the loop has ended now
                for closing in (self._listener, self._alarm, self._bell):
                    closing.close()
                self._listener = None
            self._hang_up(only_waiting=True)
            if not self._ended(seconds):
                self._hang_up()
                self._ended(seconds)

    def settle(self, seconds: float) -> None:
        """Wait until `watch` was told of each answer that a client has; `seconds` at most."""
        until = time.monotonic() + seconds
        while self._is_answering() and time.monotonic() < until:
            time.sleep(_MOMENT)

    def _is_answering(self) -> bool:
        with self._lock:
            return any(connection.answering for connection in self._connections)

    def _hang_up(self, *, only_waiting: bool = False) -> None:
        with self._lock:
            for connection in self._connections:
                if connection.waits or not only_waiting:
                    connection.channel.hang_up()

    def _ended(self, seconds: float) -> bool:
        """Whether all connections have ended within some seconds."""
        until = time.monotonic() + seconds
        with self._lock:
            threads = self._threads - {threading.current_thread()}
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _accept(self, listener: socket.socket) -> None:
        while self.running:
            try:
                sock, _ = listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:  # no file descriptors, or no memory
                self._retreat()
                return
            self._most = min(self._most + 1, self.limits.connections)
            self._make_room(self._most - 1)
            self._start(sock)

    def _start(self, sock: socket.socket) -> None:
        try:
            watch = self.watch
            channel = (
                Channel(sock, self.tls) if watch is None else TappedChannel(sock, self.tls, watch)
            )
            connection = self.ConnectionClass(self, channel)
        except OSError:  # gone already
            sock.close()
            return
        thread = threading.Thread(
            target=self._run, args=(connection,), name="reference-server", daemon=True
        )
        with self._lock:
            self._connections[connection] = thread
            self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:  # there can be no more threads
            self._leave(connection, thread)
            connection.channel.close()
            self._retreat()

    def _retreat(self) -> None:
        """Have fewer connections for a while, since the system cannot give as many."""
        self._most = max(1, len(self._connections) * 3 // 4)
        self._make_room(self._most)
        time.sleep(_BREATH)

    def _make_room(self, most: int) -> None:
        """If there are more than `most`, hang up on those that have been silent longest.

        Of many connections it takes some more, since looking for them takes time.
        """
        with self._lock:
            surplus = len(self._connections) - most
            if surplus <= 0:
                return
            for silent in heapq.nsmallest(surplus + most // 64, self._connections, key=_active):
                del self._connections[silent]
                silent.channel.hang_up()

    def _run(self, connection: Connection) -> None:
        try:
            connection.serve()
        except Exception:  # noqa: BLE001 - the server must survive any connection
            _log.exception("connection closed after an error")
        finally:
            self._leave(connection, threading.current_thread())
            connection.channel.close()

    def _leave(self, connection: Connection, thread: threading.Thread) -> None:
        with self._lock:
            self._connections.pop(connection, None)
            self._threads.discard(thread)


def _active(connection: Connection) -> float:
    return connection.channel.active
