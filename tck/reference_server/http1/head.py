"""The head of a request: request line and header fields, read strictly (RFC 9112 2 to 6).

Where the standard lets a server be lenient with what others could understand differently, such
as a line that ends without CR, this one refuses.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tck.reference_server.http1.channel import Channel
from tck.reference_server.http1.limits import Limits
from tck.reference_server.http1.protocol_error import ProtocolError

LONGEST_METHOD = 32  # bytes

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(
    rb"(" + _TOKEN + rb") ([\x21\x22\x24-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)\r\n"
)
_START = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z\r-]")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):([^\x00-\x08\x0a-\x1f\x7f]*)\r\n")
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_ABSOLUTE = re.compile(r"https?://([^/?]*)([^?]*)(.*)", re.IGNORECASE)
# uri-host and port of RFC 3986; what is in brackets need not be an address.
_HOST = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::(\d{0,5}))?"
)
# Fields that may occur once: readers disagree about which of two values counts.
_SINGLE = frozenset({"host", "content-length", "content-type", "authorization", "expect"})


@dataclass(slots=True)
class Head:
    """A request without its body.

    `method`, `target` and the names and values of `fields` are as they were sent, decoded as
    latin-1, but a target in absolute form is split: `target` is its path and query, `authority`
    its host. `version` is (1, 1) or (1, 0). The properties below are right once `read` is done.
    """

    method: str = "GET"
    target: str = "/"
    version: tuple[int, int] = (1, 1)
    fields: list[tuple[str, str]] = field(default_factory=list)
    authority: str | None = None

    def get(self, name: str) -> str | None:
        """All values of a field, joined; `name` in lower case."""
        values = [value for known, value in self.fields if known.lower() == name]
        return ", ".join(values) if values else None

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks (RFC 9112 7.1)."""
        return self.get("transfer-encoding") is not None

    @property
    def length(self) -> int:
        """Bytes of a body that is not chunked; 0 if there is none."""
        return int(self.get("content-length") or 0)

    @property
    def expects(self) -> bool:
        """Whether the client waits to be asked for the body (RFC 9110 10.1.1)."""
        return self.version > (1, 0) and (self.get("expect") or "").lower() == "100-continue"

    @property
    def stays(self) -> bool:
        """Whether the client will use the connection again (RFC 9112 9.3)."""
        options = {option.strip().lower() for option in (self.get("connection") or "").split(",")}
        return "close" not in options if self.version > (1, 0) else "keep-alive" in options


def is_field(line: bytes) -> bool:
    """Whether a line with its end is a field: of a head, or of trailers."""
    return _FIELD.fullmatch(line) is not None


def read(channel: Channel, limits: Limits, head: Head) -> bool:
    """Read a head into `head`; False if the client hangs up before its end.

    ProtocolError if it is malformed or ambiguous; `head` then keeps what was understood, so that
    the refusal can be sent in the format that `Accept` names.
    """
    try:
        complete = _read(channel, limits, head)
    except TimeoutError:
        raise ProtocolError(408, "The request comes too slowly.") from None
    if complete:
        _check(head)
    return complete


def _read(channel: Channel, limits: Limits, head: Head) -> bool:
    until, left = time.monotonic() + limits.arrival, limits.head
    line = b"\r\n"
    while line == b"\r\n":  # tolerated before a request line (RFC 9112 2.2)
        if not _START.match(channel.buffer) and channel.buffer:  # as with the hello of TLS
            raise ProtocolError(400, "This is not HTTP.")
        line = channel.line(left, until)
        left -= len(line)
    if not line.endswith(b"\n") and left:
        return False
    _parse_line(line, limits, head)
    malformed = False
    for _ in range(limits.fields + 1):
        line = channel.line(left, until) if left else b""
        left -= len(line)
        if line in (b"\r\n", b"\n"):
            if malformed or line == b"\n":
                raise ProtocolError(400, "A header field is malformed.")
            return True
        if not line.endswith(b"\n"):
            if left:
                return False
            break
        hit = _FIELD.fullmatch(line)
        if hit is None:
            malformed = True
        else:
            head.fields.append((hit[1].decode(), hit[2].strip(b" \t").decode("latin-1")))
    raise ProtocolError(431, "There are too many header fields, or they are too large.")


def _parse_line(line: bytes, limits: Limits, head: Head) -> None:
    hit = _REQUEST_LINE.fullmatch(line)
    if len(hit[2] if hit else line) > limits.target:
        raise ProtocolError(414, "The request line is too long.")
    if hit is None:
        raise ProtocolError(400, "The request line is malformed.")
    head.method, head.target = hit[1].decode(), hit[2].decode("latin-1")
    head.version = int(hit[3]), int(hit[4])
    if absolute := _ABSOLUTE.fullmatch(head.target):
        head.authority, head.target = absolute[1], (absolute[2] or "/") + absolute[3]
        if head.method == "OPTIONS" and not absolute[2] + absolute[3]:
            head.target = "*"  # RFC 9112 3.2.4


def _check(head: Head) -> None:
    """Refuse what this server cannot do, and what two servers could understand differently."""
    if head.version[0] != 1:
        raise ProtocolError(505, "This server speaks HTTP/1.1.")
    for message in _ambiguities(head):
        raise ProtocolError(400, message)
    if len(head.method) > LONGEST_METHOD:
        raise ProtocolError(501, "No method has such a name.")
    if (head.get("expect") or "100-continue").lower() != "100-continue":
        raise ProtocolError(417, "The only expectation that this server meets is 100-continue.")
    coding = head.get("transfer-encoding")
    if coding is not None and coding.lower() != "chunked":
        raise ProtocolError(501, "The only transfer coding that this server knows is chunked.")


def _ambiguities(head: Head) -> Iterator[str]:
    names = [name.lower() for name, _ in head.fields]
    for name in _SINGLE:
        if names.count(name) > 1:
            yield f"There are several {name} fields."
    host = head.get("host")
    if not host and head.version > (1, 0):  # a client of 1.0 may say that it knows none
        yield "The Host header is missing."
    if (host and not _is_host(host)) or (
        head.authority is not None and not _is_host(head.authority)
    ):
        yield "The host is not a host."
    length = head.get("content-length")
    if length is not None and not _LENGTH.fullmatch(length):
        yield "Content-Length is not a length."
    if head.chunked and (length is not None or head.version == (1, 0)):
        yield "The length of the body is given in two ways."
    if not head.target.startswith("/") and (head.method, head.target) != ("OPTIONS", "*"):
        yield "The target is not a path."


def _is_host(text: str) -> bool:
    hit = _HOST.fullmatch(text)
    return hit is not None and int(hit[1] or 0) < 65536
