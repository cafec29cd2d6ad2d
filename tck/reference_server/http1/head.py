"""The head of a request: request line and header fields, strictly read (RFC 9112 2 to 6)."""

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
# Fields of which there must be one at most: two would mean different things to different readers.
_SINGLE = frozenset({"host", "content-length", "content-type", "authorization", "expect"})


@dataclass(slots=True)
class Head:
    """A request without its body; `fields` as they were sent, values as latin-1 text."""

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
        return self.get("transfer-encoding") is not None

    @property
    def length(self) -> int:
        return int(self.get("content-length") or 0)

    @property
    def expects(self) -> bool:
        """Whether the client waits to be asked for the body (RFC 9110 10.1.1)."""
        return self.version > (1, 0) and (self.get("expect") or "").lower() == "100-continue"

    @property
    def stays(self) -> bool:
        """Whether the client wants to go on with the connection (RFC 9112 9.3)."""
        wishes = {wish.strip().lower() for wish in (self.get("connection") or "").split(",")}
        return "close" not in wishes if self.version > (1, 0) else "keep-alive" in wishes


def hopeless(begun: bytes | bytearray) -> bool:
    """Whether what has come so far will never be a request, such as the hello of TLS."""
    first, newline, _ = begun.partition(b"\n")
    return not _TOKEN.match(begun) or bool(newline and not REQUEST_LINE.fullmatch(first))


def parse(data: bytes, head: Head) -> None:
    """Read a head into `head`, which keeps what was understood when ProtocolError is raised."""
    first, *lines = data.split(b"\n")
    hit = REQUEST_LINE.fullmatch(first)
    if hit is None:
        if len(first) > LARGEST_TARGET:
            raise ProtocolError(414, "The request line is too long.")
        raise ProtocolError(400, "The request line is malformed.")
    head.method, head.target = hit[1].decode(), hit[2].decode("latin-1")
    head.version = int(hit[3]), int(hit[4])
    broken = [line for line in lines if not _understood(line, head)]
    _check(head, len(data), len(lines), broken)


def _understood(line: bytes, head: Head) -> bool:
    name, colon, value = line.removesuffix(b"\r").partition(b":")
    value = value.strip(b" \t")
    if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
        return False
    head.fields.append((name.decode(), value.decode("latin-1")))
    return True


def _check(head: Head, size: int, lines: int, broken: list[bytes]) -> None:
    """What cannot be understood in one way only is refused: readers would disagree."""
    if head.version[0] != 1:
        raise ProtocolError(505, "This server speaks HTTP/1.1.")
    if len(head.target) > LARGEST_TARGET:
        raise ProtocolError(414, "The target is too long.")
    if size > LARGEST or lines > MOST_FIELDS:
        raise ProtocolError(431, "There are too many header fields, or they are too large.")
    if broken:
        raise ProtocolError(400, "A header field is malformed.")
    for message in _faults(head):
        raise ProtocolError(400, message)
    if (head.get("expect") or "100-continue").lower() != "100-continue":
        raise ProtocolError(417, "The only expectation that this server meets is 100-continue.")
    coding = head.get("transfer-encoding")
    if coding is not None and coding.lower() != "chunked":
        raise ProtocolError(501, "The only transfer coding that this server knows is chunked.")


def _faults(head: Head) -> Iterator[str]:
    names = [name.lower() for name, _ in head.fields]
    for name in _SINGLE:
        if names.count(name) > 1:
            yield f"There are several {name} fields."
    if "host" not in names and head.version > (1, 0):
        yield "The Host header is missing."
    length = head.get("content-length")
    if length is not None and not _LENGTH.fullmatch(length):
        yield "Content-Length is no length."
    if head.chunked and (length is not None or head.version == (1, 0)):
        yield "The length of the body is given in two ways."
    if not (head.target.startswith(("/", "http://", "https://")) or _asterisk(head)):
        yield "The target is no path."


def _asterisk(head: Head) -> bool:
    return head.method == "OPTIONS" and head.target == "*"
