"""Answers that are wrong below the document: in their bytes, their length, their time."""

from __future__ import annotations

import gzip
import zlib

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_ONE = "realms.index"
_FEW = "realms"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_MILLION = b"<realm/>" * 125_000
_READ = {"checks": _FEW, "codes": (1, 3)}


# ---------------------------------------------------------------- slow


@behaviour(_ONE, **_READ, says=("no complete answer within",))
def drips_the_body(call: Call) -> None:
    """Lists come byte by byte, ten a second, for ever."""
    call.send(_HEAD + b"Content-Length: 100000\r\n\r\n")
    call.send_for_ever(b" ", 0.1)


@behaviour(_ONE, **_READ)
def drips_the_head(call: Call) -> None:
    """The header section of lists comes byte by byte and never ends."""
    call.send(_HEAD + b"X-Slow: ")
    call.send_for_ever(b"x", 0.1)


@behaviour(_ONE, **_READ)
def drips_interim_answers(call: Call) -> None:
    """Instead of an answer, `100 Continue` and `103 Early Hints` come for ever."""
    call.send_for_ever(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 0.05
    )


@behaviour(_ONE, **_READ)
def floods_with_interim_answers(call: Call) -> None:
    """Instead of an answer, `100 Continue` comes as fast as it can."""
    call.send_for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@behaviour(_ONE, **_READ)
def says_nothing(call: Call) -> None:
    """Lists are never answered, and the connection stays open."""
    call.pause(60)


@behaviour(codes=(3,), report=False, says=("no complete answer",))
def says_nothing_at_all(call: Call) -> None:
    """No request is ever answered."""
    call.pause(60)


# ---------------------------------------------------------------- too much


@behaviour(_ONE, **_READ)
def endless_chunks(call: Call) -> None:
    """Lists come in chunks that never end."""
    call.send(_CHUNKED)
    call.send_for_ever(b"%x\r\n%b\r\n" % (len(_MILLION), _MILLION))


@behaviour(_ONE, **_READ)
def one_byte_chunks(call: Call) -> None:
    """Lists come in two million chunks of one byte, each with a long extension."""
    call.send(_CHUNKED)
    for _ in range(200):
        call.send(b"1;x=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n \r\n" * 10_000)
    call.send(b"0\r\n\r\n")


@behaviour(_ONE, **_READ)
def endless_body(call: Call) -> None:
    """Lists have no length and never end."""
    call.send(_HEAD + b"Connection: close\r\n\r\n<realms>")
    call.send_for_ever(_MILLION)


@behaviour("*", checks="errors", codes=(0, 1, 3), says=("limit body",))
def large_refusals(call: Call) -> None:
    """Every refusal has 30 MB of content."""
    if call.answer.status >= 400:
        call.answer.body += b" " * 30_000_000


@behaviour(_ONE, **_READ, finds=("DC-HTTP-014",))
def gzip_bomb(call: Call) -> None:
    """Lists are 500 KB in gzip that become 500 MB, though nobody asked for gzip."""
    call.answer.body = gzip.compress(b" " * 1_000_000) * 500
    call.answer.set("Content-Encoding", "gzip")


@behaviour(_ONE, **_READ, finds=("DC-HTTP-014",))
def deflate_bomb(call: Call) -> None:
    """Lists are 500 KB in deflate that become 500 MB, though nobody asked for it."""
    squeeze = zlib.compressobj(9)
    block = squeeze.compress(b" " * 1_000_000) + squeeze.flush(zlib.Z_FULL_FLUSH)
    call.answer.body = block + block[2:] * 499  # two bytes of header
    call.answer.set("Content-Encoding", "deflate")


@behaviour(_ONE, **_READ, finds=("DC-HTTP-001",))
def codings_in_codings(call: Call) -> None:
    """Lists are compressed with gzip ten times over."""
    for _ in range(10):
        call.answer.body = gzip.compress(call.answer.body)
    call.answer.set("Content-Encoding", ", ".join(["gzip"] * 10))


@behaviour(_ONE, **_READ)
def long_header_field(call: Call) -> None:
    """Answers carry a field of 20 MB."""
    call.send(_HEAD + b"X-Long: ")
    for _ in range(20):
        call.send(b"x" * 1_000_000)
    call.send(b"\r\nContent-Length: 0\r\n\r\n")


@behaviour(_ONE, **_READ)
def many_header_fields(call: Call) -> None:
    """Answers carry 200,000 fields."""
    call.send(_HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(200_000)))
    call.send(b"Content-Length: 0\r\n\r\n")


@behaviour(codes=(3,), report=False, says=("bytes of header fields",))
def a_quarter_megabyte_of_fields(call: Call) -> None:
    """Every answer carries four fields of 60,000 letters."""
    call.answer.headers += [(f"X-Long-{n}", "x" * 60_000) for n in range(4)]


@behaviour(_ONE, **_READ)
def endless_trailers(call: Call) -> None:
    """After the last chunk, trailer fields come for ever."""
    call.send(_CHUNKED + b"9\r\n<realms/>\r\n0\r\n")
    call.send_for_ever(b"X-Trailer: yes\r\n" * 1000)


# ---------------------------------------------------------------- wrong length


