"""Rules that hold for every document: form, identity, references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from lxml import etree

from tck.endpoint.exchange import Exchange, parse_json
from tck.rules.engine import Judgement, rule
from tck.rules.http import origins
from tck.rules.reading import (
    document_of,
    is_error_document,
    members,
    once,
    repeated,
    shown,
    url_parts,
)
from tck.schemas.operations import API

# Objects that stand for themselves: every member has an id and a place of its own.
_OBJECTS = tuple(
    c.singular for c in API.collections.values() if c.singular not in ("state", "rule")
)
# Names under which an object of the API stands: its own, or its list's.
KINDS = {"blob_list", *(n for c in API.collections.values() for n in (c.singular, c.document))}
# Elements whose text clients compare or compute with (C20).
_VALUES = {
    *("state", "capacity", "size", "content_length", "ip", "address_block", "realm_id"),
    *("owner_id", "port_from", "port_to", "load_balancer_port", "instance_port", "address"),
    *("public_address", "architecture", "root_type", "network", "bucket", "code", "keyname"),
}
_URI = re.compile(r"https?://(%[0-9A-Fa-f]{2}|[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-])*")


@rule("DC-DOC-001", "DC-DOC-002", evidence="document")
def syntax(x: Exchange) -> Iterator[Judgement]:
    """Content is what its media type says; an empty one is no document."""
    emptied = x.response is None or x.response.body is None or x.edited
    due = x.status in (200, 201) and x.request.method != "HEAD" and not emptied
    if x.format in ("xml", "json") and (x.body or due):
        requirement, name = (
            ("DC-DOC-001", "well-formed XML")
            if x.format == "xml"
            else (
                "DC-DOC-002",
                "JSON in UTF-8",
            )
        )
        error = x.syntax_error if x.body else "no content"
        yield Judgement(requirement, error is None, "body", name, error or "")


@rule("DC-DOC-003", evidence="document")
def root(x: Exchange) -> Iterator[Judgement]:
    """The root element is the one of the operation."""
    document = document_of(x)
    if x.xml is not None and document is not None:
        expected = "instance" if document == "run" else document
        got = str(x.xml.tag)
        yield Judgement("DC-DOC-003", got == expected, "/*", f"<{expected}>", f"<{got}>")


@rule("DC-DOC-021", evidence="document")
def wrapper(x: Exchange) -> Iterator[Judgement]:
    """JSON has the one key that clients look under."""
    op, value = x.operation, x.json
    document = document_of(x)
    if value is None or op is None or document is None or document in ("api", "states"):
        return
    if op.id == "drivers.index" or op.name in ("reboot", "start", "stop"):
        return
    key = "instance" if document == "run" else document
    kind: type = list if document in {c.document for c in API.collections.values()} else dict
    right = isinstance(value, dict) and isinstance(value.get(key), kind)
    name = "list" if kind is list else "object"
    got = f"keys {sorted(value)[:6]}" if isinstance(value, dict) else type(value).__name__
    yield Judgement("DC-DOC-021", right, key, f'{{"{key}": {name}}}', shown(got))


@rule("DC-DOC-004", "DC-DOC-022", "DC-DOC-023", evidence="document")
def xml_form(x: Exchange) -> Iterator[Judgement]:
    """No namespace, no document type, the encoding that is declared."""
    if x.xml is None:
        return
    info = x.xml.getroottree().docinfo
    namespace = etree.QName(x.xml).namespace
    doctype: str = getattr(info, "doctype", "")
    yield Judgement("DC-DOC-004", not namespace, "/*", "no namespace", shown(namespace))
    yield Judgement(
        "DC-DOC-022",
        not doctype,
        "prolog",
        "no document type declaration",
        shown(doctype),
    )
    charset = re.search(r"charset=\"?([\w-]+)", x.headers.get("Content-Type"))
    said = (charset[1] if charset else info.encoding or "utf-8").lower()
    meant = (info.encoding or "utf-8").lower()
    expected = f"the encoding that the document declares, {meant}"
    yield Judgement("DC-DOC-023", said == meant, "Content-Type", expected, said)


@rule("DC-DOC-005", "DC-DOC-006", evidence="document", of=_OBJECTS)
def identity(x: Exchange) -> Iterator[Judgement]:
    """Every member has an id and an href."""
    singular, found = members(x)
    if x.json is not None and singular == "driver":
        return  # drivers in JSON are keyed by id, without href (J3)
    for place, member in found:
        for attribute, requirement in (("id", "DC-DOC-005"), ("href", "DC-DOC-006")):
            value = member.get(attribute)
            expected = f"{attribute} that is not empty"
            right = isinstance(value, str) and value != ""
            yield Judgement(requirement, right, f"{place}/@{attribute}", expected, shown(value))


@rule("DC-DOC-010", evidence="document")
def unique(x: Exchange) -> Iterator[Judgement]:
    """Ids of a list are unique."""
    document = document_of(x)
    if document is None or document in (*_OBJECTS, "states"):
        return
    ids = [str(member.get("id")) for _, member in members(x)[1]]
    if ids:
        twice = repeated(ids)
        yield Judgement("DC-DOC-010", not twice, document, "every id once", shown(", ".join(twice)))


@once
def _with_href(x: Exchange) -> list[tuple[str, etree._Element]]:
    """(XPath, element) of every element with an href."""
    if x.xml is None:
        return []
    path = x.xml.getroottree().getpath
    return [(path(e), e) for e in x.xml.iter(etree.Element) if e.get("href") is not None]


def _hrefs(x: Exchange) -> Iterator[tuple[str, str]]:
    """(place, value) of every href in the document."""
    if x.xml is not None:
        for place, element in _with_href(x):
            yield f"{place}/@href", element.get("href", "")
    elif x.json is not None:
        for place, value in _walk(x.json):
            if isinstance(value.get("href"), str):
                yield f"{place}.href", value["href"]


def _walk(value: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """(JSON path, object) of every object inside a JSON value."""
    if isinstance(value, dict):
        yield place, value
        for key, inner in value.items():
            yield from _walk(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, f"{place}[{number}]")


@rule("DC-DOC-007", "DC-DOC-008", "DC-DOC-011", evidence="document")
def hrefs(x: Exchange) -> Iterator[Judgement]:
    """Every href is an absolute, valid URL of the endpoint."""
    allowed = origins(x)
    at_home = f"a URL at {x.request.origin}"
    for place, href in _hrefs(x):
        (origin, valid), got = _origin_and_form(href), shown(href)
        yield Judgement("DC-DOC-007", bool(origin), place, "an absolute http(s) URL", got)
        if origin:
            yield Judgement("DC-DOC-008", origin in allowed, place, at_home, got)
            expected = "a URI with other characters percent-encoded"
            yield Judgement("DC-DOC-011", valid, place, expected, got)


@lru_cache(maxsize=4096)
def _origin_and_form(href: str) -> tuple[str, bool]:
    """`http://host:port` of an absolute URL, empty if it is none; and if it is a valid URI."""
    parts = url_parts(href)
    absolute = parts.scheme in ("http", "https") and parts.netloc
    origin = f"{parts.scheme}://{parts.netloc}".lower() if absolute else ""
    return origin, bool(_URI.fullmatch(href))


def ends_with_id(href: str, id_: str) -> bool:
    """True if the last segments of an href, encoded or not, are the id."""
    path = href.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    return path.endswith("/" + id_) or unquote(path).endswith("/" + id_)


@rule("DC-DOC-009", "DC-DOC-024", evidence="document")
def href_and_id(x: Exchange) -> Iterator[Judgement]:
    """An href ends with the id beside it, of objects and of references to objects."""
    if is_error_document(x):
        return
    own = {id(member) for _, member in members(x)[1]}
    for place, holder in _identified(x):
        href, id_ = holder.get("href"), holder.get("id")
        if isinstance(href, str) and isinstance(id_, str) and id_ and href:
            requirement = "DC-DOC-009" if id(holder) in own else "DC-DOC-024"
            right, expected = ends_with_id(href, id_), f"an href that ends in /{id_}"
            yield Judgement(requirement, right, place, expected, shown(href))


def _identified(x: Exchange) -> Iterator[tuple[str, Any]]:
    if x.xml is not None:
        for place, element in _with_href(x):
            # what a vendor adds is the vendor's, and firewall lists carry the firewall's id on
            # their action links (B36)
            if element.tag in KINDS:
                yield place, element
    elif x.json is not None:
        for place, holder in _walk(x.json):
            name = place.rpartition(".")[2].partition("[")[0]
            if name in KINDS or name == "$":
                yield place, holder


@rule("DC-DOC-017", evidence="document")
def tight_values(x: Exchange) -> Iterator[Judgement]:
    """Values that programs read have no white space around them (C20)."""
    if x.xml is None or not x.ok:
        return
    tree = x.xml.getroottree()
    for element in x.xml.iter(*_VALUES):
        said = element.text
        if said and len(element) == 0 and said.strip():
            right = said == said.strip()
            expected = shown(said.strip())
            yield Judgement("DC-DOC-017", right, tree.getpath(element), expected, repr(said[:80]))


@rule("DC-DOC-018", evidence="document")
def unique_names(x: Exchange) -> Iterator[Judgement]:
    """No name stands twice in a JSON object."""
    if x.json is None:
        return
    twice: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice.extend(repeated([name for name, _ in pairs]))
        return found

    parse_json(x.body, collect)
    yield Judgement("DC-DOC-018", not twice, "$", "every name once", shown(", ".join(twice)))
