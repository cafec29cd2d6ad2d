"""Rules on the messages of clients: whether they are HTTP, and say what they want."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes, urlsplit

from tck.endpoint import accept
from tck.endpoint.exchange import Exchange
from tck.rules.clients import sending
from tck.rules.clients.engine import client_rule
from tck.rules.clients.session import Session, path_of
from tck.rules.judgement import Judgement, absent, equal, holds, matches, one_of, present
from tck.rules.reading import BODILESS

# The characters that break requests: what a server cannot tell from the syntax around it.
_UNFIT = re.compile(r"[^\x21-\x7e]|%(?![0-9A-Fa-f]{2})|#")
_STRAY = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE = re.compile(r"bytes=[ \t]*(?:\d+-\d*|-\d+)(?:[ \t]*,[ \t]*(?:\d+-\d*|-\d+))*")
_DATE = re.compile(
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]+, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
)
_FORMS = (sending.FORM, sending.MULTIPART)
_WITHOUT_CONTENT = ("GET", "HEAD", "DELETE")


@client_rule("DC-CLI-001")
def readable(_: Session, x: Exchange) -> Iterator[Judgement]:
    """A request can be read as HTTP."""
    if x.request.malformed and not x.status:
        return  # it was broken off
    got = x.request.malformed or x.request.method
    yield holds("DC-CLI-001", "request", "well-formed HTTP/1.1", got, not x.request.malformed)


@client_rule("DC-CLI-002")
def host(_: Session, x: Exchange) -> Iterator[Judgement]:
    """A request of HTTP/1.1 has a Host; older ones need none."""
    if x.request.version == "HTTP/1.1":
        yield present("DC-CLI-002", "Host", "the host that is asked", x.request.headers.get("Host"))


@client_rule("DC-CLI-003")
def accept_is_well_formed(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Accept is a list of media ranges.

    `*` alone is taken for `*/*`: a widely used library has always sent it.
    """
    if value := x.request.headers.get("Accept"):
        yield holds("DC-CLI-003", "Accept", "media ranges", value, _ranges(value) is not None)


def _ranges(value: str) -> tuple[accept.MediaRange, ...] | None:
    entries = (e.strip() for e in value.split(","))
    return accept.parse(
        ",".join("*/" + e if e.partition(";")[0].strip() == "*" else e for e in entries)
    )


@client_rule("DC-CLI-004", "DC-CLI-005")
def format_can_be_met(_: Session, x: Exchange) -> Iterator[Judgement]:
    """What a client wants is one of the formats of the API; `format=` overrides Accept."""
    op, chosen = x.operation, x.request.query.get("format")
    if op is None or op.document in BODILESS:
        return
    if chosen is not None:
        yield one_of("DC-CLI-005", "format in the query", tuple(accept.TYPES), chosen)
        return
    ranges = _ranges(value) if (value := x.request.headers.get("Accept")) else None
    if ranges:
        met = any(accept.quality(ranges, format_) for format_ in accept.TYPES)
        yield holds("DC-CLI-004", "Accept", "XML, JSON or HTML among them", value, met)


def is_readable_form(x: Exchange) -> bool:
    """Whether the content, if there is any, is in one of the two forms of parameters."""
    return not sending.content(x) or sending.media_type(x) in _FORMS


