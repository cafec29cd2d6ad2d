"""What XML documents are made of: elements, references to objects, action links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from tck.reference_server.site import Link, Site

Element = ET.Element
Child = Element | str | None


def tag(name: str, attributes: Mapping[str, str], *content: Child) -> Element:
    """An element; content is child elements or one text, None is left out."""
    element = ET.Element(name, dict(attributes))
    for child in content:
        if isinstance(child, str):
            element.text = child
        elif child is not None:
            element.append(child)
    return element


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
