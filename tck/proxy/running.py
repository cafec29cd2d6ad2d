"""A proxy on a port, with what watches it, from its binding to its end."""

from __future__ import annotations

import contextlib
import ssl
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tck.proxy.forwarding import Proxy
from tck.proxy.handing import Handing, Judging
from tck.proxy.rewriting import Rewriting
from tck.proxy.upstream import Place
from tck.reference_server.http1 import Limits


class Running:
    """Forwards to `upstream`, the URL of an endpoint; as a context manager until the block ends."""

    def __init__(
        self,
        upstream: str,
        judging: Judging | None = None,
        *,
        listen: tuple[str, int] = ("127.0.0.1", 0),
        rewrite: bool = False,
        ca_bundle: str | None = None,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Take the port. `judging` None: nothing is watched. OSError if port or file are no use."""
        place = Place.of(upstream, ca_bundle)
        self._proxy = proxy = Proxy(listen, place, limits=limits, tls=tls)
        self._scheme = "http" if tls is None else "https"
        self._base = urlsplit(upstream).path.rstrip("/")
        if rewrite:
            proxy.rewriting = Rewriting(_origins(place), place.authority, self._scheme)
        self._handing: Handing | None = None
        if judging is not None:
            self._handing = Handing(judging)
            proxy.watch = self._handing.watch
        proxy.bind()
        if judging is not None:
            judging.begin(self.origin, self._base)
        self._thread: threading.Thread | None = None

    @property
    def origin(self) -> str:
        """`http://host:port` of the proxy."""
        host, port = self._proxy.address
        return f"{self._scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def url(self) -> str:
        """The URL of the API at the proxy."""
        return self.origin + self._base

    def serve(self) -> None:
        """Forward, in this thread, until Ctrl-C; then judge what is left. Raises Unwritable."""
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._proxy.serve()
        finally:
            self.stop()

    def stop(self) -> None:
        """Close the port, end what goes on, and judge what is left. Raises Unwritable."""
        self._proxy.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._handing is not None:
            self._handing.close()

    def __enter__(self) -> Self:
        """Forward in a thread of its own."""
        self._thread = threading.Thread(target=self._proxy.serve, name="proxy", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()


def _origins(place: Place) -> tuple[str, ...]:
    """What an endpoint may call its own origin: with the usual port, or without."""
    scheme = "http" if place.tls is None else "https"
    host = f"[{place.host}]" if ":" in place.host else place.host
    named = {place.authority, f"{host}:{place.port}"}
    # behind something that speaks TLS for it, an endpoint may write the other scheme
    return tuple(f"{s}://{name}" for s in (scheme, "http") for name in sorted(named, reverse=True))
