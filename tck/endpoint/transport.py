"""Sending requests to an endpoint, and remembering every exchange.

Built on requests, with what a judge needs: nothing is taken from the environment (no netrc,
no proxies), no redirect is followed, nothing is retried, credentials go to the endpoint's
own origin only, and every exchange has a deadline and a size limit.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from tck import __version__
from tck.endpoint.exchange import Exchange, Headers, Request, Response

Observer = Callable[[Exchange], None]
_CHUNK = 1 << 16


class ForeignOrigin(Exception):
    """A URL leads away from the endpoint; nothing was sent."""


class Unreachable(Exception):
    """No connection to the endpoint could be made at all."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password for HTTP Basic."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one whole exchange, and bytes of content that are read at most."""

    seconds: float = 60.0
    size: int = 64 << 20


class _Watchdog:
    """Cuts connections whose exchange is overdue.

    Socket time-outs begin anew with every byte, so a server that drips could hold a run for
    ever; one thread looks at the clock instead.
    """

    def __init__(self) -> None:
        self._deadlines: dict[int, tuple[float, threading.Event]] = {}
        self._connections: dict[int, list[Any]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def connected(self, connection: Any) -> None:
        with self._lock:
            self._connections.setdefault(threading.get_ident(), []).append(connection)

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
        with self._lock:
            self._deadlines.pop(threading.get_ident(), None)

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(0.1)
            now = time.monotonic()
            with self._lock:
                for thread, (deadline, cut) in list(self._deadlines.items()):
                    if now > deadline and not cut.is_set():
                        cut.set()
                        for connection in self._connections.pop(thread, []):
                            _shut(connection)


def _shut(connection: Any) -> None:
    sock = getattr(connection, "sock", None)
    if sock is not None:
        with contextlib.suppress(OSError):  # it may be gone already
            sock.shutdown(socket.SHUT_RDWR)


_WATCHDOG = _Watchdog()


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _WATCHDOG.connected(self)


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _WATCHDOG.connected(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _RawAuth(requests.auth.AuthBase):
    """Leaves Authorization as it is: requests would fill it in from elsewhere."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


class Transport:
    """A connection to one endpoint. Not to be shared between threads."""

    def __init__(
        self,
        base: str,
        credentials: Credentials | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        adapter: BaseAdapter | None = None,
        prefix: str = "x",
    ) -> None:
        """`base`: `http://host:3001/api`; `headers` go with every request (driver, provider).

        `adapter` replaces the network, for servers in this process. `prefix` begins the ids
        of exchanges, so that those of several processes differ.
        """
        self.base = base.rstrip("/")
        self.credentials = credentials
        self.limits = limits or Limits()
        self.observers: list[Observer] = []
        self._headers = dict(headers or {})
        self._origin = _origin(self.base)
        self._numbers: Iterator[int] = itertools.count(1)
        self._prefix = prefix
        self._met = False
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter or _Adapter())

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def url(self, target: str) -> str:
        """The absolute URL of a path below the base, or of an href as it stands.

        Raises ForeignOrigin for an href at another host.
        """
        if target.startswith(("http://", "https://")):
            if _origin(target) != self._origin:
                raise ForeignOrigin(f"{target} is not at {self._origin}")
            return target
        return self.base + target

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        credentials: Credentials | bool | None = True,
    ) -> Exchange:
        """Send one request; the exchange, which all observers have seen.

        `target`: a path below the base or an href. `params` go into the query, `form` into an
        urlencoded body, `files` into a multipart one. `credentials`: True for the endpoint's,
        None or False for none, or others. An answer that breaks off, or none, is an exchange
        with `failure`; only a first connection that
        cannot be made raises Unreachable.
        """
        sent_headers = {
            "User-Agent": f"deltacloud-tck/{__version__}",
            "Accept-Encoding": "identity",
        }
        sent_headers |= self._headers | dict(headers or {})
        used = self.credentials if credentials is True else credentials or None
        prepared = self._session.prepare_request(
            requests.Request(
                method,
                self.url(target),
                headers=sent_headers,
                params=params,
                data=body if body is not None else form,
                files=files,
                auth=(used.user.encode(), used.password.encode()) if used else _RawAuth(),
            )
        )
        exchange = self._exchange(prepared)
        for observer in self.observers:
            observer(exchange)
        return exchange

    def _exchange(self, prepared: requests.PreparedRequest) -> Exchange:
        started, began = time.time(), time.perf_counter()
        cut = _WATCHDOG.start(self.limits.seconds)
        response, failure = None, None
        try:
            response, failure = self._receive(prepared)
            self._met = True
        except requests.ConnectionError as error:
            if _never_connected(error) and not self._met:
                raise Unreachable(_reason(error)) from error
            failure = f"the connection broke: {_reason(error)}"
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failure = _reason(error)
        finally:
            _WATCHDOG.stop()
        if cut.is_set():
            failure = f"no complete answer within {self.limits.seconds:g} s"
        body = prepared.body
        return Exchange(
            id=f"{self._prefix}{next(self._numbers)}",
            request=Request(
                method=str(prepared.method),
                url=str(prepared.url),
                headers=Headers(dict(prepared.headers)),
                body=body.encode() if isinstance(body, str) else body,
            ),
            response=response,
            base=self.base,
            ms=(time.perf_counter() - began) * 1000,
            started=started,
            failure=failure,
        )

    def _receive(self, prepared: requests.PreparedRequest) -> tuple[Response, str | None]:
        seconds = self.limits.seconds
        with self._session.send(
            prepared, stream=True, allow_redirects=False, timeout=(min(10.0, seconds), seconds)
        ) as raw:
            content, failure = bytearray(), None
            try:
                for chunk in raw.raw.stream(_CHUNK, decode_content=False):
                    content += chunk
                    if len(content) > self.limits.size:
                        failure = f"more than {self.limits.size} bytes of content"
                        break
            except (HTTPError, OSError, ValueError) as error:
                failure = f"the answer broke off after {len(content)} bytes: {_reason(error)}"
            fields = raw.raw.headers
            pairs = tuple((str(k), str(v)) for k, v in fields.iteritems())
            return Response(
                raw.status_code, raw.reason or "", Headers(pairs), bytes(content)
            ), failure


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def _never_connected(error: requests.ConnectionError) -> bool:
    text = repr(error)
    return "NewConnectionError" in text or "NameResolutionError" in text or "SSLError" in text


def _reason(error: BaseException) -> str:
    """The innermost cause in a few words: requests wraps errors three times."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__
        if not isinstance(inner, BaseException):
            inner = next((a for a in error.args if isinstance(a, BaseException)), None)
        if inner is None or inner is error:
            break
        error = inner
    text = str(error).split(": ", 1)[-1] if "object at 0x" in str(error) else str(error)
    return text or type(error).__name__
