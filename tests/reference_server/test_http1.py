"""HTTP/1.1 on real sockets: what clients send by right, by mistake and by malice (RFC 9112)."""

from __future__ import annotations

import http.client
import io
import itertools
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from tck.reference_server import Server, create_app
from tck.reference_server.http1 import Limits, body, tls
from tck.reference_server.http1 import head as loop_head
from tck.reference_server.http1 import server as loop
from tck.reference_server.http1.channel import Channel
from tck.schemas.operations import API

from .client import CREDENTIALS, basic

FORM = "Content-Type: application/x-www-form-urlencoded"
AUTH = f"Authorization: {basic(*CREDENTIALS)}\r\n"


class Line:
    """One connection, spoken on in bytes."""

    def __init__(self, server: Server, context: ssl.SSLContext | None = None) -> None:
        host, port = urlsplit(server.url).netloc.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes | str) -> None:
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def answer(self, method: str = "GET") -> http.client.HTTPResponse:
        """The next answer, its body read."""
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        content = response.read()
        response.read = lambda *_: content  # type: ignore[method-assign]
        return response

    def rest(self) -> bytes:
        """Everything until the server hangs up."""
        received = b""
        while data := self.socket.recv(65536):
            received += data
        return received


def request(
    method: str = "GET", target: str = "/api", *lines: str, body: bytes = b"", version: str = "1.1"
) -> bytes:
    head = [f"{method} {target} HTTP/{version}", "Host: h", AUTH.strip(), *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def ask(server: Server, data: bytes, method: str = "GET") -> http.client.HTTPResponse:
    with Line(server) as line:
        line.send(data)
        return line.answer(method)


# -- connections ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "wish", "stays"),
    [
        ("1.1", "", True),
        ("1.1", "close", False),
        ("1.1", "Close", False),
        ("1.1", "upgrade, close", False),
        ("1.0", "", False),
        ("1.0", "keep-alive", True),
        ("1.0", "Keep-Alive", True),
    ],
)
def test_a_connection_stays_as_long_as_the_client_wants(
    server: Server, version: str, wish: str, stays: bool
) -> None:
    lines = [f"Connection: {wish}"] if wish else []
    with Line(server) as line:
        line.send(request("GET", "/api/realms", *lines, version=version))
        answer = line.answer()
        assert (answer.status, answer.version) == (200, 11)
        if stays:
            line.send(request("GET", "/api/realms/us", *lines, version=version))
            assert line.answer().status == 200
        else:
            assert answer.headers["Connection"] == "close"
            assert line.rest() == b""


def test_requests_sent_at_once_are_answered_in_order(server: Server) -> None:
    with Line(server) as line:
        line.send(
            request("POST", "/api/keys", FORM, body=b"name=k")
            + request("GET", "/api/keys/k")
            + request("DELETE", "/api/keys/k")
            + request("GET", "/api/keys/k", "Connection: close")
        )
        received = line.rest()
    found = [line.split()[1] for line in received.split(b"\n") if line.startswith(b"HTTP/1.1 ")]
    assert found == [b"201", b"200", b"204", b"404"]


def test_a_request_may_come_byte_by_byte(server: Server) -> None:
    with Line(server) as line:
        for byte in request("PUT", "/api/buckets/bucket1/slow", body=b"content"):
            line.send(bytes([byte]))
        assert line.answer().status == 200


def test_empty_lines_before_a_request_are_tolerated(server: Server) -> None:
    assert ask(server, b"\r\n\r\n" + request()).status == 200


def test_a_half_request_is_not_served(server: Server) -> None:
    """Whoever hangs up within the head did not ask to destroy anything."""
    with Line(server) as line:
        line.send(request("DELETE", "/api/keys/test-key")[:-2])
        line.socket.shutdown(socket.SHUT_WR)
        assert line.rest() == b""
    assert ask(server, request("GET", "/api/keys/test-key")).status == 200


