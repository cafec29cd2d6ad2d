"""The operations of the API, read from `operations.toml`.

`API` is the loaded description. The reference server routes by it, rules and checks look
operations up in it, and `openapi.json` is generated from it. The head of operations.toml says what
each field means.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper, cached_property, lru_cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

_LONGEST_KEPT = 500  # characters of a path whose operation is remembered
_STANDARD = {
    # name: (method, path under the collection, success statuses)
    "index": ("GET", "", (200,)),
    "show": ("GET", "/{id}", (200,)),
    "create": ("POST", "", (201,)),
    "destroy": ("DELETE", "/{id}", (204,)),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, sent in the query or in a form (C1).

    `name` with a `*` stands for a family: `hwp_*` for hwp_memory, hwp_cpu ..., `port*` for port1,
    port2 ... `type` is "string", "integer", "file", "cidr" (an address range) or "id" (what is
    going to be an id); `values` are all that are allowed, empty if any is. `names` is the
    collection of which the value is an id; `may_be_empty`: a required value that is right when
    empty (stance 8); `schema`: what JSON Schema says of it besides.
    """

    name: str
    required: bool = False
    type: str = "string"
    values: tuple[str, ...] = ()
    text: str = ""
    names: str | None = None
    may_be_empty: bool = False
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a collection, or of the entry point (collection "").

    `path` is a template below the base: /instances/{id}/stop. `success` are the accepted statuses,
    the usual one first. `document` names the body of a success as XSD and JSON Schema do, or is
    "empty", "bytes" or "html"; `several` names it if one request made several objects.
    `auth` is "required", "none" or "either"; `location` is None, "must" or "should". `headers` are
    request fields with their meaning. `form` is the usual media type of the form, or the only one
    if it is urlencoded; `body` is "bytes" if the request carries the content of a blob.
    """

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
        """`instances.create`; operations of the entry point are `api.show` ..."""
        return f"{self.collection or 'api'}.{self.name}"

    @property
    def path_params(self) -> tuple[str, ...]:
        """Names of the placeholders in the path: ("id", "blob_id")."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def writes(self) -> bool:
        """True if the operation may change something at the endpoint."""
        return self.method in ("POST", "PUT", "DELETE", "PATCH")


@dataclass(frozen=True, slots=True)
class Feature:
    """An extension that an endpoint may announce in its entry point (A25, A26).

    `params` are the optional parameters that it adds to `operation`, with their meaning; `type` is
    "array" if they are sent numbered (firewalls1, firewalls2). None as operation: no parameters.
    `schema` is what JSON Schema says of their values.
    """

    collection: str
    name: str
    operation: str | None
    text: str
    type: str
    params: Mapping[str, str]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection with its operations by name.

    `singular` is the name of a member's element and JSON key, `document` that of the index.
    `parent` is the collection whose path it shares (buckets for blobs), else None.
    """

    name: str
    singular: str
    document: str
    summary: str
    parent: str | None
    operations: Mapping[str, Operation]


@dataclass(frozen=True)
class Api:
    """The whole description. `match` finds the operation that a request is for."""

    version: str
    base: str
    collections: Mapping[str, Collection]
    features: tuple[Feature, ...]
    entry_point: Mapping[str, Operation]

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation by its id."""
        operations = {op.id: op for op in self.entry_point.values()}
        for collection in self.collections.values():
            operations |= {op.id: op for op in collection.operations.values()}
        return operations

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """Names of the collections that the entry point can list."""
        return tuple(c.name for c in self.collections.values() if c.parent is None)

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Operation], ...]:
        # Paths with fewer placeholders first: /instances/{id}/stop is not a path of two ids.
        ordered = sorted(self.operations.values(), key=lambda op: op.path.count("{"))
        return tuple((re.compile(re.sub(r"{\w+}", "([^/]+)", op.path)), op) for op in ordered)

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request is for and its path parameters, or None.

        `path` is relative to the base (`/instances/i-1/stop`), without query and without
        matrix parameters; the values of path parameters are returned decoded. HEAD finds the GET
        operation unless the path has a HEAD operation.
        """
        # what an endpoint says must not fill the memory
        find = self._match if len(path) < _LONGEST_KEPT else self._match.__wrapped__
        match = find(method, path)
        return match and (match[0], dict(match[1]))

    @cached_property
    def _match(self) -> _lru_cache_wrapper[tuple[Operation, Mapping[str, str]] | None]:
        def match(method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
            for candidate in (method, "GET") if method == "HEAD" else (method,):
                for pattern, op in self._patterns:
                    if op.method == candidate and (groups := pattern.fullmatch(path)):
                        values = map(unquote, groups.groups())
                        return op, dict(zip(op.path_params, values, strict=True))
            return None

        return lru_cache(maxsize=4096)(match)

    def features_of(self, collection: str) -> Iterator[Feature]:
        """Features that a collection can announce, in the order of operations.toml."""
        return (f for f in self.features if f.collection == collection)


def _parameters(table: Mapping[str, Any]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name,
            required=p.get("required", False),
            type=p.get("type", "string"),
            values=tuple(p.get("values", ())),
            text=p.get("text", ""),
            names=p.get("names"),
            may_be_empty=p.get("may_be_empty", False),
            schema=p.get("schema", {}),
        )
        for name, p in table.items()
    )


def _operation(collection: str, name: str, spec: Mapping[str, Any], **inherited: Any) -> Operation:
    settings = {**inherited, **spec}
    return Operation(
        collection=collection,
        name=name,
        method=settings["method"],
        path=settings["path"],
        summary=settings.get("summary", ""),
        capability=settings.get("capability"),
        success=tuple(settings.get("success", (200,))),
        document=settings.get("document", "empty"),
        auth=settings.get("auth", "required"),
        location=settings.get("location"),
        filters=tuple(settings.get("filters", ())),
        params=_parameters(settings.get("params", {})),
        headers=settings.get("headers", {}),
        form=settings.get("form"),
        body=settings.get("body"),
        several=settings.get("several"),
    )


def _collection(name: str, spec: Mapping[str, Any]) -> Collection:
    root = f"/{spec.get('parent', name)}"
    singular, plural = spec["singular"], spec.get("document", name)
    auth = spec.get("auth", "required")
    documents = {"index": plural, "show": singular, "create": singular, "destroy": "empty"}
    noun = singular.replace("_", " ")
    with_article = f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
    summaries = {
        "index": f"List {name.replace('_', ' ')}",
        "show": f"Show one {noun}",
        "create": f"Create {with_article}",
        "destroy": f"Destroy {with_article}",
    }
    operations = {}
    for standard, (method, path, success) in _STANDARD.items():
        if standard in spec:
            operations[standard] = _operation(
                name,
                standard,
                spec[standard],
                method=method,
                path=root + path,
                success=success,
                document=documents[standard],
                summary=summaries[standard],
                auth=auth,
            )
    for action, action_spec in spec.get("actions", {}).items():
        operations[action] = _operation(
            name, action, action_spec, method="POST", path=f"{root}/{{id}}/{action}", auth=auth
        )
    return Collection(name, singular, plural, spec["summary"], spec.get("parent"), operations)


def load() -> Api:
    """Read the operations.toml that is shipped with the package."""
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
                spec.get("schema", {}),
            )
            for collection, features in data["features"].items()
            for name, spec in features.items()
        ),
        entry_point={n: _operation("", n, s) for n, s in data["entry_point"].items()},
    )


API = load()