@client_rule("DC-CLI-006", "DC-CLI-007", "DC-CLI-008")
def form(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Parameters in the content are urlencoded, or multipart, and well-formed.

    Without content they are in the query, and Content-Type means nothing (C28).
    """
    op, content = x.operation, sending.content(x)
    if op is None or op.method != "POST" or not content:
        return
    if op.params and op.body is None:
        kind = sending.media_type(x)
        place = "Content-Type of the request"
        yield one_of("DC-CLI-006", place, _FORMS, kind or None)
    if sending.media_type(x) == sending.FORM:
        yield _encoding(x, content)
    elif sending.media_type(x) == sending.MULTIPART:
        yield _multipart(x)


def _encoding(x: Exchange, content: bytes) -> Judgement:
    expected = "percent-encoded UTF-8"
    options = sending.options(x.request.headers.get("Content-Type").partition(";")[2])
    charset = options.get("charset", "utf-8").lower()
    decoded = unquote_to_bytes(content.replace(b"+", b" "))
    if charset not in ("utf-8", "utf8", "us-ascii") and not decoded.isascii():
        return holds("DC-CLI-007", "content of the request", expected, charset, ok=False)
    if _STRAY.search(content):
        got = "a % that begins no escape"
        return holds("DC-CLI-007", "content of the request", expected, got, ok=False)
    return holds("DC-CLI-007", "content of the request", expected, decoded, _is_utf8(decoded))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _multipart(x: Exchange) -> Judgement:
    found = sending.parts(x)
    expected = "parts between boundaries, each with a name, and a last boundary"
    got = "cannot be split" if found is None else [part.name for part in found]
    whole = found is not None and all(part.name for part in found)
    return holds("DC-CLI-008", "content of the request", expected, got, whole)


@client_rule("DC-CLI-009")
def content_where_it_means_something(_: Session, x: Exchange) -> Iterator[Judgement]:
    """A request of a method for which content has no meaning has none."""
    if x.request.method in _WITHOUT_CONTENT:
        yield absent("DC-CLI-009", "content of the request", "none", sending.content(x))


@client_rule("DC-CLI-010", "DC-CLI-015")
def target(session: Session, x: Exchange) -> Iterator[Judgement]:
    """The target has only characters that URLs may have, and its path decodes to UTF-8."""
    parts = urlsplit(x.request.url)
    shown = parts.path + ("?" + parts.query if parts.query else "")
    unfit = sorted(set(_UNFIT.findall(shown + ("#" if parts.fragment else ""))))
    yield absent("DC-CLI-010", "target", "only characters of URLs, others escaped", unfit)
    if "%" in parts.path and path_of(x.request.url) not in session.given:
        readable_path = _is_utf8(unquote_to_bytes(parts.path))
        yield holds("DC-CLI-015", "target", "escapes of UTF-8", parts.path, readable_path)


@client_rule("DC-CLI-011")
def expectation(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Who waits for 100 Continue has content to send."""
    if "100-continue" in x.request.headers.get("Expect").lower():
        length = x.request.headers.get("Content-Length", "0")
        chunked = "Transfer-Encoding" in x.request.headers
        yield holds("DC-CLI-011", "Expect", "content", length, chunked or length != "0")


@client_rule("DC-CLI-012")
def conditions(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Conditional requests are well-formed. A tag that an answer gave is right as it was given."""
    for name in ("If-Match", "If-None-Match"):
        for value in x.request.headers.all(name):
            given = set().union(*session.tags.values())
            rest = _TAG.sub("", value.strip()).replace(",", "").strip()
            ok = value.strip() == "*" or value.strip() in given or not rest
            yield holds("DC-CLI-012", name, "`*` or quoted entity-tags", value, ok)
    for name in ("If-Modified-Since", "If-Unmodified-Since"):
        for value in x.request.headers.all(name):
            yield holds("DC-CLI-012", name, "an HTTP date", value, _is_date(value.strip()))


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return False
    return _DATE.fullmatch(value) is not None


@client_rule("DC-CLI-013")
def ranges(_: Session, x: Exchange) -> Iterator[Judgement]:
    """A range of bytes is well-formed; other units are not looked at."""
    for value in x.request.headers.all("Range"):
        if value.strip().lower().startswith("bytes"):
            expected = "ranges such as bytes=0-499"
            yield matches("DC-CLI-013", "Range", expected, value.strip(), _RANGE)


@client_rule("DC-CLI-014")
def method_override(_: Session, x: Exchange) -> Iterator[Judgement]:
    """`_method` overrides the method of a POST, and stands in its form."""
    for sent in sending.parameters(x):
        if sent.name == "_method":
            place = {"method": x.request.method, "place": sent.place}
            expected = {"method": "POST", "place": "form"}
            yield equal("DC-CLI-014", "_method", expected, place)