@behaviour(_ONE, **_READ)
def length_too_long(call: Call) -> None:
    """Content-Length is ten times too long, and the connection stays open."""
    call.send(call.answer.head(length=10 * len(call.answer.body)) + call.answer.body)


@behaviour(_ONE, **_READ)
def length_too_short(call: Call) -> None:
    """Content-Length is half of what comes."""
    call.send(call.answer.head(length=len(call.answer.body) // 2) + call.answer.body)


@behaviour(_ONE, **_READ)
def lengths_differ(call: Call) -> None:
    """There are two Content-Lengths, and chunks as well."""
    body = call.answer.body
    fields = b"Content-Length: %d\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    call.send(_HEAD + fields % len(body) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))


@behaviour(_ONE, **_READ)
def length_is_no_number(call: Call) -> None:
    """Content-Length is `-1`, `1e3`, `²` or has 5,000 digits."""
    kinds = (b"-1", b"1e3", "²".encode(), b"9" * 5000)
    call.send(_HEAD + b"Content-Length: " + kinds[call.number % 4] + b"\r\n\r\n<realms/>")
    call.hang_up()


@behaviour(_ONE, **_READ)
def absurd_chunk_sizes(call: Call) -> None:
    """Chunks say that they have 2^64 or -1 bytes, or a size that is no number."""
    sizes = (b"ffffffffffffffff", b"-1", b"0x10", b"", b"f" * 100_000)
    call.send(_CHUNKED + sizes[call.number % 5] + b"\r\n<realms/>\r\n0\r\n\r\n")
    call.hang_up()


# ---------------------------------------------------------------- broken


@behaviour(_ONE, **_READ)
def resets(call: Call) -> None:
    """The connection is reset in the middle of every list."""
    body = call.answer.body
    call.send(call.answer.head(length=len(body)) + body[: len(body) // 2])
    call.reset()


@behaviour(_ONE, **_READ)
def half_closes(call: Call) -> None:
    """The endpoint closes its half of the connection before it answers, and reads on."""
    call.socket.shutdown(1)
    call.pause(60)


@behaviour("*", checks=_FEW, codes=(3,), report=False, says=("connection broke",))
def speaks_no_http(call: Call) -> None:
    """Every answer is bytes that are no HTTP."""
    call.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 100)
    call.hang_up()


@behaviour(_ONE, **_READ)
def speaks_http_0_9(call: Call) -> None:
    """Lists come without status line and fields, as in HTTP/0.9."""
    call.send(call.answer.body)
    call.hang_up()


@behaviour(_ONE, **_READ)
def absurd_status_lines(call: Call) -> None:
    """Status lines have codes such as 1000, -1, 099 or none, and a reason of 50,000 letters."""
    lines = (
        b"HTTP/1.1 1000 X",
        b"HTTP/1.1 -1 X",
        b"HTTP/1.1 099 X",
        b"HTTP/1.1  OK",
        b"HTTP/9.9 200 X",
    )
    long = b"HTTP/1.1 200 " + b"r" * 50_000
    line = (*lines, long)[call.number % 6]
    call.send(line + b"\r\nContent-Type: application/xml\r\nContent-Length: 9\r\n\r\n<realms/>")
    call.hang_up()


@behaviour(_ONE, **_READ)
def fields_with_control_characters(call: Call) -> None:
    """Fields hold control characters, bare line ends, blanks before the colon, folded lines."""
    fields = (
        b"X-A: \x00\x1b[2J\r\nX-B : y\r\nX-C: a\rb\nX-D: x\r\n folded\r\n: nameless\r\nno colon\r\n"
    )
    call.send(_HEAD + fields + b"Content-Length: 9\r\n\r\n<realms/>")
    call.hang_up()


@behaviour(_ONE, checks=_FEW, codes=(0, 1))
def several_answers_at_once(call: Call) -> None:
    """After each list come two more answers, unasked, on the same connection."""
    forged = b"HTTP/1.1 401 Forged\r\nContent-Length: 0\r\n\r\n"
    call.send(call.answer.encode(call.asked.method) + forged * 2)


@behaviour(_ONE, checks=_FEW, codes=(0,))
def closes_without_a_word(call: Call) -> None:
    """Connections are closed after each answer to a list, though they were said to be kept."""
    call.answer.set("Connection", "keep-alive")
    call.answer.set("Keep-Alive", "timeout=1000000000, max=-1")
    call.send_answer()
    call.hang_up()


@behaviour(_ONE, **_READ)
def switches_protocols(call: Call) -> None:
    """Lists are answered `101 Switching Protocols`."""
    call.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
    call.send(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" * 10)


@behaviour("buckets.* blobs.*", checks="blobs", codes=(1, 3), seconds=40)
def blobs_are_endless(call: Call) -> None:
    """The content of a blob never ends."""
    if call.asked.path.endswith("/content") and call.asked.method == "GET" and call.answer.ok:
        call.send(call.answer.head() + b"")
        call.send_for_ever(b"x" * 1_000_000)


@behaviour("keys.create instances.create", checks="keys or lifecycle", codes=(1, 3))
def stalls_after_creates(call: Call) -> None:
    """What is created is created, but the answer stops after its first line."""
    if call.answer.ok:
        call.send(b"HTTP/1.1 201 Created\r\n")
        call.pause(60)
