"""Sending: whatever the endpoint does, an exchange comes back in time and nothing leaks."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable

import pytest

from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits
from tck.endpoint.transport import Credentials, Transport, Unreachable
from tck.reference_server.embedded import Embedded
from tck.rules.engine import judge

from .sockets import LIMITS, answer, peer, talking

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def forever(*pieces: bytes, pause: float = 0.0) -> Callable[[socket.socket, bytes], None]:
    """Sends the pieces, and the last of them again and again."""

    def behave(connection: socket.socket, _request: bytes) -> None:
        gone = threading.Event()
        for piece in itertools.chain(pieces[:-1], itertools.repeat(pieces[-1])):
            connection.sendall(piece)
            gone.wait(pause)

    return behave


def silent(connection: socket.socket, _request: bytes) -> None:
    connection.recv(1)


def hangs_up(connection: socket.socket, _request: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def half_way(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    connection.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\n"
TOO_LONG = "more than 65536 bytes of header fields"
OVERDUE, BROKE = "no complete answer within 0.3 s", "the connection broke: "
HOSTILE = {
    "never answers": (silent, OVERDUE, 0),
    "drips the status line": (forever(b"H", b" ", pause=0.02), OVERDUE, 0),
    "drips header fields": (forever(OK, b"X: 1\r\n", pause=0.02), OVERDUE, 0),
    "drips the body": (forever(OK + b"Content-Length: 99\r\n\r\n", b"a", pause=0.02), OVERDUE, 200),
    "drips chunks": (forever(CHUNKED, b"1\r\na\r\n", pause=0.02), OVERDUE, 200),
    "drips a chunk size": (forever(CHUNKED, b"0", pause=0.02), OVERDUE, 200),
    "promises for ever": (forever(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.01), OVERDUE, 0),
    "body without end": (forever(OK + b"\r\n", b"a" * 65536), "more than 1048576 bytes", 200),
    "chunks without end": (forever(CHUNKED, b"fff\r\n" + b"a" * 4095 + b"\r\n"), "more than", 200),
    "drips trailers": (forever(CHUNKED + b"0\r\n", b"X: 1\r\n", pause=0.02), OVERDUE, 200),
    "hints for ever": (forever(b"HTTP/1.1 103 Hints\r\nX: 1\r\n\r\n", pause=0.01), OVERDUE, 0),
    "hints at full speed": (forever(b"HTTP/1.1 103 Hints\r\nX: 1\r\n\r\n" * 99), TOO_LONG, 0),
    "one field without end": (forever(OK + b"X: ", b"a" * 65536), BROKE, 0),
    "long fields": (OK + (b"X: " + b"a" * 1000 + b"\r\n") * 90 + b"\r\n", TOO_LONG, 0),
    "long trailers": (CHUNKED + b"1\r\na\r\n0\r\n" + b"X: 1\r\n" * 20_000, TOO_LONG, 200),
    "100000 fields": (OK + b"X: 1\r\n" * 100_000 + b"\r\n", BROKE + "got more than 100 headers", 0),
    "hangs up at once": (b"", BROKE, 0),
    "hangs up in the head": (OK + b"Content-Le", BROKE, 0),
    "hangs up half way": (half_way, "the answer broke off after 4 bytes", 200),
    "hangs up in a chunk": (CHUNKED + b"5\r\nab", "the answer broke off", 200),
    "hangs up before the last chunk": (CHUNKED + b"2\r\nab\r\n", "the answer broke off", 200),
    "chunk size that is none": (CHUNKED + b"many\r\nab", "the answer broke off", 200),
    "chunk size below zero": (CHUNKED + b"-1\r\nab", "the answer broke off", 200),
    "endless chunk below zero": (forever(CHUNKED + b"-1\r\n", b"a" * 65536), "below zero", 200),
    "garbage for a status line": (b"\x00\xff garbage\r\n\r\n", BROKE, 0),
    "status that is no number": (b"HTTP/1.1 OK 200\r\n\r\n", BROKE, 0),
    "status out of range": (b"HTTP/1.1 99999 Many\r\nContent-Length: 0\r\n\r\n", BROKE, 0),
    "length that is no number": (OK + b"Content-Length: many\r\n\r\nab", "", 200),
    "length below zero": (OK + b"Content-Length: -5\r\n\r\nab", "", 200),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab", "Content-Length", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_an_exchange_that_says_why(name: str) -> None:
    """In time; and the exchange after it, perhaps on the same connection, is not harmed."""
    behave, said, status = HOSTILE[name]
    turns = itertools.count()

    def first_hostile(connection: socket.socket, request: bytes) -> None:
        if next(turns):
            connection.sendall(answer(b"<good/>"))
        elif isinstance(behave, bytes):
            connection.sendall(behave)
            connection.shutdown(socket.SHUT_RDWR)
        else:
            behave(connection, request)

    with talking(first_hostile) as (_, transport):
        began = time.monotonic()
        x = transport.send("GET", "/keys")
        assert time.monotonic() - began < 1
        good = transport.send("GET", "")
    assert x.status == status
    assert said in (x.failure or "")
    assert status == 200 or x.failure
    assert "object at 0x" not in (x.failure or "")
    assert len(x.body) <= LIMITS.body
    assert (good.status, good.body, good.failure) == (200, b"<good/>", None)


def test_hints_come_before_the_answer_and_are_not_it() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    with talking(hints + hints + answer(b"<api/>")) as (_, transport):
        for _ in range(2):
            x = transport.send("GET", "")
            assert (x.status, x.body, x.failure) == (200, b"<api/>", None)
            assert "Link" not in x.headers


@pytest.mark.parametrize("size", [LIMITS.body, LIMITS.body + 1, LIMITS.received])
def test_content_too_long_to_be_judged_is_read_and_not_kept(size: int) -> None:
    with talking(answer(b"a" * size)) as (_, transport):
        x = transport.send("GET", "")
    assert x.status == 200
    assert x.failure is None
    if size > LIMITS.body:
        assert x.beyond == f"{size} bytes, more than {LIMITS.body} (limit body)"
        assert x.response is not None
        assert x.response.body is None
    else:
        assert (len(x.body), x.beyond) == (size, "")


def test_a_request_that_is_not_read_is_overdue() -> None:
    with talking(silent) as (_, transport):
        began = time.monotonic()
        x = transport.send("PUT", "/buckets/b/o", body=b"a" * (64 << 20), headers={"X": "1"})
        assert time.monotonic() - began < 2
    assert x.failure == OVERDUE


def test_a_handshake_that_drips_ends_in_time() -> None:
    """The server answers the first message of TLS with a record that never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"\x16\x03\x03\x40\x00")
                while True:
                    connection.sendall(b"\x02")
                    threading.Event().wait(0.05)

        threading.Thread(target=drip, daemon=True).start()
        limits = Limits(seconds=0.3)
        transport = Transport(f"https://127.0.0.1:{server.getsockname()[1]}/api", limits=limits)
        began = time.monotonic()
        with contextlib.suppress(Unreachable):
            assert transport.send("GET", "").failure
        assert time.monotonic() - began < 1


