"""Every persona offers exactly what matrix.py says of its driver, as seen from outside."""

from __future__ import annotations

import re

import pytest

from tck.reference_server import create_app
from tck.schemas.operations import API

from .client import Api
from .matrix import COLLECTIONS, FEATURES, MACHINES, MAX_LENGTH, MISSING

PERSONAS = sorted(COLLECTIONS)


def api_of(name: str) -> Api:
    """A mock server that is asked for the driver in every request."""
    return Api(create_app(), **{"X-Deltacloud-Driver": name})


def test_there_are_nineteen_drivers_and_the_full_one(api: Api) -> None:
    drivers = api.get("/drivers", auth=None).xml
    assert sorted(d.attrib["id"] for d in drivers) == PERSONAS
    assert len(PERSONAS) == 20
    assert all((d.findtext("name") or "").lower() == d.get("id") for d in drivers)


@pytest.mark.parametrize("name", PERSONAS)
def test_collections(name: str) -> None:
    api = api_of(name)
    entry = api.get("").xml
    assert entry.get("driver") == name
    assert sorted(x.attrib["rel"] for x in entry) == sorted(COLLECTIONS[name])
    shown = api.json("")["api"]
    assert sorted(x["rel"] for x in shown["links"]) == sorted(COLLECTIONS[name])


@pytest.mark.parametrize("name", PERSONAS)
def test_features_in_the_catalogues_order(name: str) -> None:
    api = api_of(name)
    xml = {
        link.attrib["rel"]: " ".join(f.attrib["name"] for f in link)
        for link in api.get("").xml
        if len(link)
    }
    json = {
        link["rel"]: " ".join(feature[0]["name"] for feature in link["features"] if feature)
        for link in api.json("")["api"]["links"]
        if link["features"]
    }
    assert xml == json == FEATURES[name]


@pytest.mark.parametrize("name", PERSONAS)
def test_constraints(name: str) -> None:
    api = api_of(name)
    entry = api.get("").xml
    announced = {
        (f.attrib["name"], c.attrib["name"]): c.text
        for f in entry.iter("feature")
        for c in f.iterfind("constraint")
    }
    length = MAX_LENGTH.get(name)
    assert announced == ({("user_name", "max_length"): str(length)} if length else {})
    shown = [
        one["constraints"]
        for link in api.json("")["api"]["links"]
        for feature in link["features"]
        for one in feature
        if one["constraints"]
    ]
    assert shown == ([{"max_length": length}] if length else [])


@pytest.mark.parametrize("name", PERSONAS)
def test_operations(name: str) -> None:
    """412 where the driver lacks one; else the request comes as far as the credentials."""
    api = api_of(name)
    for operation in API.operations.values():
        if operation.capability is None:
            continue
        parent = API.collections[operation.collection].parent or operation.collection
        offered = parent in COLLECTIONS[name] and operation.id not in MISSING[name]
        path = re.sub(r"{\w+}", "x", operation.path)
        status = api(operation.method, path, auth=None).status
        open_ = (200, 404) if operation.auth != "required" else (401,)
        assert status in (open_ if offered else (412,)), operation.id


@pytest.mark.parametrize("name", PERSONAS)
def test_state_machines(name: str) -> None:
    reply = api_of(name).get("/instance_states", auth=None)
    if name == "full":  # the mock's machine with transient states of its own
        return
    if name not in MACHINES:
        assert reply.status == 412
        return
    found = [
        (state.attrib["name"], way.get("action", "-"), way.attrib["to"])
        for state in reply.xml
        for way in state
    ]
    assert all(
        (way.get("auto") == "true") != ("action" in way.attrib)
        for way in reply.xml.iter("transition")
    )
    assert found == [tuple(way.split()) for way in MACHINES[name].split(", ")]


@pytest.mark.parametrize("name", PERSONAS)
def test_parameters_of_features_are_taken_by_every_driver(name: str) -> None:
    """Announced or not; what a driver does not announce changes little."""
    if "instances" not in COLLECTIONS[name]:
        return
    api = api_of(name)
    values = {
        "instance_count": "1",
        "firewalls": "default",
        "load_balancer_id": "lb1",
        "snapshot_id": "snap1",
    }
    given = {
        parameter: values.get(parameter, "x")
        for feature in API.features_of("instances")
        if feature.operation == "create"
        for parameter in feature.params
    }
    made = api.post("/instances", {"image_id": "img1", **given}).xml
    assert made.findtext("name") == "x"
