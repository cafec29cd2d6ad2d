"""Requests to an application in this process: no socket, and no HTTP library in between.

Requests are prepared by the same code as those that go over the network.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests

from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.flight import Flight, Hold
from tck.endpoint.transport import Credentials, Transport

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _HeldBody(io.BytesIO):
    """The content of a request, which is held when it is first read."""

    def __init__(self, content: bytes, hold: Hold) -> None:
        """`hold` returns when the content may be read."""
        super().__init__(content)
        self._hold = hold

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, once that is allowed."""
        self._hold()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        """The same."""
        self._hold()
        return super().readinto(buffer)


class Direct(Transport):
    """A transport that calls a WSGI application instead of sending; no deadline, no retries.

    The calls are one connection: what was called before may show in an answer.
    """

    def __init__(
        self,
        base: str,
        credentials: Credentials | None,
        app: Wsgi,
        headers: Mapping[str, str] | None = None,
        prefix: str = "x",
    ) -> None:
        """`app` is called once for each request, in the caller's thread."""
        super().__init__(base, credentials, headers, prefix=prefix)
        self._app = app

    def _fly(self, flights: Sequence[Flight]) -> None:
        """Land them one after the other, the last first: so each trial is like the other."""
        for flight in flights:
            flight.start()
        for flight in reversed(flights):
            flight.land()

    def _alone(self, prepared: requests.PreparedRequest, hold: Hold) -> Exchange:
        """Hold where the application reads the content, or else where it begins to answer."""
        return self._exchange(prepared, hold)

    def _exchange(self, prepared: requests.PreparedRequest, hold: Hold = lambda: None) -> Exchange:
        body = prepared.body
        data = (body.encode() if isinstance(body, str) else body) or b""
        fields = tuple((n, _text(v)) for n, v in prepared.headers.items())
        request, environ = _request(str(prepared.method), str(prepared.url), fields, data or None)
        request = replace(request, authorization=self._authorization(prepared))
        started, began = time.time(), time.perf_counter()
        head: list[Any] = []  # status line, header fields
        environ["wsgi.input"] = _HeldBody(data, hold) if data else io.BytesIO()

        def start(*given: Any) -> None:
            hold()
            head.extend(given[:2])

        content = b"".join(self._app(environ, start))
        kept, self._connected = self._connected, True
        return Exchange(
            id=self.new_id(),
            request=request,
            response=_response(request.method, head[0], head[1], content),
            base=self.base,
            ms=(time.perf_counter() - began) * 1000,
            started=started,
            provoked=self.provoking,
            alias=self.alias,
            kept=kept,
        )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(method: str, line: str, fields: list[tuple[str, str]], content: bytes) -> Response:
    code, _, reason = line.partition(" ")
    headers = Headers(tuple(fields))
    length = headers.get("Content-Length")
    if method == "HEAD" or code in ("204", "304"):
        content = b""
    elif length.isdecimal() and len(length) < 19:
        content = content[: int(length)]  # a client reads no further
    return Response(int(code), reason, headers, content)


def _request(
    method: str, url: str, fields: tuple[tuple[str, str], ...], body: bytes | None
) -> tuple[Request, dict[str, Any]]:
    """A request as evidence, and as a WSGI environment (PEP 3333)."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": url.partition(parts.netloc)[2] or "/",
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
    }
    for name, value in fields:
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return Request(method, url, Headers(fields), body), environ
