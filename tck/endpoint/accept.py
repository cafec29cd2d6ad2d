"""Which format a request asks for, by Accept (RFC 9110 12.5.1) or `format=` (A11)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tck.endpoint.exchange import Exchange

TYPES = {
    "xml": ("application/xml", "text/xml"),
    "json": ("application/json",),
    "html": ("text/html", "application/xhtml+xml"),
}
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_WEIGHT = re.compile(r"[01](\.\d*)?|\.\d+")  # clients write .5 for 0.5


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One entry of Accept: `name` in lower case (`text/*`), `quality` from 0 to 1, other params."""

    name: str
    quality: float
    params: Mapping[str, str] = field(default_factory=dict)

    def covers(self, media_type: str) -> bool:
        """True if the range includes a media type; parameters are ignored."""
        family = media_type.split("/", maxsplit=1)[0]
        return self.name in (media_type, f"{family}/*", "*/*")


@lru_cache
def parse(header: str) -> tuple[MediaRange, ...] | None:
    """The entries of an Accept header, or None if it is malformed."""
    ranges = []
    for entry in filter(None, (e.strip() for e in header.split(","))):
        name, *parts = (p.strip() for p in entry.split(";"))
        params = {k.strip().lower(): v.strip() for k, _, v in (p.partition("=") for p in parts)}
        if not _RANGE.fullmatch(name):
            return None
        weight = params.pop("q", "1")
        if not _WEIGHT.fullmatch(weight) or float(weight) > 1:
            return None
        ranges.append(MediaRange(name.lower(), float(weight), params))
    return tuple(ranges)


def quality(ranges: Sequence[MediaRange], format_: str) -> float | None:
    """Quality of a format (a key of `TYPES`): that of the most specific range that covers it.

    The best of its media types; None if no range covers any of them.
    """
    best: float | None = None
    for media_type in TYPES[format_]:
        covering = [r for r in ranges if r.covers(media_type)]
        if covering:
            # exact beats type/*, which beats */* (RFC 9110 12.5.1)
            chosen = max(covering, key=lambda r: (r.name == media_type, not r.name.startswith("*")))
            best = chosen.quality if best is None else max(best, chosen.quality)
    return best


def wanted_format(exchange: Exchange) -> str | None:
    """The one format that a request clearly prefers, `xml`, `json` or `html`; None if unclear.

    `format=` in the query overrides Accept (A11); no Accept, or an empty one, means XML (T168).
    """
    chosen = exchange.request.query.get("format")
    if chosen is not None:
        return chosen if chosen in TYPES else None
    header = exchange.request.headers.get("Accept")
    return _preferred(header) if header else "xml"


@lru_cache
def _preferred(header: str) -> str | None:
    ranges = parse(header)
    if ranges is None:
        return None
    weights = {f: quality(ranges, f) or 0.0 for f in TYPES}
    top = max(weights.values())
    best = [f for f, weight in weights.items() if weight == top]
    return best[0] if top > 0 and len(best) == 1 else None
