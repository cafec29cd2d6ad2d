"""Exchanges of the bytes on a connection."""

from __future__ import annotations

import pytest

from tck.endpoint import raw
from tck.endpoint.exchange import Exchange

ASKED = b"GET /api/keys?a=b HTTP/1.1\r\nHost: h:1\r\nAccept: a\r\nAccept: b\r\n\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: 1\r\n\r\nab"


def read(
    received: bytes = ASKED, sent: bytes = ANSWERED, cut: int = 0, **options: bool
) -> Exchange:
    sides = raw.Side(received, len(received) + cut), raw.Side(sent, len(sent) + cut)
    return raw.exchange("1", *sides, origin="https://server:2", **options)


def test_what_was_asked_and_answered() -> None:
    x = read()
    assert (x.request.method, x.request.url) == ("GET", "https://h:1/api/keys?a=b")
    assert (x.base, x.api_path, x.request.headers.all("accept")) == (
        "https://h:1/api",
        "/keys",
        ["a", "b"],
    )
    assert (x.status, x.response and x.response.reason, x.body, x.failure) == (
        200,
        "OK",
        b"ab",
        None,
    )
    assert x.request.body is None


@pytest.mark.parametrize(
    ("received", "body"),
    [
        (b"POST /api HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=b", b"a=b"),
        (b"POST /api HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", b""),
        (
            b"PUT /api HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2;x=y\r\na=\r\n1\r\nb\r\n0\r\nTrailer: t\r\n\r\n",
            b"a=b",
        ),
    ],
)
def test_bodies_of_requests(received: bytes, body: bytes) -> None:
    assert read(received).request.body == body


def test_a_request_without_host_is_for_the_server_itself() -> None:
    assert read(b"GET /api HTTP/1.0\r\n\r\n").request.url == "https://server:2/api"


def test_the_target_may_be_absolute() -> None:
    x = read(b"GET http://other/api/keys HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (x.request.url, x.base) == ("http://other/api/keys", "http://other/api")


@pytest.mark.parametrize("host", ["[::1", "a b", "a:b:c", "", "user:pass@h", "h:99999"])
def test_a_host_that_is_none_is_not_believed(host: str) -> None:
    assert (
        read(f"GET /api HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()).base == "https://server:2/api"
    )


def test_no_password_stays_in_an_absolute_target() -> None:
    x = read(b"GET http://user:pass@h:1/api HTTP/1.1\r\nHost: h\r\n\r\n")
    assert x.request.url == "http://h:1/api"


def test_interim_answers_are_none() -> None:
    x = read(sent=b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWERED)
    assert (x.status, x.body) == (200, b"ab")


@pytest.mark.parametrize(
    ("method", "answer", "failure"),
    [
        ("GET", b"", "the connection ended without answer"),
        ("GET", b"nonsense\r\n\r\n", "no status line"),
        ("GET", ANSWERED[:-1], "the answer broke off after 1 bytes"),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "broke off"),
        ("HEAD", ANSWERED[:-2], None),
        ("GET", b"HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\n", None),
        ("GET", b"HTTP/1.1 200 OK\r\n\r\nto the end", None),
    ],
)
def test_whether_an_answer_is_whole(method: str, answer: bytes, failure: str | None) -> None:
    x = read(ASKED.replace(b"GET", method.encode()), answer)
    assert failure in (x.failure or "") if failure else x.failure is None
    assert x.disturbance == ""


def test_what_is_longer_than_was_kept_is_not_judged() -> None:
    x = read(ASKED.replace(b"Accept: a", b"Content-Length: 9"), cut=7)
    assert x.request.body is None
    assert "not all kept" in x.request.omitted
    assert "not all kept" in x.beyond
    assert x.failure is None


def test_what_the_client_broke_off_is_not_the_servers_fault() -> None:
    assert read(ASKED[:-2], b"").disturbance == "the client broke it off"
    assert read(b"POST /api HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na", b"").disturbance
    assert read(sent=ANSWERED[:-1], gone=True).disturbance
    refused = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    x = read(b"POST /api HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na", refused)
    assert (x.status, x.disturbance, x.request.body) == (413, "", None)


def test_what_is_no_request_is_told() -> None:
    assert read(b"\x16\x03\x01 \xff\r\n\r\n").disturbance == "it does not begin with a request line"
