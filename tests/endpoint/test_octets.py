"""Bytes on a connection of their own: whatever the endpoint does, what came is told, in time."""

from __future__ import annotations

import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tck.endpoint import octets
from tck.endpoint.curl import curl
from tck.endpoint.exchange import Exchange
from tck.endpoint.files import from_json
from tck.endpoint.octets import Message, send
from tck.endpoint.redaction import Redactor
from tck.endpoint.sequence import Trail, leading_to
from tck.endpoint.transport import Credentials, Transport, Unreachable
from tck.reference_server.app import create_app
from tck.reference_server.http1.tls import self_signed
from tck.reference_server.serving import Server
from tck.report.kept import kept_exchange
from tck.rules.engine import judge

from .sockets import Behave, answer, peer, talking

GET = b"GET /api HTTP/1.1\r\nHost: h\r\n\r\n"
FLAWED = Message(GET, "with a flaw", "?format=xml")
REFUSED = answer(b"no", status=b"400 Bad Request")


def says(*pieces: bytes, ends: bool = False, resets: bool = False) -> Behave:
    """Answers with these bytes, and then keeps the connection, ends it or resets it."""

    def behave(connection: socket.socket, _request: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)
        if resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if ends or resets:
            connection.close()

    return behave


def drips(first: bytes, then: bytes) -> Behave:
    def behave(connection: socket.socket, _request: bytes) -> None:
        gone = threading.Event()
        for piece in itertools.chain([first], itertools.repeat(then)):
            connection.sendall(piece)
            gone.wait(0.01)

    return behave


