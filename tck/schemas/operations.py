"""The operations of the API, read from `operations.toml`.

`API` is the loaded description: what the reference server routes by, what rules and
checks look operations up in, and what `openapi.json` is generated from.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

_STANDARD = {
    # name: (method, path under the collection, success statuses)
    "index": ("GET", "", (200,)),
    "show": ("GET", "/{id}", (200,)),
    "create": ("POST", "", (201,)),
    "destroy": ("DELETE", "/{id}", (204,)),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; `name` with a `*` stands for a family (hwp_*)."""

    name: str
    required: bool = False
    type: str = "string"
    values: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a collection (or of the entry point: collection "")."""

    collection: str
    name: str
    method: str
    path: str
    summary: str
    capability: str | None
    success: tuple[int, ...]
    document: str
    auth: str
    location: str | None = None
    filters: tuple[str, ...] = ()
    params: tuple[Parameter, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    form: str | None = None
    body: str | None = None
    several: str | None = None

    @property
    def id(self) -> str:
        """`instances.create`; the entry point's own operations are `api.show` ..."""
        return f"{self.collection or 'api'}.{self.name}"

    @property
    def path_params(self) -> tuple[str, ...]:
        """Names in the path template: ("id", "blob_id")."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def writes(self) -> bool:
        """True if the operation changes something at the endpoint."""
        return self.method in ("POST", "PUT", "DELETE", "PATCH")


@dataclass(frozen=True, slots=True)
class Feature:
    """An announced extension: extra optional parameters of one operation."""

    collection: str
    name: str
    operation: str | None
    text: str
    type: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection with its operations; `document` is the root element of its index."""

    name: str
    singular: str
    document: str
    summary: str
    parent: str | None
    operations: Mapping[str, Operation]


@dataclass(frozen=True)
class Api:
    """The whole description. `match` finds the operation that a request asks for."""

    version: str
    base: str
    collections: Mapping[str, Collection]
    features: tuple[Feature, ...]
    entry_point: Mapping[str, Operation]

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation by its id."""
        found = {op.id: op for op in self.entry_point.values()}
        for collection in self.collections.values():
            found |= {op.id: op for op in collection.operations.values()}
        return found

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """Names of the collections that the entry point can list."""
        return tuple(c.name for c in self.collections.values() if c.parent is None)

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Operation], ...]:
        # Literal segments before placeholders, so /instances/{id}/stop is not a blob path.
        ordered = sorted(self.operations.values(), key=lambda op: op.path.count("{"))
        return tuple((re.compile(re.sub(r"{\w+}", "([^/]+)", op.path)), op) for op in ordered)

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation for a request and its path parameters, or None.

        `path` is relative to the base (`/instances/i-1/stop`), without query and without
        matrix parameters. HEAD finds the GET operation where it has none of its own.
        """
        found = self._find(method, path)
        return found and (found[0], dict(found[1]))

    @cached_property
    def _find(self) -> Callable[[str, str], tuple[Operation, Mapping[str, str]] | None]:
        def find(method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
            for wanted in (method, "GET") if method == "HEAD" else (method,):
                for pattern, op in self._patterns:
                    if op.method == wanted and (hit := pattern.fullmatch(path)):
                        return op, dict(
                            zip(op.path_params, map(unquote, hit.groups()), strict=True)
                        )
            return None

        return lru_cache(maxsize=4096)(find)

    def features_of(self, collection: str) -> Iterator[Feature]:
        """Features that a collection can announce, in the catalogue's order."""
        return (f for f in self.features if f.collection == collection)


def _parameters(table: Mapping[str, Any]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name,
            required=p.get("required", False),
            type=p.get("type", "string"),
            values=tuple(p.get("values", ())),
            text=p.get("text", ""),
        )
        for name, p in table.items()
    )


def _operation(collection: str, name: str, spec: Mapping[str, Any], **inherited: Any) -> Operation:
    known = {**inherited, **spec}
    return Operation(
        collection=collection,
        name=name,
        method=known["method"],
        path=known["path"],
        summary=known.get("summary", ""),
        capability=known.get("capability"),
        success=tuple(known.get("success", (200,))),
        document=known.get("document", "empty"),
        auth=known.get("auth", "required"),
        location=known.get("location"),
        filters=tuple(known.get("filters", ())),
        params=_parameters(known.get("params", {})),
        headers=known.get("headers", {}),
        form=known.get("form"),
        body=known.get("body"),
        several=known.get("several"),
    )


def _collection(name: str, spec: Mapping[str, Any]) -> Collection:
    root = f"/{spec.get('parent', name)}"
    singular, plural = spec["singular"], spec.get("document", name)
    auth = spec.get("auth", "required")
    documents = {"index": plural, "show": singular, "create": singular, "destroy": "empty"}
    words = singular.replace("_", " ")
    one = f"an {words}" if words[0] in "aeiou" else f"a {words}"
    verbs = {
        "index": f"List {name.replace('_', ' ')}",
        "show": f"Show one {words}",
        "create": f"Create {one}",
        "destroy": f"Destroy {one}",
    }
    operations = {}
    for kind, (method, path, success) in _STANDARD.items():
        if kind in spec:
            operations[kind] = _operation(
                name,
                kind,
                spec[kind],
                method=method,
                path=root + path,
                success=success,
                document=documents[kind],
                summary=verbs[kind],
                auth=auth,
            )
    for action, action_spec in spec.get("actions", {}).items():
        operations[action] = _operation(
            name, action, action_spec, method="POST", path=f"{root}/{{id}}/{action}", auth=auth
        )
    return Collection(name, singular, plural, spec["summary"], spec.get("parent"), operations)


def load() -> Api:
    """Read operations.toml as shipped with the package."""
    text = resources.files(__package__).joinpath("operations.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Api(
        version=data["version"],
        base=data["base"],
        collections={n: _collection(n, s) for n, s in data["collections"].items()},
        features=tuple(
            Feature(
                collection,
                name,
                spec.get("operation"),
                spec["text"],
                spec.get("type", "string"),
                spec.get("params", {}),
            )
            for collection, features in data["features"].items()
            for name, spec in features.items()
        ),
        entry_point={n: _operation("", n, s) for n, s in data["entry_point"].items()},
    )


API = load()
