"""Changes to XML documents, each said by an XPath.

The path finds elements, attributes or texts in the document; only answers in XML are touched,
and only where the path finds something.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

from tck.prove.altered.change import Change, at
from tck.prove.altered.messages import Answer, Asked

Edit = Callable[[Any], object]
Value = str | Callable[[str], str | None]


def serialised(root: Any) -> bytes:
    """A document as the server writes it."""
    whole: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return whole + b"\n"


def edit(where: str, text: str, act: Edit) -> Change:
    """Change the root element of documents; nothing is written anew if `act` says False."""

    def document(_asked: Asked, answer: Answer) -> None:
        if answer.format == "xml" and answer.body:
            root = etree.fromstring(answer.body)
            if act(root) is not False:
                answer.body = serialised(root)

    return Change(text, where, document=at(where, document))


def drop(where: str, path: str) -> Change:
    """Leave out what the path finds: elements or attributes."""

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            if isinstance(hit, str):
                del hit.getparent().attrib[hit.attrname]  # type: ignore[attr-defined]
            else:
                hit.getparent().remove(hit)
        return bool(found)

    return edit(where, f"leaves out {path}", act)


def put(where: str, path: str, value: Value) -> Change:
    """Give what the path finds another value: the attribute, or the text of the element.

    A function gets the old value; where it returns None the old value stays.
    """

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            old = str(hit) if isinstance(hit, str) else hit.text or ""
            new = value if isinstance(value, str) else value(old)
            if new is None:
                continue
            if isinstance(hit, str):
                hit.getparent().set(hit.attrname, new)  # type: ignore[attr-defined]
            else:
                hit.text = new
        return bool(found)

    return edit(
        where, f"changes {path}" + (f" to {value!r}" if isinstance(value, str) else ""), act
    )


def rename(where: str, path: str, name: str) -> Change:
    """Call elements something else."""

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            hit.tag = name
        return bool(found)

    return edit(where, f"calls {path} {name}", act)


def rename_attribute(where: str, path: str, name: str) -> Change:
    """Call attributes something else."""

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            parent = hit.getparent()
            del parent.attrib[hit.attrname]
            parent.set(name, str(hit))
        return bool(found)

    return edit(where, f"calls {path} {name}", act)


def add(where: str, path: str, *snippets: str, first: bool = False) -> Change:
    """Put children into the elements that the path finds, at their end or beginning."""

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            for snippet in snippets:
                child = etree.fromstring(snippet)
                hit.insert(0, child) if first else hit.append(child)
        return bool(found)

    return edit(where, f"adds {' '.join(snippets)} to {path}", act)


def attribute(where: str, path: str, name: str, value: str) -> Change:
    """Give elements an attribute, in place of the one of that name."""

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            hit.set(name, value)
        return bool(found)

    return edit(where, f"sets @{name} of {path} to {value!r}", act)


def repeat(where: str, path: str) -> Change:
    """Show elements twice."""

    def act(root: Any) -> bool:
        found = root.xpath(path)
        for hit in found:
            hit.addnext(copy.deepcopy(hit))
        return bool(found)

    return edit(where, f"shows {path} twice", act)
