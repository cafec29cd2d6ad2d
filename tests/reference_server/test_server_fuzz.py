"""Bytes that are almost requests: none ends in 5xx, in silence or in a dead server.

`TCK_FUZZ_CASES=5000 pytest tests/reference_server/test_server_fuzz.py` tries more.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tck.reference_server import Server, create_app
from tck.schemas.operations import API

from .client import basic

CASES = int(os.environ.get("TCK_FUZZ_CASES", "300"))
FUZZ = settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Of 5xx only what RFC 9110 has for methods and versions that a server does not know.
_SERVERS_FAULT = re.compile(rb"HTTP/1\.1 50[02-46-9]")
_ANSWER = re.compile(rb"HTTP/1\.1 \d{3} [ -~]*\r\n")
_KNOWN = sorted({segment for op in API.operations.values() for segment in op.path.split("/")[1:]})

anything = st.binary(max_size=40)


def mostly(usual: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """What is understood so far that something comes of it, and now and then anything."""
    return st.integers(0, 19).flatmap(lambda n: usual if n else anything)


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.encode)
escaped = text.map(lambda b: b"".join(b"%%%02X" % byte for byte in b))
percent = st.builds("%{:02X}".format, st.integers(0, 255)).map(str.encode)
ids = st.sampled_from([b"inst1", b"img1", b"bucket1", b"blob1", b"vol3", b"default", b"us"])
segment = st.one_of(
    st.sampled_from(_KNOWN).map(str.encode),
    ids,
    st.lists(percent, max_size=6).map(b"".join),
    escaped,
    mostly(ids),
    st.integers(1, 3000).map(lambda n: b"a" * n),
)
matrix = st.lists(st.builds(b";%b=%b".__mod__, st.tuples(escaped, mostly(escaped))), max_size=2)
query = st.lists(
    st.builds(
        b"%b=%b".__mod__,
        st.tuples(st.sampled_from([b"format", b"id", b"state", b"api[driver]", b"_"]), segment),
    ),
    max_size=3,
).map(b"&".join)
target = st.builds(
    lambda base, m, rest, q: b"/" + base + b"".join(m) + b"/" + b"/".join(rest) + b"?" + q,
    st.sampled_from([b"api", b"api", b"api", b"", b"API"]),
    matrix,
    st.lists(segment, max_size=4),
    query,
)
method = mostly(
    st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH"])
)
name = mostly(
    st.sampled_from(
        [
            *(b"Accept", b"Authorization", b"Host", b"Range", b"If-Range", b"If-None-Match"),
            *(b"Content-Length", b"Content-Type", b"Transfer-Encoding", b"Expect"),
            *(b"X-Deltacloud-Driver", b"X-Deltacloud-Provider", b"X-Deltacloud-BlobType"),
            *(b"X-Deltacloud-SegmentedBlob", b"X-Deltacloud-SegmentOrder", b"Connection"),
            *(b"X-Deltacloud-Blobmeta-a", b"X-Forwarded-Host", b"Referer"),
        ]
    )
)
value = st.one_of(
    mostly(text),
    st.sampled_from(
        [
            *(b"application/xml", b"application/json;q=NaN", b"text/html", b"*/*;q=-1", b"chunked"),
            *(b"bytes=0-", b"bytes=-5", b"bytes=5-1", b"bytes=0-1,3-4", b"segmented", b"1", b"-1"),
            *(b"100-continue", b"multipart/form-data", b"multipart/form-data; boundary=x"),
            *(b"Basic", b"Basic ====", b"Basic w6k6w6k=", b"9" * 30, b"ec2", b"mock", b"close"),
            b"application/x-www-form-urlencoded",
        ]
    ),
)
line = st.builds(b"%b: %b\r\n".__mod__, st.tuples(name, value))
body = st.one_of(
    anything,
    st.lists(segment, max_size=3).map(b"&".join),
    st.sampled_from(
        [
            b"--x\r\nContent-Disposition: form-data; name=blob_id\r\n\r\nb\r\n--x--\r\n",
            b"5\r\nhello\r\n0\r\n\r\n",
            b"fffffffffffffff\r\n",
            b"image_id=img1&hwp_memory=%ff",
            b"name=k&_method=DELETE",
        ]
    ),
)
KNOWN_USER = b"Authorization: " + basic("mockuser", "mockpassword").encode() + b"\r\n"
requests = st.builds(
    lambda m, t, lines, b, fits: b"".join(
        [
            m + b" " + t + b" HTTP/1.1\r\nHost: localhost\r\n" + KNOWN_USER,
            *lines,
            b"Content-Length: %d\r\n" % len(b) if fits else b"",
            b"\r\n" + b,
        ]
    ),
    method,
    target,
    st.lists(line, max_size=4),
    body,
    st.booleans(),
)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Server]:
    with Server(create_app("full")) as server:
        yield server


def answers(server: Server, sent: bytes) -> bytes:
    """Everything that comes back until the server closes the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as line:
        try:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65536), b""))
        except ConnectionError:  # it had enough before all was sent
            return b""


def judge(server: Server, sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    came = answers(server, sent)
    assert not came or _ANSWER.match(came), came[:200]
    assert not _SERVERS_FAULT.search(came), came[:500]
    assert [record.getMessage() for record in caplog.records] == []


@FUZZ
@given(sent=requests)
def test_nothing_that_looks_like_a_request_is_too_much(
    fuzzed: Server, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    judge(fuzzed, sent, caplog)


@FUZZ
@given(sent=st.binary(max_size=400))
def test_nor_is_anything_else(
    fuzzed: Server, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    judge(fuzzed, sent, caplog)


def test_it_still_serves(fuzzed: Server) -> None:
    sent = b"GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert answers(fuzzed, sent).startswith(b"HTTP/1.1 200 OK\r\n")
