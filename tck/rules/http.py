"""Rules on status lines and header fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from tck.endpoint.accept import wanted_format
from tck.endpoint.disturbance import ON_KEPT
from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, absent, equal, holds, matches, present, status
from tck.rules.reading import document_of, elements, objects, remembered, url_parts
from tck.schemas.operations import API

_IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d GMT"
)
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_METHOD = re.compile(r"[A-Z][A-Z-]*")
_SECONDS = re.compile(r"\d+(\.\d+)?([eE][-+]?\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]++|%[0-9A-Fa-f]{2})*+")
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
    complete = x.response is not None and x.failure is None
    got = x.failure or "no response"
    yield holds("DC-HTTP-001", "response", "a complete HTTP response", got, complete)


@rule("DC-HTTP-047", evidence="connection")
def kept_connection(x: Exchange) -> Iterator[Judgement]:
    """Requests on a connection are answered whatever came before on it."""
    if x.kept:
        expected = "what the same request gets on a new connection"
        astray = x.disturbance.startswith(ON_KEPT)
        yield holds("DC-HTTP-047", "response", expected, x.failure or "", not astray)


@rule(*sorted({*_BY_OPERATION.values(), *_BY_NAME.values()}))
def success_status(x: Exchange) -> Iterator[Judgement]:
    """An operation that succeeds has the status that clients look for.

    Not judged are answers to requests for HTML, which may redirect instead, and a GET that was
    answered with 304.
    """
    op = x.operation
    if op is None or not 200 <= x.status < 400 or x.status == 304 or wanted_format(x) == "html":
        return
    if x.request.method == "HEAD" and op.method == "GET":
        return  # that it answers as GET does is DC-HTTP-021
    if "blob_type" in x.request.query or "X-Deltacloud-BlobType" in x.request.headers:
        return  # steps of an upload in segments have statuses of their own
    requirement = _BY_OPERATION.get(op.id) or _BY_NAME.get(op.name)
    if requirement is None or (op.method in ("GET", "HEAD") and x.status >= 300):
        return
    yield status(requirement, x, *op.success, why=f"success of {op.id}")


@rule("DC-HTTP-011")
def no_content(x: Exchange) -> Iterator[Judgement]:
    """Answers to HEAD, 204 and 304 have no content."""
    if x.response is None:
        return
    if x.request.method == "HEAD":
        yield absent("DC-HTTP-011", "body", "no content", x.body)
    elif x.status in (204, 304):
        length = x.headers.get("Content-Length", "0")
        empty = not x.body and (x.status == 304 or length == "0")
        got = {"bytes": len(x.body), "Content-Length": length}
        yield holds("DC-HTTP-011", "body", "no content", got, empty)


@rule("DC-HTTP-012", "DC-HTTP-013", "DC-HTTP-014")
def content_fields(x: Exchange) -> Iterator[Judgement]:
    """Content has a Content-Type; Content-Length and Content-Encoding are true."""
    if x.response is None or x.response.body == b"":
        return
    expected = "the media type of the content"
    yield present("DC-HTTP-012", "Content-Type", expected, x.media_type or None)
    length = x.headers.get("Content-Length")
    kept = x.started is not None and x.response.body is not None
    if length and kept and x.request.method != "HEAD":
        why = "the size of the content"
        yield equal("DC-HTTP-013", "Content-Length", str(len(x.body)), length, why=why)
    if "Accept-Encoding" in x.request.headers:
        coding = x.headers.get("Content-Encoding", "identity")
        accepted = x.request.headers.get("Accept-Encoding")
        ok = coding in ("", "identity") or coding in accepted
        yield holds("DC-HTTP-014", "Content-Encoding", f"one of: {accepted}", coding, ok)


@rule("DC-HTTP-015", "DC-HTTP-016")
def dates(x: Exchange) -> Iterator[Judgement]:
    """Every answer has a Date, and fields that are dates can be read."""
    if 200 <= x.status < 500:
        yield present("DC-HTTP-015", "Date", "the field Date", x.headers.all("Date"))
    for name in ("Date", "Last-Modified"):
        for value in x.headers.all(name):
            expected = "an HTTP date such as Sun, 22 Nov 2026 13:45:24 GMT"
            yield holds("DC-HTTP-016", name, expected, value, _is_date(value))


@remembered
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
    tags = x.headers.all("ETag")
    for tag in tags:
        yield matches("DC-HTTP-017", "ETag", 'a quoted entity-tag such as "c4ca4238"', tag, _ETAG)
    op = x.operation
    listed = op is not None and op.name in ("index", "show") and not op.path_params
    if listed and x.request.method == "GET" and x.status == 200:
        yield present("DC-HTTP-018", "ETag", "an ETag", tags)


@rule("DC-HTTP-023", "DC-HTTP-024", "DC-HTTP-025")
def allow(x: Exchange) -> Iterator[Judgement]:
    """405 and the answer to OPTIONS name the methods of a resource in Allow.

    OPTIONS of a member is left to a check: one exchange does not show whether the member exists.
    """
    values = x.headers.all("Allow")
    if x.status == 405:
        yield present("DC-HTTP-023", "Allow", "the methods offered", values)
    for value in values:
        methods = [m.strip() for m in value.split(",") if m.strip()]
        wrong = [method for method in methods if not _METHOD.fullmatch(method)]
        yield absent("DC-HTTP-024", "Allow", "HTTP methods", wrong)
    if x.request.method == "OPTIONS" and x.api_path is not None:
        match = API.match("GET", x.api_path)
        if match and not match[1]:
            got = {"status": x.status, "Allow": ", ".join(values)}
            ok = x.ok and bool(values)
            yield holds("DC-HTTP-025", "Allow", "2xx with Allow", got, ok)


@rule("DC-HTTP-026", "DC-HTTP-043", "DC-HTTP-044", "DC-HTTP-046")
def other_fields(x: Exchange) -> Iterator[Judgement]:
    """No field is out of place, missing or malformed."""
    if x.response is None:
        return
    yield absent("DC-HTTP-026", "Expect", "no such field", x.headers.get("Expect"))
    driver = x.headers.get("X-Deltacloud-Driver") or None
    yield present("DC-HTTP-043", "X-Deltacloud-Driver", "the driver in force", driver)
    for value in x.headers.all("X-Backend-Runtime"):
        expected = "seconds such as 0.0021"
        yield matches("DC-HTTP-044", "X-Backend-Runtime", expected, value.strip(), _SECONDS)
    wrong = [name for name, value in x.headers if _CONTROL.search(value)]
    yield absent("DC-HTTP-046", "header", "values without control characters", wrong)


@rule("DC-HTTP-027", "DC-HTTP-028")
def redirects(x: Exchange) -> Iterator[Judgement]:
    """A redirect has a Location at the endpoint; every Location is a valid reference."""
    location = x.headers.get("Location")
    if x.status in (301, 302, 303, 307, 308):
        expected = f"a Location at {x.request.origin}"
        local = bool(location) and _origin(x.rebased(location), x.request.origin) in origins(x)
        yield holds("DC-HTTP-027", "Location", expected, location or None, local)
    if location:
        is_reference = bool(_URI_REFERENCE.fullmatch(location)) and any(url_parts(location))
        expected = "a URI reference, other characters percent-encoded"
        yield holds("DC-HTTP-028", "Location", expected, location, is_reference)


@rule("DC-HTTP-029", "DC-HTTP-030", "DC-HTTP-031")
def location_of_created(x: Exchange) -> Iterator[Judgement]:
    """The answer to a create leads to the new object: clients take the id from Location (C12)."""
    op = x.operation
    if (
        op is None
        or op.location is None
        or x.status not in (200, 201)
        or wanted_format(x) == "html"
    ):
        return
    if document_of(x) == "instances":
        return  # several instances at once have no one place
    requirement = "DC-HTTP-029" if op.location == "must" else "DC-HTTP-030"
    location = x.headers.get("Location")
    ids = created_ids(x)
    expected = f"a Location that ends in /{ids[0]}" if ids else "a Location that ends in the id"
    last = unquote(location.rsplit("/", 1)[-1])  # a query behind the id is read as a part of it
    ok = bool(last) and (not ids or (bool(ids[0]) and last == ids[0]))
    yield holds(requirement, "Location", expected, location or None, ok)
    if location:
        expected = f"an absolute URL at {x.request.origin}"
        local = _origin(x.rebased(location)) in origins(x)
        yield holds("DC-HTTP-031", "Location", expected, location, local)


def created_ids(x: Exchange) -> list[str]:
    """Ids of the objects that the answer to a create shows: one, or none."""
    op = x.operation
    if op is None:
        return []
    singular = API.collections[op.collection].singular
    ids = [element.get("id", "") for _, element in elements(x, singular)]
    return ids or [str(value.get("id", "")) for _, value in objects(x, singular)]


def origins(x: Exchange) -> set[str]:
    """Origins that URLs may have: the request's, and those that its X-Forwarded fields name."""
    sent = x.request.headers
    allowed = {x.request.origin}
    if host := sent.get("X-Forwarded-Host"):
        scheme = sent.get("X-Forwarded-Proto", urlsplit(x.request.url).scheme)
        port = sent.get("X-Forwarded-Port")
        allowed |= {f"{scheme}://{host}", f"{scheme}://{host}:{port}"}
    return {origin.lower() for origin in allowed}


def _origin(url: str, default: str = "") -> str:
    """`http://host:port` of a URL, `default` for a reference without a host."""
    parts = url_parts(url)
    return (f"{parts.scheme}://{parts.netloc}" if parts.netloc else default).lower()
