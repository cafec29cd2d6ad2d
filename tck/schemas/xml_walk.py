"""Judges an XML document by the types of the schema, walking both together.

A validator for the part of XSD 1.1 that `xsd.py` reads. It is here because it finds every
problem, at its place in the document as it came, in words; because no fast validator speaks
XSD 1.1; and because it takes no longer than libxml2 does with the derived RELAX NG. That it
agrees with an XSD 1.1 validator and with libxml2 is what tests/schemas/test_agreement.py
proves. Figures: docs/schemas.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from tck.schemas.problem import MOST, Kind, Problem, quoted
from tck.schemas.xsd import Accepts, Schema, Shape

_XML_SPACE = " \t\r\n"


@dataclass(slots=True)
class _Plan:
    """A shape made ready for walking."""

    shape: Shape
    attributes: tuple[tuple[str, bool, Accepts], ...]
    text: Accepts
    required: frozenset[str]
    children: dict[object, tuple[str, bool, _Plan]]


class XmlJudge:
    """Finds the problems of documents of one schema."""

    def __init__(self, schema: Schema) -> None:
        plans = {
            name: _Plan(
                shape,
                tuple((a.name, a.required, a.value.accepts) for a in shape.attributes),
                None if shape.text is None else shape.text.accepts,
                frozenset(c.name for c in shape.children.values() if c.required),
                {},
            )
            for name, shape in schema.shapes.items()
        }
        for plan in plans.values():
            for child in plan.shape.children.values():
                plan.children[child.name] = (child.name, child.single, plans[child.shape])
        self._roots = {name: plans[shape] for name, shape in schema.roots.items()}

    def problems(self, root: etree._Element, name: str, member: str | None) -> list[Problem]:
        """Every problem of a document whose root element should be `name`.

        `member` names the member element of a list: parts of problems start there.
        """
        if root.tag != name:
            wanted, got = f"the root element <{name}>", f"the root element {_named(root)}"
            return [Problem(_path(root), name, "value", wanted, got)]
        walk = _Walk(root, 0 if member is None else 1)
        walk.element(root, self._roots[name])
        return walk.found


class _Walk:
    """One walk through one document; speed matters until something is found."""

    def __init__(self, root: etree._Element, outside: int) -> None:
        self.root = root
        self.outside = outside
        self.found: list[Problem] = []

    def element(self, node: etree._Element, plan: _Plan) -> None:
        for name, required, accepts in plan.attributes:
            value = node.get(name)
            if value is None:
                if required:
                    self.attribute_missing(node, plan, name)
            elif accepts is not None and not accepts(value):
                self.attribute_wrong(node, plan, name, value)
        if plan.shape.text is not None:
            self.text(node, plan)
        else:
            self.content(node, plan)

    def text(self, node: etree._Element, plan: _Plan) -> None:
        text = node.text or ""
        for inner in node:
            if isinstance(inner.tag, str):
                wanted, got = "text, without elements inside", f"the element {_named(inner)}"
                self.add(node, "", "unexpected", wanted, got)
                return
            text += inner.tail or ""  # a comment or processing instruction within the text
        if plan.text is not None and not plan.text(text):
            assert plan.shape.text is not None
            self.add(node, "", "value", plan.shape.text.expected, quoted(text))

    def content(self, node: etree._Element, plan: _Plan) -> None:
        element_only = not plan.shape.mixed
        texts = [node.text or ""]
        seen = set()
        for inner in node:
            if element_only:
                texts.append(inner.tail or "")
            declared = plan.children.get(inner.tag)
            if declared is None:
                continue
            name, single, inner_plan = declared
            if single and name in seen:
                wanted = f"one element <{name}> in {_named(node)}"
                self.add(inner, "", "unexpected", wanted, "another one")
            seen.add(name)
            self.element(inner, inner_plan)
        if element_only and (stray := "".join(texts).strip(_XML_SPACE)):
            wanted = f"elements, not text, in {_named(node)}"
            self.add(node, "", "unexpected", wanted, f"the text {quoted(stray)}")
        if not plan.required <= seen:
            self.children_missing(node, plan, seen)

    def children_missing(self, node: etree._Element, plan: _Plan, seen: set[str]) -> None:
        for name in plan.shape.children:
            if name in plan.required and name not in seen:
                wanted = f"an element <{name}> in {_named(node)}"
                self.add(node, f"/{name}", "missing", wanted, "no such element")

    def attribute_missing(self, node: etree._Element, plan: _Plan, name: str) -> None:
        wanted = f"an attribute {name} of {_named(node)}: {_expected(plan, name)}"
        self.add(node, f"/@{name}", "missing", wanted, "no such attribute")

    def attribute_wrong(self, node: etree._Element, plan: _Plan, name: str, value: str) -> None:
        wanted = f"{name} of {_named(node)}: {_expected(plan, name)}"
        self.add(node, f"/@{name}", "value", wanted, quoted(value))

    def add(self, node: etree._Element, inside: str, kind: Kind, expected: str, got: str) -> None:
        if len(self.found) == MOST:
            return
        place = _path(node) + (inside if kind == "value" else "")
        names = [ancestor.tag for ancestor in _line(node, self.root)]
        part = "/".join(str(name) for name in names[self.outside :] or names) + inside
        self.found.append(Problem(place, part, kind, expected, got))


def _expected(plan: _Plan, attribute: str) -> str:
    return next(a.value.expected for a in plan.shape.attributes if a.name == attribute)


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
