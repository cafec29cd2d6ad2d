"""The XML Schema as Python data: what `deltacloud.xsd` says, ready for walking a document.

Reads the part of XSD 1.1 that the schema is written in: named simple types that restrict
xs:string; named complex types with simple content, or with an xs:all of elements of named
types; attributes and attribute groups; content open to everything that is not declared in the
type. `xs:override` is read for the root elements that it replaces. Any other component of XSD
is refused on loading, so that nothing the schema says can be ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
_UNDERSTOOD = {
    *("schema", "annotation", "documentation", "defaultOpenContent", "any", "anyAttribute"),
    *("override", "element", "complexType", "simpleContent", "extension", "all", "attribute"),
    *("attributeGroup", "simpleType", "restriction", "pattern", "enumeration"),
}


# Called with a text; true if it is accepted. None where any text is. It is the bound method of a
# compiled pattern or of a set: a function around it would cost a call at every value.
Accepts = Callable[[str], object] | None


@dataclass(frozen=True, slots=True)
class Value:
    """A simple type: what a text or the value of an attribute may be.

    `values` (of an enumeration) or `pattern` are as the schema writes them; `expected` is its
    documentation, the same in words.
    """

    expected: str
    values: tuple[str, ...] = ()
    pattern: str | None = None
    accepts: Accepts = None


ANY_TEXT = Value("any text")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute declared in a complex type."""

    name: str
    value: Value
    required: bool


@dataclass(frozen=True, slots=True)
class Child:
    """An element declared in a complex type; `single`: it may not be repeated."""

    name: str
    shape: Shape
    required: bool
    single: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A complex type. With `text` it holds text only; otherwise elements, and text if `mixed`.

    `children` are its declared elements by name, `required` the names that must be there.
    """

    name: str
    attributes: tuple[Attribute, ...]
    children: dict[object, Child]
    required: frozenset[str]
    text: Value | None
    mixed: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """Complex types by name, and the types of the root elements by the elements' names."""

    roots: Mapping[str, Shape]
    shapes: Mapping[str, Shape]


def _of(node: etree._Element, attribute: str) -> str:
    return str(node.attrib[attribute])


def _python_pattern(pattern: str) -> re.Pattern[str]:
    # In XSD `.` matches neither line feed nor carriage return, and `\s` is the four characters that
    # are white space in XML (XSD 1.1 part 2, appendix G).
    return re.compile(re.sub(r"(?<!\\)\.", r"[^\\r\\n]", pattern), re.ASCII)


def _value(node: etree._Element) -> Value:
    expected = node.findtext(f"{XS}annotation/{XS}documentation", "")
    if values := tuple(_of(n, "value") for n in node.iter(f"{XS}enumeration")):
        return Value(expected, values, accepts=frozenset(values).__contains__)
    pattern = next(_of(n, "value") for n in node.iter(f"{XS}pattern"))
    return Value(expected, (), pattern, _python_pattern(pattern).fullmatch)


class _Reader:
    """Reads one schema document; `tree` is the root xs:schema."""

    def __init__(self, tree: etree._Element) -> None:
        self.values = {"xs:string": ANY_TEXT}
        for node in tree.iterfind(f"{XS}simpleType"):
            self.values[_of(node, "name")] = _value(node)
        self.groups = {_of(n, "name"): n for n in tree.iterfind(f"{XS}attributeGroup")}
        types = {_of(n, "name"): n for n in tree.iterfind(f"{XS}complexType")}
        self.shapes = {name: self.shape(node) for name, node in types.items()}
        for name, node in types.items():  # only now, because types may refer to themselves
            children = map(self.child, node.iterfind(f"{XS}all/{XS}element"))
            self.shapes[name].children.update((child.name, child) for child in children)

    def attributes(self, node: etree._Element) -> Iterator[Attribute]:
        for part in node:
            if part.tag == f"{XS}attribute":
                required = part.get("use") == "required"
                yield Attribute(_of(part, "name"), self.values[_of(part, "type")], required)
            elif part.tag == f"{XS}attributeGroup":
                yield from self.attributes(self.groups[_of(part, "ref")])

    def shape(self, node: etree._Element) -> Shape:
        """A complex type, still without its children."""
        simple = node.find(f"{XS}simpleContent/{XS}extension")
        elements = node.iterfind(f"{XS}all/{XS}element")
        return Shape(
            _of(node, "name"),
            tuple(self.attributes(node if simple is None else simple)),
            {},
            frozenset(_of(n, "name") for n in elements if _required(n)),
            text=None if simple is None else self.values[_of(simple, "base")],
            mixed=node.get("mixed") == "true",
        )

    def child(self, node: etree._Element) -> Child:
        shape, single = self.shapes[_of(node, "type")], node.get("maxOccurs") != "unbounded"
        return Child(_of(node, "name"), shape, _required(node), single)


def _required(element: etree._Element) -> bool:
    return element.get("minOccurs") != "0"


def _roots(tree: etree._Element, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    return {_of(n, "name"): shapes[_of(n, "type")] for n in tree.iterfind(f"{XS}element")}


def _parse(name: str) -> etree._Element:
    tree = etree.fromstring(resources.files(__package__).joinpath(name).read_bytes())
    used = {str(node.tag).removeprefix(XS) for node in tree.iter(etree.Element)}
    if unknown := used - _UNDERSTOOD:
        raise ValueError(f"{name} uses components that the reader does not know: {sorted(unknown)}")
    return tree


@cache
def load(name: str = "deltacloud.xsd") -> Schema:
    """One of the two schemas shipped with the package: deltacloud.xsd, deltacloud-run.xsd.

    Raises ValueError if it is written in more of XSD than this reader knows.
    """
    tree = _parse(name)
    override = tree.find(f"{XS}override")
    if override is not None:
        original = load(_of(override, "schemaLocation"))
        return Schema({**original.roots, **_roots(override, original.shapes)}, original.shapes)
    shapes = _Reader(tree).shapes
    return Schema(_roots(tree, shapes), shapes)