class ClosingUnsaid:
    """Answers one request of each connection and closes it at the next."""

    def __init__(self) -> None:
        self.answered: set[int] = set()

    def __call__(self, connection: socket.socket, _request: bytes) -> None:
        if connection.fileno() in self.answered:
            self.answered.clear()
            connection.shutdown(socket.SHUT_RDWR)
        else:
            self.answered.add(connection.fileno())
            connection.sendall(answer())


@pytest.mark.parametrize(
    ("method", "sent", "status"),
    [("GET", 3, 200), ("HEAD", 3, 200), ("DELETE", 3, 200), ("PUT", 3, 200), ("POST", 2, 0)],
)
def test_a_kept_connection_may_be_closed_without_a_word(
    method: str, sent: int, status: int
) -> None:
    """Only what may be repeated is: the server may have acted on a POST."""
    with talking(ClosingUnsaid()) as (server, transport):
        transport.send("GET", "")
        x = transport.send(method, "")
    assert x.status == status
    assert len(server.heard) == sent


def test_a_kept_connection_that_is_closed_is_no_mistake_where_requests_are_sent_again() -> None:
    seen: list[Exchange] = []
    with peer(ClosingUnsaid()) as server:
        transport = Transport(server.origin + "/api", retries=1)
        transport.observers.append(seen.append)
        answers = [transport.send("GET", "") for _ in range(4)]
        transport.close()
    assert [x.status for x in answers] == [200] * 4
    assert "DC-HTTP-047" not in [j.requirement for x in seen for _, j in judge(x) if not j.ok]
    assert any(x.disturbance for x in seen), "it is listed"


class BreaksTheSecond:
    """Breaks off the second answer of a connection, at most `times`; every one with `always`."""

    def __init__(self, times: int = 100, *, always: bool = False) -> None:
        self._left = times
        self._always = always
        self._answered: list[int] = []

    def __call__(self, connection: socket.socket, _request: bytes) -> None:
        port = connection.getpeername()[1]
        again = port in self._answered or (self._always and self._answered)
        self._answered.append(port)
        self._left -= bool(again)
        if again and self._left >= 0:
            connection.sendall(answer()[:-3])
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(answer())


