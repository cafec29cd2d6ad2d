"""Clients that are slow, many or greedy: others are served meanwhile, within bounded memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tck.reference_server.http.forms import MAX_FORM

from .probes import AUTH, BLOB, FORM
from .victim import (
    MIB,
    REQUEST,
    Victim,
    attacked,
    everything,
    head,
    many_files,
    others_served,
    started,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Victim]:
    with started() as victim:
        yield victim


@pytest.fixture
def victim(server: Victim) -> Iterator[Victim]:
    """A server with the usual limits, which others use at the same time."""
    with others_served(server):
        yield server


def form(body: bytes, *lines: str) -> bytes:
    length = f"Content-Length: {len(body)}"
    return head("POST", "/api/keys", FORM, length, *lines) + body


# -- heads ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [b"a" + b" " * 60_000 + b"b", b" " * 60_000, b"\t" * 60_000])
@pytest.mark.parametrize(
    "name", [b"Content-Length", b"Transfer-Encoding", b"X", b"Accept", b"Host"]
)
def test_blanks_in_values_cost_nothing(victim: Victim, name: bytes, value: bytes) -> None:
    before = victim.processor
    for _ in range(10):
        victim.statuses(REQUEST[:-2] + name + b":" + value + b"\r\n\r\n")
    assert victim.processor - before < 3


def test_floods_of_fields_are_cut_off(victim: Victim) -> None:
    flood = b"X-A: " + b"a" * 100 + b"\r\n"
    for _ in range(20):
        assert victim.statuses(REQUEST[:-2] + flood * 20_000) in (["431"], [])
    for lines in (b"\r\n", b"\n", b"a\r\n", b"\0"):
        victim.statuses(lines * MIB)


def test_a_head_that_comes_byte_by_byte_is_read_once(victim: Victim) -> None:
    before = victim.processor
    with victim.line(REQUEST[:-2] + b"X: ") as line:
        for _ in range(20_000):
            line.send(b"a")
        line.sendall(b"\r\n\r\n")
        assert everything(line).startswith(b"HTTP/1.1 200")
    assert victim.processor - before < 4


def test_targets_and_fields_are_not_remembered_without_bound(victim: Victim) -> None:
    for n in range(1100):
        path = "/".join(f"{n}{i}" for i in range(2000))
        accept = f"Accept: text/a{n}" + ",text/b" * 300
        victim.statuses(head("GET", f"/{path};a=b", accept))


# -- slow clients --------------------------------------------------------------------------


def test_slow_heads_end_in_time() -> None:
    """As slowloris has it: each sends a little from time to time."""
    with attacked(arrival=1.0) as victim, ExitStack() as open_lines:
        lines = [open_lines.enter_context(victim.line(REQUEST[:-2])) for _ in range(300)]
        for _ in range(3):
            victim.serves_others(0.2)
            for line in lines:
                line.send(b"X: y\r\n")
        assert {everything(line)[:12] for line in lines} == {b"HTTP/1.1 408"}


@pytest.mark.parametrize("framing", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_slow_bodies_hold_up_nobody(framing: str) -> None:
    put = head("PUT", BLOB, AUTH, framing) + b"400\r\n"
    with attacked(patience=1.0) as victim, ExitStack() as open_lines:
        lines = [open_lines.enter_context(victim.line(put)) for _ in range(300)]
        for _ in range(3):
            victim.serves_others(0.1)
            for line in lines:
                line.send(b"a" * 100)
        assert {everything(line)[:12] for line in lines} == {b"HTTP/1.1 408"}


@pytest.mark.parametrize("media_type", [FORM, "Content-Type: multipart/form-data; boundary=b"])
def test_slow_forms_hold_up_nobody(media_type: str) -> None:
    post = head("POST", "/api/keys", AUTH, media_type, "Content-Length: 1000000") + b"--b\r\n"
    with attacked(patience=1.0) as victim, ExitStack() as open_lines:
        lines = [open_lines.enter_context(victim.line(post)) for _ in range(300)]
        for _ in range(3):
            victim.serves_others(0.1)
            for line in lines:
                line.send(b"a" * 100)
        other = form(b"name=other", AUTH)
        assert victim.statuses(other) == ["201"]
        assert {everything(line)[:12] for line in lines} == {b"HTTP/1.1 408"}


def test_answers_that_nobody_reads_hold_up_nobody() -> None:
    size = 4 * MIB  # more than the buffers of a connection hold
    with attacked(patience=0.5, rate=4 * MIB) as victim, ExitStack() as open_lines:
        put = head("PUT", BLOB, AUTH, f"Content-Length: {size}") + b"a" * size
        assert victim.statuses(put) == ["200"]
        get = head("GET", f"{BLOB}/content", AUTH)
        lines = [open_lines.enter_context(victim.line(get)) for _ in range(300)]
        victim.serves_others(1.5)
        cut_off = [line for line in lines if len(everything(line)) < size]
        assert len(cut_off) > 250


def test_answers_that_are_read_slowly_end_in_time() -> None:
    """Some bytes from time to time do not help."""
    with attacked(patience=0.5, rate=4 * MIB) as victim:
        put = head("PUT", BLOB, AUTH, f"Content-Length: {20 * MIB}") + b"a" * 20 * MIB
        assert victim.statuses(put) == ["200"]
        with victim.line(head("GET", f"{BLOB}/content", AUTH)) as line:
            received = 0
            for _ in range(20):
                victim.serves_others(0.1)
                received += len(line.recv(2_000))
            assert received + len(everything(line)) < 20 * MIB


# -- many clients --------------------------------------------------------------------------


def test_thousands_of_connections(victim: Victim) -> None:
    with many_files() as files, ExitStack() as open_lines:
        count = min(5000, files // 2 - 200)
        assert count >= 300
        lines = [open_lines.enter_context(victim.line(REQUEST[:9])) for _ in range(count)]
        lines[-1].send(REQUEST[9:])
        assert everything(lines[-1]).startswith(b"HTTP/1.1 200")
        assert count < 1000 or everything(lines[0]) == b""


def test_as_many_connections_as_there_may_be_are_all_served() -> None:
    with many_files(), attacked(connections=300) as victim, ExitStack() as open_lines:
        lines = [open_lines.enter_context(victim.line()) for _ in range(250)]
        for line in lines:
            line.sendall(REQUEST)
        assert {everything(line)[:12] for line in lines} == {b"HTTP/1.1 200"}


def test_the_system_has_no_more_files() -> None:
    """The longest silent goes; the server neither dies nor spins."""
    with many_files(), attacked(files=80) as victim, ExitStack() as open_lines:
        for _ in range(300):
            open_lines.enter_context(victim.line(REQUEST[:9]))
        before = victim.processor
        victim.serves_others(0.5)
        assert victim.processor - before < 0.35
        assert victim.statuses(head("PUT", BLOB, AUTH, "Content-Length: 3") + b"abc") == ["200"]


def test_a_long_pipeline_is_served_in_order(victim: Victim) -> None:
    count = 3000
    one = head("GET", "/api/realms/us", AUTH, close=False)
    with victim.line(one * count + REQUEST) as line:
        received = everything(line)
    assert received.count(b"HTTP/1.1 200 ") == count + 1


def test_who_never_reads_the_answers_of_a_pipeline_is_left() -> None:
    many = head("GET", "/api/instances", AUTH, close=False) * 200
    with attacked(patience=0.5, rate=100 * MIB) as victim, victim.line() as line:
        until = time.monotonic() + 10
        with suppress(ConnectionError):
            while time.monotonic() < until:
                line.sendall(many)
        assert time.monotonic() < until


# -- bodies --------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [b"a&", b"%41", b"a;"])
@pytest.mark.parametrize("auth", [[AUTH], []])
def test_forms_of_16_mib_are_not_read(victim: Victim, unit: bytes, auth: list[str]) -> None:
    bomb = form(unit * (16 * MIB // len(unit)), *auth)
    before = victim.processor
    for _ in range(2):
        assert victim.statuses(bomb) == ["413" if auth else "401"]
    assert victim.processor - before < 4


@pytest.mark.parametrize("unit", [b"a&", b"%41", b"a=%41&", b"+", "é".encode(), b"a=b&"])
def test_forms_as_large_as_they_may_be(victim: Victim, unit: bytes) -> None:
    bomb = form(b"name=k&x=" + unit * ((MAX_FORM - 100) // len(unit)), AUTH)
    with ExitStack() as open_lines:
        before = victim.processor
        lines = [open_lines.enter_context(victim.line(bomb)) for _ in range(20)]
        assert {everything(line)[9:12] for line in lines} <= {b"413", b"201", b"403"}
        assert victim.processor - before < 6


def test_fields_of_a_query_are_counted(victim: Victim) -> None:
    for _ in range(20):
        assert victim.statuses(head("GET", "/api/keys?" + "a&" * 16_000, AUTH)) == ["413"]


CREDENTIALS: dict[str, list[str]] = {
    "none": [],
    "wrong": ["Authorization: Basic bW9ja3VzZXI6d3Jvbmc="],
    "malformed": ["Authorization: Basic ?"],
}
LARGE = {
    "multipart": ["Content-Type: multipart/form-data; boundary=b"],
    "multipart-upper-case": ["Content-Type: Multipart/Form-Data; boundary=b"],
    "url-encoded": [FORM],
    "no-type": [],
}


@pytest.mark.parametrize("auth", CREDENTIALS)
@pytest.mark.parametrize("kind", LARGE)
@pytest.mark.parametrize(
    "path", ["/api/buckets/bucket1", "/api/keys", "/api/keys/test-key", "/api"]
)
def test_large_forms_are_not_read_before_the_credentials(
    victim: Victim, kind: str, auth: str, path: str
) -> None:
    """Not a byte of 400 MiB is asked for; the answer comes without any of them."""
    lines = [*LARGE[kind], *CREDENTIALS[auth], f"Content-Length: {400 * MIB}"]
    asking = [*lines, "Expect: 100-continue"]
    with victim.line(head("POST", path, *asking)) as line:
        assert everything(line)[9:12] == (b"413" if path == "/api" else b"401")


def test_nothing_of_an_upload_is_written_before_the_credentials(victim: Victim) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="blob_data"; filename="f"\r\n\r\n'
    upload = head(
        "POST", "/api/buckets/bucket1", *LARGE["multipart"], f"Content-Length: {40 * MIB}"
    )
    before = victim.written
    assert victim.statuses(upload + part + b"a" * (40 * MIB - len(part))) == ["401"]
    put = head("PUT", BLOB, f"Content-Length: {40 * MIB}") + b"a" * 40 * MIB
    assert victim.statuses(put) == ["401"]
    assert victim.written - before < MIB


def multipart(body: bytes) -> bytes:
    lines = (AUTH, *LARGE["multipart"], f"Content-Length: {len(body)}")
    return head("POST", "/api/buckets/bucket1", *lines) + body


FILE = b'--b\r\nContent-Disposition: form-data; name="blob_data"; filename="f"\r\n'
FIELD = b'--b\r\nContent-Disposition: form-data; name="blob_id"\r\n\r\nx\r\n'
MULTIPART = {
    "part-heads-12m": FILE + b"X-A: aaaaaaaaaaaaaa\r\n" * 600_000,
    "part-head-without-end": FILE + b"a" * 12 * MIB,
    "part-head-blanks": FILE + b"X: y\r\n " * 2_000_000,
    "part-head-line-ends": FILE + b"\r" * 12 * MIB,
    "parts-100k": FIELD * 100_000,
    "files-100k": (FILE + b"\r\nx\r\n") * 100_000,
    "boundaries": b"--b\r\n" * 2_000_000,
    "boundaries-almost": FILE + b"\r\n" + b"\r\n--b " * 2_000_000,
    "preamble-12m": b"a" * 12 * MIB + FIELD,
    "preamble-boundaries": b"--b " * 3 * MIB,
    "line-ends-in-file": FILE + b"\r\n" + b"\r" * 12 * MIB,
    "line-feeds-in-file": FILE + b"\r\n" + b"\n" * 12 * MIB,
    "value-of-12m": FIELD[:-3] + b"a" * 12 * MIB,
    "disposition-parameters": b"--b\r\nContent-Disposition: form-data" + b"; a=b" * MIB,
    "disposition-quotes": b'--b\r\nContent-Disposition: form-data; name="' + b"\\" * 12 * MIB,
    "epilogue-12m": FIELD + b"--b--\r\n" + b"a" * 12 * MIB,
}


@pytest.mark.parametrize("name", MULTIPART)
def test_multipart_bombs(victim: Victim, name: str) -> None:
    before = victim.processor
    statuses = victim.statuses(multipart(MULTIPART[name]))
    assert statuses in (["400"], ["413"]), statuses
    assert victim.processor - before < 4


def test_a_megabyte_in_chunks_of_one_byte(victim: Victim) -> None:
    put = head("PUT", BLOB, AUTH, "Transfer-Encoding: chunked")
    before = victim.processor
    assert victim.statuses(put + b"1\r\na\r\n" * MIB + b"0\r\n\r\n") == ["413"]
    assert victim.statuses(put + b"a\r\n0123456789\r\n" * 100_000 + b"0\r\n\r\n") == ["200"]
    assert victim.processor - before < 3


def test_chunks_that_are_ignored_cost_no_more(victim: Victim) -> None:
    before = victim.processor
    wrong = head("PUT", BLOB, "Transfer-Encoding: chunked")
    assert victim.statuses(wrong + b"1\r\na\r\n" * MIB + b"0\r\n\r\n") == ["401"]
    assert victim.processor - before < 3
