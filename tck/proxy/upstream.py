"""The connection to the endpoint behind the proxy: requests go out on it, answers come back.

Heads of answers are read here and not by a library, because they are forwarded as they came: fields
keep their order, their case and their repetitions. Bodies are read by the server's own streams
(`tck.reference_server.http1.body`), a piece at a time.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from tck.reference_server.http1 import Limits, ProtocolError
from tck.reference_server.http1.body import body_of
from tck.reference_server.http1.channel import SIZE, Channel
from tck.reference_server.http1.head import Head

_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: ([^\r\n]*))?\r?\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)\r?\n")
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_NO_ANSWER = "the connection ended without answer"
_MOST_FIELDS = 1_000
_CONNECTING = 10.0  # seconds
# What is between two neighbours only (RFC 9110 7.6.1), and what may not be declared to be so.
_HOP = {"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
_NEVER_HOP = {"host", "content-length", "content-type", "authorization", "date", "location", "etag"}


class UpstreamFailure(Exception):
    """The endpoint gave no answer that can be forwarded; `status` is what the client is told."""

    def __init__(self, message: str, status: int = 502) -> None:
        """`status`: 502, or 504 for what took too long."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Place:
    """Where the endpoint is. `tls`: None for plain HTTP; `seconds`: most until an answer begins."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    seconds: float = 300.0

    @classmethod
    def of(cls, url: str, ca_bundle: str | None = None, seconds: float = 300.0) -> Place:
        """Of the URL of an endpoint; OSError if the file of certificates cannot be read."""
        parts = urlsplit(url)
        tls = ssl.create_default_context(cafile=ca_bundle) if parts.scheme == "https" else None
        return cls(parts.hostname or "", parts.port or (443 if tls else 80), tls, seconds)

    @property
    def authority(self) -> str:
        """Host and port, as in the field Host: without the port if it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


@dataclass
class Answer:
    """The head of an answer. `fields` are names and values in order, as they came."""

    version: int
    status: int
    reason: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str:
        """All values of a field, joined; `name` in lower case."""
        return ", ".join(value for known, value in self.fields if known.lower() == name)

    @cached_property
    def chunked(self) -> bool:
        """Whether the content comes in chunks: whatever Content-Length says (RFC 9112 6.3)."""
        return self.get("transfer-encoding").lower() == "chunked"

    @cached_property
    def length(self) -> int | None:
        """Bytes of the content, None if no field says. Raises UpstreamFailure."""
        values = {part.strip() for part in self.get("content-length").split(",")} - {""}
        if self.get("transfer-encoding") or not values:
            return None
        if len(values) > 1 or not _LENGTH.fullmatch(min(values)):
            raise UpstreamFailure("Content-Length of the answer is not one length")
        return int(min(values))

    @property
    def stays(self) -> bool:
        """Whether the endpoint keeps the connection open after it."""
        options = self.get("connection").lower()
        return "close" not in options if self.version else "keep-alive" in options


def end_to_end(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Fields that are for the other end: without those between two neighbours."""
    named = ",".join(value for name, value in fields if name.lower() == "connection")
    hop = {option.strip().lower() for option in named.split(",")} - _NEVER_HOP | _HOP
    return [(name, value) for name, value in fields if name.lower() not in hop]


class Upstream(Channel):
    """A connection to the endpoint."""

    def __init__(self, place: Place, limits: Limits) -> None:
        """Connect. Raises UpstreamFailure."""
        try:
            sock = socket.create_connection((place.host, place.port), _CONNECTING)
            if place.tls is not None:
                sock = place.tls.wrap_socket(sock, server_hostname=place.host)
        except TimeoutError as error:
            raise UpstreamFailure("no connection to the endpoint in time", 504) from error
        except OSError as error:
            raise UpstreamFailure(f"no connection to the endpoint: {error}") from error
        super().__init__(sock, None)
        self._place, self._limits = place, limits
        self._ended = False

    @property
    def is_stale(self) -> bool:
        """Whether the endpoint ended the connection, or sent what nobody asked for."""
        return self.answers()

    def answers(self, seconds: float = 0.0) -> bool:
        """Whether an answer, or the end of the connection, comes within some seconds."""
        until = time.monotonic() + seconds
        while not (self.buffer or self._ended):
            left = max(0.0, until - time.monotonic())
            pending = self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0
            if not (pending or select.select([self._socket], [], [], left)[0]):
                return False
            self._take_in()
        return True

    def _take_in(self) -> None:
        """Read what is there: with TLS that may be nothing of an answer, as a session ticket."""
        self._socket.settimeout(0.0)
        try:
            data = self._socket.recv(SIZE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            data = b""
        self._ended = not data
        self.buffer += data

    def await_answer(self, client: Channel) -> None:
        """Wait until an answer begins. Raises UpstreamFailure, ConnectionError if `client` left."""
        until = time.monotonic() + self._place.seconds
        watched: list[Channel] = [self, client]
        while not self.answers():
            ready = select.select(watched, [], [], max(0.0, until - time.monotonic()))[0]
            if not ready:
                raise UpstreamFailure("the endpoint did not answer in time", 504)
            if client in ready:
                if client.has_left():
                    raise ConnectionError("the client left")
                watched = [self]  # it sent its next request already

    def answer(self) -> Answer:
        """The next head, which may be an interim one. Raises UpstreamFailure."""
        try:
            return self._answer()
        except TimeoutError as error:
            raise UpstreamFailure("the head of the answer did not come in time", 504) from error
        except OSError as error:
            raise UpstreamFailure(f"the connection to the endpoint broke: {error}") from error

    def _answer(self) -> Answer:
        until, left = time.monotonic() + self._place.seconds, self._limits.head
        line = self.line(left, until)
        hit = _STATUS.fullmatch(line)
        if hit is None:
            raise UpstreamFailure("no status line" if line else _NO_ANSWER)
        answer = Answer(int(hit[1]), int(hit[2]), (hit[3] or b"").decode("latin-1"))
        for _ in range(_MOST_FIELDS):
            left -= len(line)
            line = self.line(left, until) if left > 0 else b""
            if line in (b"\r\n", b"\n"):
                return answer
            found = _FIELD.fullmatch(line)
            if line[:1] in (b" ", b"\t") and answer.fields and line.endswith(b"\n"):
                name, value = answer.fields.pop()  # a folded line (RFC 9112 5.2)
                answer.fields.append((name, f"{value} {line.strip().decode('latin-1')}"))
            elif found is None:
                break
            else:
                value = found[2].strip(b" \t").decode("latin-1")
                answer.fields.append((found[1].decode(), value))
        raise UpstreamFailure("the head of the answer is malformed, or too long")

    def content(self, answer: Answer) -> Iterator[bytes]:
        """The content, in pieces. Raises UpstreamFailure if it breaks off."""
        try:
            if answer.chunked or answer.length is not None:
                body = body_of(Head(fields=_framing(answer)), self, self._limits)
                while piece := body.read(SIZE):
                    yield piece
                return
            while piece := self.read(SIZE, time.monotonic() + self._place.seconds):
                yield piece
        except ProtocolError as error:
            raise UpstreamFailure(f"the answer broke off: {error.message}") from error
        except OSError as error:
            raise UpstreamFailure(f"the answer broke off: {error or 'in time'}") from error

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            super().close()


def _framing(answer: Answer) -> list[tuple[str, str]]:
    if answer.chunked:
        return [("Transfer-Encoding", "chunked")]
    return [("Content-Length", str(answer.length))]
