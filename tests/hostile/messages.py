"""Requests as they come from a socket, and answers as they go to one."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from tck.schemas.operations import API

_NO_BODY = (204, 304)


@dataclass(frozen=True)
class Asked:
    """A request; `target` as it was sent, `headers` with names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def path(self) -> str:
        """The path below the base: `/keys/mine`, empty for the entry point."""
        return urlsplit(self.target).path.removeprefix(API.base).rstrip("/")

    @property
    def operation(self) -> str:
        """Such as `keys.create`; empty for what is no operation of the API."""
        found = API.match(self.method, self.path)
        return found[0].id if found else ""

    @property
    def collection(self) -> str:
        return self.operation.partition(".")[0]

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode("latin-1")).items()}


@dataclass
class Answer:
    """An answer that is about to be sent; `encode` gives it the right length."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    reason: str | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def get(self, name: str) -> str:
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    def set(self, name: str, value: str) -> None:
        """One field of that name, in place of all there are."""
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]
        self.headers.append((name, value))

    def replace(self, old: str | bytes, new: str | bytes) -> None:
        """Replace text in the body, and in Location."""
        one, other = (t.encode() if isinstance(t, str) else t for t in (old, new))
        self.body = self.body.replace(one, other)
        if location := self.get("Location"):
            self.set("Location", location.replace(one.decode(), other.decode("latin-1")))

    def head(self, *more: tuple[str, str], length: int | None = None) -> bytes:
        """Status line and fields; without `length`, no Content-Length is sent."""
        phrase = self.reason
        if phrase is None:
            phrase = HTTPStatus(self.status).phrase if self.status in list(HTTPStatus) else "X"
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        lines += [f"{n}: {v}" for n, v in (*self.headers, *more) if n.lower() != "content-length"]
        if length is not None and self.status not in _NO_BODY:
            lines.append(f"Content-Length: {length}")
        return "\r\n".join((*lines, "", "")).encode("latin-1", "replace")

    def encode(self, method: str = "GET") -> bytes:
        """The whole answer."""
        body = b"" if method == "HEAD" or self.status in _NO_BODY else self.body
        return self.head(length=len(self.body)) + body


class Connection:
    """A connection of a client, request by request."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._buffer = b""

    def _more(self) -> bool:
        data = self.socket.recv(65536)
        self._buffer += data
        return bool(data)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size and self._more():
            pass
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _take_until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            if not self._more():
                return b""
        return self._take(self._buffer.index(end) + len(end))

    def request(self) -> Asked | None:
        """The next request, None if the client has closed."""
        head = self._take_until(b"\r\n\r\n")
        if not head:
            return None
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = {n.strip().lower(): v.strip() for n, _, v in (ln.partition(":") for ln in lines)}
        method, target, *_ = [*first.split(" "), ""]
        if headers.get("expect", "").lower() == "100-continue":
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in headers.get("transfer-encoding", ""):
            body = self._chunks()
        else:
            body = self._take(int(headers.get("content-length") or 0))
        return Asked(method, target, headers, body, head + body)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._take_until(b"\r\n").split(b";")[0] or b"0", 16):
            body += self._take(size + 2)[:-2]
        while self._take_until(b"\r\n").strip():
            pass
        return body
