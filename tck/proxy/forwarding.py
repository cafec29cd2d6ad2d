"""One client's connection: each request goes to the endpoint, and its answer comes back.

Heads are forwarded field by field as they came, but for those between two neighbours; bodies are
streamed, each piece as soon as it is there. A client's connection has one of its own to the
endpoint, so that what an endpoint ties to a connection stays tied to it. Where either side breaks
off, so does the other: an answer that ended early must not look whole.

What the proxy answers itself, it notes at the channel (`Channel.note`), so that nobody takes it for
an answer of the endpoint.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from tck.proxy.rewriting import Rewriting
from tck.proxy.upstream import Answer, Place, Upstream, UpstreamFailure, end_to_end
from tck.reference_server.http1 import HttpServer, ProtocolError
from tck.reference_server.http1.body import Body, body_of
from tck.reference_server.http1.channel import SIZE
from tck.reference_server.http1.connection import Connection, Host, date_of
from tck.reference_server.http1.head import Head

FAILED = "the endpoint: "  # how the note of an answer begins that stands for the endpoint's
LEFT = "the client left, or the proxy was stopped"
REFUSED = "the proxy refused it: "
_PATIENCE = 1.0  # seconds for which an endpoint may leave `Expect: 100-continue` unanswered
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
_VIA = ("Via", "1.1 deltacloud-tck")
_NO_TUNNEL = "This is a proxy to one endpoint; it opens no tunnels (CONNECT)."
_NO_SWITCH = "This proxy does not switch protocols (WebSocket)."


class Proxy(HttpServer):
    """A server whose connections are forwarded to `place`; `rewriting` changes hrefs, if any."""

    place: Place
    rewriting: Rewriting | None = None

    def __init__(self, address: tuple[str, int], place: Place, **options: Any) -> None:
        """`options`: of HttpServer."""
        super().__init__(_no_application, address, **options)
        self.place = place
        self.ConnectionClass = Forwarding


def _no_application(*_: Any) -> Any:
    raise NotImplementedError("connections of a proxy do not call an application")


class Forwarding(Connection):
    """A client's connection, and the one to the endpoint that belongs to it."""

    server: Proxy

    def __init__(self, server: Host, channel: Any) -> None:
        """As any connection."""
        super().__init__(server, channel)
        self._upstream: Upstream | None = None

    def serve(self) -> None:
        """Forward requests until one side ends."""
        try:
            super().serve()
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None

    def _answer(self, head: Head, refusal: ProtocolError | None = None) -> bool:
        if why_not := _refused(head, refusal):
            return self._own(head, *why_not)
        try:
            return self._forward(head, body_of(head, self.channel, self.server.limits))
        except UpstreamFailure as failure:
            self._leave()
            return self._own(head, failure.status, FAILED, str(failure))
        except ProtocolError as broken:  # in the body of the request
            self._leave()
            return self._own(head, broken.status, REFUSED, broken.message)
        except OSError:
            self.channel.note(LEFT)
            self._leave()
            raise

    def _forward(self, head: Head, body: Body) -> bool:
        answer = self._asked(head, body)
        upstream = self._upstream
        assert upstream is not None
        stays = self.server.running and head.stays and body.settle()
        bare = head.method == "HEAD" or answer.status in (204, 304)
        pieces: Iterable[bytes] = () if bare else upstream.content(answer)
        came = answer
        if rewriting := self.server.rewriting:
            answer, pieces = rewriting.changed(head, answer, pieces, bare=bare)
        length = None if bare else answer.length
        chunked = not bare and length is None and head.version > (1, 0)
        stays = stays and (bare or chunked or length is not None)
        lead = _head_of(answer, head, chunked=chunked, stays=stays)
        try:
            for piece in pieces:
                framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
                self.wfile.write(lead + framed)
                lead = b""
            if end := lead + (b"0\r\n\r\n" if chunked else b""):
                self.wfile.write(end)
        except UpstreamFailure:
            if lead:  # nothing was sent yet
                raise
            self._leave()
            self.channel.hang_up()
            return False
        whole = bare or came.length is not None or came.chunked
        if not (came.stays and whole and body.finished):
            self._leave()
        return stays

    # ------------------------------------------------------------ the request

    def _asked(self, head: Head, body: Body) -> Answer:
        """Send the request; the head of its answer. Raises UpstreamFailure, ProtocolError."""
        if self._upstream is not None and self._upstream.is_stale:
            self._leave()
        kept = self._upstream is not None
        try:
            return self._asked_once(head, body)
        except UpstreamFailure:
            again = kept and head.method in _IDEMPOTENT and not (head.length or head.chunked)
            if not again or self._begun:
                raise
        self._leave()  # a kept connection may end at any time (RFC 9112 9.3.1)
        return self._asked_once(head, body)

    def _asked_once(self, head: Head, body: Body) -> Answer:
        self._begun = False
        if self._upstream is None:
            self._upstream = Upstream(self.server.place, self.server.limits)
        upstream = self._upstream
        try:
            upstream.send(self._request(head), self._until(SIZE))
            answer = None
            if head.expects and upstream.answers(_PATIENCE):
                answer = self._interim(head, upstream.answer())
            if answer is None:
                self._send_body(head, body, upstream)
        except OSError:
            answer = None  # it takes no more; perhaps it has said why
        if answer is None:
            upstream.await_answer(self.channel)
            answer = self._interim(head, upstream.answer())
        while answer is None:
            answer = self._interim(head, upstream.answer())
        self._begun = True
        return answer

    def _send_body(self, head: Head, body: Body, upstream: Upstream) -> None:
        """Stream the body, unless the answer comes before it is whole."""
        while piece := body.read(SIZE):
            if upstream.answers():
                return
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if head.chunked else piece
            upstream.send(framed, self._until(len(piece)))
        if head.chunked:
            upstream.send(b"0\r\n\r\n", self._until(0))

    def _interim(self, head: Head, answer: Answer) -> Answer | None:
        """The answer, None if it is only interim. Such are passed on, but for 100: the stream asks.

        Raises UpstreamFailure for 101: nobody asked to switch protocols.
        """
        if not 100 <= answer.status < 200:
            return answer
        if answer.status == 101:
            raise UpstreamFailure("it switches protocols without being asked to")
        if answer.status != 100 and head.version > (1, 0):
            lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
            lines += [f"{name}: {value}" for name, value in end_to_end(answer.fields)]
            self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return None

    def _request(self, head: Head) -> bytes:
        rewriting, fields = self.server.rewriting, end_to_end(head.fields)
        if head.authority is not None:  # it counts, not the field (RFC 9112 3.2.2)
            fields = [("Host", head.authority), *(f for f in fields if f[0].lower() != "host")]
        if rewriting is not None:
            fields = rewriting.request_fields(fields)
        if not any(name.lower() == "host" for name, _ in fields):
            fields = [("Host", self.server.place.authority), *fields]
        if head.chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        hops = head.get("max-forwards") if head.method in ("OPTIONS", "TRACE") else None
        if hops is not None and hops.isdecimal():
            fields = [
                (n, str(int(hops) - 1) if n.lower() == "max-forwards" else v) for n, v in fields
            ]
        lines = [f"{head.method} {head.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in [*fields, _VIA]]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _until(self, size: int) -> float:
        limits = self.server.limits
        return time.monotonic() + limits.patience + size / limits.rate

    # ------------------------------------------------------------ answers of the proxy itself

    def _own(self, head: Head, status: int, kind: str, message: str) -> bool:
        """Answer in words of the proxy, and end the connection."""
        self.channel.note(kind + message)
        content = f"{kind}{message}\n".encode()
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Refused')}"]
        lines += ["Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(content)}"]
        lines += ["Connection: close", f"Date: {date_of(int(time.time()))}", "", ""]
        body = b"" if head.method == "HEAD" else content
        self.wfile.write("\r\n".join(lines).encode("latin-1") + body)
        return False


_REASONS = {200: "OK", 400: "Bad Request", 408: "Request Timeout", 501: "Not Implemented"}
_REASONS |= {502: "Bad Gateway", 504: "Gateway Timeout"}


def _refused(head: Head, refusal: ProtocolError | None) -> tuple[int, str, str] | None:
    """With which status, and in which words, the proxy answers itself; None if it forwards."""
    if head.method == "CONNECT":
        return 501, REFUSED, _NO_TUNNEL
    if refusal is not None:
        return refusal.status, REFUSED, refusal.message
    if "websocket" in (head.get("upgrade") or "").lower():
        return 501, REFUSED, _NO_SWITCH
    if _hops(head) == 0:
        return (200 if head.method == "OPTIONS" else 501), REFUSED, "Max-Forwards is 0."
    return None


def _hops(head: Head) -> int | None:
    """How far a request may still be forwarded (RFC 9110 7.6.2); None if it does not say."""
    hops = head.get("max-forwards") if head.method in ("OPTIONS", "TRACE") else None
    return int(hops) if hops is not None and re.fullmatch(r"[0-9]{1,9}", hops) else None


def _head_of(answer: Answer, head: Head, *, chunked: bool, stays: bool) -> bytes:
    """The head of an answer as it is forwarded."""
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
    for name, value in end_to_end(answer.fields):
        if not (name.lower() == "content-length" and answer.get("transfer-encoding")):
            lines.append(f"{name}: {value}")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    if not stays:
        lines.append("Connection: close")
    elif head.version == (1, 0):
        lines.append("Connection: keep-alive")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
