"""Requests to an application in this process, without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# A server states the time of its answers; in a proof time stands still.
_DATE = "Sun, 22 Nov 2026 13:45:24 GMT"


class WsgiAdapter(BaseAdapter):
    """Calls a WSGI application as a server would."""

    def __init__(self, app: Wsgi) -> None:
        """`app` is called once a request, in the thread of the caller."""
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        """Answer a prepared request."""
        said: list[Any] = []
        chunks = self._app(_environ(request), lambda *told: said.extend(told[:2]))
        body = b"".join(chunks)
        headers = HTTPHeaderDict(said[1])
        if "Date" not in headers:
            headers.add("Date", _DATE)
        status = int(said[0].split()[0])
        answer = requests.Response()
        answer.status_code, answer.reason = status, HTTPStatus(status).phrase
        if (length := headers.get("Content-Length", "")).isdigit():
            body = body[: int(length)]  # a client reads no further
        answer.raw = HTTPResponse(
            io.BytesIO(body),
            headers,
            status,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        answer.request = request
        return answer

    def close(self) -> None:
        """Nothing is open."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(str(request.url))
    body = request.body or b""
    data = body.encode() if isinstance(body, str) else body
    target = str(request.url).partition(parts.netloc)[2] or "/"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": target,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(data),
    }
    return environ | _fields(request.headers)


def _fields(headers: Mapping[str, str | bytes]) -> dict[str, str]:
    found = {}
    for name, value in headers.items():
        known = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        found[known if known in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{known}"] = text
    return found
