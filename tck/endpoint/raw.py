"""Exchanges from the bytes that went over a connection, as a server or a proxy saw them.

What is read here was sent by others and may be anything; as much as can be understood becomes the
exchange, and `failure` says what is missing of the answer (RFC 9112 6 and 7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tck.endpoint.exchange import Exchange, Headers, Request, Response

_REQUEST_LINE = re.compile(r"([^\s]{1,64}) ([^\s]+) HTTP/\d\.\d", re.ASCII)
_STRICT_LINE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^\s\x00-\x20\x7f#]+ HTTP/1\.[01]")
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*")
_BAD_LENGTH = re.compile(r"(?i:content-length):(?![ \t]*\d+[ \t]*$)")
_STATUS_LINE = re.compile(r"HTTP/\d\.\d (\d{3})(?: (.*))?", re.ASCII)
_ABSOLUTE = re.compile(r"(?i:(https?))://(?:[^/?]*@)?([^/?@]*)(.*)", re.ASCII)
_AUTHORITY = re.compile(r"(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_LAST = re.compile(rb"(?:[^\r\n][^\n]*\n)*\r?\n")  # trailers, and the empty line
_BROKE_OFF = "the client broke it off"
_NO_LINE = "it does not begin with a request line"


@dataclass(frozen=True, slots=True)
class Side:
    """What went one way: the beginning of it, and the `size` of all in bytes."""

    data: bytes
    size: int

    @property
    def is_cut(self) -> bool:
        """Whether there was more."""
        return self.size > len(self.data)


def exchange(
    id_: str, received: Side, sent: Side, *, origin: str, base_path: str = "/api", ms: float = 0.0,
    started: float | None = None, gone: bool = False,
) -> Exchange:  # fmt: skip
    """The exchange of what a server received and sent for one request.

    `origin`: of the server, as `http://host:port`, for requests without Host; else the scheme
    counts. `gone`: the client was, before the answer could be sent whole. What is no request, or
    was broken off by the client, has a `disturbance`.
    """
    line, headers, rest = _head(received.data)
    hit = _REQUEST_LINE.fullmatch(line)
    method, target = (hit[1], hit[2]) if hit else ("GET", "/")
    origin, path = _place(target, headers, origin)
    body, whole, _ = _content(headers, rest, to_the_end=False)
    whole = whole and b"\r\n\r\n" in received.data
    omitted = "" if whole else f"{received.size} bytes, not all sent"
    omitted = f"{received.size} bytes, not all kept" if received.is_cut else omitted
    came, failure = response(method, sent)
    broke_off = gone or (failure is not None and not whole and not received.is_cut)
    return Exchange(
        id=id_,
        request=Request(
            method, origin + path, headers, None if omitted else body, omitted, *_reading(received)
        ),
        response=came,
        base=origin + base_path,
        ms=ms,
        started=started,
        failure=failure,
        broke=failure is not None,
        disturbance=_BROKE_OFF if broke_off else "" if hit else _NO_LINE,
    )


def _reading(received: Side) -> tuple[str, str]:
    """The version that a request states, and what two servers may read differently in it."""
    head, complete, _ = received.data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    hit = _STRICT_LINE.fullmatch(line)
    version = line.rpartition(" ")[2] if hit and complete else ""
    lines = lines if complete else []  # the server read no further
    names = [field.partition(":")[0].lower() for field in lines]
    problems = (
        (hit is None, "the request line is not method, target and version"),
        (not all(map(_FIELD.fullmatch, lines)), "a header field is malformed"),
        (names.count("host") > 1, "several Host fields"),
        (names.count("content-length") > 1, "several Content-Length fields"),
        ({"content-length", "transfer-encoding"} <= set(names), "two lengths of the content"),
        (any(map(_BAD_LENGTH.match, lines)), "Content-Length is no number"),
    )
    return version, next((words for wrong, words in problems if wrong), "")


def sent_fields(received: bytes) -> Headers:
    """The header fields of a request, of which this is the beginning."""
    return _head(received)[1]


def _place(target: str, headers: Headers, origin: str) -> tuple[str, str]:
    """Origin and path of a request, which what the client says may be unfit for."""
    scheme, _, server = origin.partition("://")
    authority = headers.get("Host").split(",")[0].strip()
    if absolute := _ABSOLUTE.fullmatch(target):
        scheme, authority, target = absolute[1].lower(), absolute[2], absolute[3]
    if not _is_authority(authority):
        authority = server
    return f"{scheme}://{authority}", target if target.startswith("/") else f"/{target}"


def _is_authority(text: str) -> bool:
    try:
        _ = urlsplit(f"//{text}").port
    except ValueError:
        return False
    return _AUTHORITY.fullmatch(text) is not None


def response(method: str, sent: Side) -> tuple[Response | None, str | None]:
    """The final answer, and why it is not complete (None if it is)."""
    return first_response(method, sent)[:2]


def first_response(method: str, sent: Side) -> tuple[Response | None, str | None, bytes | None]:
    """The first final answer, why it is not complete, and what came behind it.

    None came behind it, and can, if it ends only where the connection does (RFC 9112 6.3).
    """
    rest = sent.data
    while True:
        line, headers, rest = _head(rest)
        hit = _STATUS_LINE.fullmatch(line)
        if hit is None:
            why = "the connection ended without answer" if not line else "no status line"
            return None, why, None
        status, reason = int(hit[1]), hit[2] or ""
        if not 100 <= status < 200 or status == 101:
            break
    if method == "HEAD" or status in (204, 304):
        return Response(status, reason, headers, b""), None, rest
    if sent.is_cut:
        omitted = f"{sent.size} bytes, not all kept"
        return Response(status, reason, headers, None, omitted), None, None
    body, whole, behind = _content(headers, rest, to_the_end=True)
    failure = None if whole else f"the answer broke off after {len(body or b'')} bytes"
    return Response(status, reason, headers, body or b""), failure, behind


def _head(data: bytes) -> tuple[str, Headers, bytes]:
    """The first line, the fields and what follows them."""
    head, end, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not end:
        return "", Headers(), b""
    line, *lines = head.decode("latin-1").split("\r\n")
    pairs = (field.partition(":") for field in lines)
    return line, Headers(tuple((name.strip(), value.strip()) for name, _, value in pairs)), rest


def _content(
    headers: Headers, rest: bytes, *, to_the_end: bool
) -> tuple[bytes | None, bool, bytes | None]:
    """A body, whether it is whole, and what is behind it.

    Without a length, one `to_the_end`, with nothing (None) behind it, or no body.
    """
    if headers.get("Transfer-Encoding").lower().endswith("chunked"):
        return _dechunked(rest)
    length = headers.get("Content-Length").split(",")[0].strip()
    if length.isascii() and length.isdigit() and len(length) < 19:
        return rest[: int(length)], len(rest) >= int(length), rest[int(length) :]
    return (rest, True, None) if to_the_end else (None, True, rest)


def _dechunked(data: bytes) -> tuple[bytes, bool, bytes]:
    """The content of chunks, whether the last one was there, and what is behind it."""
    content, at = bytearray(), 0
    while size := _SIZE.match(data, at):
        at, length = size.end(), int(size[1], 16)
        if not length:
            last = _LAST.match(data, at)
            return bytes(content), last is not None, data[last.end() :] if last else b""
        content += data[at : at + length]
        at += length
        if data[at : at + 2] != b"\r\n":
            break
        at += 2
    return bytes(content), False, b""
