"""From a path and a method to an operation of operations.toml, and back to its path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from tck.reference_server.errors import MethodNotAllowedError, NotFoundError, ValidationError
from tck.schemas.operations import API, Operation


@dataclass(frozen=True, slots=True)
class Route:
    """An operation, the decoded ids in its path, and the methods that the path allows."""

    operation: Operation
    ids: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    """A node in the tree of paths; `placeholder` matches any segment that is not empty."""

    literals: dict[str, _Node] = field(default_factory=dict)
    placeholder: _Node | None = None
    operations: dict[str, Operation] = field(default_factory=dict)

    def child(self, segment: str) -> _Node:
        if not segment.startswith("{"):
            return self.literals.setdefault(segment, _Node())
        self.placeholder = self.placeholder or _Node()
        return self.placeholder


def _tree() -> _Node:
    root = _Node()
    for operation in API.operations.values():
        node = root
        for segment in operation.path.split("/")[1:]:
            node = node.child(segment)
        node.operations[operation.method] = operation
    return root


_ROOT = _tree()
_BASE = API.base.strip("/")


def _matches(
    node: _Node, segments: Sequence[str], ids: tuple[str, ...]
) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    """Nodes that a path leads to; those with literal segments first."""
    if not segments:
        yield node, ids
        return
    first, rest = segments[0], segments[1:]
    if first in node.literals:
        yield from _matches(node.literals[first], rest, ids)
    if node.placeholder is not None and first:
        yield from _matches(node.placeholder, rest, (*ids, first))


MOST_SEGMENTS = 16
REMEMBERED = 512  # characters: clients choose what is remembered


def resolve(method: str, segments: tuple[str, ...]) -> Route:
    """The route of a request; `segments` as in `Target`, so with the base.

    HEAD falls back to the GET operation; OPTIONS works on every path. Empty segments after the
    base are skipped, because clients join `/api/` and `/realms`. NotFoundError if there is no
    such path, MethodNotAllowedError if the path lacks the method, ValidationError if an id is not
    UTF-8.
    """
    if len(segments) > MOST_SEGMENTS:
        raise NotFoundError
    short = sum(map(len, segments)) <= REMEMBERED
    return (_remembered if short else _resolve)(method, segments)


def _resolve(method: str, segments: tuple[str, ...]) -> Route:
    if not segments and method == "OPTIONS":  # for `*`, the whole server (RFC 9110 9.3.7)
        return Route(API.entry_point["options"], (), ("OPTIONS",))
    if not segments or segments[0] != _BASE:
        raise NotFoundError
    inside = segments[1:]
    while inside[:1] == ("",):
        inside = inside[1:]
    matches = [(node, ids) for node, ids in _matches(_ROOT, inside, ()) if node.operations]
    if not matches:
        raise NotFoundError
    node, ids = matches[0]  # /firewalls/f/rules is no rule: the literal path comes first
    allowed = _methods(node)
    for name in (method, "GET") if method == "HEAD" else (method,):
        if name in node.operations:
            return Route(node.operations[name], _decoded(ids), allowed)
    if method == "OPTIONS":
        return Route(API.entry_point["options"], (), allowed)
    raise MethodNotAllowedError(headers={"Allow": ", ".join(allowed)})


_remembered = lru_cache(maxsize=1024)(_resolve)


def segments(operation: Operation, ids: Sequence[str]) -> list[str]:
    """The path of an operation below the base, with ids in place of its placeholders."""
    remaining = iter(ids)
    return [next(remaining) if s[0] == "{" else s for s in operation.path.split("/")[1:]]


def _methods(node: _Node) -> tuple[str, ...]:
    extra = ["HEAD"] if "GET" in node.operations else []
    return tuple(dict.fromkeys([*node.operations, *extra, "OPTIONS"]))


def _decoded(ids: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(unquote(id_, errors="strict") for id_ in ids)
    except UnicodeDecodeError:
        raise ValidationError("The path is not UTF-8 text.") from None
