"""What passes the proxy arrives as it was sent, and breaks off where it did."""

from __future__ import annotations

import random
import re
import socket
import ssl
import threading
from pathlib import Path

import pytest

from tck.endpoint import files
from tck.proxy.running import Running
from tck.reference_server.app import create_app
from tck.reference_server.http1 import tls
from tck.reference_server.serving import Server

from .wires import (
    CLOSE,
    answering,
    connected,
    get,
    head,
    proxied,
    sent,
    to_the_end,
    unchanging,
)

RECORDING = Path(__file__).parents[1] / "recordings" / "apache-deltacloud-mock.jsonl"
FRAMING = {"host", "connection", "content-length", "authorization", "transfer-encoding"}
OK = b"HTTP/1.1 200 OK\r\nx-Lower: 1\r\nX-Twice: a\r\nX-Twice: b\r\n"


def requests_of_a_recording(most: int) -> list[bytes]:
    """Requests as bytes, with the credentials of the reference server, each closing."""
    found = []
    for x in files.read(RECORDING):
        body = x.request.body
        fields = [f"{n}: {v}" for n, v in x.request.headers if n.lower() not in FRAMING]
        if "Authorization" in x.request.headers:
            fields.append("Authorization: Basic bW9ja3VzZXI6bW9ja3Bhc3N3b3Jk")
        if body is not None:
            fields.append(f"Content-Length: {len(body)}")
        target = x.request.url.removeprefix(x.request.origin)
        if "[redacted]" not in target and " " not in target:
            found.append(get(target, *fields, CLOSE, method=x.request.method) + (body or b""))
    return found[:most]


def server() -> Server:
    return Server(create_app(clock=lambda: 1795355124.0, chance=random.Random(1).randbytes))


def test_hundreds_of_answers_are_the_same_byte_for_byte() -> None:
    requests = requests_of_a_recording(300)
    assert len(requests) == 300
    with server() as straight:
        expected = [unchanging(sent(straight.url, request)) for request in requests]
    with server() as behind, Running(behind.url) as proxy:
        got = [unchanging(sent(proxy.url, request)) for request in requests]
    assert got == expected


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        (
            OK + b"Content-Length: 3\r\n\r\nabc",
            b"Content-Length: 3\r\nConnection: close\r\n\r\nabc",
        ),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\nT: t\r\n\r\n",
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        ),
        (
            OK + b"Connection: close\r\n\r\nto the end",
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\na\r\nto the end\r\n0\r\n\r\n",
        ),
        (OK + b"Content-Length: 0\r\n\r\n", b"Content-Length: 0\r\nConnection: close\r\n\r\n"),
    ],
)
def test_framings(answer: bytes, content: bytes) -> None:
    with proxied(answering(answer)) as (proxy, _):
        assert sent(proxy.url, get("/api", CLOSE)) == OK + content


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", b"200 OK"), ("GET", b"304 Not Modified"), ("GET", b"204 Gone")]
)
def test_answers_without_content_keep_their_length(method: str, status: bytes) -> None:
    answer = b"HTTP/1.1 " + status + b"\r\nETag: W/x\r\nContent-Length: 9\r\n\r\n"
    with proxied(answering(answer)) as (proxy, _), connected(proxy.url) as sock:
        for _ in range(2):  # and the connection stays
            sock.sendall(get(method=method))
            assert head(sock) == answer


def test_a_client_of_http_1_0_gets_no_chunks() -> None:
    answer = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    with proxied(answering(answer)) as (proxy, _):
        got = sent(proxy.url, b"GET /api HTTP/1.0\r\n\r\n")
        assert got == OK + b"Connection: close\r\n\r\nabc"


def heard(*requests: bytes, answer: bytes = b"HTTP/1.1 204 N\r\n\r\n") -> bytes:
    """What arrives at the endpoint of the first request."""
    got: list[bytes] = []

    def handler(connection: socket.socket) -> None:
        while request := head(connection):
            got.append(request)
            connection.sendall(answer)

    with proxied(handler) as (proxy, _):
        sent(proxy.url, b"".join(requests))
    return got[0]


def test_a_request_arrives_but_for_what_is_between_neighbours() -> None:
    request = get(
        "/api;driver=x/keys?a=%41", "x-B: 1", "Connection: close, X-Hop", "X-Hop: 1",
        "TE: trailers", "Keep-Alive: 1", "Authorization: Basic abc", "X-B: 2", "Upgrade: h2c",
    )  # fmt: skip
    assert heard(request) == (
        b"GET /api;driver=x/keys?a=%41 HTTP/1.1\r\nHost: name.test\r\nx-B: 1\r\n"
        b"Authorization: Basic abc\r\nX-B: 2\r\nVia: 1.1 deltacloud-tck\r\n\r\n"
    )


