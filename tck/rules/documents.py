"""Rules on every document, whatever it shows: form, identity, references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from tck.endpoint.capabilities import name_of_itself
from tck.endpoint.exchange import Exchange, rebased
from tck.endpoint.parsing import parse_json
from tck.rules import places
from tck.rules.engine import rule
from tck.rules.http import origins
from tck.rules.judgement import Judgement, absent, distinct, equal, holds, one_of, repeated
from tck.rules.reading import document_of, is_error_document, members, remembered, url_parts
from tck.schemas.operations import API

# Objects whose members have an id and an href of their own.
_OBJECTS = tuple(
    c.singular for c in API.collections.values() if c.singular not in ("state", "rule")
)
# Names of the API's own elements and keys: of objects and of their lists.
KINDS = {"blob_list", *(n for c in API.collections.values() for n in (c.singular, c.document))}
# Elements whose text clients compare or compute with (C20).
_VALUES = {
    *("state", "capacity", "size", "content_length", "ip", "address_block", "realm_id"),
    *("owner_id", "port_from", "port_to", "load_balancer_port", "instance_port", "address"),
    *("public_address", "architecture", "root_type", "network", "bucket", "code", "keyname"),
}
_ADVICE = (
    "behind a proxy, let that send X-Forwarded-Host and X-Forwarded-Proto, and make URLs by them"
)
_SYNTAX = {
    "xml": ("DC-DOC-001", "well-formed XML"),
    "json": ("DC-DOC-002", "JSON in UTF-8"),
}
_URI = re.compile(r"https?://(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]++|%[0-9A-Fa-f]{2})*+")


@rule("DC-DOC-001", "DC-DOC-002", evidence="document")
def syntax(x: Exchange) -> Iterator[Judgement]:
    """The content is what its media type says; an empty content is not a document.

    An empty body is judged only where a document is due and no recorder removed it.
    """
    emptied = x.response is None or x.response.body is None or x.edited
    due = x.status in (200, 201) and x.request.method != "HEAD" and not emptied
    if x.format in _SYNTAX and (x.body or due):
        requirement, expected = _SYNTAX[x.format]
        error = x.syntax_error if x.body else "no content"
        yield absent(requirement, "body", expected, error)


@rule("DC-DOC-003", evidence="document")
def root(x: Exchange) -> Iterator[Judgement]:
    """The root element is the one that the operation returns."""
    document = document_of(x)
    if x.xml is not None and document is not None:
        expected = "instance" if document == "run" else document
        yield equal("DC-DOC-003", "/*", expected, str(x.xml.tag))


@rule("DC-DOC-021", evidence="document")
def wrapper(x: Exchange) -> Iterator[Judgement]:
    """JSON has the one key under which clients look for the list or object."""
    op, value = x.operation, x.json
    document = document_of(x)
    if value is None or op is None or document is None or document in ("api", "states"):
        return
    if op.id == "drivers.index" or op.name in ("reboot", "start", "stop"):
        return
    key = "instance" if document == "run" else document
    kind: type = list if document in {c.document for c in API.collections.values()} else dict
    ok = isinstance(value, dict) and isinstance(value.get(key), kind)
    expected = f'{{"{key}": {"list" if kind is list else "object"}}}'
    yield holds("DC-DOC-021", key, expected, value, ok)


@rule("DC-DOC-004", "DC-DOC-022", "DC-DOC-023", evidence="document")
def xml_form(x: Exchange) -> Iterator[Judgement]:
    """XML has no namespace and no document type, and the encoding that Content-Type names."""
    if x.xml is None:
        return
    info = x.xml.getroottree().docinfo
    yield absent("DC-DOC-004", "/*", "no namespace (xmlns)", x.namespace or None)
    doctype: str = getattr(info, "doctype", "")
    yield absent("DC-DOC-022", "prolog", "no document type declaration", doctype)
    declared = (info.encoding or "utf-8").lower()
    charset = re.search(r"charset=\"?([\w-]+)", x.headers.get("Content-Type"))
    named = charset[1].lower() if charset else declared
    why = "the encoding that the document declares"
    yield equal("DC-DOC-023", "Content-Type", declared, named, why=why)


@rule("DC-DOC-005", "DC-DOC-006", evidence="document", of=_OBJECTS)
def identity(x: Exchange) -> Iterator[Judgement]:
    """Every object has an id and an href, neither of them empty."""
    singular, shown = members(x)
    if x.json is not None and singular == "driver":
        return  # drivers in JSON are keyed by id, without href (J3)
    for place, member in shown:
        for name, requirement in (("id", "DC-DOC-005"), ("href", "DC-DOC-006")):
            value = member.get(name)
            ok = isinstance(value, str) and value != ""
            yield holds(requirement, f"{place}/@{name}", f"{name} that is not empty", value, ok)


@rule("DC-DOC-010", evidence="document")
def unique(x: Exchange) -> Iterator[Judgement]:
    """No id occurs twice in a list."""
    document = document_of(x)
    if document is None or document in (*_OBJECTS, "states"):
        return
    ids = [str(member.get("id")) for _, member in members(x)[1]]
    if ids:
        yield distinct("DC-DOC-010", document, "every id once", ids)


def _hrefs(x: Exchange) -> Iterator[tuple[str, str]]:
    """(place, value) of every href in the document."""
    if x.xml is not None:
        for place, element in places.in_xml(x.xml):
            if (href := element.get("href")) is not None:
                yield f"{place}/@href", href
    elif x.json is not None:
        for place, value in places.in_json(x.json):
            if isinstance(value.get("href"), str):
                yield f"{place}.href", value["href"]


@rule("DC-DOC-007", "DC-DOC-008", "DC-DOC-011", evidence="document")
def hrefs(x: Exchange) -> Iterator[Judgement]:
    """Every href is an absolute, valid URL of the endpoint."""
    allowed, name = origins(x), name_of_itself(x)
    if name and _origin_and_form(name)[0] not in allowed:
        expected = f"URLs at {x.request.origin}; {_ADVICE}"
        yield holds("DC-DOC-008", "/api/link/@href", expected, f"all are below {name}", False)
    for place, href in _hrefs(x):
        origin, is_uri = _origin_and_form(href)
        yield holds("DC-DOC-007", place, "an absolute http(s) URL", href, origin != "")
        if origin:
            seen, _ = _origin_and_form(rebased(x.rebased(href), name, x.base))
            yield one_of("DC-DOC-008", place, allowed, seen)
            expected = "a URI with other characters percent-encoded"
            yield holds("DC-DOC-011", place, expected, href, is_uri)


@remembered
def _origin_and_form(href: str) -> tuple[str, bool]:
    """`http://host:port` of an absolute URL, else ""; and whether it is a valid URI (RFC 3986)."""
    parts = url_parts(href)
    absolute = parts.scheme in ("http", "https") and parts.netloc
    origin = f"{parts.scheme}://{parts.netloc}".lower() if absolute else ""
    return origin, bool(_URI.fullmatch(href))


def ends_with_id(href: str, id_: str) -> bool:
    """Whether the last segments of an href, encoded or not, are the id."""
    path = href.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    return path.endswith("/" + id_) or unquote(path).endswith("/" + id_)


@rule("DC-DOC-009", "DC-DOC-024", evidence="document")
def href_and_id(x: Exchange) -> Iterator[Judgement]:
    """An href ends with the id beside it, in objects and in references to objects."""
    if is_error_document(x):
        return
    own = {id(member) for _, member in members(x)[1]}
    for place, holder in _identified(x):
        href, id_ = holder.get("href"), holder.get("id")
        if isinstance(href, str) and isinstance(id_, str) and id_ and href:
            requirement = "DC-DOC-009" if id(holder) in own else "DC-DOC-024"
            ok = ends_with_id(href, id_)
            yield holds(requirement, place, f"an href that ends in /{id_}", href, ok)


def _identified(x: Exchange) -> Iterator[tuple[str, Any]]:
    """(place, element or object) of everything that may have an href and an id.

    Not what a vendor added, under names of its own; nor action links: those in lists of
    firewalls carry the firewall's id (B36).
    """
    if x.xml is not None:
        for place, element in places.in_xml(x.xml):
            if element.tag in KINDS:
                yield place, element
    elif x.json is not None:
        for place, holder in places.in_json(x.json):
            name = place.rpartition(".")[2].partition("[")[0]
            if name in KINDS or name == "$":
                yield place, holder


@rule("DC-DOC-017", evidence="document")
def tight_values(x: Exchange) -> Iterator[Judgement]:
    """Values that programs read have no white space around them (C20)."""
    if x.xml is None or not x.ok:
        return
    for place, element in places.in_xml(x.xml):
        value = element.text if element.tag in _VALUES and len(element) == 0 else None
        if value and (stripped := value.strip()):
            yield equal("DC-DOC-017", place, stripped, value)


@rule("DC-DOC-018", evidence="document")
def unique_names(x: Exchange) -> Iterator[Judgement]:
    """No name occurs twice in a JSON object."""
    if x.json is None:
        return
    twice: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            twice.extend(repeated([name for name, _ in pairs]))
        return value

    parse_json(x.body, collect)
    yield absent("DC-DOC-018", "$", "every name once", twice)
