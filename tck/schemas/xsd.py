"""The XML Schema as Python data: what `deltacloud.xsd` says, ready to be walked.

Reads the part of XSD 1.1 that the schema is written in: named simple types restricting
xs:string; named complex types with simple content, or with an xs:all of elements of named
types; attributes and attribute groups; content open to anything that is not declared beside
it. `xs:override` is read for what it does to root elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"


@dataclass(frozen=True, slots=True)
class Value:
    """A simple type: what a text or an attribute may be.

    `pattern` is the regular expression as the schema writes it; `expected` says the same
    in words. No values and no pattern: any text is right.
    """

    name: str
    expected: str
    values: frozenset[str] = frozenset()
    pattern: str | None = None
    compiled: re.Pattern[str] | None = None

    def accepts(self, text: str) -> bool:
        if self.values:
            return text in self.values
        return self.compiled is None or self.compiled.fullmatch(text) is not None


ANY_TEXT = Value("xs:string", "any text")


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
    expected = node.findtext(f"{XS}annotation/{XS}documentation", "").strip()
    facets = node.find(f"{XS}restriction")
    assert facets is not None
    values = frozenset(_of(n, "value") for n in facets.iter(f"{XS}enumeration"))
    facet = facets.find(f"{XS}pattern")
    pattern = None if facet is None else _of(facet, "value")
    compiled = None if pattern is None else _python_pattern(pattern)
    return Value(_of(node, "name"), expected, values, pattern, compiled)


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
    return etree.fromstring(resources.files(__package__).joinpath(name).read_bytes())


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
