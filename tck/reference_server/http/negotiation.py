"""The format of a response (stances 1 to 6; RFC 9110 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tck.reference_server.errors import NotAcceptableError

# Format to the media types that select it.
MEDIA_TYPES = {
    "xml": ("application/xml", "text/xml"),
    "json": ("application/json",),
    "html": ("text/html", "application/xhtml+xml"),
}
DEFAULT = "xml"
LONGEST = 2048  # characters of Accept; browsers send some hundred

# Format to the Content-Type of its documents.
CONTENT_TYPES = {name: types[0] for name, types in MEDIA_TYPES.items()}
CONTENT_TYPES["html"] += ";charset=utf-8"


def choose(accept: str | None, parameter: str | None, offered: Sequence[str]) -> str:
    """The format of `offered` to answer in; NotAcceptableError if there is none.

    `parameter` is the query parameter `format`, which overrides the header `accept`. Among
    formats of equal quality, one whose media type is named beats one that a wildcard covers;
    then the order of `offered` decides. Of an `accept` that is very long the beginning counts.
    """
    accept = accept and accept[:LONGEST]
    if parameter is not None:
        if parameter not in offered:
            raise _refusal(offered)
        return parameter
    if not accept or not accept.strip():
        return DEFAULT
    best = _best(accept, offered)
    if best is None:
        raise _refusal(offered)
    return best


@lru_cache(maxsize=512)
def _best(accept: str, offered: Sequence[str]) -> str | None:
    ranges = [_media_range(item) for item in accept.split(",") if item.strip()]
    ranked = [(_rank(name, ranges), -place, name) for place, name in enumerate(offered)]
    (quality, _), _, best = max(ranked)
    return best if quality else None


def _refusal(offered: Sequence[str]) -> NotAcceptableError:
    return NotAcceptableError("Offered formats: " + ", ".join(MEDIA_TYPES[f][0] for f in offered))


def _media_range(item: str) -> tuple[str, float]:
    """("text/xml", 0.5) for `text/xml; charset=utf-8; q=0.5`; other parameters are ignored."""
    media_type, *parameters = (part.strip().lower() for part in item.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = min(1.0, max(0.0, float(value)))
            except ValueError:
                quality = 0.0
    return media_type, quality if quality == quality else 0.0  # noqa: PLR0124 - NaN


def _rank(name: str, ranges: Sequence[tuple[str, float]]) -> tuple[float, int]:
    """Quality of a format, and how specific the range is that names it."""
    rank = (0.0, 0)
    for media_type in MEDIA_TYPES[name]:
        patterns = ("*/*", media_type.partition("/")[0] + "/*", media_type)
        matches = [(patterns.index(r), q) for r, q in ranges if r in patterns]
        if matches:
            specificity, quality = max(matches)  # the most specific range decides
            rank = max(rank, (quality, specificity))
    return rank
