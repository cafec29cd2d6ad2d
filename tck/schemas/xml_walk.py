"""Judges an XML document by the types of `deltacloud.xsd`, walking both together.

From the root element down, every element whose type is known is compared with that type: are the
required attributes and children there, is a child repeated that may stand once, is the text what
the simple type accepts, is there text between elements or an element within text. Elements and
attributes that the type does not declare are skipped, with everything inside them: the schema is
open. So the walk is as deep as the schema, however deep the document is, and takes time in
proportion to the number of elements.

It is a validator for the part of XSD 1.1 that `xsd.py` reads, written because it finds every
problem, at its place in the document as it came, in the schema's own words; no fast library
validates XSD 1.1; and libxml2 with the derived RELAX NG needs quadratic time for an element of
many attributes or children, which a hostile endpoint could use. Figures: docs/schemas.md.

A validator of one's own can be wrong. tests/schemas/test_agreement.py compares its verdicts on
thousands of documents with those of xmlschema (XSD 1.1) and of libxml2 (RELAX NG).
"""

from __future__ import annotations

from lxml import etree

from tck.schemas.problem import MOST, Kind, Problem, quoted
from tck.schemas.xsd import Attribute, Schema, Shape, Value

_XML_SPACE = " \t\r\n"


def problems(root: etree._Element, schema: Schema, name: str, member: str | None) -> list[Problem]:
    """Up to MOST problems of a document whose root element should be `name`.

    `member` names the member elements of a list document: parts of problems start there. A wrong
    root element is one problem and ends the judgement.
    """
    if root.tag != name:
        expected, got = f"the root element <{name}>", f"the root element {_named(root)}"
        return [Problem(_path(root), name, "value", expected, got)]
    walk = _Walk(root, 0 if member is None else 1)
    walk.element(root, schema.roots[name])
    return walk.problems


class _Walk:
    """One walk through one document. Fast as long as nothing is wrong.

    `outside`: how many elements, from the root on, the parts of problems leave out.
    """

    def __init__(self, root: etree._Element, outside: int) -> None:
        self.root = root
        self.outside = outside
        self.problems: list[Problem] = []

    def element(self, node: etree._Element, shape: Shape) -> None:
        if len(self.problems) == MOST:
            return
        for attribute in shape.attributes:
            value, accepts = node.get(attribute.name), attribute.value.accepts
            if value is None:
                if attribute.required:
                    self.attribute_missing(node, attribute)
            elif accepts is not None and not accepts(value):
                self.attribute_wrong(node, attribute, value)
        if shape.text is not None:
            self.text(node, shape.text)
        else:
            self.content(node, shape)

    def text(self, node: etree._Element, expected: Value) -> None:
        texts = [node.text or ""]
        for inner in node:
            if isinstance(inner.tag, str):
                words, got = "text, without elements inside", f"the element {_named(inner)}"
                self.add(node, "", "unexpected", words, got)
                return
            texts.append(inner.tail or "")  # after a comment or a processing instruction
        text = "".join(texts)
        if expected.accepts is not None and not expected.accepts(text):
            self.add(node, "", "value", expected.expected, quoted(text))

    def content(self, node: etree._Element, shape: Shape) -> None:
        texts = [node.text or ""]
        present = set()
        for inner in node:
            if not shape.mixed:
                texts.append(inner.tail or "")
            child = shape.children.get(inner.tag)
            if child is None:
                continue
            if child.single and child.name in present:
                expected = f"one element <{child.name}> in {_named(node)}"
                self.add(inner, "", "unexpected", expected, "another one")
            present.add(child.name)
            self.element(inner, child.shape)
        if not shape.mixed and (stray := "".join(texts).strip(_XML_SPACE)):
            expected = f"elements, not text, in {_named(node)}"
            self.add(node, "", "unexpected", expected, f"the text {quoted(stray)}")
        if not shape.required <= present:
            self.children_missing(node, shape, present)

    def children_missing(self, node: etree._Element, shape: Shape, present: set[str]) -> None:
        for child in shape.children.values():
            if child.required and child.name not in present:
                expected = f"an element <{child.name}> in {_named(node)}"
                self.add(node, f"/{child.name}", "missing", expected, "no such element")

    def attribute_missing(self, node: etree._Element, attribute: Attribute) -> None:
        words = f"an attribute {attribute.name} of {_named(node)}: {attribute.value.expected}"
        self.add(node, f"/@{attribute.name}", "missing", words, "no such attribute")

    def attribute_wrong(self, node: etree._Element, attribute: Attribute, value: str) -> None:
        words = f"{attribute.name} of {_named(node)}: {attribute.value.expected}"
        self.add(node, f"/@{attribute.name}", "value", words, quoted(value))

    def add(self, node: etree._Element, inside: str, kind: Kind, expected: str, got: str) -> None:
        """A problem of an element, or of the attribute or child that `inside` names."""
        if len(self.problems) == MOST:
            return
        place = _path(node) + (inside if kind == "value" else "")
        names = [str(ancestor.tag) for ancestor in _line(node, self.root)]
        part = "/".join(names[self.outside :] or names) + inside
        self.problems.append(Problem(place, part, kind, expected, got))


def _line(node: etree._Element, root: etree._Element) -> list[etree._Element]:
    """The elements from the root down to the node."""
    line = [node]
    while line[-1] is not root and (parent := line[-1].getparent()) is not None:
        line.append(parent)
    return line[::-1]


def _path(node: etree._Element) -> str:
    return node.getroottree().getpath(node)


def _named(node: etree._Element) -> str:
    name = etree.QName(node)
    return f"<{name.localname}>" + (f" of namespace {name.namespace}" if name.namespace else "")
