"""The server on a socket: connections that stay, bodies of all kinds, a clean end."""

from __future__ import annotations

import http.client
import io
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import create_environ

from tck.reference_server import Server, create_app
from tck.reference_server.embedded import Unserved, embedded, unserved

from .client import CREDENTIALS, basic

AUTH = {"Authorization": basic(*CREDENTIALS), "Accept": "application/xml"}


@pytest.fixture
def wire(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    yield connection
    connection.close()


def ask(
    wire: http.client.HTTPConnection, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    sent = {**AUTH, **{n.replace("_", "-"): v for n, v in headers.items()}}
    chunked = isinstance(body, Iterator)
    wire.request(method, f"/api{path}", body=body, headers=sent, encode_chunked=chunked)  # type: ignore[arg-type]
    answer = wire.getresponse()
    return answer.status, answer.read(), answer.headers


def exchange(server: Server, request: bytes, times: int = 1) -> bytes:
    """What comes back for raw bytes, until the server closes or nothing more is due."""
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request * times)
        received = b""
        while data := connection.recv(65536):
            received += data
        return received


def test_the_url_is_that_of_the_port(server: Server) -> None:
    assert urlsplit(server.url).path == "/api"
    assert urlsplit(server.url).port not in (None, 0)


def test_one_connection_serves_many_requests(wire: http.client.HTTPConnection) -> None:
    ask(wire, "GET", "")
    kept = wire.sock
    for method, path in (("HEAD", "/instances"), ("DELETE", "/keys/test-key"), ("GET", "/nosuch")):
        ask(wire, method, path)
    assert wire.sock is kept


def test_every_answer_is_dated(wire: http.client.HTTPConnection) -> None:
    for path in ("", "/nosuch", "/buckets/bucket1/blob1/content"):
        _, _, headers = ask(wire, "GET", path)
        assert parsedate_to_datetime(headers["Date"])
        assert headers["Server"].startswith("Deltacloud-TCK/")


def test_head_has_the_length_of_get(wire: http.client.HTTPConnection) -> None:
    _, body, got = ask(wire, "GET", "/instances")
    status, nothing, headers = ask(wire, "HEAD", "/instances")
    assert (status, nothing) == (200, b"")
    assert int(headers["Content-Length"]) == len(body)
    assert headers["ETag"] == got["ETag"]


@pytest.mark.parametrize("size", [0, 1, 114_689, 5_000_000])
def test_stance_49_large_uploads_are_streamed(wire: http.client.HTTPConnection, size: int) -> None:
    data = os.urandom(size)
    assert ask(wire, "PUT", "/buckets/bucket1/large", data)[0] == 200
    assert ask(wire, "GET", "/buckets/bucket1/large/content")[1] == data


def test_chunked_uploads(wire: http.client.HTTPConnection) -> None:
    pieces = [b"hello ", b"x" * 100_000, b" world"]
    status, _, _ = ask(wire, "PUT", "/buckets/bucket1/c", iter(pieces), Transfer_Encoding="chunked")
    assert status == 200
    assert ask(wire, "GET", "/buckets/bucket1/c/content")[1] == b"".join(pieces)
    form = iter([b"name=chunked", b"-key"])
    kind = "application/x-www-form-urlencoded"
    made = ask(wire, "POST", "/keys", form, Transfer_Encoding="chunked", Content_Type=kind)
    assert (made[0], made[2]["Location"].rpartition("/")[2]) == (201, "chunked-key")


def test_expect_100_continue(server: Server) -> None:
    head = (
        "PUT /api/buckets/bucket1/e HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        f"Authorization: {AUTH['Authorization']}\r\n"
        "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    )
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"abc")
        assert b"HTTP/1.1 200 OK" in connection.recv(65536)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_nobody_reads_does_not_spoil_the_connection(
    wire: http.client.HTTPConnection, chunked: bool
) -> None:
    body = b"GET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n" * 5000
    extra = {"Transfer_Encoding": "chunked"} if chunked else {}
    for method, path, status in (
        ("PUT", "/buckets/nosuch/b", 404),
        ("DELETE", "/keys/nosuch", 404),
        ("PUT", "/realms", 405),
        ("GET", "/realms", 200),
        ("GET", "/realms/us", 200),
    ):
        assert ask(wire, method, path, iter([body]) if chunked else body, **extra)[0] == status
        assert ask(wire, "GET", "/realms/us")[0] == 200


def test_an_upload_that_breaks_off_stores_nothing(server: Server) -> None:
    head = (
        "PUT /api/buckets/bucket1/broken HTTP/1.1\r\nHost: h\r\n"
        f"Authorization: {AUTH['Authorization']}\r\nContent-Length: 1000\r\n\r\nonly this"
    )
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        connection.recv(65536)
    check = http.client.HTTPConnection(f"{host}:{port}", timeout=5)
    assert ask(check, "GET", "/buckets/bucket1/broken")[0] == 404
    check.close()


@pytest.mark.parametrize("body", [b"zz\r\nabc\r\n0\r\n\r\n", b"5\r\nabcdeXX", b"5\r\nab"])
def test_a_malformed_chunked_body_is_400(server: Server, body: bytes) -> None:
    head = (
        "PUT /api/buckets/bucket1/broken HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        f"Authorization: {AUTH['Authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_http_1_0_without_host(server: Server) -> None:
    answer = exchange(server, b"GET /api HTTP/1.0\r\nAccept: application/xml\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert f'href="{server.url}/realms"'.encode() in answer


def test_absolute_target_and_matrix_parameters_on_the_wire(server: Server) -> None:
    request = (
        b"GET http://cloud.example/api;driver=ec2/instance_states HTTP/1.1\r\nHost: other\r\n"
        b"Connection: close\r\n\r\n"
    )
    answer = exchange(server, request)
    assert b"HTTP/1.1 200 OK" in answer
    assert b"X-Deltacloud-Driver: ec2" in answer
    entry = exchange(
        server, b"GET http://cloud.example/api HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n"
    )
    assert b'href="http://cloud.example/api/realms"' in entry


def test_an_encoded_slash_stays_in_the_id(wire: http.client.HTTPConnection) -> None:
    _, _, headers = ask(wire, "POST", "/buckets?name=a%2Fb", b"")
    assert headers["Location"].endswith("/buckets/a%2Fb")
    assert ask(wire, "GET", "/buckets/a%2Fb")[0] == 200
    assert ask(wire, "GET", "/buckets/a/b")[0] == 404


def test_many_connections_at_once(server: Server) -> None:
    statuses: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        for n in range(20):
            name = f"{threading.get_ident()}-{n}"
            statuses.append(ask(connection, "POST", f"/keys?name={name}", b"")[0])
            statuses.append(ask(connection, "GET", f"/keys/{name}")[0])
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 160 + [201] * 160


def test_an_access_log_has_a_line_a_request() -> None:
    lines: list[str] = []
    stream = io.StringIO()
    for log in (lines.append, stream):
        with Server(create_app(), log=log) as running:
            wire = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=5)
            ask(wire, "GET", "/realms?id=us")
            ask(wire, "DELETE", "/keys/nosuch")
            wire.close()
    expected = ["GET /api/realms?id=us 200", "DELETE /api/keys/nosuch 404"]
    assert lines == stream.getvalue().splitlines() == expected


def test_the_port_is_closed_at_the_end() -> None:
    with Server(create_app()) as running:
        host, port = urlsplit(running.url).netloc.split(":")
        wire = http.client.HTTPConnection(host, int(port), timeout=5)
        ask(wire, "GET", "")  # and the connection stays open
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=5)
    wire.close()


def test_serving_in_the_foreground_ends_with_stop() -> None:
    server = Server(create_app())
    urls: queue.Queue[str] = queue.Queue()
    thread = threading.Thread(target=server.serve_forever, args=(urls.put,))
    thread.start()
    wire = http.client.HTTPConnection(urlsplit(urls.get(timeout=5)).netloc, timeout=5)
    assert ask(wire, "GET", "")[0] == 200
    wire.close()
    server.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("server.serve_forever(lambda url: print(url, flush=True))", 0),
        # Interrupted between the two, when nothing is left to stop the server.
        ("server.bind(); print(server.url, flush=True); time.sleep(60)", -signal.SIGINT),
    ],
)
def test_an_interrupt_ends_the_process(way: str, code: int) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tck.reference_server import Server, create_app\n"
        f"server = Server(create_app()); {way}"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().endswith("/api\n")
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, rest) == (code, "")
    assert not errors or code


