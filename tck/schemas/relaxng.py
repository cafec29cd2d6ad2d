"""The XML Schema as RELAX NG, for validators without XSD 1.1.

xmllint (libxml2) knows only XSD 1.0, which can express neither "in any order" nor "and anything
else". RELAX NG can, with interleave and name classes, so with a derived grammar xmllint gives the
verdicts of `deltacloud.xsd`:

    xmllint --noout --relaxng deltacloud.rng answer.xml
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from tck.schemas import xsd

_NS = "http://relaxng.org/ns/structure/1.0"
_DATATYPES = "http://www.w3.org/2001/XMLSchema-datatypes"

_OCCURS = {
    # (required, single): the pattern around the element
    (True, True): None,
    (True, False): "oneOrMore",
    (False, True): "optional",
    (False, False): "zeroOrMore",
}


def _node(
    tag: str, inside: Iterable[etree._Element] | str = (), **attributes: str
) -> etree._Element:
    node = etree.Element(f"{{{_NS}}}{tag}", attributes, nsmap={None: _NS})  # type: ignore[dict-item]
    if isinstance(inside, str):
        node.text = inside
    else:
        node.extend(inside)
    return node


def _value(value: xsd.Value) -> etree._Element:
    if value.values:
        return _node("choice", [_node("value", v, type="string") for v in value.values])
    if value.pattern is None:
        return _node("text")
    return _node("data", [_node("param", value.pattern, name="pattern")], type="string")


def _attribute(attribute: xsd.Attribute) -> etree._Element:
    node = _node("attribute", [_value(attribute.value)], name=attribute.name)
    return node if attribute.required else _node("optional", [node])


def _element(name: str, shape: xsd.Shape) -> etree._Element:
    return _node("element", [_node("ref", name=shape.name)], name=name)


def _child(child: xsd.Child) -> etree._Element:
    node = _element(child.name, child.shape)
    occurs = _OCCURS[child.required, child.single]
    return node if occurs is None else _node(occurs, [node])


def _any_name_except(names: Iterable[object]) -> etree._Element:
    excepted = [_node("name", str(name)) for name in names]
    return _node("anyName", [_node("except", excepted)] if excepted else ())


def _shape(shape: xsd.Shape) -> etree._Element:
    other = _node("attribute", [_any_name_except(a.name for a in shape.attributes)])
    attributes = [*map(_attribute, shape.attributes), _node("zeroOrMore", [other])]
    content = _content(shape) if shape.text is None else _value(shape.text)
    return _node("define", [*attributes, content], name=shape.name)


def _content(shape: xsd.Shape) -> etree._Element:
    other = _node("element", [_any_name_except(shape.children), _node("ref", name="anything")])
    parts = [*map(_child, shape.children.values()), _node("zeroOrMore", [other])]
    return _node("interleave", [*parts, _node("text")] if shape.mixed else parts)


def _anything() -> etree._Element:
    inner = _node("element", [_node("anyName"), _node("ref", name="anything")])
    choice = _node("choice", [_node("attribute", [_node("anyName")]), _node("text"), inner])
    return _node("define", [_node("zeroOrMore", [choice])], name="anything")


def _start(roots: Mapping[str, xsd.Shape]) -> etree._Element:
    return _node("start", [_node("choice", [_element(n, shape) for n, shape in roots.items()])])


def _serialized(grammar: etree._Element, source: str) -> bytes:
    etree.indent(grammar)
    note = f" Derived from {source}; do not edit. See docs/schemas.md. "
    grammar.addprevious(etree.Comment(note))
    return etree.tostring(
        grammar.getroottree(), xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def grammar() -> bytes:
    """`deltacloud.rng`, derived from deltacloud.xsd."""
    schema = xsd.load()
    definitions = [_anything(), *map(_shape, schema.shapes.values())]
    node = _node("grammar", [_start(schema.roots), *definitions], datatypeLibrary=_DATATYPES)
    return _serialized(node, "deltacloud.xsd")


def run_grammar() -> bytes:
    """`deltacloud-run.rng`, derived from deltacloud-run.xsd: another start, the same types."""
    schema = xsd.load("deltacloud-run.xsd")
    start = _start({"instance": schema.roots["instance"]})
    node = _node("grammar", [_node("include", [start], href="deltacloud.rng")])
    return _serialized(node, "deltacloud-run.xsd")
