"""Reading documents for the rules: which members they have, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.schemas.operations import API

T = TypeVar("T")
BODILESS = ("empty", "bytes", "html")
_SHORT = 500
_SINGULAR = {c.document: c.singular for c in API.collections.values()}


def once(read: Callable[[Exchange], T]) -> Callable[[Exchange], T]:
    """What is read from an exchange, read the first time that a rule asks for it."""
    name = f"{read.__module__}.{read.__name__}"

    def remembered(x: Exchange) -> T:
        known: dict[str, Any] = x.__dict__
        if name not in known:
            known[name] = read(x)
        found: T = known[name]
        return found

    return remembered


def kind_of(x: Exchange) -> str | None:
    """What a successful answer shows, one or a list: "instance", "api"; None if no document."""
    return _reading(x).singular


def document_of(x: Exchange) -> str | None:
    """Name of the document that a successful answer must be; None if none is due."""
    return _reading(x).document


def root_name(x: Exchange) -> str | None:
    """Root element, or the one key of a JSON object."""
    if x.xml is not None:
        return str(etree.QName(x.xml).localname)
    if isinstance(x.json, dict) and len(x.json) == 1:
        return str(next(iter(x.json)))
    return None


def is_error_document(x: Exchange) -> bool:
    """True if the content is an error document, by its looks."""
    if x.xml is not None:
        return root_name(x) == "error"
    return isinstance(x.json, dict) and "code" in x.json and "message" in x.json


def elements(x: Exchange, singular: str) -> Iterator[tuple[str, etree._Element]]:
    """(XPath, element) of every `singular` object that a successful XML answer shows."""
    found = _reading(x)
    return iter(found.elements if found.singular == singular else ())


def objects(x: Exchange, singular: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(JSON path, object) of every `singular` object that a successful JSON answer shows.

    Answers to instance actions may be bare, wrapped, or both (stance 19).
    """
    found = _reading(x)
    return iter(found.objects if found.singular == singular else ())


def members(x: Exchange) -> tuple[str | None, list[tuple[str, Any]]]:
    """What kind of object a successful answer shows, and (place, element or object) of each."""
    found = _reading(x)
    return found.singular, [*found.elements, *found.objects]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The members of one answer."""

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
        return None  # accepted but not completed: an error document is legal (facts 4.2)
    if op.id == "instances.create" and (root_name(x) == "instances"):
        return "instances"  # several at once: feature instance_count
    return op.document


def _elements(x: Exchange, singular: str, in_list: bool) -> Iterator[tuple[str, etree._Element]]:
    root = x.xml
    if root is None:
        return
    if in_list:
        for number, member in enumerate(root.iterchildren(singular), 1):
            yield f"/{root.tag}/{singular}[{number}]", member
    elif root.tag == singular:
        yield f"/{singular}", root


def _objects(
    x: Exchange, document: str, singular: str, in_list: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    value = x.json
    if in_list:
        entries = value.get(document) if isinstance(value, dict) else value
        for number, member in enumerate(listed(entries)):
            if isinstance(member, dict):
                yield f"{document}[{number}]", member
    elif isinstance(value, dict):
        inner = value.get(singular)
        if isinstance(inner, dict):
            yield singular, inner
        elif inner is None and "id" in value:
            yield "", value


def listed(value: object) -> list[Any]:
    """A JSON list; empty if the value is none."""
    return value if isinstance(value, list) else []


def repeated(values: Sequence[str]) -> list[str]:
    """The values that occur more than once."""
    if len(set(values)) == len(values):
        return []
    return [value for value, count in Counter(values).items() if count > 1]


def url_parts(url: str) -> SplitResult:
    """The parts of a URL or reference; all empty if it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def attributes(element: etree._Element) -> dict[str, str]:
    """Attributes of an element as plain text."""
    return {str(name): str(value) for name, value in element.items()}


def text(element: etree._Element, child: str) -> str | None:
    """Text of a child element without white space around it; None if it is absent."""
    found = element.find(child)
    return None if found is None else (found.text or "").strip()


def shown(value: object, limit: int = 120) -> str:
    """A value as it is quoted in findings: short, on one line."""
    text = str(value)
    # what is long is not kept: an endpoint may send much of it
    return (_shown if len(text) <= _SHORT else _shown.__wrapped__)(text, limit)


@lru_cache(maxsize=4096)
def _shown(text: str, limit: int) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= limit else flat[: limit - 1] + "…")
