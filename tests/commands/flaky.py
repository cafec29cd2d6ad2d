"""A proxy that makes a good endpoint look like a cloud on a bad day.

It is slow, answers 429 and 503 with Retry-After, drops connections before and after the
request went through, and shows for a while what was there before a write.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}
Answer = tuple[int, str, list[tuple[str, str]], bytes]


@dataclass
class Weather:
    """How bad the day is; shares of all requests, and seconds."""

    latency: float = 0.01
    busy: float = 0.02
    dropped: float = 0.01
    stale: float = 0.3
    stale_for: float = 2.0
    seed: int = 1
    calm: int = 6  # requests before it begins: the first contact
    suffered: Counter[str] = field(default_factory=Counter)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def _any(self) -> None:
        body = self._body()
        weather, luck = self.server.weather, self.server.luck
        self.server.closing.wait(luck.random() * 2 * weather.latency)
        kind = luck.choices(
            ("busy", "lost", "cut", ""),
            (weather.busy, weather.dropped, weather.dropped, 1 - weather.busy),
        )[0]
        weather.calm -= 1
        kind = "" if weather.calm >= 0 else kind
        weather.suffered[kind] += bool(kind)
        if kind == "busy":
            status = luck.choice((429, 503))
            self._tell((status, "Busy", [("Retry-After", "0"), ("Content-Length", "0")], b""))
        elif kind == "lost":
            self._hang_up()
        else:
            answer = self.server.answer(self.command, self.path, list(self.headers.items()), body)
            if kind == "cut":
                self._hang_up()
            else:
                self._tell(answer)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _tell(self, answer: Answer) -> None:
        status, reason, headers, body = answer
        self.send_response_only(status, reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream: str, weather: Weather) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream)
        self.weather = weather
        self.closing = threading.Event()
        self.luck = random.Random(weather.seed)
        self._seen: dict[object, tuple[float, Answer]] = {}
        self._written = float("-inf")

    def handle_error(self, *_: Any) -> None:
        """Clients may hang up."""

    def answer(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """What the endpoint answers, or did before the last write."""
        # old is an answer to the same request: to the same driver, in the same format
        key = (method, path, frozenset(headers))
        begun = time.monotonic()
        if method in ("GET", "HEAD"):
            fresh = begun - self._written < self.weather.stale_for
            at, known = self._seen.get(key, (begun, None))
            old = known is not None and at < self._written
            if fresh and old and known and self.luck.random() < self.weather.stale:
                self.weather.suffered["stale"] += 1
                return known
        else:
            self._written = begun
        found = self._forward(method, path, headers, body)
        if method in ("GET", "HEAD"):
            self._seen[key] = (begun, found)
        else:
            self._written = time.monotonic()
        return found

    def _forward(
        self, method: str, path: str, headers: list[tuple[str, str]], body: bytes
    ) -> Answer:
        connection = http.client.HTTPConnection(self.upstream.netloc, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP | {"content-length", "expect"}:
                connection.putheader(name, value)
        if body or method in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        kept = [(n, v) for n, v in answer.getheaders() if n.lower() not in HOP_BY_HOP]
        if not any(n.lower() == "content-length" for n, _ in kept) and answer.status != 204:
            kept.append(("Content-Length", str(len(content))))
        connection.close()
        return answer.status, answer.reason, kept, content


@contextlib.contextmanager
def flaky(upstream: str, weather: Weather) -> Iterator[str]:
    """The URL of a proxy before an endpoint."""
    proxy = _Proxy(upstream, weather)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}{proxy.upstream.path}"
    finally:
        proxy.closing.set()
        proxy.shutdown()
        proxy.server_close()
