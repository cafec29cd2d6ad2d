"""Rules on the format of an answer: what the request accepts and what it got."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tck.endpoint import accept
from tck.endpoint.accept import MediaRange
from tck.endpoint.exchange import FORMATS, Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import BODILESS, shown

# Pictures of the state machine: known media types, offered nowhere else (facts, section 5).
_PICTURES = {"image/png", "application/ghostscript"}
_EXACT = {
    "application/xml": ("DC-NEG-002", "xml"),
    "application/json": ("DC-NEG-003", "json"),
    "text/xml": ("DC-NEG-004", "xml"),
}


def _negotiable(x: Exchange) -> bool:
    """True if the operation has a document in several formats, by its success."""
    return x.operation is not None and x.operation.document not in BODILESS


def _answered_in(x: Exchange, format_: str, requirement: str, expected: str) -> Judgement:
    """A successful answer is in a format, with its one media type."""
    right = x.ok and x.media_type in accept.TYPES[format_]
    got = f"{x.status} with {x.media_type or 'no media type'}"
    return Judgement(requirement, right, "Content-Type", expected, got)


@rule("DC-NEG-011", "DC-NEG-012", "DC-NEG-013")
def format_parameter(x: Exchange) -> Iterator[Judgement]:
    """`format=` in the query decides."""
    value = x.request.query.get("format")
    if not value or x.operation is None or x.response is None:
        return
    if value in ("xml", "json") and x.ok and x.response.body and _negotiable(x):
        requirement = "DC-NEG-011" if x.request.method == "GET" else "DC-NEG-012"
        yield _answered_in(x, value, requirement, f"format={value} to be obeyed")
    if value.lower() not in ("xml", "json", "html", "png", "gv") and (
        x.ok or x.status in (400, 406)
    ):
        expected = "406 or 400: no such format"
        yield Judgement("DC-NEG-013", not x.ok, "status", expected, str(x.status))


@rule("DC-NEG-001", "DC-NEG-002", "DC-NEG-003", "DC-NEG-004", "DC-NEG-014")
def one_type(x: Exchange) -> Iterator[Judgement]:
    """A request that names one type, or none, gets that type, or XML; 406 is no answer to it."""
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
        yield _answered_in(x, format_, requirement, f"{accept.TYPES[format_][0]}")


@rule("DC-NEG-005", "DC-NEG-006", "DC-NEG-016")
def weights(x: Exchange) -> Iterator[Judgement]:
    """The answer is acceptable, and XML or JSON is passed over only for something better."""
    header = x.request.headers.get("Accept")
    ranges = accept.parse(header) if header else None
    if not ranges or not x.ok or x.format is None or "format" in x.request.query:
        return
    if not _negotiable(x) or not x.body:
        return
    given = accept.quality(ranges, x.format)
    got = f"{x.media_type} for Accept: {header}"
    if any(r.quality == 0 for r in ranges):
        expected = "no format with quality 0"
        yield Judgement("DC-NEG-006", given != 0, "Content-Type", expected, got)
    if given != 0:
        expected = "a media type that the request accepts"
        yield Judgement("DC-NEG-016", given is not None, "Content-Type", expected, got)
    others = {f: accept.quality(ranges, f) or 0.0 for f in ("xml", "json") if f != x.format}
    rival = max(others, key=lambda f: others[f])
    if given and len(ranges) > 1 and others[rival] != given:
        expected = f"{rival}, which has the higher quality value"
        yield Judgement("DC-NEG-005", given > others[rival], "Content-Type", expected, got)


@rule("DC-NEG-007", "DC-NEG-008", "DC-NEG-009", "DC-NEG-010")
def acceptability(x: Exchange) -> Iterator[Judgement]:
    """406 where nothing matches, and only there."""
    header = x.request.headers.get("Accept")
    ranges = accept.parse(header) if header else None
    if not ranges or "format" in x.request.query or not _negotiable(x):
        return
    if not x.ok and x.status != 406:
        return
    place, got = "status", f"{x.status} for Accept: {header}"
    requirement = _rule_for(ranges)
    if requirement == "DC-NEG-010":
        pictured = x.operation is not None and x.operation.collection == "instance_states"
        if not (pictured and {r.name for r in ranges} & _PICTURES):
            yield Judgement(requirement, x.status == 406, place, "406 Not Acceptable", got)
    elif requirement:
        yield Judgement(requirement, x.status != 406, place, "an answer in a matching format", got)


def _rule_for(ranges: Sequence[MediaRange]) -> str | None:
    """Which requirement an Accept header tests, None if none in particular."""
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
    """A page is a page."""
    if x.ok and x.format == "html" and x.request.method == "GET" and _negotiable(x) and x.body:
        right = bool(re.match(rb"\s*<!doctype html", x.body[:200], re.IGNORECASE))
        got = shown(x.body[:60].decode("utf-8", "replace"))
        yield Judgement("DC-NEG-015", right, "body", "a page that begins with a DOCTYPE", got)
