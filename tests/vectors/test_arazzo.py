"""The workflows: an Arazzo description that is well-formed, leads somewhere, and can be run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tck.reference_server.embedded import Embedded, embedded
from tck.vectors.arazzo import description

Json = Any
DESCRIPTION = description()
WORKFLOWS = {workflow["workflowId"]: workflow for workflow in DESCRIPTION["workflows"]}
STEPS = [(w, s) for w in DESCRIPTION["workflows"] for s in w["steps"]]
FILES = {
    name: json.loads((resources.files("tck.schemas") / name).read_text("utf-8"))
    for name in ("openapi.json", "deltacloud.schema.json")
}
INPUTS = {
    "launch-stop-start-destroy": {},
    "volume": {"instance_id": "inst1", "device": "/dev/sdb"},
    "bucket": {"name": "of-a-workflow", "blob": "a b", "content": "hello"},
    "key": {"name": "of-a-workflow"},
}
LAST = {  # what must be gone at the end
    "launch-stop-start-destroy": "instances/{instance_id}",
    "volume": "storage_volumes/{volume_id}",
    "bucket": "buckets/{name}",
    "key": "keys/{name}",
}

# Fields of each object of Arazzo 1.0.1, section 4.6: (required, optional).
FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "arazzo": ({"arazzo", "info", "sourceDescriptions", "workflows"}, {"components"}),
    "info": ({"title", "version"}, {"summary", "description"}),
    "source": ({"name", "url"}, {"type"}),
    "workflow": (
        {"workflowId", "steps"},
        {"summary", "description", "inputs", "dependsOn", "successActions", "failureActions",
         "outputs", "parameters"},
    ),
    "step": (
        {"stepId"},
        {"description", "operationId", "operationPath", "workflowId", "parameters", "requestBody",
         "successCriteria", "onSuccess", "onFailure", "outputs"},
    ),
    "parameter": ({"name", "value"}, {"in"}),
    "criterion": ({"condition"}, {"context", "type"}),
    "action": (
        {"name", "type"}, {"workflowId", "stepId", "retryAfter", "retryLimit", "criteria"}
    ),
    "body": (set(), {"contentType", "payload", "replacements"}),
}  # fmt: skip
IDS, KEYS = r"[A-Za-z0-9_\-]+", r"[a-zA-Z0-9\.\-_]+"


def objects() -> Iterator[tuple[str, Json]]:
    yield "arazzo", DESCRIPTION
    yield "info", DESCRIPTION["info"]
    for source in DESCRIPTION["sourceDescriptions"]:
        yield "source", source
    for workflow in DESCRIPTION["workflows"]:
        yield "workflow", workflow
        for step in workflow["steps"]:
            yield "step", step
            if "requestBody" in step:
                yield "body", step["requestBody"]
            for kind, name in (
                ("parameter", "parameters"), ("criterion", "successCriteria"),
                ("action", "onFailure"), ("action", "onSuccess"),
            ):  # fmt: skip
                for inner in step.get(name, ()):
                    yield kind, inner


def test_every_object_has_the_fields_of_the_specification() -> None:
    for kind, value in objects():
        required, optional = FIELDS[kind]
        assert required <= set(value) <= required | optional, (kind, value)
    assert re.fullmatch(r"1\.0\.\d+(-.+)?", DESCRIPTION["arazzo"])
    assert [s["type"] for s in DESCRIPTION["sourceDescriptions"]] == ["openapi"]
    assert set(WORKFLOWS) == set(INPUTS)
    for workflow in DESCRIPTION["workflows"]:
        assert re.fullmatch(IDS, workflow["workflowId"])
        ids = [step["stepId"] for step in workflow["steps"]]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(IDS, id_) for id_ in ids)
    for _, step in STEPS:
        assert sum(name in step for name in ("operationId", "operationPath", "workflowId")) == 1
        assert step["successCriteria"], "an empty list is not allowed"
        for name in step.get("outputs", {}):
            assert re.fullmatch(KEYS, name)
        for action in step.get("onFailure", ()):
            assert action["type"] in ("end", "retry", "goto")
            assert (action["retryAfter"] >= 0, action["retryLimit"] >= 0) == (True, True)
        given = [(p["name"], p["in"]) for p in step.get("parameters", ())]
        assert len(set(given)) == len(given)
        assert {place for _, place in given} <= {"path", "query", "header", "cookie"}


def operations() -> dict[str, tuple[str, str, Json]]:
    """(method, path, operation) by operationId, with the parameters of the path as well."""
    found = {}
    for path, item in FILES["openapi.json"]["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                every = [*item.get("parameters", ()), *operation.get("parameters", ())]
                found[operation["operationId"]] = method, path, {**operation, "every": every}
    return found


def resolved(value: Json, file: str) -> tuple[Json, str]:
    while "$ref" in value:
        name, _, pointer = value["$ref"].partition("#")
        file = name or file
        value = FILES[file]
        for part in pointer.strip("/").split("/"):
            value = value[part]
    return value, file


def leads(schema: Json, file: str, parts: list[str]) -> bool:
    """Whether a JSON pointer leads to something that a schema names."""
    schema, file = resolved(schema, file)
    if not parts:
        return True
    inner = [one for name in ("anyOf", "allOf", "oneOf") for one in schema.get(name, ())]
    inner += [schema[name] for name in ("then", "else") if name in schema]
    if any(leads(one, file, parts) for one in inner):
        return True
    here = schema.get("items") if parts[0].isdigit() else schema.get("properties", {}).get(parts[0])
    return isinstance(here, dict) and leads(here, file, parts[1:])


def test_every_operation_and_parameter_is_in_the_openapi_description() -> None:
    known = operations()
    for _, step in STEPS:
        _, path, operation = known[step["operationId"]]
        offered = {
            (p["name"], p["in"])
            for p in (resolved(p, "openapi.json")[0] for p in operation["every"])
        }
        given = {(p["name"], p["in"]) for p in step.get("parameters", ())}
        assert given <= offered, step["stepId"]
        assert {n for n, place in given if place == "path"} == set(re.findall(r"{(\w+)}", path))
        body = step.get("requestBody")
        content = operation.get("requestBody", {}).get("content", {})
        assert not body or body["contentType"] in content or "*/*" in content, step["stepId"]
        if body and isinstance(body["payload"], dict):
            form, _ = resolved(content[body["contentType"]]["schema"], "openapi.json")
            assert set(form.get("required", ())) <= set(body["payload"]) <= set(form["properties"])


def pointers(step: Json) -> Iterator[str]:
    texts = [*step.get("outputs", {}).values(), *(c["condition"] for c in step["successCriteria"])]
    for text in texts:
        yield from re.findall(r"\$response\.body#(/[^\s']+)", text)


def test_every_pointer_leads_to_what_the_description_has() -> None:
    known, count = operations(), 0
    for _, step in STEPS:
        for pointer in pointers(step):
            _, _, operation = known[step["operationId"]]
            statuses = [s for s in operation["responses"] if s[0] == "2"]
            contents = [
                resolved(operation["responses"][s], "openapi.json")[0].get("content", {})
                for s in statuses
            ]
            schemas = [c["application/json"]["schema"] for c in contents if "application/json" in c]
            parts = pointer.strip("/").split("/")
            assert any(leads(s, "openapi.json", parts) for s in schemas), (step["stepId"], pointer)
            count += 1
    assert count > 8
    page = {"$ref": "deltacloud.schema.json#/$defs/instance"}
    assert not leads(page, "openapi.json", ["instance", "no-such-thing"])


def test_every_expression_refers_to_something_before_it() -> None:
    for workflow in DESCRIPTION["workflows"]:
        names = {f"$inputs.{name}" for name in workflow["inputs"]["properties"]}
        for step in [*workflow["steps"], {"parameters": [], "last": workflow["outputs"]}]:
            used = re.findall(r"\$(?:inputs|steps)\.[\w.\-]+", json.dumps(step))
            assert set(used) <= names, step
            names |= {f"$steps.{step['stepId']}.outputs.{name}" for name in step.get("outputs", {})}


# ---------------------------------------------------------------- running them


class Runner:
    """Runs one workflow: what of Arazzo these workflows need."""

    def __init__(self, server: Embedded, inputs: Mapping[str, str]) -> None:
        self.server = server
        self.known = {f"$inputs.{name}": value for name, value in inputs.items()}
        self.sent: list[tuple[str, int]] = []

    def value(self, text: str) -> str:
        return self.known[text] if text.startswith("$") else text

    def run(self, workflow: Json) -> dict[str, str]:
        for step in workflow["steps"]:
            retries = step["onFailure"][0]["retryLimit"] if "onFailure" in step else 0
            for _ in range(retries + 1):
                answer = self.ask(step)
                if all(self.holds(c["condition"], answer) for c in step["successCriteria"]):
                    break
            else:
                raise AssertionError(f"{step['stepId']}: {answer.status_code} {answer.text}")
            for name, expression in step.get("outputs", {}).items():
                pointer = expression.partition("#")[2]
                self.known[f"$steps.{step['stepId']}.outputs.{name}"] = at(answer.json(), pointer)
        return {name: self.value(text) for name, text in workflow["outputs"].items()}

    def ask(self, step: Json) -> requests.Response:
        method, path, _ = operations()[step["operationId"]]
        query = {}
        for parameter in step.get("parameters", ()):
            value = self.value(parameter["value"])
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
            else:
                query[parameter["name"]] = value
        body = step.get("requestBody", {})
        payload = body.get("payload")
        data = (
            {n: self.value(v) for n, v in payload.items()}
            if isinstance(payload, dict)
            else payload and self.value(payload).encode()
        )
        headers = {"Content-Type": body["contentType"]} if body else {}
        answer = requests.request(
            method, self.server.url + path, params=query, data=data, headers=headers,
            auth=(self.server.user, self.server.password), timeout=10, allow_redirects=False,
        )  # fmt: skip
        self.sent.append((step["operationId"], answer.status_code))
        return answer

    def holds(self, condition: str, answer: requests.Response) -> bool:
        if statuses := re.findall(r"\$statusCode == (\d+)", condition):
            return str(answer.status_code) in statuses
        found = re.fullmatch(r"\$response\.body#(\S+) == '(.*)'", condition)
        assert found, condition
        return at(answer.json(), found[1]) == found[2]


def at(value: Json, pointer: str) -> Json:
    for part in pointer.strip("/").split("/"):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


@pytest.mark.parametrize("name", INPUTS)
def test_a_workflow_can_be_run(name: str) -> None:
    with embedded(driver="full", transition_polls=2) as server:
        runner = Runner(server, INPUTS[name])
        outputs = runner.run(WORKFLOWS[name])
        left = requests.get(
            f"{server.url}/{LAST[name].format_map(outputs | INPUTS[name])}",
            auth=(server.user, server.password),
            timeout=10,
        )
    assert outputs
    assert all(outputs.values())
    assert left.status_code == 404, "something was left"
    if name.startswith("launch"):
        assert len(runner.sent) > len(WORKFLOWS[name]["steps"]), "nothing was waited for"
