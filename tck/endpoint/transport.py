"""Sending requests to an endpoint, and remembering every exchange.

Built on requests without its sessions, with what a judge needs: nothing is taken from the
environment (no netrc, no proxies), no redirect is followed, no cookie is kept (one that logs in
would hide that credentials are not looked at), an answer that counts is asked for once,
credentials go to the endpoint's own origin only, and every exchange has a deadline and a size
limit.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from http.client import RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from tck import __version__
from tck.endpoint.disturbance import SAFE, Disturbed, Retries, disturbance
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.wire import WATCHDOG, Adapter

Observer = Callable[[Exchange], None]
_CHUNK = 1 << 16
_BROKE_OFF = "the answer broke off"
_IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


class ForeignOrigin(Exception):
    """A URL leads away from the endpoint, or nowhere; nothing was sent."""


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


class Transport:
    """A connection to one endpoint. Not to be shared between threads."""

    def __init__(
        self,
        base: str,
        credentials: Credentials | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        prefix: str = "x",
        retries: int = 0,
    ) -> None:
        """`base`: `http://host:3001/api`; `headers` go with every request (driver, provider).

        `prefix` begins the ids of exchanges, so that those of several processes differ.
        `retries`: how often in a row a disturbed answer does not count. `before_each` is called
        before anything is sent.
        """
        self.base = base.rstrip("/")
        self.credentials = credentials
        self.limits = limits or Limits()
        self.observers: list[Observer] = []
        self.before_each: Callable[[], None] = lambda: None
        self._retries = Retries(retries)
        self._headers = dict(headers or {})
        self._origin = _origin(self.base)
        self._numbers: Iterator[int] = itertools.count(1)
        self._prefix = prefix
        self._met = False
        self._adapter = Adapter()

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def url(self, target: str) -> str:
        """The absolute URL of a path below the base, or of an href as it stands.

        Raises ForeignOrigin for an href at another host.
        """
        url = target if target.startswith(("http://", "https://")) else self.base + target
        self._stay_home(url)
        return url

    def _stay_home(self, url: str) -> None:
        try:
            home = _origin(url) == self._origin
        except ValueError as error:
            raise ForeignOrigin(f"{url} is no URL ({error})") from error
        if not home:
            raise ForeignOrigin(f"{url} is not at {self._origin}")

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
        with `failure`; only a first connection that cannot be made raises Unreachable. A
        disturbed answer is asked for again, or raises Disturbed if the method is not safe.
        """
        sent_headers = {
            "User-Agent": f"deltacloud-tck/{__version__}",
            "Accept-Encoding": "identity",
        }
        sent_headers |= self._headers | dict(headers or {})
        used = self.credentials if credentials is True else credentials or None
        try:
            prepared = self._prepared(
                method,
                self.url(target),
                sent_headers,
                params=params,
                data=body if body is not None else form,
                files=files,
                used=used,
            )
        except requests.exceptions.InvalidURL as error:
            raise ForeignOrigin(str(error)) from error
        # as the library understands the URL: http://elsewhere\\@home/ is elsewhere to it
        self._stay_home(str(prepared.url))
        while True:
            self.before_each()
            exchange = self._exchange(prepared)
            pause = self._retries.pause(exchange)
            if pause is not None:
                exchange = replace(exchange, disturbance=disturbance(exchange))
            for observer in self.observers:
                observer(exchange)
            if pause is None:
                return exchange
            if method not in SAFE:
                raise Disturbed(exchange)
            time.sleep(pause)

    def _prepared(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str] | None,
        data: bytes | Mapping[str, str] | None,
        files: Mapping[str, Any] | None,
        used: Credentials | None,
    ) -> requests.PreparedRequest:
        # step by step: no cookies, and no Authorization but the one that is wanted
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_url(url, params)
        prepared.prepare_headers(headers)
        prepared.prepare_body(data or [], files)
        if used:
            prepared.prepare_auth((used.user.encode(), used.password.encode()))
        return prepared

    def _exchange(self, prepared: requests.PreparedRequest) -> Exchange:
        started, began = time.time(), time.perf_counter()
        cut = WATCHDOG.start(self.limits.seconds)
        response, failure, broke = None, None, False
        try:
            response, failure = self._receive_anew(prepared, cut)
            self._met = True
            broke = (failure or "").startswith(_BROKE_OFF)
        except requests.ConnectionError as error:
            if _never_connected(error) and not self._met:
                raise Unreachable(_reason(error)) from error
            failure, broke = f"the connection broke: {_reason(error)}", True
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failure = _reason(error)
        finally:
            WATCHDOG.stop()
        if cut.is_set():
            failure, broke = f"no complete answer within {self.limits.seconds:g} s", False
        body = prepared.body
        return Exchange(
            id=f"{self._prefix}{next(self._numbers)}",
            request=Request(
                method=str(prepared.method),
                url=str(prepared.url),
                headers=Headers(tuple((str(n), str(v)) for n, v in prepared.headers.items())),
                body=body.encode() if isinstance(body, str) else body,
            ),
            response=response,
            base=self.base,
            ms=(time.perf_counter() - began) * 1000,
            started=started,
            failure=failure,
            broke=broke,
        )

    def _receive_anew(
        self, prepared: requests.PreparedRequest, cut: threading.Event
    ) -> tuple[Response, str | None]:
        """Receive, on a new connection if the one that was kept turns out to be closed.

        Servers may close a connection between two requests without saying so; idempotent
        requests are then sent again (RFC 9110 9.2.2, RFC 9112 9.3.1). Where requests are retried
        anyway, that is told as any other retry, and only safe ones are.
        """
        made = WATCHDOG.made()
        try:
            return self._receive(prepared)
        except requests.ConnectionError as error:
            closed = isinstance(_cause(error), RemoteDisconnected | ConnectionError)
            kept = WATCHDOG.made() == made
            again = prepared.method in _IDEMPOTENT and not self._retries.enabled
            if not (closed and kept and again) or cut.is_set():
                raise
        return self._receive(prepared)

    def _receive(self, prepared: requests.PreparedRequest) -> tuple[Response, str | None]:
        seconds = self.limits.seconds
        with self._adapter.send(
            prepared,
            stream=True,
            timeout=(min(10.0, seconds), seconds + 1),  # the watchdog comes first
        ) as raw:
            content, failure = bytearray(), None
            try:
                for chunk in raw.raw.stream(_CHUNK, decode_content=False):
                    content += chunk
                    if len(content) > self.limits.size:
                        failure = f"more than {self.limits.size} bytes of content"
                        break
            except (HTTPError, OSError, ValueError) as error:
                failure = f"{_BROKE_OFF} after {len(content)} bytes: {_reason(error)}"
            fields = raw.raw.headers
            pairs = tuple((str(k), str(v)) for k, v in fields.iteritems())
            return Response(
                raw.status_code, raw.reason or "", Headers(pairs), bytes(content)
            ), failure


@lru_cache(maxsize=1024)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def _never_connected(error: requests.ConnectionError) -> bool:
    text = repr(error)
    return "NewConnectionError" in text or "NameResolutionError" in text or "SSLError" in text


def _cause(error: BaseException) -> BaseException:
    """The innermost cause: requests wraps errors three times."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__
        if not isinstance(inner, BaseException):
            inner = next((a for a in error.args if isinstance(a, BaseException)), None)
        if inner is None or inner is error:
            return error
        error = inner


def _reason(error: BaseException) -> str:
    """Why something failed, in a few words."""
    error = _cause(error)
    text = str(error).split(": ", 1)[-1] if "object at 0x" in str(error) else str(error)
    return text or type(error).__name__