def test_a_client_that_hangs_up_within_an_answer_harms_nobody(server: Server) -> None:
    large = request("PUT", "/api/buckets/bucket1/big", body=b"x" * 3_000_000)
    assert ask(server, large).status == 200
    for _ in range(20):
        with Line(server) as line:
            line.send(request("GET", "/api/buckets/bucket1/big/content"))
            line.socket.recv(10)
    assert ask(server, request()).status == 200


# -- bodies --------------------------------------------------------------------------------


def chunked(*chunks: bytes, extension: str = "", trailers: str = "") -> bytes:
    parts = [b"%x%b\r\n%b\r\n" % (len(c), extension.encode(), c) for c in chunks]
    return b"".join([*parts, b"0\r\n", trailers.encode(), b"\r\n"])


def test_chunks_of_any_size_with_extensions_and_trailers(server: Server) -> None:
    pieces = [os.urandom(3_000_000), b"a", os.urandom(70_000)]
    head = request("PUT", "/api/buckets/bucket1/c", "Transfer-Encoding: chunked")
    sent = chunked(*pieces, extension=";a=b", trailers="X-Sum: 1\r\nX-More: 2\r\n")
    with Line(server) as line:
        line.send(head + sent)
        assert line.answer().status == 200
        line.send(request("GET", "/api/buckets/bucket1/c/content"))  # trailers are not a request
        assert line.answer().read() == b"".join(pieces)


def test_no_more_of_a_chunk_is_held_than_is_asked_for() -> None:
    size = 1 << 40
    stream = FakeChannel(itertools.chain([b"%x\r\n" % size], itertools.repeat(b"x" * 65536)))
    large = stream_of("Transfer-Encoding: chunked", stream)
    assert {len(large.read(1000)) for _ in range(500)} == {1000}
    assert len(stream.buffer) <= 65536