@pytest.mark.parametrize(
    ("method", "behave", "proven", "answered"),
    [
        ("GET", BreaksTheSecond(), True, True),
        ("HEAD", BreaksTheSecond(), False, True),  # there is nothing to break off
        ("GET", BreaksTheSecond(1), False, False),  # by chance
        ("GET", BreaksTheSecond(always=True), False, False),
        ("DELETE", BreaksTheSecond(), False, False),  # sent once only
        ("POST", BreaksTheSecond(), False, False),
    ],
)
def test_what_only_a_kept_connection_breaks_is_told_as_that(
    method: str, behave: BreaksTheSecond, proven: bool, answered: bool
) -> None:
    with talking(behave) as (_, transport):
        seen: list[Exchange] = []
        transport.observers.append(seen.append)
        transport.send("GET", "")
        x = transport.send(method, "")
    assert (x.failure is None) == answered
    assert x.disturbance == ""
    wrong = [j for e in seen for _, j in judge(e) if j.requirement == "DC-HTTP-047" and not j.ok]
    assert len(wrong) == proven


def test_broken_answers_are_looked_into_three_times() -> None:
    """Each look costs two requests here: not for ever, where every answer fails."""
    turn = itertools.count()

    def behave(connection: socket.socket, _request: bytes) -> None:
        if next(turn) % 2:
            connection.sendall(answer()[:-3])
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(answer())

    with talking(behave) as (server, transport):
        failures = [transport.send("GET", "").failure for _ in range(10)]
    assert [failure is None for failure in failures] == [True, False] * 5
    assert len(server.heard) == 10 + 3 * 2


def test_a_request_is_not_repeated_on_a_new_connection() -> None:
    with talking(hangs_up) as (server, transport):
        assert transport.send("GET", "").failure
        assert len(server.heard) == 1


def test_bytes_after_the_content_are_not_the_next_answer() -> None:
    def smuggle(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer(b"<a/>") + answer(b"<evil/>"))

    with talking(smuggle) as (_, transport):
        bodies = [transport.send("GET", "").body for _ in range(3)]
    assert bodies == [b"<a/>"] * 3


def test_compressed_content_that_nobody_asked_for_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * (50 << 20))
    with talking(answer(bomb, b"Content-Encoding: gzip")) as (server, transport):
        x = transport.send("GET", "")
    assert x.body == bomb
    assert x.failure is None
    assert b"accept-encoding: identity" in server.heard[0].lower()


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary", b"308 Permanent"])
def test_redirects_are_not_followed(status: bytes) -> None:
    with peer(answer()) as other:
        location = b"Location: " + other.origin.encode() + b"/api"
        with talking(answer(b"", location, status=status)) as (server, transport):
            x = transport.send("GET", "")
        assert x.status == int(status[:3])
        assert len(server.heard) == 1
        assert other.heard == []


# ---------------------------------------------------------------- what is sent


def test_credentials_are_sent_as_asked_for() -> None:
    with talking(answer()) as (server, transport):
        transport.send("GET", "")
        transport.send("GET", "", credentials=None)
        transport.send("GET", "", credentials=False)
        transport.send("GET", "", credentials=Credentials("b", ""))
        transport.send("GET", "", credentials=None, headers={"Authorization": "Basic %%%"})
    sent = [_field(request, b"authorization") for request in server.heard]
    assert sent == [b"Basic Y2FuYXJ5OnDDpHNz", None, None, b"Basic Yjo=", b"Basic %%%"]


def _field(request: bytes, name: bytes) -> bytes | None:
    for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return None


def test_nothing_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    with peer(answer()) as proxy, talking(answer()) as (server, transport):
        netrc = os.path.join(tmp_path, "netrc")
        with open(netrc, "w", encoding="utf-8") as file:
            file.write("machine 127.0.0.1 login netrc password netrc\n")
        monkeypatch.setenv("NETRC", netrc)
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("no_proxy", raising=False)
        transport.send("GET", "", credentials=None)
        assert proxy.heard == []
        assert _field(server.heard[0], b"authorization") is None


def test_cookies_are_not_kept() -> None:
    with talking(answer(b"", b"Set-Cookie: session=1; path=/")) as (server, transport):
        transport.send("GET", "")
        transport.send("GET", "", credentials=None)
    assert [_field(request, b"cookie") for request in server.heard] == [None, None]