def test_hops_are_counted() -> None:
    request = get("/api", "Max-Forwards: 3", CLOSE, method="OPTIONS")
    assert b"\r\nMax-Forwards: 2\r\n" in heard(request)
    with proxied(answering(OK)) as (proxy, endpoint):
        got = sent(proxy.url, get("/api", "Max-Forwards: 0", CLOSE, method="OPTIONS"))
        assert got.startswith(b"HTTP/1.1 200 ")
        assert endpoint.connections == 0


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        (b"CONNECT name.test:443 HTTP/1.1\r\nHost: name.test:443\r\n\r\n", b"501", b"no tunnels"),
        (get("/api", "Connection: Upgrade", "Upgrade: websocket"), b"501", b"WebSocket"),
        (get("/api", "Content-Length: 1", "Content-Length: 2"), b"400", b"several content-length"),
        (get("/api", "Content-Length: 1", "Transfer-Encoding: chunked"), b"400", b"two ways"),
        (b"nonsense\r\n\r\n", b"400", b"malformed"),
    ],
)
def test_what_is_refused_is_said_so(request_: bytes, status: bytes, words: bytes) -> None:
    with proxied(answering(OK)) as (proxy, endpoint):
        got = sent(proxy.url, request_)
        assert got.split()[1] == status
        assert words in got
        assert b"the proxy refused it" in got
        assert endpoint.connections == 0


# ---------------------------------------------------------------- 100-continue and interim answers


def test_the_endpoint_asks_for_the_body() -> None:
    bodies: list[bytes] = []

    def handler(sock: socket.socket) -> None:
        assert b"Expect: 100-continue" in head(sock)
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        bodies.append(sock.recv(10))
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 204 N\r\n\r\n")

    expecting = get("/api", "Expect: 100-continue", "Content-Length: 4", CLOSE, method="PUT")
    with proxied(handler) as (proxy, _), connected(proxy.url) as sock:
        sock.sendall(expecting)
        assert head(sock) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abcd")
        assert head(sock) == b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
        assert head(sock) == b"HTTP/1.1 204 N\r\nConnection: close\r\n\r\n"
    assert bodies == [b"abcd"]


def test_the_endpoint_refuses_before_the_body() -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        assert not sock.recv(1)  # nothing follows

    expecting = get("/api", "Expect: 100-continue", "Content-Length: 4", method="PUT")
    with proxied(handler) as (proxy, _):
        got = sent(proxy.url, expecting)
        assert got == b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def test_an_answer_may_come_while_the_body_is_sent() -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.recv(1)
        sock.sendall(b"HTTP/1.1 507 Full\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    chunked = get("/api", "Transfer-Encoding: chunked", method="PUT")
    with proxied(handler) as (proxy, endpoint), connected(proxy.url) as sock:
        sock.sendall(chunked + b"1\r\na\r\n")
        assert endpoint.ended.wait(10)
        sock.sendall(b"1\r\nb\r\n0\r\n\r\n")
        assert head(sock).startswith(b"HTTP/1.1 507 Full\r\n")


def test_chunks_arrive_as_chunks() -> None:
    got: list[bytes] = []

    def handler(sock: socket.socket) -> None:
        assert b"Transfer-Encoding: chunked\r\n" in head(sock)
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += sock.recv(100)
        got.append(data)
        sock.sendall(b"HTTP/1.1 204 N\r\n\r\n")

    request = get("/api", "Transfer-Encoding: chunked", CLOSE, method="PUT")
    with proxied(handler) as (proxy, _):
        sent(proxy.url, request + b"3\r\nabc\r\n0\r\n\r\n")
    assert got == [b"3\r\nabc\r\n0\r\n\r\n"]


# ---------------------------------------------------------------- what breaks off


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 9\r\n\r\nabc",
        OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_an_answer_that_breaks_off_does_not_look_whole(answer: bytes) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(answer)

    with proxied(handler) as (proxy, _):
        got = sent(proxy.url, get())
        assert got.endswith(b"abc") or got.endswith(b"abc\r\n")
        assert b"0\r\n\r\n" not in got


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", b"ended without answer"),
        (b"garbage\r\n\r\n", b"no status line"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", b"malformed"),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"not one length"),
        (b"HTTP/1.1 101 S\r\n\r\n", b"switches protocols"),
    ],
)
def test_what_cannot_be_forwarded_is_502(answer: bytes, words: bytes) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(answer)

    with proxied(handler) as (proxy, _):
        got = sent(proxy.url, get())
        assert got.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert words in got


def test_an_endpoint_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Running(f"http://127.0.0.1:{port}/api") as proxy:
        assert b"502 Bad Gateway" in sent(proxy.url, get())


def test_a_client_that_leaves_takes_the_endpoints_connection_with_it() -> None:
    left = threading.Event()

    def handler(sock: socket.socket) -> None:
        head(sock)
        if not sock.recv(1):
            left.set()

    with proxied(handler) as (proxy, _):
        sock = connected(proxy.url)
        sock.sendall(get())
        sock.close()
        assert left.wait(10)


