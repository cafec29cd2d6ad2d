"""Requests at once: all are known to the endpoint before it can act on any."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

import pytest

from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits
from tck.endpoint.transport import Transport

from .sockets import LIMITS, Peer


class Server:
    """Notes when a head came and when a body did, and answers both; the rest is up to `accept`."""

    def __init__(self, most: int = 9) -> None:
        """`most`: connections that are served; others are closed at once."""
        self.events: list[str] = []
        self.head_came = threading.Event()
        self._most = most
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}/api"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        try:
            for number in range(100):
                connection, _ = self._socket.accept()
                if number >= self._most:
                    connection.close()
                else:
                    threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        except OSError:
            return

    def _serve(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        self.events.append("head")
        self.head_came.set()
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        while len(body) < length:
            body += connection.recv(65536)
        self.events.append("body")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.close()

    @contextmanager
    def transport(self, limits: Limits = LIMITS) -> Iterable[Transport]:  # type: ignore[misc]
        transport = Transport(self.base, limits=limits)
        yield transport
        transport.close()
        self._socket.close()


def sent(transport: Transport, *calls: tuple[str, bytes | None]) -> list[Exchange]:
    prepared = [transport.prepare(method, "/x", body=body) for method, body in calls]
    return [one.exchange for one in transport.send_at_once(prepared)]


def test_a_request_is_held_between_head_and_content() -> None:
    server, held = Server(), list[list[str]]()

    def hold() -> None:
        if not held:
            assert server.head_came.wait(5.0)
            held.append(list(server.events))

    with server.transport(Limits(seconds=5.0)) as transport:
        x = transport._alone(transport.prepare("PUT", "/x", body=b"content"), hold)
    assert held == [["head"]]
    assert server.events == ["head", "body"]
    assert (x.status, x.request.body) == (200, b"content")


def test_a_request_without_content_is_held_before_the_last_byte_of_its_head() -> None:
    server, held = Server(), list[list[str]]()
    with server.transport(Limits(seconds=5.0)) as transport:
        prepared = transport.prepare("DELETE", "/x")
        x = transport._alone(prepared, lambda: held.append(list(server.events)))
    assert held == [[]]
    assert server.events == ["head", "body"]
    assert x.status == 200


def test_they_overlap_and_are_told_in_their_order() -> None:
    server, seen = Server(), list[Exchange]()
    with server.transport(Limits(seconds=5.0)) as transport:
        transport.observers.append(seen.append)
        prepared = [transport.prepare("POST", f"/{n}", body=b"x") for n in range(3)]
        landed = transport.send_at_once(prepared)
    assert [one.exchange for one in landed] == seen
    assert [x.request.path for x in seen] == ["/api/0", "/api/1", "/api/2"]
    assert len({x.id for x in seen}) == 3
    assert max(one.began for one in landed) < min(one.ended for one in landed)


def test_where_one_connection_is_served_the_others_are_disturbed_and_nothing_hangs() -> None:
    server = Server(most=1)
    with server.transport(Limits(seconds=5.0)) as transport:
        transport._connected = True
        began = time.monotonic()
        xs = sent(transport, *[("PUT", b"content")] * 3)
        assert time.monotonic() - began < 2.0
    assert sum(x.status == 200 for x in xs) == 1
    assert all(x.disturbance.startswith("when several") for x in xs if x.status == 0)


def test_who_gets_no_answer_does_not_wait_longer_than_for_one() -> None:
    over = threading.Event()
    peer = Peer(lambda _connection, _request: over.wait())  # type: ignore[arg-type, return-value]
    transport = Transport(f"{peer.origin}/api", limits=LIMITS)
    began = time.monotonic()
    xs = sent(transport, ("PUT", b"x"), ("GET", None))
    assert time.monotonic() - began < 3.0
    over.set()
    peer.stop()
    assert all("no complete answer within" in (x.failure or "") for x in xs)


def test_nothing_is_sent_where_the_budget_does_not_reach() -> None:
    server = Server()

    class Spent(Exception):
        pass

    asked: list[str] = []

    def count(method: str, _url: str) -> None:
        asked.append(method)
        if len(asked) == 2:
            raise Spent

    with server.transport() as transport:
        transport.before_each = count
        with pytest.raises(Spent):
            sent(transport, *[("PUT", b"x")] * 3)
    assert server.events == []


def test_an_application_is_called_alike_every_time() -> None:
    """All heads come, in order; then the contents, the last first; without content: at once."""
    events: list[str] = []

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        name = environ["PATH_INFO"].rpartition("/")[2]
        events.append(f"{name} comes")
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        events.append(f"{name} is done")
        start("200 OK", [("Content-Length", "0")])
        events.append(f"{name} is answered")
        return []

    for _ in range(3):
        transport = Direct("http://app.test/api", None, app)
        prepared = [
            transport.prepare("PUT", "/a", body=b"1"),
            transport.prepare("DELETE", "/b"),
            transport.prepare("PUT", "/c", body=b"2"),
        ]
        landed = transport.send_at_once(prepared)
        assert [one.exchange.status for one in landed] == [200] * 3
        assert events == [
            *("a comes", "b comes", "b is done", "c comes"),
            *("c is done", "c is answered", "b is answered", "a is done", "a is answered"),
        ]
        events.clear()


def test_what_a_thread_raises_is_raised() -> None:
    def app(_environ: dict[str, Any], _start: Callable[..., Any]) -> Iterable[bytes]:
        raise LookupError("broken")

    transport = Direct("http://app.test/api", None, app)
    with pytest.raises(LookupError, match="broken"):
        transport.send_at_once([transport.prepare("GET", "")] * 2)
