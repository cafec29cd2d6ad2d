"""Answers that are wrong as bytes on the connection."""

from __future__ import annotations

import re

from tck.prove.altered import wire
from tck.prove.altered.change import Change
from tck.prove.faults.fault import Faults


def _add_to_length(where: str, text: str, change: int) -> Change:
    """Send a Content-Length that is too large or too small."""

    def changed(field: re.Match[bytes]) -> bytes:
        return b"Content-Length: %d" % max(0, int(field[1]) + change)

    def act(head: bytes) -> bytes:
        return re.sub(rb"Content-Length: (\d+)", changed, head)

    return wire.head(where, text, act, hangs_up=True)


def _hang_up(where: str, text: str, act: wire.Bytes = lambda _: b"") -> Change:
    """Close the connection after other bytes, or none."""
    return wire.raw(where, text, act, hangs_up=True)


def _add_field(where: str, text: str, line: bytes, *, hangs_up: bool = False) -> Change:
    """Send one more field, as a line of bytes, after the status line."""
    field = b"\r\n" + line + b"\r\n"
    return wire.head(where, text, lambda head: head.replace(b"\r\n", field, 1), hangs_up=hangs_up)


def _chunked(data: bytes) -> bytes:
    """An answer in chunked coding without the last chunk."""
    head, gap, body = data.partition(b"\r\n\r\n")
    head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
    return head + gap + b"%x\r\n%s\r\n" % (len(body), body)


def _bad_chunks(data: bytes) -> bytes:
    return _chunked(data).replace(b"\r\n\r\n", b"\r\n\r\nnot a number\r\n", 1)


fault = Faults()

fault(
    "answer-breaks-off",
    "DC-HTTP-001",
    _hang_up("realms.index", "hangs up within the body", lambda d: d[:-30]),
)
fault(
    "answer-ends-after-head",
    "DC-HTTP-001",
    _hang_up(
        "images.index",
        "hangs up after the head",
        lambda d: d.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    ),
)
fault("no-answer", "DC-HTTP-001", _hang_up("keys.index", "hangs up without an answer"))
fault(
    "no-answer-to-delete",
    "DC-HTTP-001",
    _hang_up("keys.destroy !keys.destroy", "hangs up without an answer to DELETE"),
)
fault(
    "no-answer-to-refusals",
    "DC-HTTP-001",
    _hang_up("!realms.show !keys.show", "hangs up instead of refusing"),
)
fault(
    "garbage-for-an-answer",
    "DC-HTTP-001",
    _hang_up("realms.show", "sends no HTTP", lambda _: b"\x15\x03\x01\x00\x02\x02P"),
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
    _add_to_length("images.index", "promises ten bytes more than come", 10),
)
fault(
    "content-length-too-short",
    "DC-DOC-001",
    _add_to_length("images.index", "promises ten bytes less than come", -10),
)
fault(
    "content-length-nought",
    "DC-DOC-001",
    _add_to_length("realms.index", "says that nothing comes", -(10**6)),
)
fault(
    "chunks-without-end",
    "DC-HTTP-001",
    _hang_up("hardware_profiles.index", "never ends chunked coding", _chunked),
)
fault(
    "chunks-malformed",
    "DC-HTTP-001",
    _hang_up("keys.index", "writes chunks without a size", _bad_chunks),
)
fault("no-date", "DC-HTTP-015", wire.without("*", "Date"))
fault(
    "field-with-control-character",
    "DC-HTTP-046",
    _add_field("realms.*", "sends a control character in a field", b"X-Note: a\x07b"),
)
fault(
    "no-content-with-length",
    "DC-HTTP-011",
    _add_field(
        "keys.destroy", "says in 204 how much content comes", b"Content-Length: 11", hangs_up=True
    ),
)
fault(
    "content-after-no-content",
    "DC-HTTP-011",
    _hang_up(
        "keys.destroy",
        "sends content with 204",
        lambda d: d.replace(b"\r\n", b"\r\nContent-Length: 7\r\n", 1) + b"deleted",
    ),
)
fault(
    "gzip-without-being-asked",
    "DC-HTTP-014",
    _add_field("images.*", "says that content is compressed", b"Content-Encoding: gzip"),
)


def _broken_after_no_content(before: bytes, data: bytes) -> bytes:
    empty = before.startswith(b"HTTP/1.1 200 ") and before.endswith(b"\r\n\r\n")
    return data[: len(data) - 5] if empty else data


fault(
    "broken-after-no-content",
    "DC-HTTP-047",
    wire.after(
        "*",
        "breaks off answers after one of 200 without content",
        _broken_after_no_content,
    ),
)
