"""Rules on status lines and header fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from tck.endpoint.accept import wanted
from tck.endpoint.exchange import Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import document_of, elements, objects, shown, url_parts
from tck.schemas.operations import API

_IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d GMT"
)
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_METHOD = re.compile(r"[A-Z][A-Z-]*")
_SECONDS = re.compile(r"\d+(\.\d+)?([eE][-+]?\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_URI_REFERENCE = re.compile(r"(%[0-9A-Fa-f]{2}|[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-])*")
_SUCCESS = {
    "DC-HTTP-004": ("networks.create", "subnets.create", "network_interfaces.create"),
    "DC-HTTP-006": ("instances.reboot", "instances.start", "instances.stop"),
    "DC-HTTP-007": (
        "storage_volumes.attach",
        "storage_volumes.detach",
        "addresses.associate",
        "addresses.disassociate",
    ),
    "DC-HTTP-008": ("load_balancers.register", "load_balancers.unregister"),
    "DC-HTTP-009": ("blobs.put",),
    "DC-HTTP-010": ("blobs.head", "blobs.metadata", "blobs.update"),
}
_BY_OPERATION = {op: req for req, ops in _SUCCESS.items() for op in ops}
_BY_NAME = {"index": "DC-HTTP-002", "show": "DC-HTTP-002", "create": "DC-HTTP-003"}
_BY_NAME |= {"rules": "DC-HTTP-003", "destroy": "DC-HTTP-005"}


@rule("DC-HTTP-001")
def answered(x: Exchange) -> Iterator[Judgement]:
    """Every request is answered, completely."""
    whole = x.response is not None and x.failure is None
    yield Judgement(
        "DC-HTTP-001", whole, "response", "a complete HTTP response", x.failure or "no response"
    )


@rule(
    *sorted({*_BY_OPERATION.values(), *_BY_NAME.values()}),
)
def success_status(x: Exchange) -> Iterator[Judgement]:
    """An operation that succeeds has the status that clients look for.

    Pages for people are free to redirect instead, so exchanges that ask for HTML are not
    looked at; nor is a GET that was answered 304.
    """
    op = x.operation
    if op is None or not 200 <= x.status < 400 or x.status == 304 or wanted(x) == "html":
        return
    if "blob_type" in x.request.query or "X-Deltacloud-BlobType" in x.request.headers:
        return  # steps of a part-wise upload have statuses of their own (facts 10.4)
    requirement = _BY_OPERATION.get(op.id) or _BY_NAME.get(op.name)
    if requirement is None or (op.method in ("GET", "HEAD") and x.status >= 300):
        return
    allowed = " or ".join(map(str, op.success))
    yield Judgement(
        requirement, x.status in op.success, "status", f"{allowed} for {op.id}", str(x.status)
    )


@rule("DC-HTTP-011")
def no_content(x: Exchange) -> Iterator[Judgement]:
    """Nothing comes with HEAD, 204 and 304."""
    if x.response is None:
        return
    length = x.headers.get("Content-Length", "0")
    if x.request.method == "HEAD":
        yield Judgement("DC-HTTP-011", not x.body, "body", "no content", f"{len(x.body)} bytes")
    elif x.status in (204, 304):
        empty = not x.body and (x.status == 304 or length == "0")
        got = f"{len(x.body)} bytes, Content-Length {length}"
        yield Judgement("DC-HTTP-011", empty, "body", "no content", got)


@rule("DC-HTTP-012", "DC-HTTP-013", "DC-HTTP-014")
def content_fields(x: Exchange) -> Iterator[Judgement]:
    """Content-Type is there, Content-Length and Content-Encoding are true."""
    if x.response is None or x.response.body == b"":
        return
    yield Judgement(
        "DC-HTTP-012", bool(x.media_type), "Content-Type", "the media type of the content", "none"
    )
    length = x.headers.get("Content-Length")
    if length and x.started is not None and x.request.method != "HEAD":
        right = length == str(len(x.body))
        expected = f"the size of the content, {len(x.body)}"
        yield Judgement("DC-HTTP-013", right, "Content-Length", expected, length)
    if "Accept-Encoding" in x.request.headers:
        coding = x.headers.get("Content-Encoding", "identity")
        admitted = x.request.headers.get("Accept-Encoding")
        right = coding in ("", "identity") or coding in admitted
        yield Judgement("DC-HTTP-014", right, "Content-Encoding", f"one of: {admitted}", coding)


@rule("DC-HTTP-015", "DC-HTTP-016")
def dates(x: Exchange) -> Iterator[Judgement]:
    """Date is there; fields that are dates can be read."""
    if 200 <= x.status < 500:
        yield Judgement("DC-HTTP-015", "Date" in x.headers, "Date", "the field Date", "none")
    for name in ("Date", "Last-Modified"):
        for value in x.headers.all(name):
            expected = "an HTTP date such as Sun, 22 Nov 2026 13:45:24 GMT"
            yield Judgement("DC-HTTP-016", _is_date(value), name, expected, shown(value))


@lru_cache
def _is_date(value: str) -> bool:
    if not _IMF_FIXDATE.fullmatch(value):
        return False
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return True


@rule("DC-HTTP-017", "DC-HTTP-018")
def entity_tags(x: Exchange) -> Iterator[Judgement]:
    """An ETag is quoted; entry point and collections have one."""
    for value in x.headers.all("ETag"):
        expected = 'a quoted entity-tag such as "c4ca4238"'
        yield Judgement("DC-HTTP-017", bool(_ETAG.fullmatch(value)), "ETag", expected, shown(value))
    op = x.operation
    listed = op is not None and op.name in ("index", "show") and not op.path_params
    if listed and x.request.method == "GET" and x.status == 200:
        yield Judgement("DC-HTTP-018", "ETag" in x.headers, "ETag", "an ETag", "none")


@rule("DC-HTTP-023", "DC-HTTP-024", "DC-HTTP-025")
def allow(x: Exchange) -> Iterator[Judgement]:
    """405 and OPTIONS tell the methods of a resource in Allow.

    OPTIONS of a member is left to a check: whether the member exists cannot be seen here.
    """
    if x.status == 405:
        yield Judgement("DC-HTTP-023", "Allow" in x.headers, "Allow", "the methods offered", "none")
    for value in x.headers.all("Allow"):
        methods = [m.strip() for m in value.split(",") if m.strip()]
        wrong = [m for m in methods if not _METHOD.fullmatch(m)]
        got = ", ".join(wrong)
        yield Judgement("DC-HTTP-024", not wrong, "Allow", "HTTP methods", shown(got))
    if x.request.method == "OPTIONS" and x.api_path is not None:
        known = API.match("GET", x.api_path)
        if known and not known[1]:
            right = x.ok and "Allow" in x.headers
            got = f"{x.status}, Allow: {shown(x.headers.get('Allow', 'none'))}"
            yield Judgement("DC-HTTP-025", right, "Allow", "2xx with Allow", got)


@rule("DC-HTTP-026", "DC-HTTP-043", "DC-HTTP-044", "DC-HTTP-046")
def other_fields(x: Exchange) -> Iterator[Judgement]:
    """Fields that are out of place, missing or malformed."""
    if x.response is None:
        return
    expect = x.headers.get("Expect")
    yield Judgement("DC-HTTP-026", not expect, "Expect", "no such field", shown(expect))
    driver = x.headers.get("X-Deltacloud-Driver")
    yield Judgement(
        "DC-HTTP-043", bool(driver), "X-Deltacloud-Driver", "the driver in force", "none"
    )
    for value in x.headers.all("X-Backend-Runtime"):
        right = bool(_SECONDS.fullmatch(value.strip()))
        yield Judgement(
            "DC-HTTP-044", right, "X-Backend-Runtime", "seconds such as 0.0021", shown(value)
        )
    wrong = [name for name, value in x.headers if _CONTROL.search(value)]
    yield Judgement(
        "DC-HTTP-046", not wrong, "header", "values without control characters", ", ".join(wrong)
    )


@rule("DC-HTTP-027", "DC-HTTP-028")
def redirects(x: Exchange) -> Iterator[Judgement]:
    """Location leads somewhere: it is there on a redirect, a valid reference, not abroad."""
    location = x.headers.get("Location")
    if x.status in (301, 302, 303, 307, 308):
        expected = f"a Location at {x.request.origin}"
        local = bool(location) and _origin(location, x.request.origin) in origins(x)
        yield Judgement("DC-HTTP-027", local, "Location", expected, shown(location or "none"))
    if location:
        right = bool(_URI_REFERENCE.fullmatch(location)) and any(url_parts(location))
        expected = "a URI reference, other characters percent-encoded"
        yield Judgement("DC-HTTP-028", right, "Location", expected, shown(location))


@rule("DC-HTTP-029", "DC-HTTP-030", "DC-HTTP-031")
def location_of_created(x: Exchange) -> Iterator[Judgement]:
    """A create answer leads to the new object: clients take the id from there (C12)."""
    op = x.operation
    if op is None or op.location is None or x.status not in (200, 201) or wanted(x) == "html":
        return
    if document_of(x) == "instances":
        return  # several at once have no one place
    requirement = "DC-HTTP-029" if op.location == "must" else "DC-HTTP-030"
    location = x.headers.get("Location")
    ids = created_ids(x)
    expected = f"a Location that ends in /{ids[0]}" if ids else "a Location that ends in the id"
    last = unquote(url_parts(location).path.rsplit("/", 1)[-1])
    right = bool(last) and (not ids or (bool(ids[0]) and last == ids[0]))
    yield Judgement(requirement, right, "Location", expected, shown(location or "none"))
    if location:
        expected = f"an absolute URL at {x.request.origin}"
        right = _origin(location, "") in origins(x)
        yield Judgement("DC-HTTP-031", right, "Location", expected, shown(location))


def created_ids(x: Exchange) -> list[str]:
    """Id of the object that a create answer shows, as a list of none or one."""
    op = x.operation
    if op is None:
        return []
    singular = API.collections[op.collection].singular
    found = [element.get("id", "") for _, element in elements(x, singular)]
    return found or [str(value.get("id", "")) for _, value in objects(x, singular)]


def origins(x: Exchange) -> set[str]:
    """Origins that hrefs may have: the request's, and the one X-Forwarded fields name."""
    sent = x.request.headers
    found = {x.request.origin}
    if host := sent.get("X-Forwarded-Host"):
        scheme = sent.get("X-Forwarded-Proto", urlsplit(x.request.url).scheme)
        port = sent.get("X-Forwarded-Port")
        found |= {f"{scheme}://{host}", f"{scheme}://{host}:{port}"}
    return {o.lower() for o in found}


def _origin(url: str, default: str) -> str:
    parts = url_parts(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else default.lower()
