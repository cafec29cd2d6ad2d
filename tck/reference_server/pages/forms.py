"""Forms for the operations on an object or a collection, made from operations.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tck.reference_server.call import Call
from tck.reference_server.errors import ApiError
from tck.reference_server.http.parameters import understood
from tck.reference_server.http.routing import segments
from tck.schemas.operations import API, Collection, Operation, Parameter

MOST_CHOICES = 200  # with more objects, a text field takes the id
_LONG = ("private_key", "public_key", "user_data", "user_files", "user_iso", "cmd")

# Parameters that name an object, where the name of the collection does not follow from theirs.
_NAMING = {
    "hwp_id": "hardware_profiles",
    "keyname": "keys",
    "firewalls1": "firewalls",
    "group1": "firewalls",
    "volume_id": "storage_volumes",
    "snapshot_id": "storage_snapshots",
    "instance": "instances",
    "network": "networks",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter; `kind` is text, number, password, file, textarea, or select with `choices`."""

    name: str
    kind: str
    required: bool
    hint: str
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form that performs an operation.

    `action` is its URL, `encoding` its media type; `method` is sent as `_method` where the
    operation's method is not POST, else empty.
    """

    title: str
    button: str
    action: str
    method: str
    fields: Sequence[Field]
    encoding: str


def offered(
    call: Call, collection: Collection, ids: Sequence[str], model: Mapping[str, Any] | None = None
) -> list[Form]:
    """Forms for a collection (no ids) or an object; its JSON `model` says what its state allows."""
    return [
        _form(call, operation, ids)
        for operation in _operations(collection)
        if len(operation.path_params) == len(ids)
        and operation.method in ("POST", "DELETE")
        and not operation.headers  # no form can send headers
        and call.site.shape.offers(operation)
        and (model is None or _allowed(operation, model))
    ]


def _operations(collection: Collection) -> Iterator[Operation]:
    yield from collection.operations.values()
    for inner in API.collections.values():
        if inner.parent == collection.name:
            yield from inner.operations.values()


def _allowed(operation: Operation, model: Mapping[str, Any]) -> bool:
    """Whether the object, as its document shows it, allows the operation now."""
    if "associated" in model and operation.name in ("associate", "disassociate"):
        return bool(model["associated"]) == (operation.name == "disassociate")
    if "actions" not in model:
        return True
    return operation.name in {action["rel"] for action in model["actions"]}


def _form(call: Call, operation: Operation, ids: Sequence[str]) -> Form:
    button = operation.name.capitalize()
    if operation.collection == "rules":
        button = f"Remove the rule {ids[-1]}"
    elif operation.name == "rules":
        button = "Add"
    method = "" if operation.method == "POST" else operation.method.lower()
    fields = [_field(call, parameter) for parameter in _parameters(call, operation)]
    encoding = operation.form or "application/x-www-form-urlencoded"
    action = call.site.url(*segments(operation, ids))
    return Form(operation.summary, button, action, method, fields, encoding)


def _parameters(call: Call, operation: Operation) -> Iterator[Parameter]:
    """The operation's own parameters and those of features that the driver announces."""
    shape = call.site.shape
    announced = {
        name
        for feature, _ in shape.features
        if feature.collection == operation.collection and feature.operation == operation.name
        for name in feature.params
    }
    own = {parameter.name for parameter in operation.params} - {"meta_params"}
    for parameter in understood(operation.id):
        name = parameter.name
        if name not in own | announced:
            continue
        if name == "hwp_*":
            for dimension in _dimensions(call):
                yield Parameter(f"hwp_{dimension}", text="instead of what the profile has")
        elif parameter.type == "array":
            yield Parameter(f"{name}1", text=parameter.text)
        else:  # the first member of a family
            yield replace(parameter, name=name.replace("*", "1"))


def _dimensions(call: Call) -> dict[str, None]:
    """The properties of hardware profiles that a launch can choose."""
    profiles = call.site.shape.hardware_profiles
    return {p.name: None for profile in profiles for p in profile.properties if p.kind != "fixed"}


def _field(call: Call, parameter: Parameter) -> Field:
    name = parameter.name
    choices = parameter.values or _choices(call, name)
    kinds = {"integer": "number", "file": "file"}
    kind = kinds.get(parameter.type, "text")
    if choices:
        kind = "select"
    elif name in _LONG:
        kind = "textarea"
    elif name == "password":
        kind = "password"
    return Field(name, kind, parameter.required, parameter.text, choices)


def _choices(call: Call, name: str) -> Sequence[str]:
    """Ids of the objects that a parameter can name; none if there are too many."""
    stem = name.removesuffix("_id")
    singular = {collection.singular: collection for collection in API.collections.values()}
    collection = API.collections.get(_NAMING.get(name, "")) or (
        singular.get(stem) if stem != name else None
    )
    index = collection.operations.get("index") if collection else None
    if index is None or index.capability is None or not call.site.shape.offers(index):
        return ()
    try:
        objects = getattr(call.driver, index.capability)(call.caller, {})
    except ApiError:
        return ()
    return [item.id for item in objects] if len(objects) <= MOST_CHOICES else ()
