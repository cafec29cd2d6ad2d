"""The reference server on a port, in a thread of its own or in the foreground."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, Self, TextIO

from tck.reference_server.http1 import HttpServer, Wsgi
from tck.schemas.operations import API

Log = Callable[[str], object] | TextIO


def _tell(log: TextIO, line: str) -> None:
    log.write(f"{line}\n")  # at once, so that lines of several threads stay whole
    log.flush()


class AccessLog:
    """A WSGI application that tells one line a request: method, target, status."""

    def __init__(self, app: Wsgi, log: Log) -> None:
        self._app = app
        self._write = log if callable(log) else partial(_tell, log)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
            self._write(f"{environ['REQUEST_METHOD']} {target} {status.partition(' ')[0]}")
            return start_response(status, headers, *rest)

        return self._app(environ, started)


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
        tls: ssl.SSLContext | None = None,
    ) -> None:
        served = app if log is None else AccessLog(app, log)
        self._http = HttpServer(served, (host, port), threads, tls)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, once the server is bound."""
        host, port = self._http.address
        shown = f"[{host}]" if ":" in host else host
        scheme = "http" if self._http.tls is None else "https"
        return f"{scheme}://{shown}:{port}{API.base}"

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS; to be said before the server is bound."""
        self._http.tls = context

    def bind(self) -> None:
        """Take the port, so that `url` is known and connections wait; OSError if it is taken."""
        if not self._http.running:
            self._http.bind()

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
