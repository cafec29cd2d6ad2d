"""OpenAPI 3.1 of the API, generated from operations.toml.

    python -m tck.schemas.generate

Two things that OpenAPI cannot express are approximated. The parameters of a POST may be sent in a
form, in the query, or some here and some there (C1); they are described in the form. A family of
parameters (hwp_*) is an object with that name pattern, exploded in the query. What OpenAPI has no
field for is in extensions, x-deltacloud-*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tck.schemas import xsd
from tck.schemas.openapi_answers import COMPONENTS, answers
from tck.schemas.operations import API, Collection, Operation, Parameter

Json = dict[str, Any]

_COMMON = ("driver", "provider", "format")
_SECURITY: dict[str, list[Json]] = {"none": [], "either": [{"basic": []}, {}]}
_NOT_PARAMETERS = ("Content-Type",)  # header fields that OpenAPI expresses as content types
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def document() -> bytes:
    """The content of `openapi.json`."""
    description = {
        "openapi": "3.1.0",
        "info": {
            "title": "Deltacloud REST API",
            "version": API.version,
            "summary": "One API in front of many clouds",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {
                "url": "{base}",
                "description": "An endpoint. Matrix parameters after it (;driver=D;provider=P)"
                " select driver and provider as the X-Deltacloud fields do.",
                "variables": {"base": {"default": "http://localhost:3001/api"}},
            }
        ],
        "security": [{"basic": []}],
        "tags": [{"name": "api", "description": "The entry point"}, *map(_tag, _collections())],
        "paths": _paths(),
        "components": {**COMPONENTS, "schemas": {**_VALUES, **dict([*_xml_schemas(), *_forms()])}},
    }
    return (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode()


_DESCRIPTION = """\
Every document comes in XML (deltacloud.xsd) and JSON (deltacloud.schema.json), and may come as
an HTML page; `Accept` or the query parameter `format` chooses. Without either it is XML.

