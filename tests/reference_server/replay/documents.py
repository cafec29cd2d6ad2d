"""Documents taken apart into places with values, so that two of them can be compared.

A place is a path; members of a list are matched by what identifies them, not by order:
`/instances/instance[inst1]/state`. Texts that are different on every run become a word.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

Places = Mapping[str, str]

# What identifies the members of a list, the best first.
_KEYS = ("id", "rel", "name", "kind", "key", "type", "to")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d ?(Z|UTC|[+-]\d{4})?"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \w+ \d{4}"
)
_FINGERPRINT = re.compile(r"([0-9a-f]{2}:){15,}[0-9a-f]{2}")
_PEM = re.compile(r"-----BEGIN.*PRIVATE KEY-----", re.DOTALL)
_PROSE = re.compile(r"(/error)?/message")
_MEASURED = re.compile(r"/metric/properties/.*/(?:property\[\w+\]/@value|minimum|maximum|average)")
# Seconds, or what the reference server puts in their place in the ids of volumes.
_EPOCH = re.compile(r"(?<!\d)\d{10}(?!\d)|(?<=volume_)[0-9a-f]{8}\b")


def places(media_type: str, body: bytes) -> Places:
    """Every value of a document by its place; other bodies are one value."""
    if media_type == "application/xml":
        found = _xml(ET.fromstring(body), "")
    elif media_type == "application/json":
        found = _json(json.loads(body), "")
    elif media_type == "text/html":  # what a page shows is free (stance 51)
        return {"page": "<page>" if body.lstrip()[:9].lower() == b"<!doctype" else "<something>"}
    else:
        return {"body": body.decode("latin-1")}
    return _unique(found)


def compared(before: Places, after: Places) -> Iterator[tuple[str, str, str]]:
    """Places with their values on both sides; what one side lacks is reported once, at its top."""
    prefixes_before, prefixes_after = _prefixes(before), _prefixes(after)
    for place in {**before, **after}:
        if place in before and place in after:
            yield place, before[place], after[place]
    for side, opposite in ((before, prefixes_after), (after, prefixes_before)):
        tops = dict.fromkeys(_top(place, opposite) for place in side if place not in opposite)
        for top in tops:
            value = side.get(top, "<something>")
            yield (top, value, "<nothing>") if side is before else (top, "<nothing>", value)


def _prefixes(side: Places) -> set[str]:
    found = set(side)
    for place in side:
        steps = _steps(place)
        found.update("".join(steps[: n + 1]) for n in range(len(steps)))
    return found


def _top(place: str, opposite: set[str]) -> str:
    """The shortest part of a place that the other side has nothing of."""
    steps = _steps(place)
    paths = ("".join(steps[: n + 1]) for n in range(len(steps)))
    return next(path for path in paths if path not in opposite)


def _steps(place: str) -> list[str]:
    return re.findall(r"/[^/\[]*(?:\[[^\]]*\])?[^/]*", place) or [place]


def _unique(found: Iterator[tuple[str, str]]) -> Places:
    """Places that occur several times are numbered in the order of their values."""
    pairs = sorted((place, _word(place, value) if value else value) for place, value in found)
    total = Counter(place for place, _ in pairs)
    seen: Counter[str] = Counter()
    named = {}
    for place, value in pairs:
        seen[place] += 1
        named[f"{place}#{seen[place]}" if total[place] > 1 else place] = value
    return named


def _word(place: str, value: str) -> str:
    if _PROSE.fullmatch(place):
        return "<prose>"
    return "<measured>" if _MEASURED.match(place) else _steady(value)


def _steady(text: str) -> str:
    text = " ".join(text.split())
    if _PEM.search(text):
        return "<private key>"
    for pattern, word in ((_DATE, "<date>"), (_FINGERPRINT, "<fingerprint>"), (_EPOCH, "<epoch>")):
        text = pattern.sub(word, text)
    return text


def _named(name: str, model: Mapping[str, Any]) -> str:
    for key in _KEYS:
        if isinstance(model.get(key), str):
            return f"{name}[{_EPOCH.sub('<epoch>', model[key])}]"
    return name


def _xml(element: ET.Element, path: str) -> Iterator[tuple[str, str]]:
    here = f"{path}/{_named(element.tag, element.attrib) if path else element.tag}"
    text = (element.text or "").strip()
    if text or not (len(element) or element.attrib):
        yield here, text
    elif not len(element):
        yield here, ""
    for name, value in element.attrib.items():
        yield f"{here}/@{name}", value
    for child in element:
        yield from _xml(child, here)


def _json(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if not value:
            yield path, "{}"
        for key, inner in value.items():
            yield from _json(inner, f"{path}/{key}")
    elif isinstance(value, list):
        if not value:
            yield path, "[]"
        for inner in value:
            model = inner if isinstance(inner, dict) else {}
            yield from _json(inner, _named(path + "/*", model))
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)
