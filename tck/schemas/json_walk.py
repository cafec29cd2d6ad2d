"""Judges a JSON document by `deltacloud.schema.json`, compiled for speed.

A validator for the part of JSON Schema 2020-12 that the schema is written in; a keyword that
it does not know is refused when the schema is loaded. The jsonschema package takes twenty
times as long and names its findings in its own terms; it is the second opinion in
tests/schemas/test_agreement.py instead. Figures: docs/schemas.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tck.schemas.problem import MOST, Kind, quoted

Key = str | int

_CLASSES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),  # and floats without a fraction, see `_is_integer`
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}
_ARTICLE = {"null": "null", "object": "an object", "array": "an array", "integer": "an integer"}
_UNDERSTOOD = {
    *("$ref", "$comment", "title", "description", "type", "enum", "const", "pattern", "minimum"),
    *("required", "dependentRequired", "properties", "additionalProperties"),
    *("items", "minItems", "allOf", "if", "then", "else", "not"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`keys` lead to the value that is wrong, or that lacks the key `missing`."""

    keys: tuple[Key, ...]
    missing: str | None
    kind: Kind
    expected: str
    got: str


@dataclass(slots=True)
class _Node:
    """A schema, compiled. `value` are the tests of a scalar, `describe` their words."""

    describe: str = ""
    classes: frozenset[type] | None = None
    integer: bool = False
    allowed: frozenset[tuple[type, object]] | None = None
    search: Callable[[str], object] | None = None
    minimum: float | None = None
    required: tuple[str, ...] = ()
    dependent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    properties: dict[str, _Node] = field(default_factory=dict)
    other: _Node | None = None
    items: _Node | None = None
    least: int = 0
    every: tuple[_Node, ...] = ()
    condition: tuple[_Node, _Node | None, _Node | None] | None = None
    denied: _Node | None = None


