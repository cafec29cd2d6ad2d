"""openapi.json is valid OpenAPI, complete, and describes what the recorded server answered."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import tck.schemas
from tck.schemas.operations import API, Operation

from .recorded import Exchange, exchanges

FOLDER = Path(tck.schemas.__file__).parent
OPENAPI: dict[str, Any] = json.loads((FOLDER / "openapi.json").read_text("utf-8"))
SCHEMA: dict[str, Any] = json.loads((FOLDER / "deltacloud.schema.json").read_text("utf-8"))
METHODS = {"get", "put", "post", "delete", "head", "options"}


def _described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in OPENAPI["paths"].items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def _of(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = OPENAPI["paths"][operation.path or "/"][operation.method.lower()]
    return described


def test_it_is_valid_openapi() -> None:
    base = (FOLDER / "openapi.json").as_uri()
    assert list(OpenAPIV31SpecValidator(OPENAPI, base_uri=base).iter_errors()) == []


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_every_reference_resolves() -> None:
    files = {"": OPENAPI, "deltacloud.schema.json": SCHEMA}
    references = set(_references(OPENAPI))
    assert len(references) > 90
    for reference in references:
        file, _, pointer = reference.partition("#/")
        value: Any = files[file]
        for step in pointer.split("/"):
            value = value[step]


def test_every_operation_is_described_and_nothing_else() -> None:
    described = {op["operationId"] for _, method, op in _described() if method != "options"}
    assert described == set(API.operations) - {"api.options"}


def test_every_path_answers_options() -> None:
    assert all("options" in item for item in OPENAPI["paths"].values())


@pytest.mark.parametrize("operation", API.operations.values(), ids=lambda op: op.id)
def test_the_parameters_of_an_operation_are_described(operation: Operation) -> None:
    described = _of(operation)
    query = {p["name"] for p in described.get("parameters", ()) if p["in"] == "query"}
    own = {p.name for p in operation.params} if operation.method != "POST" else set()
    assert own | set(operation.filters) <= query
    path = {p.get("name") for p in OPENAPI["paths"][operation.path or "/"]["parameters"]}
    assert set(operation.path_params) <= path
    if operation.method == "POST" and operation.params:
        kinds = set(described["requestBody"]["content"])
        either = {"application/x-www-form-urlencoded", "multipart/form-data"}
        assert kinds == (either if operation.collection else {operation.form})
        form = _form(operation)
        assert {p.name for p in operation.params if "*" not in p.name} <= form["properties"].keys()
        assert form.get("required", []) == [p.name for p in operation.params if p.required]


def test_features_are_marked_at_the_parameters_they_announce() -> None:
    for feature in API.features:
        if feature.operation is None:
            continue
        operation = API.operations[f"{feature.collection}.{feature.operation}"]
        if operation.method == "POST":
            form = _form(operation)
            described = form["properties"] | form.get("patternProperties", {})
        else:
            described = {p["name"]: p for p in _of(operation)["parameters"]}
        for name in feature.params:
            found = described.get(name) or described[f"^{name}[1-9][0-9]*$"]
            assert found["x-deltacloud-feature"] == feature.name, feature.name


def test_operations_that_need_no_credentials_say_so() -> None:
    for operation in API.operations.values():
        security = _of(operation).get("security", OPENAPI["security"])
        expected = {"none": [], "either": [{"basic": []}, {}]}
        assert security == expected.get(operation.auth, [{"basic": []}]), operation.id


def _links() -> Iterator[tuple[str, dict[str, Any]]]:
    for _, _, described in _described():
        for answer in described["responses"].values():
            for link in answer.get("links", {}).values():
                yield described["operationId"], link


def test_links_lead_to_what_an_answer_makes_possible() -> None:
    """To operations that there are, with all ids of their paths or a parameter that they have."""
    targets = set()
    for source, link in _links():
        target = API.operations[link["operationId"]]
        assert target.path_params == tuple(link.get("parameters", ())), (source, target.id)
        named = {p.name: p.names for p in target.params}
        for name in link.get("requestBody", ()):
            assert named[name] == API.operations[source].collection
        targets.add(target.id)
    with_ids = {o.id for o in API.operations.values() if o.path_params and o.collection}
    assert with_ids - targets == {"blobs.segmented"}  # its upload is named in a header


def _form(operation: Operation) -> dict[str, Any]:
    form: dict[str, Any] = OPENAPI["components"]["schemas"][f"form.{operation.id}"]
    return form


def _answer(exchange: Exchange) -> dict[str, Any] | None:
    status = str(exchange.status) if exchange.status < 500 else "5XX"
    answer: dict[str, Any] | None = _of(exchange.operation)["responses"].get(status)
    if answer is not None and "$ref" in answer:
        answer = OPENAPI["components"]["responses"][status]
    return answer


def test_the_recorded_answers_are_described() -> None:
    """Status, media type and Location of everything that 1.1.3 answered to an operation."""
    undescribed, seen = [], set()
    for exchange in exchanges():
        answer = _answer(exchange)
        content = answer.get("content", {}) if answer else {}
        media = exchange.media.split(";")[0]
        if answer is None or (exchange.body and not content.keys() & {media, "*/*"}):
            undescribed.append((exchange.id, exchange.status, exchange.media))
        elif exchange.location and exchange.status < 400:
            assert "Location" in answer["headers"], exchange.id
        seen.add((exchange.operation.id, exchange.status))
    assert undescribed == [("api.options", 200, "text/html;charset=utf-8")]  # says its classes: B25
    assert len(seen) > 150


def test_recorded_json_is_valid_by_the_references() -> None:
    """From a path of openapi.json to the type of a nested member, as a vendor's tool does."""
    resources = [("openapi.json", OPENAPI), ("deltacloud.schema.json", SCHEMA)]
    registry: Registry[Any] = Registry().with_resources(
        (f"http://kit/{name}", DRAFT202012.create_resource(value)) for name, value in resources
    )
    wrong, right = [], 0
    for exchange in exchanges():
        if exchange.media != "application/json" or exchange.status >= 400 or not exchange.body:
            continue
        path = (exchange.operation.path or "/").replace("/", "~1")
        place = f"{path}/{exchange.operation.method.lower()}/responses/{exchange.status}"
        schema = f"http://kit/openapi.json#/paths/{place}/content/application~1json/schema"
        judge = Draft202012Validator({"$ref": schema}, registry=registry)
        if judge.is_valid(json.loads(exchange.body)):
            right += 1
        else:
            wrong.append(exchange.id)
    assert right > 190
    assert all("emptyimage" in w or w.startswith("x.l") for w in wrong), wrong  # B15, B4
    assert len(wrong) == 8