def test_the_exchange_is_what_was_on_the_wire() -> None:
    with talking(answer(b"<key/>", b"ETag: 1", b"X: a", b"X: b", status=b"201 Made")) as (
        server,
        transport,
    ):
        x = transport.send(
            "POST",
            "/keys",
            params={"a": "ä b"},
            form={"name": "k&=ü"},
            headers={"Accept": "application/xml"},
        )
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/keys?a=%C3%A4+b HTTP/1.1\r\n")
    assert x.request.body == body == b"name=k%26%3D%C3%BC"
    for name, value in x.request.headers:
        assert _field(server.heard[0], name.lower().encode()) == value.encode()
    assert (x.status, x.response and x.response.reason) == (201, "Made")
    assert x.headers.all("X") == ["a", "b"]
    assert x.body == b"<key/>"
    assert x.base == server.origin + "/api"
    assert x.ms > 0
    assert x.started is not None
    assert abs(x.started - time.time()) < 60


def test_no_accept_is_sent_unless_asked_for() -> None:
    with talking(answer()) as (server, transport):
        transport.send("GET", "")
        transport.send("GET", "", headers={"Accept": ""})
    assert _field(server.heard[0], b"accept") is None
    assert _field(server.heard[1], b"accept") == b""


def test_files_make_a_multipart_form() -> None:
    with talking(answer()) as (server, transport):
        x = transport.send(
            "POST", "/buckets/b", files={"blob_data": ("n", b"\x00\xff")}, form={"a": "b"}
        )
    assert b"multipart/form-data; boundary=" in (_field(server.heard[0], b"content-type") or b"")
    assert b"\x00\xff" in (x.request.body or b"")


def test_standing_fields_go_with_every_request() -> None:
    with peer(answer()) as server:
        transport = Transport(server.origin, headers={"X-Deltacloud-Driver": "ec2"}, limits=LIMITS)
        transport.send("GET", "")
        transport.send("GET", "", headers={"X-Deltacloud-Driver": "mock"})
        transport.close()
    assert [_field(r, b"x-deltacloud-driver") for r in server.heard] == [b"ec2", b"mock"]


def test_head_and_no_content_are_complete_without_content() -> None:
    with talking(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n") as (_, transport):
        x = transport.send("HEAD", "")
    assert (x.status, x.body, x.failure) == (200, b"", None)
    with talking(b"HTTP/1.1 204 No Content\r\n\r\n") as (_, transport):
        x = transport.send("DELETE", "/keys/k")
    assert (x.status, x.body, x.failure) == (204, b"", None)


# ---------------------------------------------------------------- the endpoint is not there


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("base", ["http://127.0.0.1:{port}/api", "http://no-such-host.invalid/api"])
def test_a_first_connection_that_cannot_be_made_is_unreachable(base: str) -> None:
    transport = Transport(base.format(port=_closed_port()), limits=LIMITS)
    with pytest.raises(Unreachable) as refused:
        transport.send("GET", "")
    assert "object at 0x" not in str(refused.value)
    assert str(refused.value)


def test_tls_to_a_server_without_it_is_unreachable(full: Embedded) -> None:
    transport = Transport(full.url.replace("http:", "https:"), limits=LIMITS)
    with pytest.raises(Unreachable):
        transport.send("GET", "")


def test_an_endpoint_that_goes_away_is_an_exchange_without_answer() -> None:
    turns = itertools.count()

    def dies(connection: socket.socket, request: bytes) -> None:
        (hangs_up if next(turns) else lambda c, _: c.sendall(answer()))(connection, request)

    with talking(dies) as (server, transport):
        assert transport.send("GET", "").status == 200
        server.stop()
        x = transport.send("GET", "")
    assert x.response is None
    assert (x.failure or "").startswith("the connection broke: ")


# ---------------------------------------------------------------- several at once


def test_a_deadline_cuts_only_its_own_exchange() -> None:
    """The watchdog is shared by all transports of the process."""
    found: list[Exchange] = []

    def slow() -> None:
        with talking(silent) as (_, transport):
            found.append(transport.send("GET", ""))

    def steady(connection: socket.socket, _request: bytes) -> None:
        threading.Event().wait(0.05)
        connection.sendall(answer())

    thread = threading.Thread(target=slow)
    thread.start()
    with talking(steady) as (_, transport):
        answers = [transport.send("GET", "") for _ in range(20)]
    thread.join()
    assert [x.failure for x in answers] == [None] * 20
    assert [x.failure for x in found] == [OVERDUE]


def test_observers_see_every_exchange_with_an_id_of_its_own(full: Embedded) -> None:
    transport = Transport(full.url, prefix="w1-")
    seen: list[Exchange] = []
    transport.observers.append(seen.append)
    sent = [transport.send("GET", path) for path in ("", "/drivers", "/nowhere")]
    transport.close()
    assert seen == sent
    assert [x.id for x in seen] == ["w1-1", "w1-2", "w1-3"]
