"""Sending requests to an endpoint, and making an exchange of each.

The endpoint may be broken or hostile, and what it answers is evidence. So `Transport` uses the
library requests without its sessions: nothing is taken from the environment (no netrc, no
proxies), no redirect is followed, no cookie is kept (a cookie that logs in would hide that the
endpoint does not check credentials), nothing is decompressed, and URLs at another origin than the
endpoint's are refused before anything is sent, so that credentials cannot go there.

Limits. Every exchange has a deadline over all of it, and limits on the bytes of its header
section and of its content (limits.py). Content that is longer than what is judged is read to its
end, to see that it has one, but not kept. A socket time-out is not a deadline: it starts again
with every byte, so an endpoint that sends a byte now and then could hold a run for ever. A watchdog
thread (wire.py) therefore shuts the connections of a thread whose exchange is overdue; the read
that waits there then fails. What had come until then does not count as an answer.

Failures. Whatever goes wrong after a connection was made becomes an exchange with `failure` set,
and is judged like any other. Only a first connection that cannot be made at all raises
(`Unreachable`): then there is no endpoint to judge.

Retries. There are three kinds, which must not be mixed up. A server may close a kept-alive
connection between two requests; an idempotent request that meets this is sent again at once on a
new connection (RFC 9112 9.3.1), and nobody is told. A safe request whose answer is broken on a kept
connection, and not only missing, is tried on a new one, and on another after the request before it:
if only the latter fails, what is wrong is the connection and not the operation (DC-HTTP-047). A
disturbed answer (429, 503, a broken connection; disturbance.py) is asked for again after a pause if
retries are switched on and the method is safe; each try is an exchange of its own, marked with
`disturbance`, so that it is listed and not judged. A disturbed request of any other method raises
`Disturbed`: it may have taken effect, and sending it again could create something twice.
"""

from __future__ import annotations

import copy
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from tck import __version__
from tck.endpoint.authorization import as_others, writable
from tck.endpoint.breakage import is_closed, never_connected, why
from tck.endpoint.disturbance import (
    ON_KEPT,
    SAFE,
    Away,
    Disturbed,
    Retries,
    disturbance,
    is_whole,
)
from tck.endpoint.exchange import Exchange, Headers, Request, Response, rebased
from tck.endpoint.flight import Flight, Hold, Landed
from tck.endpoint.limits import Limits
from tck.endpoint.wire import BROKE_OFF, WATCHDOG, Adapter, receive

_Prepared = requests.PreparedRequest
Observer = Callable[[Exchange], None]
_HEAD_START = 0.01  # seconds in which an endpoint can read the heads of requests at once
_AT_ONCE = "when several requests were sent at once"
_MOST_DOUBTS = 3  # failures on kept connections that are looked into
_IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


class ForeignOrigin(Exception):
    """A URL is at another origin than the endpoint, or not a URL at all; nothing was sent."""


class Unreachable(Exception):
    """No connection to the endpoint could be made at all."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password for HTTP Basic."""

    user: str
    password: str = field(repr=False)


class Sent(TypedDict, total=False):
    """What is sent with a request beside method and target; see `Transport.send`."""

    headers: Mapping[str, str] | None
    params: Mapping[str, str] | None
    form: Mapping[str, str] | None
    files: Mapping[str, Any] | None
    body: bytes | None
    credentials: Credentials | bool | None


