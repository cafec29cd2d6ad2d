"""The reference server on a port, in a thread of its own or in the calling one."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, Self, TextIO

from tck.reference_server.http1 import HttpServer, Limits, Watch, Wsgi
from tck.schemas.operations import API

_METADATA = "X-DELTACLOUD-BLOBMETA-"  # what follows is a name that its owner chose

Log = Callable[[str], object] | TextIO


def _write_line(log: TextIO, line: str) -> None:
    log.write(f"{line}\n")  # in one piece: lines of several threads do not mix
    log.flush()


class AccessLog:
    """A WSGI application around another: logs method, target and status of every request."""

    def __init__(self, app: Wsgi, log: Log) -> None:
        self._app = app
        self._write = log if callable(log) else partial(_write_line, log)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
            line = f"{environ['REQUEST_METHOD']} {target} {status.partition(' ')[0]}"
            self._write(line.encode("ascii", "backslashreplace").decode())  # no terminal obeys it
            return start_response(status, headers, *rest)

        return self._app(environ, started)


class Server:
    """An application on a port; as a context manager it serves until the block ends.

    `port` 0 is a free one. `log` is a function that is called with one line for every request, or
    a stream to write the lines to. `tls` is a server's context of the ssl module. `limits` say
    what one client may take.
    """

    def __init__(
        self,
        app: Wsgi,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        log: Log | None = None,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        served = app if log is None else AccessLog(app, log)
        self._http = HttpServer(
            served, (host, port), limits=limits, tls=tls, underscored=(_METADATA,)
        )
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL; before `bind` with the port that was asked for."""
        host, port = self._http.address
        authority = f"[{host}]" if ":" in host else host
        scheme = "http" if self._http.tls is None else "https"
        return f"{scheme}://{authority}:{port}{API.base}"

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS; to be called before `bind`."""
        self._http.tls = context

    def wrap(self, layer: Callable[[Wsgi], Wsgi]) -> None:
        """Put a layer around the application; to be called before `bind`."""
        self._http.app = layer(self._http.app)

    def watch(self, watch: Watch) -> None:
        """Have `watch` told what went over the wire, after each answer; to be called before `bind`.

        It is called in the thread of a connection, and must not raise.
        """
        self._http.watch = watch

    def settle(self, seconds: float = 5.0) -> None:
        """Wait until `watch` was told of each answer that a client has; `seconds` at most."""
        self._http.settle(seconds)

    def bind(self) -> None:
        """Listen, so that `url` is known and connections wait; OSError if the port is taken."""
        if not self._http.running:
            self._http.bind()

    def start(self) -> None:
        """Serve in a thread of its own; returns when clients can connect. OSError as for `bind`."""
        self.bind()
        self._thread = threading.Thread(
            target=self._http.serve, name="reference-server", daemon=True
        )
        self._thread.start()

    def serve_forever(self, ready: Callable[[str], object] | None = None) -> None:
        """Serve in this thread until `stop` or Ctrl-C; calls `ready` with the base URL first."""
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self.bind()
                if ready is not None:
                    ready(self.url)
                self._http.serve()
        finally:
            self.stop()

    def stop(self) -> None:
        """Close the port; requests that have begun get half a second to end."""
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
