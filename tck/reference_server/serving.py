"""The reference server on a port: cheroot in a thread, or in the foreground."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self, TextIO

from cheroot import wsgi
from cheroot.server import HTTPConnection, HTTPRequest

from tck.schemas.operations import API

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Log = Callable[[str], object] | TextIO

_log = logging.getLogger(__name__)


class AccessLog:
    """A WSGI application that tells one line a request: method, target, status."""

    def __init__(self, app: Wsgi, log: Log) -> None:
        self._app = app
        self._write = log if callable(log) else lambda line: print(line, file=log, flush=True)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
            self._write(f"{environ['REQUEST_METHOD']} {target} {status.partition(' ')[0]}")
            return start_response(status, headers, *rest)

        return self._app(environ, started)


class _Request(HTTPRequest):
    """Takes targets in absolute form, as every server must (RFC 9112 3.2.2)."""

    def __init__(
        self, server: Any, conn: Any, proxy_mode: bool = True, strict_mode: bool = True
    ) -> None:
        super().__init__(server, conn, proxy_mode, strict_mode)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request


class _Http(wsgi.Server):
    """Cheroot with its log out of the way: clients that hang up are no news for stderr."""

    ConnectionClass = _Connection

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        """Bind, or leave no open socket behind."""
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        del level
        _log.debug(msg, exc_info=traceback)


class Server:
    """An application on a port; a context manager that has stopped when it is left."""

    def __init__(
        self,
        app: Wsgi,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        threads: int = 4,
        log: Log | None = None,
    ) -> None:
        served = app if log is None else AccessLog(app, log)
        # The name stands in hrefs for clients of HTTP/1.0, which send no Host.
        name = f"[{host}]" if ":" in host else host
        self._http = _Http((host, port), served, numthreads=threads, server_name=name, timeout=60)
        self._http.keep_alive_conn_limit = 1000
        self._http.shutdown_timeout = 1
        self._http.expiration_interval = 0.05  # how long stopping may take to be noticed
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, once the server is bound."""
        host, port = self._http.bind_addr[:2]
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{port}{API.base}"

    def bind(self) -> None:
        """Take the port, so that `url` is known and connections wait; OSError if it is taken."""
        if self._http.ready:
            return
        failures: list[OSError] = []

        def prepare() -> None:
            try:
                self._http.prepare()
            except OSError as failure:
                failures.append(failure)

        # Threads are daemons if the one that starts them is: then nothing that interrupts the
        # caller leaves a process behind that waits for idle workers.
        starter = threading.Thread(target=prepare, daemon=True)
        starter.start()
        starter.join()
        for failure in failures:
            raise failure

    def start(self) -> None:
        """Serve in a thread of its own; `url` is known when this returns."""
        self.bind()
        self._thread = threading.Thread(
            target=self._http.serve, name="reference-server", daemon=True
        )
        self._thread.start()

    def serve_forever(self, ready: Callable[[str], object] | None = None) -> None:
        """Serve in this thread until `stop` or Ctrl-C; `ready` is told the base URL."""
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self.bind()
                if ready is not None:
                    ready(self.url)
                self._http.serve()
        finally:
            self.stop()

    def stop(self) -> None:
        """Close the port and let requests that have begun come to their end."""
        self._http.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
