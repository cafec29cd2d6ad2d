"""Responses to calls: documents and pages, empty answers, redirects of browsers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tck.reference_server import pages
from tck.reference_server.call import Call
from tck.reference_server.http.negotiation import CONTENT_TYPES
from tck.reference_server.http.response import Headers, Response, field_value
from tck.reference_server.http.routing import segments
from tck.reference_server.representations import render
from tck.schemas.operations import Operation


def document(
    call: Call,
    subject: Any,
    name: str | None = None,
    *,
    status: int | None = None,
    headers: Headers | None = None,
) -> Response:
    """A document in the format of the call; `subject` is the resource or the list it shows.

    `name` is a document of operations.toml, by default the operation's own; `status` is by
    default the first that the operation declares for success.
    """
    name = name or call.operation.document
    if call.format == "html":
        body = pages.page(call, name, subject)
        headers = [*pages.HEADERS, *(headers or [])]
    else:
        body = render(call.format, name, subject, call.site)
    headers = [("Content-Type", CONTENT_TYPES[call.format]), *(headers or [])]
    return Response(status or call.operation.success[0], headers, body)


def documentation(call: Call, operations: Sequence[Operation], title: str) -> Response:
    """The page that describes operations."""
    headers = [("Content-Type", CONTENT_TYPES["html"]), *pages.HEADERS]
    return Response(200, headers, pages.documentation(call.site, operations, title))


def empty(call: Call, headers: Headers | None = None) -> Response:
    """A success without a body."""
    return Response(call.operation.success[0], headers or [])


def location(call: Call, *segments: str) -> Headers:
    """The Location of a new object (stances 20, 21; C12)."""
    return [("Location", field_value(call.site.url(*segments)))]


def redirect_browser(response: Response, call: Call) -> Response:
    """After a form a browser is sent back to the object, or to the collection of a deleted one.

    Not where the answer itself has something to show: what was created (with its private key),
    the output of a command.
    """
    method, operation = call.request.method, call.operation
    shows_result = operation.name in ("create", "run", "rules") or not operation.collection
    if call.format != "html" or method not in ("POST", "DELETE") or shows_result:
        return response
    return Response(303, location(call, *segments(operation, call.ids)[:-1]))
