"""Requests that are malformed, ambiguous or unusual, and the answers that HTTP allows to each.

Facts are those of RFC 9110 and RFC 9112. An outcome is written as the statuses of all answers
until the server hangs up, `400` or `200,404`; `-` is a connection that ends without an answer.
`strict` are the outcomes of a server that can be neither confused nor used to confuse others,
`allowed` are further ones that the standards permit. Each probe ends its connection itself: it is
malformed, or says `Connection: close`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..client import CREDENTIALS, basic

AUTH = f"Authorization: {basic(*CREDENTIALS)}"
FORM = "Content-Type: application/x-www-form-urlencoded"
BLOB = "/api/buckets/bucket1/probe"
HIDDEN = (
    b"GET /api/hidden HTTP/1.1\r\nHost: h\r\n\r\n"  # nobody asked for it: an answer is smuggled
)


@dataclass(frozen=True)
class Probe:
    """Bytes to send on a fresh connection; `ends` closes the sending side after them."""

    name: str
    area: str
    sent: bytes
    strict: frozenset[str]
    allowed: frozenset[str] = frozenset()
    method: str = "GET"
    ends: bool = False


AREAS: dict[str, list[Probe]] = {}


def probe(
    area: str,
    name: str,
    sent: bytes,
    strict: str,
    allowed: str = "",
    *,
    method: str = "GET",
    ends: bool = False,
) -> None:
    """Add a probe to an area; outcomes are joined by `|`."""
    known = AREAS.setdefault(area, [])
    outcomes = (frozenset(filter(None, text.split("|"))) for text in (strict, allowed))
    known.append(Probe(name, area, sent, *outcomes, method, ends))


def get(*lines: bytes | str, line: bytes | str = "GET /api HTTP/1.1", host: str = "h") -> bytes:
    """A request that is right unless `lines`, the request line or Host are wrong."""
    first = [line, *([f"Host: {host}"] if host else []), *lines, "Connection: close", "", ""]
    return b"\r\n".join(octets(item) for item in first)


def put(*lines: bytes | str, body: bytes = b"", close: bool = True, version: str = "1.1") -> bytes:
    """An upload to which `lines` give the framing."""
    end = ["Connection: close"] if close else []
    head = [f"PUT {BLOB} HTTP/{version}", "Host: h", AUTH, *lines, *end, "", ""]
    return b"\r\n".join(octets(item) for item in head) + body


def octets(text: bytes | str) -> bytes:
    """Text as latin-1."""
    return text.encode("latin-1") if isinstance(text, str) else text


def chunks(body: bytes) -> bytes:
    """An upload in chunks."""
    return put("Transfer-Encoding: chunked", body=body)
