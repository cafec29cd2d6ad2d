"""What a report keeps of what was exchanged: without secrets, and cut to a length.

What is cut is redacted first, together with some of what follows it (`_MARGIN`), so that a cut
cannot fall into a secret and leave its beginning. Nothing further is redacted: a long body costs no
more than a short one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tck.endpoint import files
from tck.endpoint.curl import curl, sequence
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.redaction import Redactor

_MARGIN = 8 << 10  # bytes or characters; no secret and no encoding of one is longer
_NAME = 100  # characters of the name of a header field
_INLINE = 2_000  # bytes of a body that a curl command shows


def kept_text(text: str, redactor: Redactor, most: int) -> str:
    """A text without secrets, cut after `most` characters; lone surrogates are escaped."""
    clean = redactor.text(text[: most + _MARGIN])
    if len(text) > most:
        clean = clean[: _end(len(clean), len(text), most)]
        clean += f"… {len(clean):,} of {len(text):,} characters kept"
    return _writable(clean)


def kept_exchange(x: Exchange, redactor: Redactor, body: int, head: int) -> dict[str, Any]:
    """The JSON Lines form of an exchange without secrets, cut.

    Of each side are kept `body` bytes of the body; `head` characters of the URL, of the reason and
    of the failure, and as many of the header fields: one that does not fit has its length in place
    of its value.
    """
    sent, came = x.request, x.response
    begun = replace(
        x,
        request=Request(
            sent.method,
            _shortened_url(sent, head),
            _fields(sent.headers, head, redactor),
            _beginning(sent.body, body),
            sent.omitted,
            authorization=sent.authorization,
            malformed=sent.malformed,
            octets=_shortened(sent.octets, head),
        ),
        response=came
        and Response(
            came.status,
            _shortened(came.reason, head),
            _fields(came.headers, head, redactor),
            _beginning(came.body, body),
            came.omitted,
        ),
        failure=x.failure and _shortened(x.failure, head),
    )
    clean = redactor.exchange(begun)
    cut = replace(
        clean,
        request=replace(clean.request, body=_cut(clean.request.body, sent.body, body)),
        response=clean.response
        and replace(clean.response, body=_cut(clean.response.body, x.body, body)),
    )
    value = files.to_json(cut)
    for side, whole, part in (
        ("request", sent.body, cut.request.body),
        ("response", x.body, cut.body),
    ):
        if len(whole or b"") > body:
            told = f"{len(part or b''):,} of {len(whole or b''):,} bytes kept"
            value[side]["body_omitted"] = told
    return value


def kept_curl(x: Exchange, redactor: Redactor, most: int) -> str:
    """A curl command that sends a request again; words instead if it is too long."""
    length = _length(x)
    if length <= most:
        command = curl(_sent_only(x, redactor))
        length = len(command)
    return command if length <= most else f"(a curl command of {length:,} characters)"


def kept_sequence(xs: Sequence[Exchange], redactor: Redactor, most: int) -> list[str]:
    """Curl commands for exchanges that lead to the last of them; none if they are too long."""
    if sum(map(_length, xs)) > most:
        return []
    commands = sequence([_sent_only(x, redactor) for x in xs])
    return commands if sum(map(len, commands)) <= most else []


def _length(x: Exchange) -> int:
    return len(x.request.url) + sum(len(name) + len(value) for name, value in x.request.headers)


def _sent_only(x: Exchange, redactor: Redactor) -> Exchange:
    """A redacted exchange as a command needs it: without the content of its answer."""
    sent = x.request
    if len(sent.body or b"") > _INLINE:
        sent = replace(sent, body=bytes(len(sent.body or b"")))  # not text: only its size is shown
    fields = Headers(
        tuple((n, v) for n, v in x.headers if n.lower() in ("location", "content-type"))
    )
    came = x.response and Response(x.response.status, "", fields, None)
    return redactor.exchange(replace(x, request=sent, response=came))


def _shortened(text: str, most: int) -> str:
    """A text that is redacted later, whole or not at all."""
    return _writable(text) if len(text) <= most else f"[{len(text):,} characters]"


def _writable(text: str) -> str:
    """The text with escapes for lone surrogates, which no encoding can write (JSON has them)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _shortened_url(sent: Request, most: int) -> str:
    if len(sent.url) > most:
        return f"{sent.origin}/{_shortened(sent.url, 0)}"
    return _writable(sent.url)


def _fields(headers: Headers, most: int, redactor: Redactor) -> Headers:
    """Header fields; once `most` characters are used up, lengths stand for values."""
    kept: list[tuple[str, str]] = []
    for number, (name, value) in enumerate(headers):
        fits = len(name) <= _NAME and len(name) + len(value) <= most
        kept.append((_writable(redactor.cut(name, _NAME)), _shortened(value, most if fits else 0)))
        most -= sum(map(len, kept[-1]))
        if most < 0:
            kept.append(("X-Cut", f"{len(headers.fields) - number - 1:,} more fields"))
            break
    return Headers(tuple(kept))


def _beginning(body: bytes | None, most: int) -> bytes | None:
    """What is redacted of a body; of a long one that is not text, nothing."""
    if body is None or len(body) <= most:
        return body
    piece = body[: _boundary(body, most + _MARGIN)]
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return b""
    return piece


def _cut(clean: bytes | None, whole: bytes | None, most: int) -> bytes | None:
    """What is kept of a redacted beginning of a body."""
    if clean is None or len(whole or b"") <= most:
        return clean
    return clean[: _boundary(clean, _end(len(clean), len(whole or b""), most))]


def _end(clean: int, whole: int, most: int) -> int:
    """Where to cut a redacted beginning: all lengths in bytes or characters."""
    return min(most, max(0, clean - _MARGIN) if whole > most + _MARGIN else clean)


def _boundary(body: bytes, end: int) -> int:
    """`end`, or a little before it: not within a character of UTF-8."""
    while 0 < end < len(body) and body[end] & 0xC0 == 0x80:
        end -= 1
    return end
