"""Mutants: recorded documents, each changed in one place, for every place that occurs in them.

A place is a path of names (instance/public_addresses/address), the same in a list and alone. Of
all recorded documents that have a place, the smallest is changed there: once for each change in
`_ON_ELEMENTS`, once for each attribute that is dropped or given another value; in JSON, once for
each other value. That makes some 5,400 XML and 6,600 JSON documents, most of which are right or
wrong in only one respect. No verdict is stored with them: test_agreement.py compares judges.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from tck.schemas.operations import API

from .recorded import documents

_SINGULAR = {c.document: c.singular for c in API.collections.values()}


class XmlMutant(NamedTuple):
    change: str
    document: str
    part: str
    root: etree._Element


class JsonMutant(NamedTuple):
    change: str
    document: str
    part: str
    value: Any


# ------------------------------------------------------------------------------------ XML


def _drop(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is None:
        node.tag = "dropped"
    else:
        parent.remove(node)


def _double(node: etree._Element) -> None:
    node.addnext(copy.deepcopy(node))


def _reverse(node: etree._Element) -> None:
    node[:] = reversed(node[:])


def _insert(tag: str) -> Callable[[etree._Element], None]:
    def insert(node: etree._Element) -> None:
        inner = etree.SubElement(node, tag, name="x")
        inner.text = "text"
        etree.SubElement(inner, "name")

    return insert


def _replace_text(text: str) -> Callable[[etree._Element], None]:
    def replace(node: etree._Element) -> None:
        node.text = text

    return replace


def _attribute(name: str, value: str | None) -> Callable[[etree._Element], None]:
    def change(node: etree._Element) -> None:
        if value is None:
            del node.attrib[name]
        else:
            node.set(name, value)

    return change


def _pad(node: etree._Element) -> None:
    node.text = f"\n  {node.text}\n  "


def _insert_comment(node: etree._Element) -> None:
    node.insert(0, etree.Comment("a comment"))


_ON_ELEMENTS: dict[str, Callable[[etree._Element], None]] = {
    "drop": _drop,
    "double": _double,
    "reverse children": _reverse,
    "unknown element": _insert("unheard_of"),
    "namespaced element": _insert("{urn:example:vendor}name"),
    "unknown attribute": _attribute("unheard_of", "x"),
    "namespaced attribute": _attribute("{urn:example:vendor}id", "x"),
    "no text": _replace_text(""),
    "blank text": _replace_text(" \n "),
    "a word": _replace_text("Word"),
    "a number": _replace_text("17"),
    "a negative number": _replace_text("-17.5"),
    "text of two lines": _replace_text("two\nlines"),
    "a no-break space": _replace_text("\u00a0"),
    "padded text": _pad,
    "a comment": _insert_comment,
}
_VALUES = ("", "Word", "lower", "UPPER", "17", "1.5.0", " padded ", "true")


def xml_mutants() -> Iterator[XmlMutant]:
    for document, part, root, path in _xml_places():
        for change, apply in _ON_ELEMENTS.items():
            if change != "double" or path.count("/") > 1:  # a root cannot have a sibling
                yield XmlMutant(change, document, part, _changed(root, path, apply))
        for name in _at(root, path).attrib:
            attribute = f"{part}/@{name}"
            apply = _attribute(str(name), None)
            yield XmlMutant("drop", document, attribute, _changed(root, path, apply))
            for value in _VALUES:
                apply = _attribute(str(name), value)
                yield XmlMutant(f"say {value!r}", document, attribute, _changed(root, path, apply))


def _xml_places() -> Iterator[tuple[str, str, etree._Element, str]]:
    seen = set()
    for recorded in sorted(documents("application/xml"), key=lambda d: (len(d.body), d.id)):
        try:
            root = etree.fromstring(recorded.body.encode())
        except etree.XMLSyntaxError:
            continue
        for node in root.iter(etree.Element):
            names = [str(n.tag) for n in (*reversed(list(node.iterancestors())), node)]
            if len(names) > 1 and recorded.document in _SINGULAR:
                del names[0]
            part = "/".join(names)
            place = (recorded.document == "run", part, *sorted(map(str, node.attrib)))
            if place not in seen:
                seen.add(place)
                yield recorded.document, part, root, root.getroottree().getpath(node)


def _at(root: etree._Element, path: str) -> etree._Element:
    (node,) = root.getroottree().xpath(path)
    return node


def _changed(
    root: etree._Element, path: str, change: Callable[[etree._Element], None]
) -> etree._Element:
    mutant = copy.deepcopy(root)
    change(_at(mutant, path))
    return mutant


# ----------------------------------------------------------------------------------- JSON

_JSON_VALUES = (None, True, 1, -17, 2.0, "", "Word", "UPPER", "17", " padded ", [], {})
_JSON_VALUES_INSIDE = ([None], {"id": "x"})


def json_mutants() -> Iterator[JsonMutant]:
    for document, part, value, keys in _json_places():
        yield JsonMutant("unknown key", document, part, _replaced(value, keys, _extended))
        if keys and isinstance(keys[-1], str):
            yield JsonMutant("drop", document, part, _without(value, keys))
        for other in (*_JSON_VALUES, *_JSON_VALUES_INSIDE):
            mutant = _replaced(value, keys, lambda _, other=other: other)
            yield JsonMutant(f"say {other!r}", document, part, mutant)


def _json_places() -> Iterator[tuple[str, str, Any, tuple[str | int, ...]]]:
    seen = set()
    for recorded in sorted(documents("application/json"), key=lambda d: (len(d.body), d.id)):
        value = json.loads(recorded.body)
        for keys in _walk(value, ()):
            part = _json_part(keys, recorded.document)
            if part not in seen:
                seen.add(part)
                yield recorded.document, part, value, keys


def _json_part(keys: tuple[str | int, ...], document: str) -> str:
    names = ["[]" if isinstance(key, int) else key for key in keys]
    if document == "drivers":  # the names of drivers, kinds and providers are data
        names = ["*" if level in (0, 2, 3) else name for level, name in enumerate(names)]
    if document in ("drivers", "states"):
        names[:1] = [_SINGULAR[document]] if names else []
    elif names[:2] == [document, "[]"]:
        names[:2] = [_SINGULAR[document]]
    elif document in ("run", "error"):
        names.insert(0, document)
    return ".".join(names)


def _walk(value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield keys
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*keys, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, (*keys, number))


def _replaced(value: Any, keys: tuple[str | int, ...], change: Callable[[Any], Any]) -> Any:
    if not keys:
        return change(value)
    mutant = copy.copy(value)
    mutant[keys[0]] = _replaced(value[keys[0]], keys[1:], change)
    return mutant


def _extended(value: Any) -> Any:
    return {**value, "unheard_of": 1} if isinstance(value, dict) else value


def _without(value: Any, keys: tuple[str | int, ...]) -> Any:
    def change(parent: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in parent.items() if k != keys[-1]}

    return _replaced(value, keys[:-1], change)
