"""What XML documents are made of: elements, members of collections, action links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from tck.reference_server.site import COLLECTION_OF, Link, Site

Element = tuple[str, ...]
"""An element as its lines, those of its children indented."""
Child = Element | str | None

_SPECIAL = re.compile(r"""[&<>"\r\n\t]""")
# Parsers normalize these: a raw carriage return is read as a newline, and in an attribute it, a
# newline and a tab are read as blanks (XML 1.0 2.11 and 3.3.3).
_IN_TEXT = {"\r": "&#13;"}
_IN_ATTRIBUTE = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


def tag(name: str, attributes: Mapping[str, str], *content: Child) -> Element:
    """An element; `content` is child elements or one text, None is skipped."""
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
    """An element with a text; no element if there is no value."""
    return None if value is None else text(name, value)


def texts(source: object, *names: str) -> list[Element]:
    """Attributes of an object as elements of the same names."""
    return [text(name, getattr(source, name)) for name in names]


def resource(name: str, site: Site, id_: str, *content: Child, **attributes: str) -> Element:
    """A member of the collection whose singular is `name`; without content a reference to it."""
    href = site.url(COLLECTION_OF[name], id_)
    return tag(name, {"href": href, "id": id_, **attributes}, *content)


def actions(links: Iterable[Link]) -> Element:
    elements = (tag("link", {"rel": x.rel, "method": x.method, "href": x.href}) for x in links)
    return tag("actions", {}, *elements)