class Transport:
    """Sends requests to one endpoint. Must not be shared between threads."""

    def __init__(
        self,
        base: str,
        credentials: Credentials | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        prefix: str = "x",
        retries: int = 0,
    ) -> None:
        """`base`: URL of the entry point (`http://host:3001/api`).

        `headers` are sent with every request (driver, provider). `prefix`: how the ids of exchanges
        begin, so that ids of several processes differ. `retries`: how many disturbed answers in a
        row are asked for again; with 0 every answer counts. `observers` are called with every
        exchange, `before_each` before every request with its method and URL; what it raises goes
        to the caller of `send`.
        While `provoking`, exchanges are marked as `provoked`. `is_other`: the credentials are those
        of the second user. `alias`: see `Exchange`; URLs that begin so are asked for at `base`.
        `marks` are fields of every request.
        """
        self.base = base.rstrip("/")
        self.credentials = credentials
        self.limits = limits or Limits()
        self.observers: list[Observer] = []
        self.before_each: Callable[[str, str], None] = lambda _method, _url: None
        self.provoking = False
        self.marks: dict[str, str] = {}
        self.is_other = False
        self.alias = ""
        self._retries = Retries(retries, self.limits.outage)
        self._headers = dict(headers or {})
        self._origin = _origin(self.base)
        self._numbers: Iterator[int] = itertools.count(1)
        self._prefix = prefix
        self._connected = False
        self._reuses = True
        self._closed = False  # the last request met a connection that was closed
        self._doubts = _MOST_DOUBTS
        self._before: _Prepared | None = None
        self._adapter = Adapter(self.limits.headers)

    @property
    def standing_headers(self) -> Mapping[str, str]:
        """The fields that every request has."""
        return self._headers

    def new_id(self) -> str:
        """The id of another exchange."""
        return f"{self._prefix}{next(self._numbers)}"

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def url(self, target: str) -> str:
        """The absolute URL of a path below the base, or of an href, which stays as it is.

        Raises ForeignOrigin for an href at another scheme, host or port.
        """
        target = rebased(target, self.alias, self.base)
        url = target if target.startswith(("http://", "https://")) else self.base + target
        self._require_own_origin(url)
        return url

    def _require_own_origin(self, url: str) -> None:
        try:
            own = _origin(url) == self._origin
        except ValueError as error:
            raise ForeignOrigin(f"{url} is not a URL ({error})") from error
        if not own:
            raise ForeignOrigin(f"{url} is not at {self._origin}")

    def send(self, method: str, target: str, **sent: Unpack[Sent]) -> Exchange:
        """Send one request and return its exchange, after all observers have seen it.

        `target`: a path below the base, or an href. `params` go into the query, `form` into an
        urlencoded body, `files` into a multipart body; `body` is sent as it is. `credentials`: True
        for the endpoint's own, None or False for none, or others to use instead.

        Raises ForeignOrigin, Unreachable, and Disturbed (see the top of this module).
        """
        return self._send_until_it_counts(self.prepare(method, target, **sent))

    def prepare(self, method: str, target: str, **sent: Unpack[Sent]) -> _Prepared:
        """What `send` sends; the arguments are the same. Raises ForeignOrigin."""
        sent_headers = {
            "User-Agent": f"deltacloud-tck/{__version__}",
            "Accept-Encoding": "identity",
        }
        sent_headers |= self._headers | self.marks | dict(sent.get("headers") or {})
        asked = sent.get("credentials", True)
        used = self.credentials if asked is True else asked or None
        # step by step, so that no cookie is added, and no Authorization except the one asked for
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        try:
            prepared.prepare_url(self.url(target), sent.get("params"))
        except requests.exceptions.InvalidURL as error:
            raise ForeignOrigin(str(error)) from error
        # again, as the library reads the URL: for it, http://elsewhere\\@home/ is at elsewhere
        self._require_own_origin(str(prepared.url))
        prepared.prepare_headers(sent_headers)
        body = sent.get("body")
        prepared.prepare_body((sent.get("form") if body is None else body) or [], sent.get("files"))
        if used:
            prepared.prepare_auth((used.user.encode(), used.password.encode()))
        return prepared

    def send_at_once(self, requests: Sequence[_Prepared]) -> list[Landed]:
        """Send requests so that all are under way at the same time (flight.py), each once.

        Each has a connection of its own, and this transport none meanwhile: an endpoint may have
        few. An answer that says "not now", as this may be too much at once for an endpoint, is
        marked as disturbed. What `before_each` raises comes before anything is sent.
        """
        for prepared in requests:
            self.before_each(str(prepared.method), str(prepared.url))
        self._adapter.close()
        seconds = self.limits.seconds
        flights = [Flight(prepared, self._alone, seconds) for prepared in requests]
        self._fly(flights)
        landed = [flight.landed() for flight in flights]
        for number, (x, *times) in enumerate(landed):
            if reason := disturbance(x):
                landed[number] = Landed(replace(x, disturbance=f"{_AT_ONCE}: {reason}"), *times)
            for observer in self.observers:
                observer(landed[number].exchange)
        return landed

    def _fly(self, flights: Sequence[Flight]) -> None:
        """Start flights, and land them once all have arrived."""
        try:
            for flight in flights:
                flight.start()
            time.sleep(_HEAD_START)
        finally:
            for flight in flights:  # also if this is interrupted
                flight.released.set()
        for flight in flights:
            flight.land()

    def _alone(self, prepared: _Prepared, hold: Hold) -> Exchange:
        """Send over a connection of its own, which is held; in the thread of a flight."""
        alone = copy.copy(self)  # nothing but the counter of ids is shared
        alone._adapter = Adapter(self.limits.headers, hold, has_content=bool(prepared.body))
        try:
            return alone._exchange(prepared)
        finally:
            alone.close()

    def _send_until_it_counts(self, prepared: _Prepared) -> Exchange:
        while True:
            if not self._reuses:
                self._adapter.close()
            exchange = self._counted(prepared)
            doubtful = exchange.kept and exchange.failure and not self._closed
            if doubtful and prepared.method in SAFE:
                exchange = self._on_a_new_connection(prepared, exchange)
            self._before = prepared
            pause = self._retries.pause(exchange)
            away = pause is None and self._retries.seen and self._is_away(prepared, exchange)
            if away:
                pause = self._retries.pause_of_outage()
            if pause is not None or away:
                exchange = replace(exchange, disturbance=disturbance(exchange))
            for observer in self.observers:
                observer(exchange)
            if pause is None and away:
                raise Away(exchange, self._retries.away_since or time.time())
            if pause is None:
                return exchange
            if exchange.request.method not in SAFE:
                raise Disturbed(exchange)
            time.sleep(pause)

    def _is_away(self, prepared: _Prepared, x: Exchange) -> bool:
        """Tell whether, after a disturbed answer that would count, the entry point is so, too."""
        if not (self._retries.enabled and disturbance(x)):
            return False
        probe = prepared.copy()
        probe.prepare_method("GET")
        probe.prepare_url(self.base, None)
        probe.body = None
        for name in ("Content-Length", "Content-Type", "Transfer-Encoding"):
            probe.headers.pop(name, None)
        return bool(disturbance(self._tried(probe)))

    def _on_a_new_connection(self, request: _Prepared, failed: Exchange) -> Exchange:
        """Ask again, to tell a request that fails from a connection that makes it fail.

        The latter is proven if it is answered on a new connection, and fails again on another
        after the request that came before it. Then the failure is a disturbance, which DC-HTTP-047
        is about, and no connection is used twice any more: a POST that met the same could not be
        sent again. Otherwise it is a failure like any other.
        """
        before = self._before
        if before is None or before.method not in SAFE or not self._doubts:
            return failed
        self._doubts -= 1  # where all answers fail, each failure costs its deadline again
        self._adapter.close()
        alone = self._tried(request)
        if not is_whole(alone):
            return failed
        self._adapter.close()
        proven = is_whole(self._tried(before)) and self._tried(request).failure is not None
        self._adapter.close()
        if not proven:
            return failed
        self._reuses = False
        for observer in self.observers:
            observer(replace(failed, disturbance=f"{ON_KEPT}: {failed.failure}"))
        return alone

    def _tried(self, request: _Prepared) -> Exchange:
        """Send, and list the exchange if it is disturbed."""
        x = self._counted(request)
        if disturbance(x):
            for observer in self.observers:
                observer(replace(x, disturbance=disturbance(x)))
        return x

    def _counted(self, request: _Prepared) -> Exchange:
        self.before_each(str(request.method), str(request.url))
        return self._exchange(request)

    def _exchange(self, prepared: _Prepared) -> Exchange:
        connections = WATCHDOG.connections_made()
        started, began = time.time(), time.perf_counter()
        cut = WATCHDOG.start(self.limits.seconds)
        response, failure, broke, self._closed = None, None, False, False
        try:
            response, failure = self._receive_reconnecting(prepared, cut)
            self._connected = True
            broke = (failure or "").startswith(BROKE_OFF)
        except requests.ConnectionError as error:
            if never_connected(error) and not self._connected:
                raise Unreachable(why(error)) from error
            failure, broke = f"the connection broke: {why(error)}", True
            self._closed = is_closed(error)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failure = why(error)
        finally:
            WATCHDOG.stop()
        if cut.is_set():
            failure, broke = f"no complete answer within {self.limits.seconds:g} s", False
        body = prepared.body
        return Exchange(
            id=self.new_id(),
            request=Request(
                method=str(prepared.method),
                url=str(prepared.url),
                headers=Headers(tuple((str(n), str(v)) for n, v in prepared.headers.items())),
                body=body.encode() if isinstance(body, str) else body,
                authorization=self._authorization(prepared),
            ),
            response=response,
            base=self.base,
            ms=(time.perf_counter() - began) * 1000,
            started=started,
            failure=failure,
            broke=broke,
            provoked=self.provoking,
            alias=self.alias,
            kept=self._connected and WATCHDOG.connections_made() == connections,
            limits=self.limits,
        )

    def _authorization(self, prepared: _Prepared) -> str:
        own = self.credentials or Credentials("", "")
        value = str(prepared.headers.get("Authorization", ""))
        text = value and writable(value, own.user, own.password)
        return as_others(text) if self.is_other else text

    def _receive_reconnecting(
        self, prepared: _Prepared, cut: threading.Event
    ) -> tuple[Response, str | None]:
        """Receive; on a new connection if the kept one turns out to be closed.

        Only for idempotent requests (RFC 9110 9.2.2, RFC 9112 9.3.1), and not if retries are on:
        then this is a disturbance like any other, listed in the report.
        """
        connections = WATCHDOG.connections_made()
        try:
            return receive(self._adapter, prepared, self.limits)
        except requests.ConnectionError as error:
            kept = WATCHDOG.connections_made() == connections
            again = prepared.method in _IDEMPOTENT and not self._retries.enabled
            if not (is_closed(error) and kept and again) or cut.is_set():
                raise
        return receive(self._adapter, prepared, self.limits)


@lru_cache(maxsize=1024)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"
