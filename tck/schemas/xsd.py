"""The XML Schema as Python data: what `deltacloud.xsd` says, ready to be walked.

Reads the part of XSD 1.1 that the schema is written in: named simple types restricting
xs:string; named complex types with simple content, or with an xs:all of elements of named
types; attributes and attribute groups; content open to anything that is not declared beside
it. `xs:override` is read for what it does to root elements. Anything else is refused, so that
nothing the schema says can go unheard.
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


# Accepts a text; None where any text will do. What a match returns is as good as True, and
# a call around it would be paid for at every value of every document.
Accepts = Callable[[str], object] | None


@dataclass(frozen=True, slots=True)
class Value:
    """A simple type: what a text or an attribute may be.

    `values` and `pattern` are as the schema writes them, `expected` says the same in words.
    """

    expected: str
    values: tuple[str, ...] = ()
    pattern: str | None = None
    accepts: Accepts = None


ANY_TEXT = Value("any text")


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    value: Value
    required: bool


@dataclass(frozen=True, slots=True)
class Child:
    """An element declared inside a complex type; `single`: it may not be repeated."""

    name: str
    shape: str
    required: bool
    single: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A complex type. With `text` it holds text only; otherwise elements, and text if `mixed`."""

    name: str
    attributes: tuple[Attribute, ...]
    children: Mapping[str, Child]
    text: Value | None
    mixed: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """Root elements by name, with the name of their type, and the types."""

    roots: Mapping[str, str]
    shapes: Mapping[str, Shape]


def _of(node: etree._Element, attribute: str) -> str:
    return str(node.attrib[attribute])


def _python_pattern(pattern: str) -> re.Pattern[str]:
    # In XSD a point matches neither line end (Appendix G of XSD 1.1 part 2), and white space
    # is the four characters of XML.
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
        self.tree = tree
        self.values = {"xs:string": ANY_TEXT}
        for node in tree.iterfind(f"{XS}simpleType"):
            self.values[_of(node, "name")] = _value(node)
        self.groups = {_of(n, "name"): n for n in tree.iterfind(f"{XS}attributeGroup")}

    def attributes(self, node: etree._Element) -> Iterator[Attribute]:
        for part in node:
            if part.tag == f"{XS}attribute":
                required = part.get("use") == "required"
                yield Attribute(_of(part, "name"), self.values[_of(part, "type")], required)
            elif part.tag == f"{XS}attributeGroup":
                yield from self.attributes(self.groups[_of(part, "ref")])

    def shape(self, node: etree._Element) -> Shape:
        simple = node.find(f"{XS}simpleContent/{XS}extension")
        holder = node if simple is None else simple
        children = {
            _of(n, "name"): Child(
                _of(n, "name"),
                _of(n, "type"),
                required=n.get("minOccurs") != "0",
                single=n.get("maxOccurs") != "unbounded",
            )
            for n in node.iterfind(f"{XS}all/{XS}element")
        }
        return Shape(
            _of(node, "name"),
            tuple(self.attributes(holder)),
            children,
            text=None if simple is None else self.values[_of(simple, "base")],
            mixed=node.get("mixed") == "true",
        )


def _roots(tree: etree._Element) -> dict[str, str]:
    return {_of(n, "name"): _of(n, "type") for n in tree.iterfind(f"{XS}element")}


def _parse(name: str) -> etree._Element:
    tree = etree.fromstring(resources.files(__package__).joinpath(name).read_bytes())
    used = {str(node.tag).removeprefix(XS) for node in tree.iter(etree.Element)}
    if unknown := used - _UNDERSTOOD:
        raise ValueError(f"{name} uses what this reader does not know: {sorted(unknown)}")
    return tree


@cache
def load(name: str = "deltacloud.xsd") -> Schema:
    """One of the two schemas shipped with the package: deltacloud.xsd, deltacloud-run.xsd."""
    tree = _parse(name)
    override = tree.find(f"{XS}override")
    if override is not None:
        original = load(_of(override, "schemaLocation"))
        return Schema({**original.roots, **_roots(override)}, original.shapes)
    reader = _Reader(tree)
    shapes = {_of(n, "name"): reader.shape(n) for n in tree.iterfind(f"{XS}complexType")}
    return Schema(_roots(tree), shapes)
