"""Reading documents for the rules: which members they have, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.schemas.operations import API, Operation

BODILESS = ("empty", "bytes", "html")
_SINGULAR = {c.document: c.singular for c in API.collections.values()}


def document_of(x: Exchange) -> str | None:
    """Name of the document that a successful answer must be; None if none is due."""
    op = x.operation
    if op is None or not x.ok or not x.body or op.document in BODILESS:
        return None
    if x.status == 202 and is_error_document(x):
        return None  # accepted but not completed: an error document is legal (facts 4.2)
    if op.id == "instances.create" and (root_name(x) == "instances"):
        return "instances"  # several at once: feature instance_count
    return op.document


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
    root = x.xml
    if root is None or (document := document_of(x)) is None:
        return
    if document == singular and root.tag == singular:
        yield f"/{singular}", root
    elif _SINGULAR.get(document) == singular:
        for number, member in enumerate(root.iterchildren(singular), 1):
            yield f"/{root.tag}/{singular}[{number}]", member


def objects(x: Exchange, singular: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(JSON path, object) of every `singular` object that a successful JSON answer shows.

    Answers to instance actions may be bare, wrapped, or both (stance 19).
    """
    value, document = x.json, document_of(x)
    if value is None or document is None:
        return
    if document == singular and isinstance(value, dict):
        inner = value.get(singular)
        if isinstance(inner, dict):
            yield singular, inner
        elif inner is None and "id" in value:
            yield "", value
    elif _SINGULAR.get(document) == singular:
        members = value.get(document) if isinstance(value, dict) else value
        for number, member in enumerate(members if isinstance(members, list) else []):
            if isinstance(member, dict):
                yield f"{document}[{number}]", member


def operation_named(x: Exchange, *ids: str) -> Operation | None:
    """The operation of an exchange if it is one of `ids`."""
    return x.operation if x.operation and x.operation.id in ids else None


def attributes(element: etree._Element) -> dict[str, str]:
    """Attributes of an element as plain text."""
    return {str(name): str(value) for name, value in element.items()}


def text(element: etree._Element, child: str) -> str | None:
    """Text of a child element without white space around it; None if it is absent."""
    found = element.find(child)
    return None if found is None else (found.text or "").strip()


def shown(value: object, limit: int = 120) -> str:
    """A value as it is quoted in findings: short, on one line."""
    flat = " ".join(str(value).split())
    return repr(flat if len(flat) <= limit else flat[: limit - 1] + "…")
