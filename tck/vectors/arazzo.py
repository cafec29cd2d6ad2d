"""Workflows as an Arazzo description (1.0.1) over openapi.json, for tools that can run them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tck.schemas.operations import API

Json = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_JSON = {"name": "format", "in": "query", "value": "json"}
_WAIT, _ATTEMPTS = 2, 150  # seconds, and how often a state is waited for


def description() -> Json:
    """The whole description; openapi.json is expected beside it."""
    return {
        "arazzo": "1.0.1",
        "info": {
            "title": "Workflows of the Deltacloud API",
            "summary": "What clients do with a cloud, from the first request to the last.",
            "version": API.version,
        },
        "sourceDescriptions": [{"name": "deltacloud", "url": "./openapi.json", "type": "openapi"}],
        "workflows": [_instances(), _volumes(), _buckets(), _keys()],
    }


def _step(
    id_: str,
    operation: str,
    text: str,
    *,
    path: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    content: str | None = None,
    state: tuple[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
) -> Json:
    """One request. `state` is what the answer must show at a JSON pointer, and is waited for."""
    op = API.operations[operation]
    named = [{"name": n, "in": "path", "value": v} for n, v in (path or {}).items()]
    documented = op.document not in ("empty", "bytes")
    step: Json = {
        "stepId": id_,
        "description": text,
        "operationId": operation,
        "parameters": [*named, *([_JSON] if documented else [])],
    }
    if form is not None:
        step["requestBody"] = {"contentType": _FORM, "payload": dict(form)}
    elif content is not None:
        step["requestBody"] = {"contentType": "text/plain", "payload": content}
    accepted = " || ".join(f"$statusCode == {status}" for status in op.success)
    step["successCriteria"] = [{"condition": accepted}]
    if state is not None:
        pointer, value = state
        step["successCriteria"].append({"condition": f"$response.body#{pointer} == '{value}'"})
        again = {"name": "not_yet", "type": "retry", "retryAfter": _WAIT, "retryLimit": _ATTEMPTS}
        step["onFailure"] = [again]
    if outputs:
        step["outputs"] = {name: f"$response.body#{at}" for name, at in outputs.items()}
    if not step["parameters"]:
        del step["parameters"]
    return step


def _workflow(id_: str, text: str, inputs: Mapping[str, str], *steps: Json, **outputs: str) -> Json:
    properties = {name: {"type": "string", "description": what} for name, what in inputs.items()}
    return {
        "workflowId": id_,
        "summary": text,
        "inputs": {"type": "object", "properties": properties, "required": list(inputs)},
        "steps": list(steps),
        "outputs": outputs,
    }


def _instances() -> Json:
    instance = {"id": "$steps.launch.outputs.instance_id"}
    state = "/instance/state"

    def until(id_: str, value: str, text: str) -> Json:
        return _step(id_, "instances.show", text, path=instance, state=(state, value))

    return _workflow(
        "launch-stop-start-destroy",
        "Launch an instance of the first image, stop it, start it, stop it again and destroy it.",
        {},
        _step("images", "images.index", "Find an image.", outputs={"image_id": "/images/0/id"}),
        _step(
            "launch",
            "instances.create",
            "Launch an instance.",
            form={"image_id": "$steps.images.outputs.image_id"},
            outputs={"instance_id": "/instance/id"},
        ),
        until("launched", "RUNNING", "Wait until it runs."),
        _step("stop", "instances.stop", "Stop it.", path=instance),
        until("stopped", "STOPPED", "Wait until it is stopped."),
        _step("start", "instances.start", "Start it.", path=instance),
        until("started", "RUNNING", "Wait until it runs again."),
        _step(
            "stop-again",
            "instances.stop",
            "Stop it: some clouds destroy only what is stopped.",
            path=instance,
        ),
        until("stopped-again", "STOPPED", "Wait until it is stopped."),
        _step("destroy", "instances.destroy", "Destroy it.", path=instance),
        instance_id="$steps.launch.outputs.instance_id",
    )


def _volumes() -> Json:
    volume = {"id": "$steps.create.outputs.volume_id"}
    return _workflow(
        "volume",
        "Create a volume, attach it to an instance, detach it and destroy it.",
        {"instance_id": "a running instance", "device": "where it is attached, as /dev/sdb"},
        _step(
            "create",
            "storage_volumes.create",
            "Create a volume of 1 GB.",
            form={"capacity": "1"},
            outputs={"volume_id": "/storage_volume/id"},
        ),
        _step(
            "attach",
            "storage_volumes.attach",
            "Attach it.",
            path=volume,
            form={"instance_id": "$inputs.instance_id", "device": "$inputs.device"},
        ),
        _step(
            "attached",
            "storage_volumes.show",
            "Wait until it is attached.",
            path=volume,
            state=("/storage_volume/state", "IN-USE"),
        ),
        _step("detach", "storage_volumes.detach", "Detach it.", path=volume),
        _step(
            "detached",
            "storage_volumes.show",
            "Wait until it is free.",
            path=volume,
            state=("/storage_volume/state", "AVAILABLE"),
        ),
        _step("destroy", "storage_volumes.destroy", "Destroy it.", path=volume),
        volume_id="$steps.create.outputs.volume_id",
    )


def _buckets() -> Json:
    bucket = {"id": "$steps.create.outputs.bucket_id"}
    blob = bucket | {"blob_id": "$inputs.blob"}
    return _workflow(
        "bucket",
        "Create a bucket, store a blob, read it, and remove both.",
        {"name": "a name for the bucket", "blob": "a name for the blob", "content": "of the blob"},
        _step(
            "create",
            "buckets.create",
            "Create a bucket.",
            form={"name": "$inputs.name"},
            outputs={"bucket_id": "/bucket/id"},
        ),
        _step("store", "blobs.put", "Store a blob.", path=blob, content="$inputs.content"),
        _step(
            "show",
            "blobs.show",
            "Read about it.",
            path=blob,
            outputs={"length": "/blob/content_length"},
        ),
        _step("read", "blobs.content", "Read it.", path=blob),
        _step("remove", "blobs.destroy", "Remove the blob.", path=blob),
        _step("destroy", "buckets.destroy", "Remove the bucket.", path=bucket),
        length="$steps.show.outputs.length",
    )


def _keys() -> Json:
    key = {"id": "$steps.create.outputs.key_id"}
    return _workflow(
        "key",
        "Create a key, look at it and destroy it.",
        {"name": "a name for the key"},
        _step(
            "create",
            "keys.create",
            "Create a key; only this answer has the private half.",
            form={"name": "$inputs.name"},
            outputs={"key_id": "/key/id", "private_key": "/key/pem_rsa_key"},
        ),
        _step("show", "keys.show", "Look at it.", path=key),
        _step("destroy", "keys.destroy", "Destroy it.", path=key),
        key_id="$steps.create.outputs.key_id",
    )