def test_a_client_that_leaves_within_its_body() -> None:
    arrived: list[bytes] = []

    def handler(sock: socket.socket) -> None:
        head(sock)
        arrived.append(to_the_end(sock))

    with proxied(handler) as (proxy, endpoint):
        with connected(proxy.url) as sock:
            sock.sendall(get("/api", "Content-Length: 9", method="PUT") + b"abc")
        assert endpoint.ended.wait(10)
    assert arrived == [b"abc"]


def test_a_client_that_stops_reading_a_long_answer() -> None:
    failed = threading.Event()

    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(OK + b"Content-Length: 1000000000\r\n\r\n")
        try:
            while True:
                sock.sendall(bytes(1 << 20))
        except OSError:
            failed.set()

    with proxied(handler) as (proxy, _):
        with connected(proxy.url) as sock:
            sock.sendall(get())
            sock.recv(1000)
        assert failed.wait(10)


def test_a_kept_connection_that_ended_is_not_the_clients_trouble() -> None:
    answer = b"HTTP/1.1 204 N\r\n\r\n"

    def once(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(answer)

    with proxied(once) as (proxy, endpoint), connected(proxy.url) as sock:
        for count in (1, 2, 3):
            endpoint.ended.clear()
            sock.sendall(get(method="POST"))
            assert head(sock) == answer
            assert endpoint.ended.wait(10)
            assert endpoint.connections == count


# ---------------------------------------------------------------- TLS, rewriting


def test_tls_on_both_sides(tmp_path: Path) -> None:
    context, certificate = tls.self_signed("127.0.0.1")
    trusted = tmp_path / "ca.pem"
    trusted.write_text(certificate)
    with (
        Server(create_app(), tls=context) as behind,
        Running(behind.url, ca_bundle=str(trusted), tls=context) as proxy,
        connected(proxy.url) as plain,
    ):
        assert proxy.url.startswith("https://")
        client = ssl.create_default_context(cafile=str(trusted))
        with client.wrap_socket(plain, server_hostname="127.0.0.1") as sock:
            sock.sendall(get("/api", CLOSE))
            assert to_the_end(sock).startswith(b"HTTP/1.1 200 OK\r\n")
    with (
        Server(create_app(driver="full"), tls=context) as behind,
        Running(behind.url, ca_bundle=str(trusted)) as proxy,
        connected(proxy.url) as sock,
    ):
        form = b"name=" + b"k" * 200_000
        fields = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}")
        for _ in range(3):  # whatever the endpoint says of its TLS in between
            sock.sendall(get("/api/keys", *fields, method="POST") + form)
            answer = head(sock)
            assert answer.startswith(b"HTTP/1.1 401 "), answer
            length = re.search(rb"Content-Length: (\d+)", answer)
            assert length
            assert len(sock.recv(int(length[1]), socket.MSG_WAITALL)) == int(length[1])
    with Server(create_app(), tls=context) as behind, Running(behind.url) as proxy:
        assert b"certificate verify failed" in sent(proxy.url, get())


def test_hrefs_are_rewritten_only_if_asked_for() -> None:
    origin = "http://cloud.test"
    document = f'<api><link href="{origin}/api/keys"/><link href="{origin}.other/"/></api>'.encode()
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nETag: x\r\nContent-MD5: y\r\n"
        b"Location: http://cloud.test/api/keys\r\nContent-Length: %d\r\n\r\n%b"
    )
    plain = answer % (len(document), document)
    with proxied(answering(plain)) as (proxy, _):
        assert sent(proxy.url, get("/api", CLOSE)).endswith(document)
    with proxied(answering(plain), rewrite=True) as (proxy, endpoint):
        own = endpoint.url.removesuffix("/api").encode()
        told = plain.replace(b"http://cloud.test", own)
        endpoint._handler = answering(  # the length is that of the document that is sent
            told.replace(b"Content-Length: %d" % len(document),
                         b"Content-Length: %d" % len(told.partition(b"\r\n\r\n")[2])))  # fmt: skip
        got = sent(proxy.url, get("/api", CLOSE))
        fields, _, content = got.partition(b"\r\n\r\n")
        assert b"Location: http://name.test/api/keys" in fields
        assert b"ETag: x" in fields
        assert b"Content-MD5" not in fields
        assert b"Content-Length: %d\r\n" % len(content) in fields
        assert b'href="http://name.test/api/keys"' in content
        assert own + b".other/" in content
        without = sent(proxy.url, get("/api", CLOSE, method="HEAD"))
        assert b"Content-Length" not in without
        stored = sent(proxy.url, get("/api/buckets/b/x/content", CLOSE))
        assert own + b"/api/keys" in stored
