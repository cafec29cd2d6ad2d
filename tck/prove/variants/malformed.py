"""Other right ways to meet what is malformed on the wire: as proxies do, or leniently."""

from __future__ import annotations

import re

from tck.prove.altered import wire
from tck.prove.variants.variant import Variants

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[^\r\n]*")
_CODING = re.compile(rb"(?i)\r\ntransfer-encoding:")

variant = Variants()


def _ended(data: bytes) -> bytes:
    """Nothing, in place of a refusal after which the connection ends."""
    refusal = re.match(rb"HTTP/1\.1 (?:400|431|501) ", data)
    return b"" if refusal and b"\r\nConnection: close" in data else data


def _ends(head: bytes) -> bytes:
    """A head with chunks only, after which the connection ends."""
    both = _LENGTH.search(head) and _CODING.search(head)
    return _LENGTH.sub(b"", head) + b"\r\nConnection: close" if both else head


variant(
    "malformed-ends-connection",
    "RFC 9112 9.6: a proxy may end the connection without an answer",
    wire.raw("!*", "ends the connection without an answer to what is malformed", _ended),
    seen_at="api.show",
)
variant(
    "two-framings-read-as-chunks",
    "RFC 9112 6.1: chunks may be read, if the connection ends",
    wire.heads("reads the chunks of a request with two lengths, and ends", _ends),
    seen_at="api.show",
)
variant(
    "folds-are-blanks",
    "RFC 9112 2.2 and 5.2: bare CR and folds may count as blanks",
    wire.heads(
        "takes bare CR and folds for blanks",
        lambda head: re.sub(rb"\r\n[ \t]+|\r(?!\n)", b" ", head),
    ),
    seen_at="api.show",
)
variant(
    "indented-first-line-ignored",
    "RFC 9112 2.2: such a line may be skipped",
    wire.heads(
        "skips a line with a blank before the first field",
        lambda head: re.sub(rb"\A([^\r]*)\r\n[ \t][^\r]*", rb"\1", head),
    ),
    seen_at="api.show",
)
variant(
    "bare-lf-read",
    "RFC 9112 2.2: a line may end with LF alone",
    wire.heads("reads lines without CR", lambda h: re.sub(rb"(?<!\r)\n", b"\r\n", h)),
    seen_at="api.show",
)
variant(
    "large-heads-read",
    "RFC 9110 5.4: how much is too much is up to the server",
    wire.heads(
        "reads large heads", lambda head: re.sub(rb"\r\nX-Tck(?:: a{1000}|-)[^\r]*", b"", head)
    ),
    seen_at="api.show",
)
variant(
    "one-answer-a-connection",
    "RFC 9112 9.6: a connection may end after any answer",
    wire.head(
        "* !*",
        "ends the connection after each answer, and says so",
        lambda head: head + b"\r\nConnection: close",
        hangs_up=True,
    ),
    seen_at="api.show",
    lacks="DC-HTTP-059 DC-HTTP-060 DC-HTTP-062",
)
