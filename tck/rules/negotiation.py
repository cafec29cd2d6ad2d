"""Rules on the format of an answer: what the request accepts and what it got."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tck.endpoint import accept
from tck.endpoint.accept import MediaRange
from tck.endpoint.exchange import FORMATS, Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, holds, status
from tck.rules.reading import BODILESS

# Media types of pictures, which are offered of the state machine only (T125).
_PICTURES = {"image/png", "application/ghostscript"}
_DOCTYPE = re.compile(r"\s*<!doctype html", re.IGNORECASE | re.ASCII)
_EXACT = {
    "application/xml": ("DC-NEG-002", "xml"),
    "application/json": ("DC-NEG-003", "json"),
    "text/xml": ("DC-NEG-004", "xml"),
}


def _negotiable(x: Exchange) -> bool:
    """Whether the operation, if it succeeds, has a document in several formats."""
    return x.operation is not None and x.operation.document not in BODILESS


def _answered_in(x: Exchange, format_: str, requirement: str, expected: str) -> Judgement:
    """A successful answer is in a format, with the media type of that format."""
    ok = x.ok and x.media_type in accept.TYPES[format_]
    got = {"status": x.status, "media type": x.media_type}
    return holds(requirement, "Content-Type", expected, got, ok)


@rule("DC-NEG-011", "DC-NEG-012", "DC-NEG-013")
def format_parameter(x: Exchange) -> Iterator[Judgement]:
    """`format=` in the query decides the format; an unknown one is refused."""
    value = x.request.query.get("format")
    if not value or x.operation is None or x.response is None:
        return
    if value in ("xml", "json") and x.ok and x.response.body and _negotiable(x):
        requirement = "DC-NEG-011" if x.request.method == "GET" else "DC-NEG-012"
        yield _answered_in(x, value, requirement, f"format={value} to be obeyed")
    known = value.lower() in ("xml", "json", "html", "png", "gv")
    if not known and (x.ok or x.status in (400, 406)):
        yield status("DC-NEG-013", x, 406, 400, why="no such format")


@rule("DC-NEG-001", "DC-NEG-002", "DC-NEG-003", "DC-NEG-004", "DC-NEG-014")
def one_type(x: Exchange) -> Iterator[Judgement]:
    """A request that names one type gets that type, one that names none gets XML; never 406."""
    answered = (x.ok and x.body) or x.status == 406
    if not answered or not _negotiable(x) or "format" in x.request.query:
        return
    header = x.request.headers.get("Accept")
    if not header:
        yield _answered_in(x, "xml", "DC-NEG-001", "XML, as no Accept was sent")
        return
    ranges = accept.parse(header) or ()
    plain = len(ranges) == 1 and ranges[0].quality > 0 and not ranges[0].params
    if plain and ranges[0].name in _EXACT:
        requirement, format_ = _EXACT[ranges[0].name]
        if header != header.lower():
            requirement = "DC-NEG-014"
        yield _answered_in(x, format_, requirement, accept.TYPES[format_][0])


@rule("DC-NEG-005", "DC-NEG-006", "DC-NEG-016")
def weights(x: Exchange) -> Iterator[Judgement]:
    """The answer is acceptable; of XML and JSON it is the one with the higher quality value."""
    header = x.request.headers.get("Accept")
    ranges = accept.parse(header) if header else None
    if not ranges or not x.ok or x.format is None or "format" in x.request.query:
        return
    if not _negotiable(x) or not x.body:
        return
    place, got = "Content-Type", {"media type": x.media_type, "for Accept": header}
    quality = accept.quality(ranges, x.format)
    if any(r.quality == 0 for r in ranges):
        yield holds("DC-NEG-006", place, "no format with quality 0", got, quality != 0)
    if quality != 0:
        expected = "a media type that the request accepts"
        yield holds("DC-NEG-016", place, expected, got, quality is not None)
    others = {f: accept.quality(ranges, f) or 0.0 for f in ("xml", "json") if f != x.format}
    rival = max(others, key=lambda f: others[f])
    if quality and len(ranges) > 1 and others[rival] != quality:
        expected = f"{rival}, which has the higher quality value"
        yield holds("DC-NEG-005", place, expected, got, quality > others[rival])


@rule("DC-NEG-007", "DC-NEG-008", "DC-NEG-009", "DC-NEG-010")
def acceptability(x: Exchange) -> Iterator[Judgement]:
    """406 where no format matches what the request accepts, and only there."""
    header = x.request.headers.get("Accept")
    ranges = accept.parse(header) if header else None
    if not ranges or "format" in x.request.query or not _negotiable(x):
        return
    if not x.ok and x.status != 406:
        return
    requirement, why = _requirement_on(ranges), f"the answer to Accept: {header}"
    if requirement == "DC-NEG-010":
        pictured = x.operation is not None and x.operation.collection == "instance_states"
        if not (pictured and {r.name for r in ranges} & _PICTURES):
            yield status(requirement, x, 406, why=why)
    elif requirement:
        got = {"status": x.status, "for Accept": header}
        ok = x.status != 406
        yield holds(requirement, "status", "an answer in a matching format", got, ok)


def _requirement_on(ranges: Sequence[MediaRange]) -> str | None:
    """Which requirement the ranges of an Accept header examine, if any."""
    live = [r for r in ranges if r.quality > 0]
    exact = [r for r in live if r.name in FORMATS and r.name != "application/xhtml+xml"]
    plain = [r for r in exact if not r.params and FORMATS[r.name] != "html"]
    if [r.name for r in live] == ["*/*"]:
        return "DC-NEG-009"
    if plain:
        return "DC-NEG-007" if any(r.name not in FORMATS for r in live) else None
    if exact and any(r.params for r in exact):
        return "DC-NEG-008"
    if any(r.name in ("application/*", "text/*") for r in live):
        return "DC-NEG-008"
    return None if not live or exact or _covers_something(live) else "DC-NEG-010"


def _covers_something(ranges: Sequence[MediaRange]) -> bool:
    return any(r.covers(t) for r in ranges for t in FORMATS)


@rule("DC-NEG-015")
def html(x: Exchange) -> Iterator[Judgement]:
    """An HTML page begins with a DOCTYPE."""
    if x.ok and x.format == "html" and x.request.method == "GET" and _negotiable(x) and x.body:
        beginning = x.body[:5000].decode("utf-8", "replace")
        ok = _DOCTYPE.match(beginning[:200]) is not None
        yield holds("DC-NEG-015", "body", "a page that begins with a DOCTYPE", beginning, ok)