class JsonJudge:
    """Finds what is wrong with documents; `definition` is a name under $defs."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._definitions = schema["$defs"]
        self._compiled: dict[str, _Node] = {}
        self._nodes = {name: self._definition(name) for name in self._definitions}

    def findings(self, value: object, definition: str) -> list[Finding]:
        found: list[Finding] = []
        _Judging(found).judge(self._nodes[definition], value, [])
        return found

    def _definition(self, name: str) -> _Node:
        if name not in self._compiled:
            node = self._compiled[name] = _Node()  # known before its inside: types may recurse
            self._fill(node, self._definitions[name])
        return self._compiled[name]

    def _node(self, schema: Mapping[str, Any]) -> _Node:
        if set(schema) == {"$ref"}:
            return self._definition(schema["$ref"].removeprefix("#/$defs/"))
        node = _Node()
        self._fill(node, schema)
        return node

    def _fill(self, node: _Node, schema: Mapping[str, Any]) -> None:
        if unknown := schema.keys() - _UNDERSTOOD:
            raise ValueError(f"keywords that the judge does not know: {sorted(unknown)}")
        _fill_scalar(node, schema)
        node.required = tuple(schema.get("required", ()))
        node.dependent = {k: tuple(v) for k, v in schema.get("dependentRequired", {}).items()}
        node.properties = {k: self._node(s) for k, s in schema.get("properties", {}).items()}
        node.least = schema.get("minItems", 0)
        node.other = self._inner(schema, "additionalProperties")
        node.items = self._inner(schema, "items")
        node.denied = self._inner(schema, "not")
        references = [{"$ref": schema["$ref"]}] if "$ref" in schema else []
        node.every = tuple(self._node(s) for s in [*references, *schema.get("allOf", ())])
        if "if" in schema:
            then, otherwise = self._inner(schema, "then"), self._inner(schema, "else")
            node.condition = (self._node(schema["if"]), then, otherwise)

    def _inner(self, schema: Mapping[str, Any], keyword: str) -> _Node | None:
        return self._node(schema[keyword]) if keyword in schema else None


def _fill_scalar(node: _Node, schema: Mapping[str, Any]) -> None:
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    words = " or ".join(_ARTICLE.get(t, f"a {t}") for t in types)
    node.describe = schema.get("description") or words or " or ".join(map(json.dumps, values))
    if types:
        node.classes = frozenset(c for t in types for c in _CLASSES[t])
        node.integer = "integer" in types
    if values:
        node.allowed = frozenset((type(v), v) for v in values)
    if "pattern" in schema:
        # `$` is the very end in ECMA 262, while Python's lets a line end follow.
        node.search = re.compile(re.sub(r"\$$", r"\\Z", schema["pattern"])).search
    node.minimum = schema.get("minimum")


class _Judging:
    def __init__(self, found: list[Finding]) -> None:
        self.found = found

    def judge(self, node: _Node, value: object, keys: list[Key]) -> None:
        if node.classes is not None and type(value) not in node.classes:
            whole = isinstance(value, float) and value.is_integer()
            if not (node.integer and whole):
                self.wrong(node, value, keys)
                return
        for inner in node.every:
            self.judge(inner, value, keys)
        if isinstance(value, dict):
            self.members(node, value, keys)
        elif isinstance(value, list):
            self.elements(node, value, keys)
        if not _scalar_accepted(node, value) or (
            node.denied is not None and _accepted(node.denied, value)
        ):
            self.wrong(node, value, keys)
        if node.condition is not None:
            test, then, otherwise = node.condition
            branch = then if _accepted(test, value) else otherwise
            if branch is not None:
                self.judge(branch, value, keys)

    def members(self, node: _Node, value: dict[str, object], keys: list[Key]) -> None:
        for name in node.required:
            if name not in value:
                self.absent(node, name, keys)
        for name, others in node.dependent.items():
            if name in value:
                for other in others:
                    if other not in value:
                        self.absent(node, other, keys)
        for name, member in value.items():
            inner = node.properties.get(name) or node.other
            if inner is not None:
                keys.append(name)
                self.judge(inner, member, keys)
                keys.pop()

    def elements(self, node: _Node, value: list[object], keys: list[Key]) -> None:
        if len(value) < node.least:
            wanted = f"an array of at least {node.least}"
            self.add(keys, None, "value", wanted, described(value))
        if node.items is not None:
            for number, element in enumerate(value):
                keys.append(number)
                self.judge(node.items, element, keys)
                keys.pop()

    def absent(self, node: _Node, name: str, keys: list[Key]) -> None:
        inner = node.properties.get(name)
        wanted = f'a key "{name}"' + (f": {inner.describe}" if inner and inner.describe else "")
        self.add(keys, name, "missing", wanted, "no such key")

    def wrong(self, node: _Node, value: object, keys: list[Key]) -> None:
        self.add(keys, None, "value", node.describe, described(value))

    def add(
        self, keys: list[Key], missing: str | None, kind: Kind, expected: str, got: str
    ) -> None:
        if len(self.found) < MOST:
            self.found.append(Finding(tuple(keys), missing, kind, expected, got))


def _scalar_accepted(node: _Node, value: object) -> bool:
    if node.allowed is not None:
        scalar = isinstance(value, str | int | float | None)
        return scalar and (type(value), value) in node.allowed
    if isinstance(value, str):
        return node.search is None or node.search(value) is not None
    if node.minimum is not None and isinstance(value, int | float):
        return value >= node.minimum
    return True


def _accepted(node: _Node, value: object) -> bool:
    found: list[Finding] = []
    _Judging(found).judge(node, value, [])
    return not found


def described(value: object) -> str:
    """A JSON value as a reader should see it."""
    if isinstance(value, str):
        return quoted(value) if value else "an empty string"
    if isinstance(value, dict):
        keys = ", ".join(map(str, list(value)[:6]))
        return f"an object with keys {keys}" if value else "an empty object"
    if isinstance(value, list):
        return f"an array of {len(value)}" if value else "an empty array"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"the number {value}"
