"""Changes to XML documents, each placed by an XPath.

The path finds elements, attributes or texts in the document; only answers in XML are changed,
and only those in which the path finds something.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

from tck.prove.altered.change import Change, at, in_document
from tck.prove.altered.messages import Answer, Asked


def serialised(root: Any) -> bytes:
    """A document as the server writes it."""
    whole: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole + b"\n"


def edit(where: str, text: str, act: Callable[[Any], object]) -> Change:
    """Change documents: `act` gets the root element; if it returns False nothing is written."""

    def document(_asked: Asked, answer: Answer) -> None:
        if answer.format == "xml" and answer.body:
            root = etree.fromstring(answer.body)
            if act(root) is not False:
                answer.body = serialised(root)

    return in_document(where, text, document)


def each(where: str, text: str, path: str, act: Callable[[Any], object]) -> Change:
    """Call `act` with everything that the path finds.

    That is an element, or a string that knows the attribute whose value it is (lxml's
    `getparent`, `attrname`).
    """

    def edit_root(root: Any) -> bool:
        hits = root.xpath(path)
        for hit in hits:
            act(hit)
        return bool(hits)

    return edit(where, text, edit_root)


def drop(where: str, path: str) -> Change:
    """Leave out what the path finds: elements or attributes."""

    def remove(hit: Any) -> None:
        if isinstance(hit, str):
            del hit.getparent().attrib[hit.attrname]  # type: ignore[attr-defined]
        else:
            hit.getparent().remove(hit)

    return each(where, f"leaves out {path}{at(where)}", path, remove)


def alter(where: str, text: str, path: str, act: Callable[[str], str | None]) -> Change:
    """Compute a new value of what the path finds: of the attribute, or the text of the element.

    `act` gets the old value; where it returns None the old value stays.
    """

    def set_value(hit: Any) -> None:
        new = act(str(hit) if isinstance(hit, str) else hit.text or "")
        if new is None:
            return
        if isinstance(hit, str):
            hit.getparent().set(hit.attrname, new)  # type: ignore[attr-defined]
        else:
            hit.text = new

    return each(where, text, path, set_value)


def put(where: str, path: str, new: str) -> Change:
    """Give what the path finds another value."""
    return alter(where, f"gives {path} the value {new!r}{at(where)}", path, lambda _: new)


def rename(where: str, path: str, name: str) -> Change:
    """Give elements another name."""

    def set_tag(element: Any) -> None:
        element.tag = name

    return each(where, f"renames {path} to {name}{at(where)}", path, set_tag)


def add(where: str, path: str, *snippets: str, first: bool = False) -> Change:
    """Put children into the elements that the path finds, at their end or (`first`) beginning."""

    def insert(element: Any) -> None:
        for snippet in snippets:
            element.insert(0 if first else len(element), etree.fromstring(snippet))

    return each(where, f"adds {' '.join(snippets)} to {path}{at(where)}", path, insert)


def attribute(where: str, path: str, name: str, value: str) -> Change:
    """Set an attribute of elements."""
    text = f"sets @{name} of {path} to {value!r}{at(where)}"
    return each(where, text, path, lambda element: element.set(name, value))


def repeat(where: str, path: str) -> Change:
    """Write elements twice."""
    text = f"writes {path} twice{at(where)}"
    return each(where, text, path, lambda element: element.addnext(copy.deepcopy(element)))