OVERDUE = "no complete answer within 0.3 s"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: 1\r\n\r\n"
BEHAVIOURS = {
    "one answer": (says(answer()), [200], False, None),
    "two answers": (says(answer(), REFUSED), [200, 400], False, None),
    "two in chunks": (says(CHUNKS + CHUNKS), [200, 200], False, None),
    "an answer, and the end": (says(REFUSED, ends=True), [400], True, None),
    "up to the end": (says(b"HTTP/1.1 400 No\r\n\r\nab", ends=True), [400], True, None),
    "not up to the end": (says(b"HTTP/1.1 400 No\r\n\r\nab"), [400], False, OVERDUE),
    "the end": (says(ends=True), [0], True, "the connection ended without answer"),
    "a reset": (says(resets=True), [0], True, "the connection ended without answer"),
    "nothing": (says(), [0], False, OVERDUE),
    "no HTTP": (says(b"+OK\r\n\r\n", ends=True), [0], True, "no status line"),
    "half": (says(REFUSED[:-1], ends=True), [400], True, "the answer broke off after 1 bytes"),
    "half a second": (says(answer() + REFUSED[:-1], ends=True), [200, 400], True, None),
    "1xx first": (says(b"HTTP/1.1 103 E\r\n\r\n", answer()), [200], False, None),
    "drips a line": (drips(b"HTTP/1.1 4", b"0"), [0], False, OVERDUE),
    "drips a body": (drips(REFUSED[:-2], b""), [400], False, OVERDUE),
    "floods": (
        drips(CHUNKS[:-10], b"ffff\r\n" + b"a" * 65535 + b"\r\n"),
        [200],
        False,
        "more than",
    ),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_what_came_is_told_in_time(name: str) -> None:
    behave, statuses, ended, failure = BEHAVIOURS[name]
    with talking(behave) as (server, transport):
        seen: list[Exchange] = []
        transport.observers.append(seen.append)
        began = time.monotonic()
        sent = send(transport, FLAWED, 0.3, answers=3, quiet=0.05)
        assert time.monotonic() - began < 1.5
    assert [x.status for x in sent.exchanges] == statuses
    assert sent.ended is ended
    told = sent.first.failure
    assert told == failure if failure != "more than" else str(told).startswith("more than")
    assert server.heard == [GET]
    assert seen == list(sent.exchanges)
    assert {x.request.malformed for x in seen[:1]} == {"with a flaw"}
    assert {x.request.octets for x in seen} == {GET.decode()}
    assert len({x.id for x in seen}) == len(seen)
    assert [list(judge(x)) for x in seen] == [[] for _ in seen]


def test_reading_ends_with_the_answers_that_are_wanted() -> None:
    with talking(answer()) as (_, transport):
        began = time.monotonic()
        send(transport, FLAWED, 10, answers=1, quiet=5)
        assert time.monotonic() - began < 2


def test_a_refusal_before_all_was_sent_is_read() -> None:
    large = Message(GET[:-2] + b"X: " + b"a" * (8 << 20) + b"\r\n\r\n", "too large")

    def early(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(REFUSED)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: early(server.accept()[0]), daemon=True)
        thread.start()
        transport = Transport(f"http://127.0.0.1:{server.getsockname()[1]}/api")
        assert send(transport, large, 5).first.status == 400
        thread.join()


def test_a_well_formed_one_that_is_not_answered_is_a_disturbance_and_not_judged() -> None:
    for behave in (says(ends=True), says(REFUSED)):
        with talking(behave) as (_, transport):
            x = send(transport, Message(GET), 0.3).first
        assert x.disturbance
        assert not [rule.name for rule, _ in judge(x) if rule.evidence != "connection"]
    with talking(answer()) as (_, transport):
        x = send(transport, Message(GET), 0.3).first
    assert (x.disturbance, x.request.malformed) == ("", "")
    assert list(judge(x))


def test_where_nobody_listens() -> None:
    with peer(answer()) as server:
        pass
    with pytest.raises(Unreachable):
        send(Transport(server.origin + "/api"), FLAWED, 0.3)


def test_each_is_counted_before_it_is_sent() -> None:
    counted = []
    with talking(answer()) as (server, transport):
        transport.before_each = lambda method, url: counted.append((method, url))
        send(transport, FLAWED, 0.3)
        assert counted == [("GET", server.origin + "/api")]


@pytest.fixture
def secure() -> Iterator[tuple[Server, str]]:
    context, pem = self_signed("127.0.0.1")
    with Server(create_app("mock"), tls=context) as server:
        yield server, pem


def test_over_tls(
    secure: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, pem = secure
    data = GET.replace(b"\r\nHost: h", b"")
    with pytest.raises(Unreachable, match="certificate"):
        send(Transport(server.url), Message(data, "without Host"), 5)
    trusted = tmp_path / "ca.pem"
    trusted.write_text(pem)
    monkeypatch.setattr(octets, "DEFAULT_CA_BUNDLE_PATH", str(trusted))
    sent = send(Transport(server.url), Message(data, "without Host"), 5, answers=2, quiet=5)
    assert (sent.first.status, sent.ended) == (400, True)
    assert sent.first.request.url.startswith("https://")


def test_a_handshake_that_drips_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        transport = Transport(f"https://127.0.0.1:{server.getsockname()[1]}/api")
        began = time.monotonic()
        with pytest.raises((Unreachable, ssl.SSLError)):
            send(transport, FLAWED, 0.3)
        assert time.monotonic() - began < 1.5


def test_what_is_kept_can_be_sent_again_and_holds_no_secret() -> None:
    own = Credentials("canary-user", "canary-secret-9")
    field = "Authorization: Basic Y2FuYXJ5LXVzZXI6Y2FuYXJ5LXNlY3JldC05"
    data = f"GET /api HTTP/1.1\r\nHost : 100%\\\r\n{field}\r\n\r\n".encode()
    with peer(answer()) as server:
        x = send(Transport(server.origin + "/api", own), Message(data, "odd"), 0.3).first
    redactor = Redactor()
    redactor.keep_credentials(own.user, own.password)
    kept = kept_exchange(x, redactor, body=1000, head=1000)
    assert kept["request"]["octets"].startswith("GET /api HTTP/1.1\r\nHost : 100%\\\r\n")
    assert "canary" not in str(kept)
    assert "Y2FuYXJ5" not in str(kept)
    again = from_json(kept)
    assert (again.request.malformed, list(judge(again))) == ("odd", [])
    host, port = server.origin.removeprefix("http://").split(":")
    begin = r"printf 'GET /api HTTP/1.1\r\nHost : 100%%\\\r\nAuthorization:"
    assert curl(redactor.exchange(x)).startswith(begin)
    assert curl(x).endswith(f"' | nc {host} {port}")
    assert "openssl s_client" in curl(
        from_json(kept | {"request": kept["request"] | {"origin": "https://h"}})
    )
    trail = Trail()
    trail.append(x)
    trail.append(x)
    assert leading_to(x, trail) == []
