"""Answers that are wrong as bytes on the connection."""

from __future__ import annotations

import re

from tck.prove.altered import wire
from tck.prove.faults.fault import Faults


def _length(change: int) -> wire.Bytes:
    def act(head: bytes) -> bytes:
        return re.sub(
            rb"Content-Length: (\d+)",
            lambda hit: b"Content-Length: %d" % max(0, int(hit[1]) + change),
            head,
        )

    return act


def _after_status(line: bytes) -> wire.Bytes:
    return lambda head: head.replace(b"\r\n", b"\r\n" + line + b"\r\n", 1)


def _chunked(data: bytes) -> bytes:
    """Chunked coding whose last chunk never comes."""
    head, gap, body = data.partition(b"\r\n\r\n")
    head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
    return head + gap + b"%x\r\n%s\r\n" % (len(body), body)


def _bad_chunks(data: bytes) -> bytes:
    return _chunked(data).replace(b"\r\n\r\n", b"\r\n\r\nnot a number\r\n", 1)


fault = Faults()

fault(
    "answer-breaks-off",
    "DC-HTTP-001",
    wire.raw("realms.index", "hangs up within the body", lambda d: d[:-30], hangs_up=True),
)
fault(
    "answer-ends-after-head",
    "DC-HTTP-001",
    wire.raw(
        "images.index",
        "hangs up after the head",
        lambda d: d.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
        hangs_up=True,
    ),
)
fault(
    "no-answer",
    "DC-HTTP-001",
    wire.raw("keys.index", "hangs up without an answer", lambda _: b"", hangs_up=True),
)
fault(
    "no-answer-to-delete",
    "DC-HTTP-001",
    wire.raw(
        "keys.destroy !keys.destroy",
        "hangs up without an answer to DELETE",
        lambda _: b"",
        hangs_up=True,
    ),
)
fault(
    "no-answer-to-refusals",
    "DC-HTTP-001",
    wire.raw(
        "!realms.show !keys.show", "hangs up instead of refusing", lambda _: b"", hangs_up=True
    ),
)
fault(
    "garbage-for-an-answer",
    "DC-HTTP-001",
    wire.raw("realms.show", "sends no HTTP", lambda _: b"\x15\x03\x01\x00\x02\x02P", hangs_up=True),
)
fault(
    "status-line-without-number",
    "DC-HTTP-001",
    wire.head(
        "realms.index",
        "sends a status line without a number",
        lambda h: h.replace(b"200 OK", b"OK", 1),
        hangs_up=True,
    ),
)
fault(
    "content-length-too-long",
    "DC-HTTP-001 DC-HTTP-013",
    wire.head("images.index", "promises ten bytes more than come", _length(10), hangs_up=True),
)
fault(
    "content-length-too-short",
    "DC-DOC-001",
    wire.head("images.index", "promises ten bytes less than come", _length(-10), hangs_up=True),
)
fault(
    "content-length-nought",
    "DC-DOC-001",
    wire.head("realms.index", "says that nothing comes", _length(-(10**6)), hangs_up=True),
)
fault(
    "chunks-without-end",
    "DC-HTTP-001",
    wire.raw("hardware_profiles.index", "never ends chunked coding", _chunked, hangs_up=True),
)
fault(
    "chunks-malformed",
    "DC-HTTP-001",
    wire.raw("keys.index", "writes chunks without a size", _bad_chunks, hangs_up=True),
)
fault("no-date", "DC-HTTP-015", wire.without("*", "Date"))
fault(
    "field-with-control-character",
    "DC-HTTP-046",
    wire.head("realms.*", "sends a control character in a field", _after_status(b"X-Note: a\x07b")),
)
fault(
    "no-content-with-length",
    "DC-HTTP-011",
    wire.head(
        "keys.destroy",
        "says in 204 how much content comes",
        _after_status(b"Content-Length: 11"),
        hangs_up=True,
    ),
)
fault(
    "content-after-no-content",
    "DC-HTTP-011",
    wire.raw(
        "keys.destroy",
        "sends content with 204",
        lambda d: d.replace(b"\r\n", b"\r\nContent-Length: 7\r\n", 1) + b"deleted",
        hangs_up=True,
    ),
)
fault(
    "gzip-without-being-asked",
    "DC-HTTP-014",
    wire.head(
        "images.*", "says that content is compressed", _after_status(b"Content-Encoding: gzip")
    ),
)
