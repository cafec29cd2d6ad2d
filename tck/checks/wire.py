"""Malformed requests, sent as bytes: what RFC 9112 demands, so that proxies cannot be deceived.

All are GETs of the entry point on connections of their own, each with a well-formed twin
(support/wire.py). They are sent with `--wire` only, and to the embedded server.
"""

from __future__ import annotations

import pytest

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.checks.support.wire import IN_TIME, SANE, Wire, is_refused

_CHUNKED = b"Transfer-Encoding: chunked"
_CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"
_LONG = b"X-Tck: " + b"a" * (128 << 10)
_MANY = b"\r\n".join(b"X-Tck-%d: a" % n for n in range(2_000))

# ---------------------------------------------------------------- heads


@check("DC-HTTP-053", wire=True)
def test_without_host(cloud: Cloud, verify: Verify) -> None:
    """A request of HTTP/1.1 without Host is refused."""
    wire = Wire(cloud, verify)
    wire.assert_refused("DC-HTTP-053", wire.get(host=b""), "without Host", wire.get())


@check("DC-HTTP-054", wire=True)
@pytest.mark.parametrize("second", [b"Host: tck.invalid", None], ids=["another", "the-same"])
def test_two_hosts(cloud: Cloud, verify: Verify, second: bytes | None) -> None:
    """A request with two fields Host is refused, be they the same or not."""
    wire = Wire(cloud, verify)
    flaw = "with two fields Host"
    wire.assert_refused("DC-HTTP-054", wire.get(second or wire.host), flaw, wire.get())


@check("DC-HTTP-054", wire=True)
def test_host_that_is_none(cloud: Cloud, verify: Verify) -> None:
    """A request whose Host cannot be a host is refused."""
    wire = Wire(cloud, verify)
    data = wire.get(host=b"Host: tck invalid")
    wire.assert_refused("DC-HTTP-054", data, "whose Host holds a blank", wire.get())


@check("DC-HTTP-055", wire=True)
def test_blank_before_colon(cloud: Cloud, verify: Verify) -> None:
    """A blank between the name of a field and the colon is refused."""
    wire = Wire(cloud, verify)
    twin = wire.get(b"X-Tck: 1")
    wire.assert_refused("DC-HTTP-055", wire.get(b"X-Tck : 1"), "with a blank before a colon", twin)


@check("DC-HTTP-056", wire=True)
def test_bare_cr(cloud: Cloud, verify: Verify) -> None:
    """What follows a CR without LF is no field of its own."""
    wire = Wire(cloud, verify)
    _assert_no_field(
        wire,
        verify,
        "DC-HTTP-056",
        wire.get(b"X-Tck: 1\r" + wire.host, host=b""),
        "whose only Host follows a bare CR",
    )


@check("DC-HTTP-057", wire=True)
@pytest.mark.parametrize("first", [False, True], ids=["folded", "first"])
def test_indented_line(cloud: Cloud, verify: Verify, first: bool) -> None:
    """A line that begins with a blank is no field of its own, be it folded or the first."""
    wire = Wire(cloud, verify)
    line = b" " + wire.host
    data = wire.get(host=b"", first=line) if first else wire.get(b"X-Tck: 1", line, host=b"")
    flaw = "whose only Host stands in a line that begins with a blank"
    _assert_no_field(wire, verify, "DC-HTTP-057", data, flaw)


def _assert_no_field(wire: Wire, verify: Verify, requirement: str, data: bytes, flaw: str) -> None:
    """Judge that a Host which is no field is not taken for one: without one, it is refused."""
    without = wire.malformed(wire.get(host=b""), "without Host", wire.answered(wire.get()))
    if not is_refused(without.first):
        verify.inconclusive(f"a request without Host is answered, too ({without.first.status})")
    wire.assert_refused(requirement, data, flaw, wire.get(b"X-Tck: 1"))


@check(SANE, wire=True)
@pytest.mark.parametrize(
    ("fields", "flaw"),
    [(_LONG, "with a field of 128 KiB"), (_MANY, "with 2,000 fields"), (b"", "with bare LF")],
    ids=["long", "many", "lf"],
)
def test_head_that_need_not_be_read(cloud: Cloud, verify: Verify, fields: bytes, flaw: str) -> None:
    """A head that is very large, or has lines without CR, is answered as right or refused."""
    wire = Wire(cloud, verify)
    data = wire.get(fields) if fields else wire.get().replace(b"\r\n", b"\n") + b"\r\n\r\n"
    wire.malformed(data, flaw, wire.answered(wire.get(b"X-Tck: 1")))


@check("DC-HTTP-064", IN_TIME, wire=True)
@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        (b"GET %b tck HTTP/1.1", "whose line has a word too many"),
        (b"tck", "whose line is one word"),
    ],
    ids=["four-words", "one-word"],
)
def test_request_line(cloud: Cloud, verify: Verify, line: bytes, flaw: str) -> None:
    """A request line that is not method, target and version is refused, or redirected."""
    wire = Wire(cloud, verify)
    x = wire.malformed(wire.get(line=line), flaw, wire.answered(wire.get())).first
    ok = is_refused(x) or x.status == 301
    expected = "4xx, 501, 505 or 301, or the end of the connection"
    verify.holds("DC-HTTP-064", "status", expected, x.status or x.failure, ok, x=x)


# ---------------------------------------------------------------- the length of the content


