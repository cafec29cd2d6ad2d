"""What XML documents are made of: elements, references to objects, action links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from tck.reference_server.site import Link, Site

Element = tuple[str, ...]
"""An element as its lines; those inside are indented."""
Child = Element | str | None

_SPECIAL = re.compile(r"""[&<>"\r\n\t]""")
# A parser would read a carriage return as a newline, and both in an attribute as a blank.
_IN_TEXT = {"\r": "&#13;"}
_IN_ATTRIBUTE = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


def tag(name: str, attributes: Mapping[str, str], *content: Child) -> Element:
    """An element; content is child elements or one text, None is left out."""
    start = "".join([f' {name}="{_escaped(v, _IN_ATTRIBUTE)}"' for name, v in attributes.items()])
    inside = [child for child in content if child]
    if not inside:
        return (f"<{name}{start} />",)
    if isinstance(inside[0], str):
        return (f"<{name}{start}>{_escaped(inside[0], _IN_TEXT)}</{name}>",)
    lines = [f"  {line}" for child in inside for line in child]
    return (f"<{name}{start}>", *lines, f"</{name}>")


def _escaped(text: str, entities: dict[str, str]) -> str:
    return escape(text, entities) if _SPECIAL.search(text) else text


def text(name: str, value: object) -> Element:
    """An element with a text; None becomes empty."""
    return tag(name, {}, "" if value is None else str(value))


def optional(name: str, value: object) -> Element | None:
    return None if value is None else text(name, value)


def reference(name: str, site: Site, collection: str, id_: str, **more: str) -> Element:
    """An empty element that leads to an object."""
    return tag(name, {"href": site.url(collection, id_), "id": id_, **more})


def resource(name: str, site: Site, collection: str, id_: str, *content: Child) -> Element:
    return tag(name, {"href": site.url(collection, id_), "id": id_}, *content)


def actions(links: Iterable[Link]) -> Element:
    return tag(
        "actions",
        {},
        *(tag("link", {"rel": x.rel, "method": x.method, "href": x.href}) for x in links),
    )
