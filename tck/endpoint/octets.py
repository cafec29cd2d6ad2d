"""Requests sent as bytes, on a connection of their own: what no HTTP library would send.

`Transport` can send only what is well-formed, and keeps connections. Here what is sent is given
byte for byte, and may hold further requests behind the first; what comes back is read for itself,
so that it shows how many answers came and whether the endpoint ended the connection. Each answer is
an exchange, which goes to the observers of the transport as any other. That of a request with a
`flaw` is `malformed`: rules do not judge it, since what is right there depends on the flaw.

There is a deadline over all of it, from connecting to the last byte, and a limit on the bytes that
come. Nothing is sent twice, and to no other origin than the endpoint's. There is one connection for
each message, which is closed after it. A well-formed message that is not answered with 200 is a
disturbance: it is there to show that the connection works, and only then the others mean something.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from tck.endpoint.authorization import as_others, writable
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.raw import Side, first_response, sent_fields
from tck.endpoint.transport import Transport, Unreachable

_SIZE = 64 << 10  # bytes that are read at once
_MOST = 1 << 20  # bytes of all answers to one message
_GRACE = 0.5  # seconds in which an answer is read that came before all was sent


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `data` begins with a GET of the entry point.

    `flaw`: what is malformed in it, empty if it is well-formed. `behind`: the query of the GET of
    the entry point that `data` holds behind that request, or within it; empty if there is none.
    """

    data: bytes
    flaw: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a message.

    `exchanges`: one for each answer that came, at least one; `ended`: the endpoint ended the
    connection; `seconds`: from connecting to the last byte of the first answer.
    """

    exchanges: tuple[Exchange, ...]
    ended: bool
    seconds: float

    @property
    def first(self) -> Exchange:
        """The exchange of the request that the message begins with."""
        return self.exchanges[0]


@dataclass(slots=True)
class _Answers:
    """The answers among what came so far."""

    received: bytearray
    ended: bool = False
    cut: str = ""

    def read(self) -> list[tuple[Response | None, str | None]]:
        """Each with why it is not complete; the last may be missing or incomplete."""
        rest: bytes | None = bytes(self.received)
        found: list[tuple[Response | None, str | None]] = []
        while rest is not None and (rest or not found):
            came, failure, rest = first_response("GET", Side(rest, len(rest)))
            if came is not None and failure is None and rest is None and not self.ended:
                failure = "its end is that of the connection"
            found.append((came, failure))
            if failure:
                break
        return found

    def complete(self) -> int:
        """How many are complete."""
        return sum(failure is None for _, failure in self.read())


def send(
    transport: Transport, message: Message, seconds: float, *, answers: int = 1, quiet: float = 0.0
) -> Sent:
    """Send a message on a connection of its own, and read what comes.

    Reading ends with the connection, after so many `answers`, `seconds` after it began, or `quiet`
    seconds after an answer if no more comes. Raises Unreachable if no connection can be made, and
    what `before_each` raises.
    """
    transport.before_each("GET", transport.base)
    started, began = time.time(), time.monotonic()
    came = _Answers(bytearray())
    try:
        connection = _connected(transport.base, seconds)
    except OSError as error:
        raise Unreachable(str(error)) from error
    with contextlib.closing(connection):
        took = _receive(connection, message.data, came, began + seconds, answers, quiet) - began
    found = came.read()
    exchanges = [
        _exchange(transport, message, number, answer, started, took * 1000)
        for number, answer in enumerate(found)
        if not number or answer[0] is not None
    ]
    if exchanges[0].failure and not came.ended:
        failure = came.cut or f"no complete answer within {seconds:g} s"
        exchanges[0] = replace(exchanges[0], failure=failure)
    for x in exchanges:
        for observer in transport.observers:
            observer(x)
    return Sent(tuple(exchanges), came.ended, took)


def _connected(base: str, seconds: float) -> socket.socket:
    parts = urlsplit(base)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    until = time.monotonic() + seconds
    plain = socket.create_connection((parts.hostname or "", port), timeout=min(10.0, seconds))
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme != "https":
            return plain
        plain.settimeout(max(0.1, until - time.monotonic()))  # of the whole handshake
        context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        context.set_alpn_protocols(["http/1.1"])
        return context.wrap_socket(plain, server_hostname=parts.hostname)
    except BaseException:
        plain.close()
        raise


def _receive(
    connection: socket.socket,
    data: bytes,
    came: _Answers,
    until: float,
    answers: int,
    quiet: float,
) -> float:
    """Send, and read into `came`; returns when the first answer was there."""
    try:
        connection.settimeout(max(0.1, until - time.monotonic()))  # of all that is sent
        connection.sendall(data)
    except OSError:  # it may have refused, and ended the connection, before all was sent
        until = max(until, time.monotonic() + _GRACE)
    at, complete = 0.0, 0
    while (left := until - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            piece = connection.recv(_SIZE)
        except TimeoutError:
            break
        except OSError:  # reset: this ends a connection, too
            piece = b""
        came.ended = not piece
        came.received += piece
        if len(came.received) > _MOST:
            came.cut = f"more than {_MOST} bytes came"
            break
        if (there := came.complete()) > complete:
            complete, at = there, at or time.monotonic()
            until = min(until, time.monotonic() + quiet)
        if came.ended or complete >= answers:
            break
    return at or time.monotonic()


def _exchange(
    transport: Transport,
    message: Message,
    number: int,
    answer: tuple[Response | None, str | None],
    started: float,
    ms: float,
) -> Exchange:
    """The exchange of the answer with a number, from 0: to the first request, or one behind it."""
    own = transport.credentials
    fields = sent_fields(message.data)
    shown = fields.get("Authorization")
    text = shown and writable(shown, own.user if own else "", own.password if own else "")
    flaw = f"behind a request {message.flaw}" if number and message.flaw else message.flaw
    request = Request(
        "GET",
        transport.base + (message.behind if number else ""),
        Headers(tuple((n, v) for n, v in fields if n)),
        authorization=as_others(text) if transport.is_other else text,
        malformed=flaw,
        octets=message.data.decode("latin-1"),
    )
    status = answer[0].status if answer[0] else 0
    undisturbed = message.flaw or (status == 200 and not answer[1])
    return Exchange(
        id=transport.new_id(),
        request=request,
        response=answer[0],
        base=transport.base,
        ms=ms,
        started=started,
        failure=answer[1],
        disturbance="" if undisturbed else answer[1] or f"{status} to a GET sent as bytes",
        alias=transport.alias,
        limits=transport.limits,
    )