class FakeChannel(Channel):
    """Gives pieces as they are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.buffer = bytearray()

    def fill(self, until: float) -> bool:
        piece = next(self._pieces, b"")
        self.buffer += piece
        return bool(piece)


def stream_of(line: str, channel: Channel) -> io.BufferedReader:
    head = loop_head.Head()
    lines = f"PUT / HTTP/1.1\r\nHost: h\r\n{line}\r\n\r\n".encode()
    assert loop_head.read(FakeChannel(iter([lines])), Limits(), head)
    return io.BufferedReader(body.body_of(head, channel, Limits()), 65536)


def test_a_body_is_a_stream_as_wsgi_has_it() -> None:
    def fresh() -> io.BufferedReader:
        return stream_of("Content-Length: 13", FakeChannel(iter([b"one\ntw", b"o\nthree"])))

    assert fresh().read() == b"one\ntwo\nthree"
    assert fresh().readlines() == [b"one\n", b"two\n", b"three"]
    stream = fresh()
    assert (stream.read(2), stream.readline(), stream.read(0), stream.readline(2)) == (
        b"on",
        b"e\n",
        b"",
        b"tw",
    )
    assert (stream.read(100), stream.read()) == (b"o\nthree", b"")
    assert stream.raw.finished  # type: ignore[attr-defined]


def test_the_body_is_asked_for_where_it_is_wanted(server: Server) -> None:
    with Line(server) as line:
        lines = ("Expect: 100-Continue", "Content-Length: 3")
        line.send(request("PUT", "/api/buckets/bucket1/e", *lines))
        assert line.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.send(b"abc")
        assert line.answer().status == 200
        line.send(request())
        assert line.answer().status == 200


def test_a_body_that_comes_unasked_is_not_asked_for(server: Server) -> None:
    data = request("PUT", "/api/buckets/bucket1/e", "Expect: 100-continue", body=b"abc")
    assert ask(server, data).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/api/realms", 405), ("PUT", "/api/nosuch", 404), ("GET", "/api/realms", 200)],
)
def test_a_body_that_nobody_wants_is_not_asked_for(
    server: Server, method: str, path: str, status: int
) -> None:
    with Line(server) as line:
        line.send(request(method, path, "Expect: 100-continue", "Content-Length: 5000000"))
        answer = line.answer()
        assert (answer.status, answer.headers["Connection"]) == (status, "close")


def test_other_expectations_cannot_be_met(server: Server) -> None:
    assert ask(server, request("GET", "/api", "Expect: magic")).status == 417


def test_a_large_body_that_nobody_wants_does_not_hide_the_answer(server: Server) -> None:
    """The answer comes first; the client may go on sending for a while without being reset."""
    answer = ask(server, request("PUT", "/api/nosuch", body=b"x" * 8_000_000))
    assert (answer.status, answer.headers["Connection"]) == (404, "close")


def test_bodies_over_the_limit(server: Server) -> None:
    answer = ask(server, request("POST", "/api/keys", FORM, body=b"name=" + b"x" * (17 << 20)))
    assert answer.status == 413
    assert ET.fromstring(answer.read()).get("status") == "413"


# -- heads ---------------------------------------------------------------------------------

MALFORMED = {
    "nonsense": (b"nonsense\r\n\r\n", 400),
    "http 2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "no host": (b"GET /api HTTP/1.1\r\n\r\n", 400),
    "no colon": (b"GET /api HTTP/1.1\r\nHost: h\r\nbroken\r\n\r\n", 400),
    "two lengths": (
        b"PUT /api HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
    ),
    "unknown coding": (b"PUT /api HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    "long line": (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    "long field": (b"GET /api HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    "bad percent": (b"GET /api/realms/%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_are_refused_with_a_document(server: Server, name: str) -> None:
    data, status = MALFORMED[name]
    answer = ask(server, data)
    assert answer.status == status
    document = ET.fromstring(answer.read())
    assert (document.tag, document.get("status")) == ("error", str(status))
    assert answer.headers["X-Deltacloud-Driver"] == "mock"
    assert ask(server, request()).status == 200


@pytest.mark.parametrize(
    "name", ["no colon", "two lengths", "long field", "no host", "bad percent"]
)
def test_the_format_is_negotiated_where_accept_was_understood(server: Server, name: str) -> None:
    data, status = MALFORMED[name]
    lines = data.split(b"\r\n")
    answer = ask(server, b"\r\n".join([lines[0], b"Accept: application/json", *lines[1:]]))
    assert (answer.status, json.loads(answer.read())["code"]) == (status, status)


def test_a_refused_head_request_has_no_content(server: Server) -> None:
    assert ask(server, b"HEAD /api HTTP/1.1\r\n\r\n", "HEAD").status == 400


def test_what_is_unusual_but_right(server: Server) -> None:
    assert ask(server, request("OPTIONS", "*")).headers["Allow"]
    assert ask(server, request("GET", "http://other.example/api")).status == 200
    assert ask(server, request("BREW", "/api/realms")).status == 405
    assert ask(server, request("GET", "/api", "X-Empty:", "X-Tab:\ta\tb")).status == 200
    assert ask(server, request("GET", "/api", version="1.7")).status == 200
    assert ask(server, request("GET", "/api/realms/" + "a" * 30_000)).status == 404


def test_http_1_0_with_a_host(server: Server) -> None:
    answer = ask(server, request("GET", "/api", version="1.0"))
    assert b'href="http://h/api/realms"' in answer.read()


def test_nobody_adds_header_fields(server: Server) -> None:
    answer = ask(server, request("GET", "/api;provider=a%0d%0aSet-Cookie:%20b=c"))
    assert answer.headers["Set-Cookie"] is None
    assert answer.headers["X-Deltacloud-Provider"] == "a  Set-Cookie: b=c"


# -- methods and names ---------------------------------------------------------------------


def test_head_everywhere(server: Server) -> None:
    """As GET, without content (RFC 9110 9.3.2)."""
    some = {"id": "inst1", "blob_id": "blob1", "collection": "keys", "operation": "create"}
    ids = {"buckets": "bucket1", "blobs": "bucket1", "realms": "us", "addresses": "192.168.0.1"}
    with Line(server) as line:
        for operation in API.operations.values():
            if operation.method != "GET" or operation.document == "html":
                continue
            values = {**some, "id": ids.get(operation.collection, "inst1")}
            path = API.base + operation.path.format(**values)
            line.send(request("GET", path))
            got = line.answer()
            if operation.id == "blobs.show":  # HEAD has a meaning of its own there
                continue
            line.send(request("HEAD", path))
            head = line.answer("HEAD")
            assert (head.status, head.read()) == (got.status, b"")
            for name in ("Content-Length", "Content-Type", "ETag"):
                if operation.collection != "metrics":  # they change every second
                    assert head.headers[name] == got.headers[name], (path, name)


@pytest.mark.parametrize("method", ["delete", "DELETE"])
def test_forms_ask_for_other_methods(server: Server, method: str) -> None:
    data = request("POST", "/api/keys/test-key", FORM, body=f"_method={method}".encode())
    assert ask(server, data).status == 204


@pytest.mark.parametrize("name", ["näme 雲", "a/b;c=d?e#f&g", "%41", "'\"<&>", "a+b", "🐎"])
def test_names_of_all_kinds_lead_back_to_their_object(server: Server, name: str) -> None:
    form = f"name={quote(name, safe='')}".encode()
    made = ask(server, request("POST", "/api/buckets", FORM, body=form))
    location = urlsplit(made.headers["Location"])
    assert (made.status, location.query, location.fragment) == (201, "", "")
    path = location.path
    assert ask(server, request("PUT", f"{path}/{quote(name, safe='')}", body=b"x")).status == 200
    shown = ET.fromstring(ask(server, request("GET", path)).read())
    assert (shown.get("id"), shown.findtext("name")) == (name, name)
    blob = shown.find("blob")
    assert blob is not None
    href = blob.attrib["href"].partition("//h")[2]
    answer = ask(server, request("GET", href, "Accept: application/json"))
    assert json.loads(answer.read())["blob"]["id"] == name
    disposition = ask(server, request("GET", f"{href}/content")).headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")


def test_a_target_that_is_not_encoded_is_understood_as_utf_8(server: Server) -> None:
    ask(server, request("POST", "/api/keys?name=%C3%A9"))
    raw = request("GET", "/api/keys/X").replace(b"X ", "é ".encode())
    assert ask(server, raw).status == 200


# -- clients that are slow, or many --------------------------------------------------------


def test_slow_clients_hold_up_nobody(server: Server) -> None:
    """Two hundred who never finish their request, and more uploads than there are threads."""
    with ExitStack() as slow:
        for _ in range(200):
            line = slow.enter_context(Line(server))
            line.send("GET /api HTTP/1.1\r\nHost: h\r\nX-Slow: ")
        for _ in range(12):
            line = slow.enter_context(Line(server))
            line.send(request("PUT", "/api/buckets/bucket1/s", "Content-Length: 1000000"))
        for _ in range(20):
            assert ask(server, request()).status == 200


def test_who_is_too_slow_with_a_request_is_told() -> None:
    with limited(arrival=0.05) as server, Line(server) as line:
        line.send("GET /api HTTP/1.1\r\nHost: h\r\n")
        answer = line.answer()
        assert (answer.status, answer.headers["Connection"]) == (408, "close")


def test_who_is_too_slow_with_a_body_is_told() -> None:
    with limited(patience=0.05) as server, Line(server) as line:
        line.send(request("PUT", "/api/buckets/bucket1/s", "Content-Length: 100000") + b"x")
        answer = line.answer()
        assert (answer.status, ET.fromstring(answer.read()).get("status")) == (408, "408")


def test_idle_connections_are_closed_in_the_end() -> None:
    with limited(idle=0.05) as server, Line(server) as line:
        assert line.rest() == b""


def limited(**limits: Any) -> Server:
    return Server(create_app(), limits=Limits(**limits))


def test_when_there_are_too_many_the_idlest_goes() -> None:
    with limited(connections=3) as server, ExitStack() as many:
        lines = [many.enter_context(Line(server)) for _ in range(3)]
        for line in lines:
            line.send(request())
            assert line.answer().status == 200
        lines[0].send(request())
        assert lines[0].answer().status == 200
        lines.append(many.enter_context(Line(server)))
        assert lines[1].rest() == b""
        for line in (lines[0], lines[2], lines[3]):
            line.send(request())
            assert line.answer().status == 200


# -- other applications, TLS ---------------------------------------------------------------


def streaming(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
    """Says nothing of the length, and fails if it is asked to."""
    start("200 OK", [("Content-Type", "text/plain")])
    yield b"one "
    yield b""
    if environ["PATH_INFO"] == "/fail":
        raise RuntimeError("on purpose")
    yield b"two"


def test_content_of_unknown_length(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []  # not caplog: libraries of other tests reconfigure loggers
    monkeypatch.setattr(loop._log, "exception", logged.append)
    with Server(streaming) as server:
        answer = ask(server, request())
        assert (answer.headers["Transfer-Encoding"], answer.read()) == ("chunked", b"one two")
        old = ask(server, request(version="1.0"))
        assert (old.headers["Transfer-Encoding"], old.read()) == (None, b"one two")
        with Line(server) as line:
            line.send(request("GET", "/fail"))
            assert not line.rest().endswith(b"0\r\n\r\n")  # cut off, and seen to be
        assert ask(server, request()).status == 200
    assert logged == ["connection closed after an error"]


def test_what_has_begun_comes_to_its_end(server: Server) -> None:
    with Line(server) as line:
        head = request(
            "PUT", "/api/buckets/bucket1/last", "Content-Length: 100000", "Expect: 100-continue"
        )
        line.send(head)
        assert line.socket.recv(65536).startswith(b"HTTP/1.1 100 ")  # it has begun
        line.send(b"x" * 70_000)
        stopper = threading.Thread(target=server.stop)
        stopper.start()
        line.send(b"x" * 30_000)
        assert line.answer().status == 200
        stopper.join()


@pytest.fixture
def trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture
def secure(trusted: ssl.SSLContext) -> Iterator[Server]:
    context, certificate = tls.self_signed("127.0.0.1")
    trusted.load_verify_locations(cadata=certificate)
    with Server(create_app(), tls=context) as running:
        yield running


def test_tls(secure: Server, trusted: ssl.SSLContext) -> None:
    assert secure.url.startswith("https://127.0.0.1:")
    data = os.urandom(3_000_000)
    with Line(secure, trusted) as line:
        line.send(request("PUT", "/api/buckets/bucket1/t", body=data))
        assert line.answer().status == 200
        line.send(request("GET", "/api/buckets/bucket1/t/content"))
        assert line.answer().read() == data
        line.send(request())
        assert b'href="https://h/api/realms"' in line.answer().read()


def test_who_does_not_speak_tls_holds_up_nobody(secure: Server, trusted: ssl.SSLContext) -> None:
    with ExitStack() as silent:
        for _ in range(20):
            silent.enter_context(Line(secure))
        with Line(secure) as plain:
            plain.send(request())
            with suppress(ConnectionResetError):
                assert plain.rest() == b""
        with Line(secure, trusted) as line:
            line.send(request())
            assert line.answer().status == 200


def test_a_certificate_is_for_the_host_it_was_made_for() -> None:
    context, certificate = tls.self_signed("cloud.example")
    trusting = ssl.create_default_context(cadata=certificate)
    with Server(create_app(), tls=context) as server:
        host, port = urlsplit(server.url).netloc.split(":")
        for name, fits in (("cloud.example", True), ("localhost", True), ("evil.example", False)):
            with socket.create_connection((host, int(port)), timeout=10) as raw:
                if fits:
                    trusting.wrap_socket(raw, server_hostname=name).close()
                else:
                    with pytest.raises(ssl.SSLCertVerificationError):
                        trusting.wrap_socket(raw, server_hostname=name)
