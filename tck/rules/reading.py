"""Reading documents for the rules: which members they have, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules import places
from tck.schemas.operations import API

T = TypeVar("T")
_LONGEST_KEPT = 500  # characters: what an endpoint says must not fill the memory
BODILESS = ("empty", "bytes", "html")
_VALUES = etree.XPath("@*", smart_strings=False)  # in the order of the names
_SINGULAR = {c.document: c.singular for c in API.collections.values()}


def once(read: Callable[[Exchange], T]) -> Callable[[Exchange], T]:
    """Let `read` be called once an exchange: later calls give the result of the first.

    The result is kept in the exchange itself, so it lives as long as the exchange does.
    """
    name = f"{read.__module__}.{read.__name__}"

    def remembered(x: Exchange) -> T:
        memo: dict[str, Any] = x.__dict__
        if name not in memo:
            memo[name] = read(x)
        result: T = memo[name]
        return result

    return remembered


def remembered(function: Callable[..., T]) -> Callable[..., T]:
    """Keep the results for texts that come again, unless one of them is long."""
    cached = lru_cache(maxsize=4096)(function)

    def call(*texts: str) -> T:
        keep = all(len(text) < _LONGEST_KEPT for text in texts)
        return cached(*texts) if keep else function(*texts)

    return call


def kind_of(x: Exchange) -> str | None:
    """What a successful answer shows, one or a list of them: "instance", "api"; None if nothing."""
    return _reading(x).singular


def document_of(x: Exchange) -> str | None:
    """Name of the document that the answer must be: "instances"; None if it need not be one.

    That is every successful answer with content, except bytes, pages and error documents with 202.
    """
    return _reading(x).document


def root_name(x: Exchange) -> str | None:
    """Name of the root element, or of the one key of a JSON object; None if there is neither."""
    if x.xml is not None:
        return str(etree.QName(x.xml).localname)
    if isinstance(x.json, dict) and len(x.json) == 1:
        return str(next(iter(x.json)))
    return None


def is_error_document(x: Exchange) -> bool:
    """Whether the content looks like an error document, whatever the status."""
    if x.xml is not None:
        return root_name(x) == "error"
    return isinstance(x.json, dict) and "code" in x.json and "message" in x.json


def elements(x: Exchange, singular: str) -> Iterator[tuple[str, etree._Element]]:
    """(XPath, element) of every `singular` object that a successful XML answer shows."""
    reading = _reading(x)
    return iter(reading.elements if reading.singular == singular else ())


def objects(x: Exchange, singular: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(JSON path, object) of every `singular` object that a successful JSON answer shows.

    Answers to instance actions may be bare, wrapped, or both (stance 19).
    """
    reading = _reading(x)
    return iter(reading.objects if reading.singular == singular else ())


def members(x: Exchange) -> tuple[str | None, list[tuple[str, Any]]]:
    """`kind_of` the answer, and (place, element or object) of each that it shows, up to a limit.

    Both have `get`, of attributes of an element and of members of an object.
    """
    reading = _reading(x)
    return reading.singular, [*reading.elements, *reading.objects]


def unread_members(x: Exchange) -> int:
    """How many members a list has beyond those that are looked at."""
    document = document_of(x) or ""
    most, count = x.limits.members, 0
    if document == "states":
        count = len(x.xml) if x.xml is not None else len(listed(x.json))
    elif document in _SINGULAR:
        root, value = x.xml, x.json
        if root is not None and len(root) > most:
            count = sum(1 for _ in root.iterchildren(_SINGULAR[document]))
        elif value is not None:
            count = len(listed(value.get(document) if isinstance(value, dict) else value))
    return max(0, count - most)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Which document one answer must be, and the objects in it, each with its place."""

    document: str | None
    singular: str | None
    elements: tuple[tuple[str, etree._Element], ...] = ()
    objects: tuple[tuple[str, dict[str, Any]], ...] = ()


@once
def _reading(x: Exchange) -> _Reading:
    document = _document(x)
    if not document:
        return _Reading(document, None)
    singular, in_list = _SINGULAR.get(document, document), document in _SINGULAR
    return _Reading(
        document,
        singular,
        tuple(_elements(x, singular, in_list)),
        tuple(_objects(x, document, singular, in_list)),
    )


def _document(x: Exchange) -> str | None:
    op = x.operation
    if op is None or not x.ok or not x.body or op.document in BODILESS:
        return None
    if x.status == 202 and is_error_document(x):
        return None  # the server's AcceptedButNotCompletedError
    if op.id == "instances.create" and (root_name(x) == "instances"):
        return "instances"  # several at once: feature instance_count
    return op.document


def _elements(x: Exchange, singular: str, in_list: bool) -> Iterator[tuple[str, etree._Element]]:
    root = x.xml
    if root is None:
        return
    if in_list:
        at, _ = next(places.in_xml(root))
        shown = islice(root.iterchildren(singular), x.limits.members)
        for number, member in enumerate(shown, 1):
            yield f"{at}/{singular}[{number}]", member
    elif root.tag == singular:
        yield f"/{singular}", root


def _objects(
    x: Exchange, document: str, singular: str, in_list: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    value = x.json
    if in_list:
        entries = value.get(document) if isinstance(value, dict) else value
        for number, member in enumerate(listed(entries)[: x.limits.members]):
            if isinstance(member, dict):
                yield f"{document}[{number}]", member
    elif isinstance(value, dict):
        inner = value.get(singular)
        if isinstance(inner, dict):
            yield singular, inner
        elif inner is None and "id" in value:
            yield "", value


def listed(value: object) -> list[Any]:
    """The value if it is a JSON list, else an empty list."""
    return value if isinstance(value, list) else []


def url_parts(url: str) -> SplitResult:
    """The parts of a URL or reference; all empty for text that is neither."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def attributes(element: etree._Element) -> dict[str, str]:
    """Attributes of an element as plain text."""
    # not `items()`: that looks for each value among all attributes
    values: Any = _VALUES(element)
    return {str(name): str(value) for name, value in zip(element.keys(), values, strict=True)}


def tags(element: etree._Element) -> list[str]:
    """Names of the children of an element."""
    return [str(child.tag) for child in element.iterchildren(etree.Element)]


def text(element: etree._Element, child: str) -> str | None:
    """Text of a child element without white space around it; None if the element is absent."""
    inner = element.find(child)
    return None if inner is None else (inner.text or "").strip()