@check("DC-HTTP-058", wire=True)
@pytest.mark.parametrize("order", ["shorter-first", "longer-first"])
def test_two_lengths(cloud: Cloud, verify: Verify, order: str) -> None:
    """Two values of Content-Length that differ are refused, and the connection ends."""
    wire = Wire(cloud, verify)
    fields = [b"Content-Length: 0", b"Content-Length: %d" % len(wire.other())]
    data = wire.get(*(fields if order == "shorter-first" else fields[::-1]), behind=True)
    twin = wire.get(b"Content-Length: 5", content=b"hello")
    flaw = "with two values of Content-Length"
    wire.assert_refused("DC-HTTP-058", data, flaw, twin, behind=True)


@check("DC-HTTP-058", wire=True)
@pytest.mark.parametrize(
    "value", [b"+0", b"-1", b"0x0", b"tck"], ids=["plus", "minus", "hex", "text"]
)
def test_length_that_is_no_number(cloud: Cloud, verify: Verify, value: bytes) -> None:
    """A Content-Length that is no number is refused, and the connection ends."""
    wire = Wire(cloud, verify)
    data = wire.get(b"Content-Length: " + value, behind=True)
    twin = wire.get(b"Content-Length: 5", content=b"hello")
    flaw = "whose Content-Length is no number"
    wire.assert_refused("DC-HTTP-058", data, flaw, twin, behind=True)


@check("DC-HTTP-059", wire=True)
def test_chunks_are_not_read_by_length(cloud: Cloud, verify: Verify) -> None:
    """With Transfer-Encoding, Content-Length does not say where the content ends."""
    wire = Wire(cloud, verify)
    twin = wire.answered(wire.get(_CHUNKED, content=_CHUNKS, behind=True), twice=True)
    size = b"%x\r\n" % len(wire.other())
    content = size + wire.other() + b"\r\n0\r\n\r\n"
    data = wire.get(b"Content-Length: %d" % len(size), _CHUNKED, content=content)
    flaw = "with Content-Length and Transfer-Encoding, and a GET within its chunk"
    wire.assert_alone("DC-HTTP-059", wire.malformed(data, flaw, twin, 2))


@check("DC-HTTP-060", wire=True)
def test_connection_ends_after_two_framings(cloud: Cloud, verify: Verify) -> None:
    """After a request with Content-Length and Transfer-Encoding the connection ends."""
    wire = Wire(cloud, verify)
    twin = wire.answered(wire.get(_CHUNKED, content=_CHUNKS, behind=True), twice=True)
    length = b"Content-Length: %d" % len(_CHUNKS)
    data = wire.get(length, _CHUNKED, content=_CHUNKS, behind=True)
    flaw = "with Content-Length and Transfer-Encoding"
    wire.assert_alone("DC-HTTP-060", wire.malformed(data, flaw, twin, 2))


@check("DC-HTTP-066", wire=True)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_content_of_get(cloud: Cloud, verify: Verify, *, chunked: bool) -> None:
    """A GET whose content looks like another GET is one request."""
    wire = Wire(cloud, verify)
    quiet = wire.quiet_after(wire.answered(wire.get()))
    size, other = len(wire.other()), wire.other()
    if chunked:
        data = wire.get(_CHUNKED, content=b"%x\r\n%b\r\n0\r\n\r\n" % (size, other))
    else:
        data = wire.get(b"Content-Length: %d" % size, content=other)
    exchanges = wire.answered(data, quiet=quiet).exchanges
    # a proxy takes even a refusal for the answer to its next request; 408 comes of silence
    further = [x.status for x in exchanges[1:] if x.status not in (0, 408)]
    verify.absent("DC-HTTP-066", "connection", "one answer", further, x=exchanges[-1])


@check("DC-HTTP-061", wire=True)
@pytest.mark.parametrize("coding", [b"tck", b"chunked, tck"], ids=["unknown", "last"])
def test_unknown_coding(cloud: Cloud, verify: Verify, coding: bytes) -> None:
    """A transfer coding that is not chunked at its end is refused, and the connection ends."""
    wire = Wire(cloud, verify)
    data = wire.get(b"Transfer-Encoding: " + coding, content=_CHUNKS, behind=True)
    flaw = f"with Transfer-Encoding: {coding.decode()}"
    twin = wire.get(_CHUNKED, content=_CHUNKS)
    wire.assert_refused("DC-HTTP-061", data, flaw, twin, behind=True)


@check("DC-HTTP-062", wire=True)
@pytest.mark.parametrize(
    "chunks",
    [
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        b"tck\r\n\r\n",
        b"5\r\nhello, and more\r\n0\r\n\r\n",
    ],
    ids=["prefix", "sign", "overflow", "text", "longer"],
)
def test_bad_chunks(cloud: Cloud, verify: Verify, chunks: bytes) -> None:
    """Nothing that follows a malformed chunk on the connection is answered."""
    wire = Wire(cloud, verify)
    twin = wire.answered(wire.get(_CHUNKED, content=_CHUNKS, behind=True), twice=True)
    data = wire.get(_CHUNKED, content=chunks, behind=True)
    waits = chunks.startswith(b"1000")  # for a very large chunk
    flaw = "with a malformed chunk"
    wire.assert_alone("DC-HTTP-062", wire.malformed(data, flaw, twin, 2, may_wait=waits))
