"""How much of the formal description a run exercised: operations, parameters, parts of documents.

The description is cut into points, each of which can be met or not:

- `answers`: an operation that succeeded, in a format that it has for that;
- `refusals`: an operation that was refused with a status that the description names (no endpoint
  has them all: many are alternatives);
- `parameters`: a parameter of an operation or feature that was sent, and the request succeeded;
- `xml`: an element, an attribute or one of the values of an enumeration, of a type of the XSD;
- `json`: a property of a definition of the JSON Schema.

Documents that are alike are many: of each operation, status, format and size (of 61 classes) the
first two are looked at, then every thirty-second.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules.clients.sending import parameters
from tck.rules.reading import BODILESS, document_of
from tck.schemas import openapi_answers, xsd
from tck.schemas.operations import API, Operation
from tck.schemas.xsd import Shape

Points = Mapping[str, frozenset[str]]
KINDS = ("answers", "refusals", "parameters", "xml", "json")
_FIRST, _EVERY, _SIZES = 2, 32, 61
_FORMATS = ("xml", "json")
_MOST_MEMBERS = 20  # of a list in JSON
_PARTS = ("allOf", "anyOf", "oneOf")


@cache
def everything() -> Points:
    """All points of the description, by kind."""
    points = {kind: set[str]() for kind in KINDS}
    for op in API.operations.values():
        formats = _FORMATS if op.document not in BODILESS else ("-",)
        points["answers"] |= {f"{op.id} {format_}" for format_ in formats}
        points["refusals"] |= {f"{op.id} {status}" for status in openapi_answers.failures(op)}
        points["parameters"] |= {f"{op.id} {name}" for name in _parameters(op)}
    for shape in xsd.load().shapes.values():
        points["xml"] |= set(_of_shape(shape))
    for name, schema in _definitions().items():
        points["json"] |= set(_properties(name, schema))
    return {kind: frozenset(found) for kind, found in points.items()}


def _parameters(op: Operation) -> tuple[str, ...]:
    """Names of parameters; those that are families, numbered or of free ends, with a *."""
    features = [f for f in API.features if f"{f.collection}.{f.operation}" == op.id]
    of_features = (n + "*" * (f.type == "array") for f in features for n in f.params)
    return (*(parameter.name for parameter in op.params), *op.filters, *of_features)


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    return {op.id: _parameters(op) for op in API.operations.values()}


def _of_shape(shape: Shape) -> Iterator[str]:
    yield from (f"{shape.name}/{name}" for name in shape.children)
    yield from (f"{shape.name}/@{attribute.name}" for attribute in shape.attributes)
    yield from (f"{shape.name}={value}" for value in shape.text.values) if shape.text else ()


@cache
def _definitions() -> dict[str, Any]:
    text = resources.files("tck.schemas").joinpath("deltacloud.schema.json").read_text()
    definitions: dict[str, Any] = json.loads(text)["$defs"]
    return definitions


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema without those that it refers to, and all that it is made of at the same place."""
    yield schema
    inner = [part for word in _PARTS for part in schema.get(word, ())]
    inner += [schema[word] for word in ("then", "else") if word in schema]
    for part in inner:
        yield from _parts(part)


def _properties(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """The properties that a definition has itself, not those of others that it refers to."""
    for part in _parts(schema):
        for key, inner in part.get("properties", {}).items():
            yield f"{name}.{key}"
            yield from _properties(f"{name}.{key}", inner)
        if "items" in part:
            yield from _properties(name, part["items"])


class Coverage:
    """The points that the exchanges of a run met, by kind; can be merged."""

    def __init__(self, value: Mapping[str, Any] | None = None) -> None:
        """`value`: the names of points by kind, as `to_json` gave them."""
        self.met: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self._seen: Counter[tuple[str, str, int, int]] = Counter()
        self.merge(value or {})

    def observe(self, x: Exchange) -> None:
        """Add what an answered request of an operation met."""
        op = x.operation
        if op is None or x.response is None or x.lone or x.disturbance or x.request.malformed:
            return
        format_ = x.format if x.format in _FORMATS else "-"
        if x.status < 400:
            self.met["answers"].add(f"{op.id} {format_}")
        else:
            self.met["refusals"].add(f"{op.id} {x.status}")
        if x.status < 400 and (op.writes or "?" in x.request.url):
            for sent in parameters(x):
                names = (n for n in _names()[op.id] if fnmatchcase(sent.name, n))
                self.met["parameters"].update(f"{op.id} {name}" for name in names)
        alike = op.id, format_, x.status, len(x.body) % _SIZES
        self._seen[alike] += 1
        if self._seen[alike] <= _FIRST or not self._seen[alike] % _EVERY:
            self._in_document(x)

    def _in_document(self, x: Exchange) -> None:
        document = "error" if x.status >= 400 else document_of(x)
        if x.xml is not None and (shape := xsd.load().roots.get(str(x.xml.tag))):
            self._in_xml(x.xml, shape)
        elif document in _definitions():
            self._in_json(x.json, document, _definitions()[document])

    def _in_xml(self, node: etree._Element, shape: Shape) -> None:
        met = self.met["xml"]
        met.update(f"{shape.name}/@{a.name}" for a in shape.attributes if a.name in node.attrib)
        if shape.text is not None and shape.text.values:
            met.add(f"{shape.name}={node.text}")
        for inner in node:
            if (child := shape.children.get(inner.tag)) is not None:
                met.add(f"{shape.name}/{child.name}")
                self._in_xml(inner, child.shape)

    def _in_json(self, value: object, name: str, schema: Mapping[str, Any]) -> None:
        for part in _parts(schema):
            if "$ref" in part:
                referred = str(part["$ref"]).rpartition("/")[2]
                self._in_json(value, referred, _definitions()[referred])
            if isinstance(value, Mapping):
                for key, inner in part.get("properties", {}).items():
                    if key in value:
                        self.met["json"].add(f"{name}.{key}")
                        self._in_json(value[key], f"{name}.{key}", inner)
            elif isinstance(value, list) and "items" in part:
                for member in value[:_MOST_MEMBERS]:
                    self._in_json(member, name, part["items"])

    def merge(self, value: Mapping[str, Any]) -> None:
        """Add what another process met, as `to_json` gives it; unknown kinds are ignored."""
        for kind, points in value.items():
            if kind in self.met:
                self.met[kind].update(points)

    def to_json(self) -> dict[str, list[str]]:
        """The points of the description that were met, by kind."""
        return {kind: sorted(self.met[kind] & points) for kind, points in everything().items()}

    def missing(self, kind: str) -> list[str]:
        """The points of one kind that were not met."""
        return sorted(everything()[kind] - self.met[kind])

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """(kind, how many points were met, of how many)."""
        for kind, points in everything().items():
            yield kind, len(points & self.met[kind]), len(points)
