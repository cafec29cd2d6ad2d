"""An example of every operation: what the reference server answers to a fixed list of requests."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import Client, TestResponse

from tck.reference_server.app import create_app
from tck.schemas.operations import API, Operation

HOST = "http://cloud.example:3001"
_NOW = 1795355124.0
_CREDENTIALS = "Basic " + base64.b64encode(b"mockuser:mockpassword").decode()
_SHOWN = ("Content-Type", "Location", "Allow", "ETag", "X-Deltacloud-Blobmeta-colour")
_MEDIA = {"xml": "application/xml", "json": "application/json", "html": "text/html"}
_MOST_LINES = 70  # of a document
_PEM = re.compile(r"(-----BEGIN [^-]+-----).*?(-----END)", re.DOTALL)
NEW = "(new)"  # stands for the id from the last create of the same collection


@dataclass(frozen=True, slots=True)
class Step:
    """One request: `ids` fill the parameters of the operation's path."""

    operation: str
    ids: tuple[str, ...] = ()
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A request and its response as text; `format` is `xml`, `json`, `html` or empty."""

    format: str
    status: int
    sent: str
    received: str


def _collection(name: str, id_: str, form: Mapping[str, str], *actions: Step) -> Iterator[Step]:
    """Index, show, create, some actions, and destroy of what was created."""
    yield Step(f"{name}.index")
    yield Step(f"{name}.show", (id_,))
    yield Step(f"{name}.create", form=form)
    yield from actions
    yield Step(f"{name}.destroy", (NEW,))


_COLOUR = {"X-Deltacloud-Blobmeta-colour": "blue"}
_TEXT = {"Content-Type": "text/plain"}
STEPS: tuple[Step, ...] = (
    Step("api.show"),
    Step("api.options"),
    Step("api.switch", form={"driver": "ec2"}),
    Step("api.docs"),
    Step("api.docs_of_collection", ("instances",)),
    Step("api.docs_of_operation", ("instances", "create")),
    *(Step(f"{name}.index") for name in ("drivers", "instance_states")),
    Step("drivers.show", ("ec2",)),
    *(Step(f"{name}.index") for name in ("hardware_profiles", "realms", "metrics")),
    Step("hardware_profiles.show", ("m1-large",)),
    Step("realms.show", ("us",)),
    Step("metrics.show", ("inst1",)),
    *_collection("keys", "test-key", {"name": "my-key"}),
    *_collection(
        "instances",
        "inst1",
        {"image_id": "img1", "name": "web", "hwp_id": "m1-large", "hwp_memory": "10240"},
        Step("instances.reboot", (NEW,)),
        Step("instances.run", (NEW,), {"cmd": "uname -a", "password": "of-the-instance"}),
        Step("instances.stop", (NEW,)),
        Step("instances.start", (NEW,)),
        Step("instances.stop", (NEW,)),
    ),
    *_collection("images", "img1", {"instance_id": "inst1", "name": "copy"}),
    *_collection(
        "storage_volumes",
        "vol1",
        {"capacity": "10", "name": "data"},
        Step("storage_volumes.attach", (NEW,), {"instance_id": "inst1", "device": "/dev/sdb"}),
        Step("storage_volumes.detach", (NEW,)),
    ),
    *_collection("storage_snapshots", "snap1", {"volume_id": "vol1", "name": "friday"}),
    *_collection(
        "addresses",
        "192.168.0.1",
        {},
        Step("addresses.associate", (NEW,), {"instance_id": "inst1"}),
        Step("addresses.show", (NEW,)),
        Step("addresses.disassociate", (NEW,)),
    ),
    *_collection(
        "firewalls",
        "default",
        {"name": "web", "description": "what the web may ask"},
        Step(
            "firewalls.rules",
            ("web",),
            {
                "protocol": "tcp",
                "port_from": "80",
                "port_to": "80",
                "ip_address1": "10.0.0.0/8",
            },
        ),
        Step("rules.destroy", ("web", "mockuser~tcp~80~80~@address,ipv4,10.0.0.0,8")),
    ),
    *_collection(
        "load_balancers",
        "lb1",
        {
            "name": "front",
            "realm_id": "us",
            "listener_protocol": "HTTP",
            "listener_balancer_port": "80",
            "listener_instance_port": "8080",
        },
        Step("load_balancers.register", (NEW,), {"instance_id": "inst1"}),
        Step("load_balancers.unregister", (NEW,), {"instance_id": "inst1"}),
    ),
    *_collection("networks", "net1", {"name": "inner", "address_block": "10.9.0.0/16"}),
    *_collection("subnets", "subnet1", {"network_id": "net1", "address_block": "192.168.9.0/24"}),
    *_collection("network_interfaces", "nic1", {"instance": "inst1", "network": "net1"}),
    Step("buckets.index"),
    Step("buckets.show", ("bucket1",)),
    Step("buckets.create", form={"name": "photos"}),
    Step("blobs.create", ("photos",), {"blob_id": "a.txt", "blob_data": "hello"}),
    Step("blobs.put", ("photos", "b.txt"), headers=_COLOUR | _TEXT, body=b"hello again"),
    Step("blobs.show", ("photos", "b.txt")),
    Step("blobs.content", ("photos", "b.txt")),
    Step("blobs.head", ("photos", "b.txt")),
    Step("blobs.metadata", ("photos", "b.txt")),
    Step("blobs.update", ("photos", "b.txt"), headers={"X-Deltacloud-Blobmeta-colour": "red"}),
    Step("blobs.stream", ("photos", "c.txt"), headers=_TEXT, body=b"and again"),
    Step("blobs.segmented", ("photos", "d"), headers={"X-Deltacloud-BlobType": "segmented"}),
    *(Step("blobs.destroy", ("photos", name)) for name in ("a.txt", "b.txt", "c.txt")),
    Step("buckets.destroy", ("photos",)),
)


@cache
def examples() -> Mapping[str, tuple[Example, ...]]:
    """Examples by operation id: the first request for it, in each of its formats."""
    by_format: dict[str, dict[str, Example]] = {}
    for format_ in ("xml", "json"):
        for operation, example in _run(format_):
            by_format.setdefault(operation, {}).setdefault(example.format, example)
    return {operation: tuple(of.values()) for operation, of in by_format.items()}


def _run(format_: str) -> Iterator[tuple[str, Example]]:
    client = Client(create_app("full", clock=lambda: _NOW))
    created: dict[str, str] = {}  # id of the last create, by collection
    for step in STEPS:
        operation = API.operations[step.operation]
        accepted = {"html": "html", "empty": "", "bytes": ""}.get(operation.document, format_)
        path = _path(operation, step.ids, created.get(operation.collection, ""))
        options = _options(step, accepted)
        answer = client.open(path, base_url=HOST, method=operation.method, **options)
        if operation.name == "create":
            created[operation.collection] = answer.headers.get("Location", "").rpartition("/")[2]
        yield operation.id, _example(operation, accepted, path, options, answer)


def _path(operation: Operation, ids: tuple[str, ...], created: str) -> str:
    path = API.base + operation.path
    for name, id_ in zip(operation.path_params, ids, strict=True):
        path = path.replace(f"{{{name}}}", created if id_ == NEW else id_)
    return path


def _options(step: Step, accepted: str) -> dict[str, Any]:
    headers = {"Authorization": _CREDENTIALS, **(step.headers or {})}
    if accepted:
        headers["Accept"] = _MEDIA[accepted]
    body = step.body
    if step.form is not None:
        body = urlencode(step.form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return {"headers": headers, "data": body}


def _example(
    operation: Operation, format_: str, path: str, options: Mapping[str, Any], answer: TestResponse
) -> Example:
    headers = dict(options["headers"]) | {"Authorization": "Basic ..."}
    sent = [f"{operation.method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    if options["data"]:
        sent += ["", options["data"].decode()]
    received = [f"HTTP/1.1 {answer.status}"]
    received += [f"{name}: {answer.headers[name]}" for name in _SHOWN if name in answer.headers]
    if body := _body(answer):
        received += ["", body]
    return Example(format_, answer.status_code, "\n".join(sent), "\n".join(received))


def _body(answer: TestResponse) -> str:
    text = _PEM.sub(r"\1...\2", answer.text)
    if "json" in (answer.content_type or ""):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    lines = text.strip().splitlines()
    return "\n".join(lines[:_MOST_LINES] + (["..."] if len(lines) > _MOST_LINES else []))
