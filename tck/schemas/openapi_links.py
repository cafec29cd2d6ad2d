"""The links in openapi.json: which operations go on with what an answer shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tck.schemas.operations import API, Operation

Json = dict[str, Any]


def links(operation: Operation) -> Json:
    """The links of the operation's usual answer, by name; empty if nothing follows from it.

    From an index to its first member and to what can be made of that; from whatever makes an
    object to all that can be done with it.
    """
    return dict(_links(operation))


def _links(operation: Operation) -> Iterator[tuple[str, Json]]:
    collection = API.collections.get(operation.collection)
    if collection is None or operation.method in ("DELETE", "HEAD", "OPTIONS"):
        return
    if operation.name == "index" and operation.document == operation.collection:
        id_ = f"$response.body#/{collection.name}/0/id"
        yield from _to_member(collection.name, "show", {"id": id_})
        yield from _to_users(collection.name, id_)
    elif operation.name == "create" and not collection.parent:
        id_ = f"$response.body#/{collection.singular}/id"
        yield from _to_path(f"/{collection.name}/{{id}}", {"id": id_})
        yield from _to_users(collection.name, id_)
    elif operation.id in ("blobs.create", "blobs.put", "blobs.stream"):
        blob = {"id": "$request.path.id", "blob_id": "$response.body#/blob/id"}
        yield from _to_path("/buckets/{id}/{blob_id}", blob)
    elif operation.id == "firewalls.rules":
        rule = "$response.body#/firewall/rules/0/id"
        yield from _to_member("rules", "destroy", {"id": "$request.path.id", "rule_id": rule})


def _to_member(collection: str, name: str, path: Json) -> Iterator[tuple[str, Json]]:
    if operation := API.collections[collection].operations.get(name):
        yield operation.id, _link(operation, path)


def _to_path(root: str, path: Json) -> Iterator[tuple[str, Json]]:
    for operation in API.operations.values():
        below = operation.path == root or operation.path.startswith(f"{root}/")
        if below and operation.path_params == tuple(path):
            yield operation.id, _link(operation, path)


def _to_users(collection: str, id_: str) -> Iterator[tuple[str, Json]]:
    """To creates that take the id as a parameter."""
    for operation in API.operations.values():
        for parameter in operation.params:
            if parameter.names == collection and not operation.path_params:
                link = {**_link(operation, {}), "requestBody": {parameter.name: id_}}
                yield f"{operation.id}.{parameter.name}", link


def _link(operation: Operation, path: Json) -> Json:
    return {"operationId": operation.id, **({"parameters": path} if path else {})}
