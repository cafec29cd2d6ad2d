"""XML and JSON of one object tell the same, wherever both are seen.

Rules look at one exchange. This looks at three: an object was shown in one format, in the other,
and then in the first again with the same bytes, and nothing was written meanwhile. What it was in
the middle is then known, whoever else uses the account, and the two formats must agree on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules.judgement import Judgement, absent, shown
from tck.rules.views import FACTS, differences
from tck.schemas.operations import API

_CHOOSING = ("Authorization", "X-Deltacloud-Driver", "X-Deltacloud-Provider", "Cookie")
_MOST_OBJECTS, _LARGEST = 200, 64 << 10  # bytes of a document that is remembered


class _View(NamedTuple):
    """What one answer shows of an object, in one of the formats; JSON without what wraps it."""

    body: bytes
    xml: etree._Element | None
    json: Mapping[str, Any] | None


class Agreement:
    """Judges the exchanges of one client, in their order."""

    name: ClassVar[str] = "agreement.of_formats"
    requirements: ClassVar[tuple[str, ...]] = ("DC-DOC-016",)

    def __init__(self) -> None:
        """Nothing was seen yet; the last views of an object are kept by how it was asked for."""
        self._views: dict[tuple[str, ...], list[_View]] = {}

    def judge(self, x: Exchange) -> Iterator[tuple[Agreement, Judgement]]:
        """Judge the next exchange: all facts of `FACTS` on which both formats can be compared."""
        if x.request.method not in ("GET", "HEAD"):
            self._views.clear()
            return
        operation = x.operation
        if operation is None or operation.name != "show" or x.status != 200 or x.lone:
            return
        collection = API.collections.get(operation.collection)
        view = _view(x, collection.singular) if collection else None
        if collection is None or view is None:
            return
        asked = _asked(x)
        before = self._views.pop(asked, [])
        others = [earlier for earlier in before if (earlier.xml is None) != (view.xml is None)]
        self._views[asked] = [*others[-1:], view]
        if len(self._views) > _MOST_OBJECTS:
            del self._views[next(iter(self._views))]
        if len(before) == 2 and before[0].body == view.body:
            place = f"{collection.singular} {asked[0].rpartition('/')[2]}"
            for judgement in _agree(collection.singular, place, before[1], view):
                yield self, judgement


def _asked(x: Exchange) -> tuple[str, ...]:
    """Path, query without the format, and the fields on which it depends whose object it is."""
    path, _, query = x.request.url.partition("?")
    rest = "&".join(part for part in query.split("&") if not part.startswith("format="))
    return path, rest, *(x.request.headers.get(name) for name in _CHOOSING)


def _view(x: Exchange, singular: str) -> _View | None:
    if (
        singular not in FACTS
        or len(x.body) > _LARGEST
        or x.disturbance
        or x.provoked
        or x.request.malformed
    ):
        return None
    if x.xml is not None:
        return _View(x.body, x.xml, None) if x.xml.tag == singular else None
    content = x.json.get(singular) if isinstance(x.json, Mapping) else None
    return _View(x.body, None, content) if isinstance(content, Mapping) else None


def _agree(singular: str, place: str, *views: _View) -> Iterator[Judgement]:
    """The judgement on two views, of which one is XML and the other JSON."""
    for xml, json in ((one.xml, other.json) for one in views for other in views):
        if xml is not None and json is not None:
            different = differences(singular, xml, json)
            got = {fact: f"{shown(a)} in XML, {shown(b)} in JSON" for fact, a, b in different}
            yield absent("DC-DOC-016", place, "the same in both formats", got)
