"""The answers in openapi.json: statuses, header fields and content of every operation."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from tck.schemas.openapi_links import links
from tck.schemas.operations import Operation

Json = dict[str, Any]


def _header(text: str, **more: Any) -> Json:
    return {"description": text, "schema": {"type": "string"}, **more}


_HEADERS: Json = {
    "X-Deltacloud-Driver": _header("The driver that served the request"),
    "X-Deltacloud-Provider": _header("The provider in force; absent where none was chosen"),
    "Location": _header("Absolute URL of what was created, or of where to go on"),
    "ETag": _header("Entity tag of the document"),
    "Allow": _header("The HTTP methods that the path knows"),
    "WWW-Authenticate": _header('Basic realm="..."', required=True),
    "Content-Disposition": _header("attachment; filename=ID"),
    "X-Deltacloud-Blobmeta": _header("One metadata pair", **{"x-deltacloud-family": True}),
    "X-Deltacloud-SegmentedBlob": _header("Id of the part-wise upload that was started"),
    "X-Deltacloud-BlobSegmentId": _header("Id of the part that was stored"),
}
_ALWAYS = ("X-Deltacloud-Driver", "X-Deltacloud-Provider")

# What the error statuses mean here (stances 5 to 16).
_FAILURES = {
    400: "A parameter is missing or wrong",
    401: "Credentials are missing or wrong",
    403: "Forbidden, for instance a name that is taken",
    404: "No such object",
    405: "Not allowed in the object's state, or a method that the path does not know",
    406: "No acceptable format",
    409: "In conflict with the state of the object",
    410: "The object is gone",
    412: "The driver lacks the capability",
    413: "The content or a field of the form is too large",
    415: "A content coding that the server does not know",
    416: "Not a range of this content",
}
_FAILURE_HEADERS = {401: "WWW-Authenticate", 405: "Allow"}


def _content(document: str) -> Json:
    if document == "html":
        return {"text/html": {}}
    if document == "bytes":
        return {"*/*": {}}
    return {
        "application/xml": {"schema": {"$ref": f"#/components/schemas/xml.{document}"}},
        "application/json": {"schema": {"$ref": f"deltacloud.schema.json#/$defs/{document}"}},
        "text/html": {},
    }


def _either(first: Json, second: Json) -> Json:
    return {
        media: {"schema": {"anyOf": [first[media]["schema"], second[media]["schema"]]}}
        if first[media]
        else {}
        for media in first
    }


def _header_refs(*names: str) -> Json:
    return {name: {"$ref": "#/components/headers/" + name.removesuffix("-*")} for name in names}


def _failure(status: int, text: str) -> Json:
    own = (_FAILURE_HEADERS[status],) if status in _FAILURE_HEADERS else ()
    content = {**_content("error"), "text/html": {}, "text/plain": {}}
    return {"description": text, "headers": _header_refs(*_ALWAYS, *own), "content": content}


COMPONENTS: Json = {
    "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
    "parameters": {
        "driver": {
            "name": "X-Deltacloud-Driver",
            "in": "header",
            "description": "the driver that shall serve this request",
            "schema": {"type": "string", "minLength": 1},
        },
        "provider": {
            "name": "X-Deltacloud-Provider",
            "in": "header",
            "description": "the provider that the driver shall use for this request",
            "schema": {"type": "string"},
        },
        "format": {
            "name": "format",
            "in": "query",
            "description": "format of the answer, in place of Accept",
            "schema": {"type": "string", "enum": ["xml", "json", "html"]},
        },
    },
    "headers": _HEADERS,
    "responses": {
        **{str(status): _failure(status, text) for status, text in _FAILURES.items()},
        "5XX": _failure(500, "The server or the cloud behind it failed"),
        "304": {"description": "Not Modified", "headers": _header_refs("ETag")},
    },
}


def answers(operation: Operation) -> Json:
    """The responses of an operation by status ("200", "5XX"), as OpenAPI describes them."""
    responses = {str(status): _success(operation, status) for status in operation.success}
    if operation.id == "blobs.content":
        responses["206"] = _success(operation, 206)  # a range (stance 48)
    if operation.id == "blobs.put":
        responses["204"] = _success(operation, 204)  # a step of a part-wise upload (stance 62)
    if operation.method in ("POST", "DELETE") and operation.name not in ("create", "run", "rules"):
        responses.setdefault("303", _success(operation, 303))  # a browser goes on to a page
    not_modified = [304] if _is_negotiated_get(operation) else []
    for status in map(str, [*not_modified, *sorted(failures(operation)), "5XX"]):
        responses[status] = {"$ref": f"#/components/responses/{status}"}
    return dict(sorted(responses.items()))


def _success(operation: Operation, status: int) -> Json:
    headers = _header_refs(*_ALWAYS, *_own_headers(operation, status))
    if operation.location == "must" and status == 201 and not operation.several:
        headers["Location"] = {**_HEADERS["Location"], "required": True}
    response: Json = {"description": HTTPStatus(status).phrase, "headers": headers}
    without_content = operation.method in ("HEAD", "OPTIONS") or operation.document == "empty"
    if not without_content and status < 300 and status != 204:
        response["content"] = _content(operation.document)
        if operation.several:
            response["content"] = _either(response["content"], _content(operation.several))
    if status == operation.success[0] and (following := links(operation)):
        response["links"] = following
    return response


def _own_headers(operation: Operation, status: int) -> Iterator[str]:
    if operation.location or status >= 300:
        yield "Location"
    if operation.method == "OPTIONS":
        yield "Allow"
    if _is_negotiated_get(operation):
        yield "ETag"
    if operation.id == "blobs.content":
        yield "Content-Disposition"
    if operation.id in ("blobs.head", "blobs.metadata", "blobs.update"):
        yield "X-Deltacloud-Blobmeta-*"
    if operation.id in ("blobs.segmented", "blobs.put"):
        yield from ("X-Deltacloud-SegmentedBlob", "X-Deltacloud-BlobSegmentId")


def _is_negotiated_get(operation: Operation) -> bool:
    return operation.method == "GET" and operation.document not in ("bytes", "html")


def failures(operation: Operation) -> set[int]:
    """The statuses, below 500, with which an operation may be refused (stances 5 to 16)."""
    if operation.method == "OPTIONS":
        return {400, 404, 406}
    found = {400, 406}
    if operation.auth != "none" or operation.id == "api.show":
        found.add(401)  # the entry point answers it to force_auth
    if operation.path_params:
        found.add(404)
    if operation.capability:
        found.add(412)
    if operation.writes and operation.collection:
        found |= {403, 404, 409}  # 404 also of the objects that parameters name
        if operation.path_params:
            found |= {405, 410}
    if operation.method in ("POST", "PUT"):
        found |= {413, 415}
    if operation.id == "blobs.content":
        found.add(416)
    return found