def test_a_port_that_is_taken(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(create_app(), port=urlsplit(server.url).port or 0).bind()


def test_an_embedded_server_tells_its_credentials() -> None:
    with embedded(driver="gogrid", user="me", password="mine") as cloud:
        wire = http.client.HTTPConnection(urlsplit(cloud.url).netloc, timeout=5)
        headers = {"Authorization": basic(cloud.user, cloud.password)}
        wire.request("GET", "/api/keys", headers=headers)
        answer = wire.getresponse()
        assert (answer.status, answer.headers["X-Deltacloud-Driver"]) == (200, "gogrid")
        wire.close()


def test_nothing_is_said_on_stderr(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    exchange(server, b"nonsense\r\n\r\n")
    assert capfd.readouterr() == ("", "")


def test_without_a_server_answers_tell_their_time() -> None:
    known, app = unserved(driver="mock", user="me", password="mine")
    started: list[Any] = []
    environ = create_environ("/api/realms", known.url.removesuffix("/api"))
    environ["HTTP_AUTHORIZATION"] = basic(known.user, known.password)
    body = b"".join(app(environ, lambda *start: started.extend(start)))
    assert started[0] == "200 OK"
    assert f'href="{known.url}/realms/us"'.encode() in body
    age = time.time() - parsedate_to_datetime(dict(started[1])["Date"]).timestamp()
    assert -1 < age < 60


def test_a_time_that_is_stated_already_stays() -> None:
    def app(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("date", "yesterday")])
        return []

    started: list[Any] = []
    Unserved(app)(create_environ("/"), lambda *start: started.extend(start))
    assert started[1] == [("date", "yesterday")]
