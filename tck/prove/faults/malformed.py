"""Servers that take for right what is malformed on the wire."""

from __future__ import annotations

import re

from tck.prove.altered import wire
from tck.prove.faults.fault import Faults

_HOST = re.compile(rb"(?i)\r\nhost:[^\r\n]*")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[^\r\n]*")
_CODING = re.compile(rb"(?i)\r\ntransfer-encoding:[^\r\n]*")
_NO_NUMBER = re.compile(rb"(?i)\r\ncontent-length:[ \t]*+(?!\d+[ \t]*(?:\r\n|$))[^\r\n]*")
_BARE_CR = re.compile(rb"\r(?!\n)")


def _with_host(head: bytes) -> bytes:
    return head if _HOST.search(head) else head + b"\r\nHost: localhost"


def _all_but(keep: int, field: re.Pattern[bytes], head: bytes) -> bytes:
    """A head with one of several fields only: the first (0) or the last (-1)."""
    found = field.findall(head)
    return field.sub(b"", head) + found[keep] if len(found) > 1 else head


def _without(field: re.Pattern[bytes], head: bytes) -> bytes:
    """A head without a field, where the length of the content is given in two ways."""
    both = _LENGTH.search(head) and _CODING.search(head)
    return field.sub(b"", head) if both else head


def _unread(head: bytes) -> bytes:
    """A GET without the length of its content."""
    return _LENGTH.sub(b"", head) if head.startswith(b"GET ") else head


def _unpacked(data: bytes) -> bytes:
    """A GET without the coding, and with what was in its chunk behind it."""
    head, gap, rest = data.partition(b"\r\n\r\n")
    inner = re.match(rb"[0-9a-f]+\r\n(GET .*?\r\n\r\n)", rest, re.DOTALL)
    coded = head.startswith(b"GET ") and _CODING.search(head) and not _LENGTH.search(head)
    return _CODING.sub(b"", head) + gap + inner[1] if coded and inner else data


fault = Faults()

fault("host-not-needed", "DC-HTTP-053", wire.heads("does without Host", _with_host))
fault(
    "first-host-counts",
    "DC-HTTP-054",
    wire.heads("takes the first of two Hosts", lambda head: _all_but(0, _HOST, head)),
)
fault(
    "last-host-counts",
    "DC-HTTP-054",
    wire.heads("takes the last of two Hosts", lambda head: _all_but(-1, _HOST, head)),
)
fault(
    "host-with-blank",
    "DC-HTTP-054",
    wire.heads("takes any text for a host", lambda h: h.replace(b"tck invalid", b"tck.invalid")),
)
fault(
    "blank-before-colon-ignored",
    "DC-HTTP-055",
    wire.heads(
        "drops blanks before a colon", lambda h: re.sub(rb"(?m)^([^\s:]+)[ \t]+:", rb"\1:", h)
    ),
)
fault(
    "bare-cr-ends-a-field",
    "DC-HTTP-056",
    wire.heads("ends a line at a bare CR", lambda head: _BARE_CR.sub(b"\r\n", head)),
)
fault(
    "folded-line-is-a-field",
    "DC-HTTP-057",
    wire.heads("takes folded lines for fields", lambda h: re.sub(rb"\r\n[ \t]+", b"\r\n", h)),
)
fault(
    "first-line-may-be-indented",
    "DC-HTTP-057",
    wire.heads(
        "drops blanks before the first field",
        lambda h: re.sub(rb"\A([^\r]*\r\n)[ \t]+", rb"\1", h),
    ),
)
fault(
    "first-length-counts",
    "DC-HTTP-058",
    wire.heads("takes the first Content-Length", lambda head: _all_but(0, _LENGTH, head)),
)
fault(
    "last-length-counts",
    "DC-HTTP-058",
    wire.heads("takes the last Content-Length", lambda head: _all_but(-1, _LENGTH, head)),
)
fault(
    "length-that-is-no-number-ignored",
    "DC-HTTP-058",
    wire.heads("ignores a Content-Length that is no number", lambda h: _NO_NUMBER.sub(b"", h)),
)
fault(
    "chunks-read-by-length",
    "DC-HTTP-059",
    wire.heads("prefers Content-Length to chunks", lambda head: _without(_CODING, head)),
)
fault(
    "goes-on-after-two-framings",
    "DC-HTTP-060",
    wire.heads("reads chunks, and goes on", lambda head: _without(_LENGTH, head)),
)
fault(
    "content-of-get-is-next-request",
    "DC-HTTP-066",
    wire.heads("does not read the content of a GET", _unread),
)
fault(
    "chunks-of-get-are-not-read",
    "DC-HTTP-066",
    wire.heads("does not read chunks of a GET", lambda h: _CODING.sub(b"", h)),
)
fault(
    "chunks-of-get-are-next-request",
    "DC-HTTP-066",
    wire.received("takes what is in the chunks of a GET for a request", _unpacked),
)
fault(
    "unknown-coding-ignored",
    "DC-HTTP-061",
    wire.heads(
        "ignores an unknown coding", lambda h: h.replace(b"Transfer-Encoding: tck", b"X: y")
    ),
)
fault(
    "coding-after-chunks-ignored",
    "DC-HTTP-061",
    wire.heads("ignores what is after chunked", lambda h: h.replace(b"chunked, tck", b"chunked")),
)


def _chunk(name: str, text: str, bad: bytes, good: bytes) -> None:
    fault(name, "DC-HTTP-062", wire.received(text, lambda data: data.replace(bad, good)))


_chunk("chunk-size-with-prefix", "reads 0x5 as the size of a chunk", b"\n0x5\r", b"\n5\r")
_chunk("chunk-size-with-sign", "reads +5 as the size of a chunk", b"\n+5\r", b"\n5\r")
_chunk("chunk-size-wraps", "keeps 64 bits of a size", b"\n10000000000000005\r", b"\n5\r")
_chunk("chunk-size-zero-if-unread", "takes a size that is no number for 0", b"\ntck\r", b"\n0\r")
_chunk("chunk-ends-at-the-line", "skips what is in a chunk beyond its size", b", and more\r", b"\r")


def _as_500(status: bytes) -> wire.Bytes:
    """Another status of a refusal after which the connection ends."""
    refusal = re.compile(rb"(?s)\AHTTP/1\.1 %b (?=.*\r\nConnection: close)" % status)
    return lambda data: refusal.sub(b"HTTP/1.1 500 ", data)


fault(
    "large-head-500", "DC-HTTP-063", wire.raw("!*", "answers 500 to large heads", _as_500(b"431"))
)
fault(
    "malformed-head-500",
    "DC-HTTP-063",
    wire.raw("!*", "answers 500 to what it cannot read", _as_500(b"400")),
)
fault(
    "words-after-the-target-ignored",
    "DC-HTTP-064",
    wire.heads(
        "skips words in the request line", lambda h: h.replace(b" tck HTTP/1.1", b" HTTP/1.1")
    ),
)
fault(
    "malformed-requests-dropped",
    "DC-HTTP-065",
    wire.received(
        "never answers what is no request",
        lambda data: b"" if data.startswith(b"tck\r\n") else data,
    ),
)
