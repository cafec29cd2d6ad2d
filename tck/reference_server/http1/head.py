"""The head of a request: request line and header fields, parsed strictly (RFC 9112 2 to 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tck.reference_server.http1.protocol_error import ProtocolError

LARGEST = 64 * 1024  # bytes of a head
LARGEST_TARGET = 32 * 1024
MOST_FIELDS = 200

END = re.compile(rb"\r?\n\r?\n")
REQUEST_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)\r?"
)
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
# Fields that may occur once: readers disagree about which of two values counts.
_SINGLE = frozenset({"host", "content-length", "content-type", "authorization", "expect"})


@dataclass(slots=True)
class Head:
    """A request without its body.

    `method`, `target` and the names and values of `fields` are as they were sent, decoded as
    latin-1; `version` is (1, 1) or (1, 0). The properties below are right once `parse` is done.
    """

    method: str
    target: str
    version: tuple[int, int]
    fields: list[tuple[str, str]] = field(default_factory=list)

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


def cannot_be_request(start: bytes | bytearray) -> bool:
    """Whether no continuation of these bytes is a request, as with the hello of TLS."""
    first, newline, _ = start.partition(b"\n")
    return not _TOKEN.match(start) or bool(newline and not REQUEST_LINE.fullmatch(first))


def parse(data: bytes, head: Head) -> None:
    """Parse `data`, a head without its empty line, into `head`.

    ProtocolError if it is malformed or ambiguous; `head` then keeps what was understood, so that
    the refusal can be sent in the format that `Accept` names.
    """
    first, *lines = data.split(b"\n")
    hit = REQUEST_LINE.fullmatch(first)
    if hit is None:
        if len(first) > LARGEST_TARGET:
            raise ProtocolError(414, "The request line is too long.")
        raise ProtocolError(400, "The request line is malformed.")
    head.method, head.target = hit[1].decode(), hit[2].decode("latin-1")
    head.version = int(hit[3]), int(hit[4])
    malformed = [line for line in lines if not _parse_field(line, head)]
    _check(head, len(data), len(lines), bool(malformed))


def _parse_field(line: bytes, head: Head) -> bool:
    name, colon, value = line.removesuffix(b"\r").partition(b":")
    value = value.strip(b" \t")
    if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
        return False
    head.fields.append((name.decode(), value.decode("latin-1")))
    return True


def _check(head: Head, size: int, lines: int, malformed: bool) -> None:
    """Refuse what this server cannot do, and what two servers could understand differently."""
    if head.version[0] != 1:
        raise ProtocolError(505, "This server speaks HTTP/1.1.")
    if len(head.target) > LARGEST_TARGET:
        raise ProtocolError(414, "The target is too long.")
    if size > LARGEST or lines > MOST_FIELDS:
        raise ProtocolError(431, "There are too many header fields, or they are too large.")
    if malformed:
        raise ProtocolError(400, "A header field is malformed.")
    for message in _ambiguities(head):
        raise ProtocolError(400, message)
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
    if "host" not in names and head.version > (1, 0):
        yield "The Host header is missing."
    length = head.get("content-length")
    if length is not None and not _LENGTH.fullmatch(length):
        yield "Content-Length is not a length."
    if head.chunked and (length is not None or head.version == (1, 0)):
        yield "The length of the body is given in two ways."
    if not (head.target.startswith(("/", "http://", "https://")) or _asterisk(head)):
        yield "The target is not a path."


def _asterisk(head: Head) -> bool:
    return head.method == "OPTIONS" and head.target == "*"
