"""Where things are in a document: a path for each element or value, made while walking it.

Asking the parser for the path of each element would take time that grows with the square of their
number, since it counts the siblings before each one. And a path repeats the names above it: of a
name that is very long, only so much is taken that all paths together stay short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from lxml import etree

from tck.endpoint.redaction import GATE

T = TypeVar("T")
_LONGEST_NAME = 60
Located = Iterator[tuple[str, T]]


def brief(name: object) -> str:
    """A name that an endpoint gave, as part of a place: cut if it is long."""
    text = str(name)
    return text if len(text) <= _LONGEST_NAME else GATE.cut(text, _LONGEST_NAME)


def in_xml(root: etree._Element) -> Located[etree._Element]:
    """(XPath, element) of an element and all inside it, in the order of the document."""
    return _walk(f"/{_step(root.tag) or '*'}", root, _children)


def in_json(value: Any) -> Located[dict[str, Any]]:
    """(JSON path, object) of every object in a JSON value, in the order of the document."""
    return ((place, v) for place, v in _walk("$", value, _parts) if isinstance(v, dict))


def _walk(start: str, root: T, inside: Callable[[str, T], Located[T] | None]) -> Located[T]:
    levels = [iter([(start, root)])]
    while levels:
        for place, node in levels[-1]:
            yield place, node
            if (deeper := inside(place, node)) is not None:
                levels.append(deeper)
                break
        else:
            levels.pop()


def _children(place: str, element: etree._Element) -> Located[etree._Element] | None:
    return _steps(place, element) if len(element) else None


def _steps(place: str, element: etree._Element) -> Located[etree._Element]:
    tags = [child.tag for child in element if isinstance(child.tag, str)]
    repeated = Counter(tags) if len(set(tags)) < len(tags) else {}
    seen = dict.fromkeys(repeated, 0)
    children = element.iterchildren(etree.Element) if tags else ()
    for position, (child, tag) in enumerate(zip(children, tags, strict=True), 1):
        step = _step(tag)
        if not step:
            yield f"{place}/*[{position}]", child
        elif repeated.get(tag, 1) == 1:
            yield f"{place}/{step}", child
        else:
            seen[tag] += 1
            yield f"{place}/{step}[{seen[tag]}]", child


def _step(tag: object) -> str:
    """The name of an element in an XPath; empty if it has a namespace, or is very long."""
    name = str(tag)
    return "" if len(name) > _LONGEST_NAME or name[:1] == "{" else name


def _parts(place: str, value: Any) -> Located[Any] | None:
    if isinstance(value, dict):
        return ((f"{place}.{brief(key)}", inner) for key, inner in value.items())
    if isinstance(value, list):
        return ((f"{place}[{number}]", inner) for number, inner in enumerate(value))
    return None