Which collections there are depends on the driver; the entry point lists them with their
features. What the driver cannot do is refused with 412. Unknown query parameters are ignored.
HEAD answers like GET, without the body."""


_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"({_OCTET}\.){{3}}{_OCTET}/(3[0-2]|[12]?[0-9])"
_IPV6 = r"([0-9a-f]{1,4}:){1,7}:/(12[0-8]|1[01][0-9]|[1-9]?[0-9])"
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff"  # what no XML document can have
_VALUES: Json = {
    "text": {
        "type": "string",
        "description": "What XML 1.0 can carry",
        "pattern": f"^[^{_CONTROL}]*$",
    },
    "id": {
        "type": "string",
        "description": "What becomes an id: one line without white space around it, not empty",
        "pattern": rf"^[^\s{_CONTROL}]([^\n\r\u2028\u2029{_CONTROL}]*[^\s{_CONTROL}])?$",
        "not": {"enum": [".", ".."]},
    },
    "cidr": {
        "type": "string",
        "description": "Address range in CIDR form; IPv6 as servers print it, a prefix before ::",
        "pattern": f"^({_IPV4}|{_IPV6})$",
    },
}


def _collections() -> Iterable[Collection]:
    return API.collections.values()


def _tag(collection: Collection) -> Json:
    tag: Json = {"name": collection.name, "description": collection.summary}
    if features := {f.name: f.text for f in API.features_of(collection.name)}:
        tag["x-deltacloud-features"] = features
    return tag


def _xml_schemas() -> Iterator[tuple[str, Json]]:
    roots = {name: (name, shape.name, "") for name, shape in xsd.load().roots.items()}
    run = xsd.load("deltacloud-run.xsd").roots["instance"].name
    for name, (element, shape, suffix) in {**roots, "run": ("instance", run, "-run")}.items():
        yield (
            f"xml.{name}",
            {
                "description": f"Element `{element}` of type {shape} in deltacloud{suffix}.xsd",
                "externalDocs": {"url": f"deltacloud{suffix}.xsd"},
                "x-xsd-element": element,
                "x-xsd-type": shape,
            },
        )


# ---------------------------------------------------------------------------------- paths


def _paths() -> Json:
    paths: dict[str, Json] = {}
    for operation in API.operations.values():
        path = operation.path or "/"
        if path not in paths:
            paths[path] = {"parameters": [*_path_parameters(operation), *_common(operation)]}
        item = paths[path]
        item[operation.method.lower()] = _operation(operation)
    for path, item in paths.items():
        if "options" not in item:
            item["options"] = _options(path)
    return paths


def _path_parameters(operation: Operation) -> Iterator[Json]:
    for name in operation.path_params:
        yield _path_parameter(name, {"type": "string"})


def _path_parameter(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _new_ids(operation: Operation) -> Iterator[Json]:
    """What PUT makes gets its id from the path."""
    for name in operation.path_params if operation.method == "PUT" else ():
        yield _path_parameter(name, {"$ref": "#/components/schemas/id"})


def _common(operation: Operation) -> Iterator[Json]:
    for name in _COMMON:
        if name != "format" or operation.document not in ("html", "bytes"):
            yield {"$ref": f"#/components/parameters/{name}"}


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.collection or "api"],
        "summary": operation.summary,
    }
    if operation.capability:
        described["x-deltacloud-capability"] = operation.capability
    if operation.auth in _SECURITY:
        described["security"] = _SECURITY[operation.auth]
    if parameters := [
        *_new_ids(operation),
        *_filters(operation),
        *_query(operation),
        *_headers(operation),
    ]:
        described["parameters"] = parameters
    if body := _body(operation):
        described["requestBody"] = body
    described["responses"] = answers(operation)
    return described


def _options(path: str) -> Json:
    words = re.findall(r"\w+", path)
    return {
        "operationId": ".".join([*words, "options"]),
        "tags": [words[0] if words[0] in API.collections else "api"],
        "summary": "What the path allows",
        "security": [],
        "responses": answers(replace(API.operations["api.options"], success=(200, 204))),
    }


# ----------------------------------------------------------------------------- parameters


def _filters(operation: Operation) -> Iterator[Json]:
    for name in operation.filters:
        text = f"list only members with this {name}"
        yield {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}


def _headers(operation: Operation) -> Iterator[Json]:
    for name, text in operation.headers.items():
        if name not in _NOT_PARAMETERS:
            header: Json = {"name": name, "in": "header", "description": text}
            family = {"x-deltacloud-family": True} if name.endswith("*") else {}
            yield {**header, "schema": {"type": "string"}, **family}


def _parameters(operation: Operation) -> Iterator[tuple[Parameter, str | None]]:
    """The parameters of an operation, each with the feature that announces it or None."""
    features = API.features_of(operation.collection)
    announced = {n: f for f in features if f.operation == operation.name for n in f.params}
    for parameter in operation.params:
        feature = announced.pop(parameter.name, None)
        yield parameter, feature.name if feature else None
    for name, feature in announced.items():
        numbered = f"{name}*" if feature.type == "array" else name
        yield Parameter(numbered, text=feature.params[name], schema=feature.schema), feature.name


def _query(operation: Operation) -> Iterator[Json]:
    for parameter, feature in () if operation.method == "POST" else _parameters(operation):
        described: Json = {"name": parameter.name, "in": "query", "description": parameter.text}
        type_ = "integer" if parameter.type == "integer" else "string"
        described["schema"] = {"type": type_, **parameter.schema}
        if feature:
            described["x-deltacloud-feature"] = feature
        yield described


def _schema(parameter: Parameter) -> Json:
    schema: Json = {"type": "integer", **parameter.schema}
    if parameter.type in _VALUES:
        schema = {"$ref": f"#/components/schemas/{parameter.type}"}
    elif parameter.type == "file":  # text, or the bytes of a file part
        schema = {"type": "string", "contentMediaType": "application/octet-stream"}
    elif parameter.values:
        schema = {"type": "string", "enum": list(parameter.values)}
    elif parameter.type != "integer":
        schema = {"$ref": "#/components/schemas/text", **parameter.schema}
        if parameter.required and not parameter.may_be_empty:
            schema["minLength"] = 1
    if schema.keys() != {"$ref"} or parameter.type in _VALUES:
        needed = parameter.required or "*" in parameter.name
        schema = schema if needed else {"anyOf": [schema, {"const": ""}]}
    return {**schema, "x-deltacloud-names": parameter.names} if parameter.names else schema


def _pattern(parameter: Parameter) -> str:
    star = ".+" if parameter.name.endswith("_*") else "[1-9][0-9]*"
    return f"^{parameter.name.replace('*', star)}$"


# -------------------------------------------------------------------------- request bodies


def _body(operation: Operation) -> Json:
    if operation.body == "bytes":
        return {"description": "the content of the blob", "content": {"*/*": {}}}
    if not _has_form(operation):
        return {}
    schema = {"schema": {"$ref": f"#/components/schemas/form.{operation.id}"}}
    kinds = [_URLENCODED] if operation.form == _URLENCODED else [_URLENCODED, _MULTIPART]
    return {
        "content": dict.fromkeys(kinds[::-1] if operation.form == _MULTIPART else kinds, schema),
        "required": any(parameter.required for parameter in operation.params),
        "x-deltacloud-or-query": True,
    }


def _has_form(operation: Operation) -> bool:
    return operation.method == "POST" and any(_parameters(operation))


def _forms() -> Iterator[tuple[str, Json]]:
    for operation in filter(_has_form, API.operations.values()):
        yield f"form.{operation.id}", _form(list(_parameters(operation)))


def _form(parameters: list[tuple[Parameter, str | None]]) -> Json:
    schema: Json = {"type": "object"}
    for parameter, feature in parameters:
        described = {**_schema(parameter), "description": parameter.text}
        if feature:
            described["x-deltacloud-feature"] = feature
        if "*" in parameter.name:
            schema.setdefault("patternProperties", {})[_pattern(parameter)] = described
        else:
            schema.setdefault("properties", {})[parameter.name] = described
    if required := [p.name for p, _ in parameters if p.required]:
        schema["required"] = required
    return schema
