"""The shapes of the drivers: every one is served, and every link it shows leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tck.reference_server.drivers import registry
from tck.reference_server.drivers.shape import Shape
from tck.schemas.operations import API

from .client import Api
from .matrix import COLLECTIONS, MACHINES
from .test_server_matrix import api_of

COMPUTE = sorted({*MACHINES, "full"})


@pytest.mark.parametrize("name", COLLECTIONS)
def test_what_is_not_shown_is_refused(name: str) -> None:
    api = api_of(name)
    shown = {link.get("rel") for link in api.get("").xml}
    for collection in API.top_level:
        assert api.get(f"/{collection}").status == (200 if collection in shown else 412)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_link_leads_to_what_it_says(name: str) -> None:
    """From the entry point to everything; action links lead to operations that exist."""
    api = api_of(name)
    seen, waiting = set(), ["http://localhost/api"]
    while waiting:
        href = waiting.pop()
        if href in seen:
            continue
        seen.add(href)
        reply = api.get(href)
        assert reply.status == 200, href
        if reply.type != "application/xml":
            assert href.endswith("/content")
            continue
        for element in reply.xml.iter():
            target = element.get("href")
            if target is None or element.tag == "rule":  # a rule is only shown in its firewall
                continue
            if (
                re.split("[/;?]", target)[4] not in COLLECTIONS[name]
            ):  # free (stance 56): condor's sizes
                assert element.tag == "hardware_profile"
                continue
            method = element.get("method")
            if method is None:
                waiting.append(target)
            else:
                answer = api("OPTIONS", target)
                assert method.upper() in answer.headers["Allow"], target
    assert len(seen) > len(COLLECTIONS[name])


@pytest.mark.parametrize("name", COLLECTIONS)
def test_json_members_are_those_of_xml(name: str) -> None:
    api = api_of(name)
    for link in api.get("").xml:
        collection = link.attrib["rel"]
        members = [e.get("id") or e.get("name") for e in api.get(f"/{collection}").xml]
        model = api.json(f"/{collection}")
        if collection == "drivers":
            assert sorted(model) == sorted(filter(None, members))
        else:
            listed = model if collection == "instance_states" else model[collection]
            assert [m.get("id") or m["name"] for m in listed] == members


@pytest.mark.parametrize("name", COMPUTE)
def test_actions_of_an_instance_are_those_of_its_state(name: str) -> None:
    api = api_of(name)
    states = {s.get("name"): s for s in api.get("/instance_states").xml}
    for transition in api.get("/instance_states").xml.iter("transition"):
        assert transition.get("to") in states
    for instance in api.get("/instances").xml:
        state = states[(instance.findtext("state") or "").lower()]
        allowed = {t.get("action") for t in state} - {None}
        shown = {x.get("rel") for x in instance.iterfind("actions/link")}
        assert shown - {"run", "create_image"} <= allowed


# Where a new instance rests, and the actions that then destroy it.
LIVES = {
    "arubacloud": ("RUNNING", ["stop", "destroy"]),
    "condor": ("RUNNING", ["destroy"]),
    "digitalocean": ("RUNNING", ["reboot", "stop", "start", "destroy"]),
    "ec2": ("RUNNING", ["reboot", "stop", "start", "stop", "destroy"]),
    "eucalyptus": ("RUNNING", ["stop", "destroy"]),
    "fgcp": ("STOPPED", ["start", "stop", "destroy"]),
    "full": ("RUNNING", ["reboot", "stop", "start", "stop", "destroy"]),
    "gogrid": ("RUNNING", ["stop", "start", "destroy"]),
    "mock": ("RUNNING", ["reboot", "stop", "start", "stop", "destroy"]),
    "opennebula": ("RUNNING", ["stop", "start", "destroy"]),
    "openstack": ("RUNNING", ["reboot", "stop"]),
    "profitbricks": ("RUNNING", ["stop", "start", "stop", "destroy"]),
    "rackspace": ("RUNNING", ["reboot", "stop"]),
    "rhevm": ("STOPPED", ["start", "stop", "stop", "destroy"]),
    "rimuhosting": ("RUNNING", ["reboot", "stop"]),
    "sbc": ("RUNNING", ["reboot", "destroy"]),
    "terremark": ("STOPPED", ["start", "reboot", "stop", "destroy"]),
    "vsphere": ("STOPPED", ["start", "stop", "destroy"]),
}


@pytest.mark.parametrize("name", COMPUTE)
def test_an_instance_lives_and_goes(name: str) -> None:
    api = api_of(name)
    state, actions = LIVES[name]
    id_ = api.launch()
    assert api.state(id_) == state
    for action in actions:
        links = api.get(f"/instances/{id_}").xml.iterfind("actions/link")
        link = next((x for x in links if x.get("rel") == action), None)
        if action in ("destroy", "reboot") and link is None:  # the machine has it, the driver not
            continue
        assert link is not None, action
        reply = api(link.attrib["method"].upper(), link.attrib["href"])
        assert reply.status in (202, 204)
    assert api.get(f"/instances/{id_}").status == 404


def test_a_feature_without_operation_shows_in_json_only(full: Api) -> None:
    assert full.get("").xml.find("link/feature[@name='hardware_profiles']") is None
    links = full.json("")["api"]["links"]
    instances = next(link for link in links if link["rel"] == "instances")
    assert instances["features"].count([]) == 1
    keys = next(link for link in links if link["rel"] == "keys")
    assert keys["features"][0][0]["params"] == ["public_key:string:optional"]


def test_password_drivers_have_password_keys_and_logins() -> None:
    api = api_of("gogrid")
    key = api.get("/keys/test-key").xml
    assert (key.get("type"), key.findtext("username")) == ("password", "root")
    assert list(key.find("actions") or []) == []  # gogrid cannot destroy keys (A101)
    login = api.get("/instances/inst0").xml.find("authentication[@type='password']/login")
    assert login is not None
    assert login.findtext("password")
    assert "authentication_type" not in api_of("sbc").json("/instances/inst0")["instance"]


def test_imported_keys_have_no_private_part() -> None:
    key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 me@here"
    made = api_of("openstack").post("/keys", {"name": "k", "public_key": key}).xml
    assert made.find("pem") is None
    assert len((made.findtext("fingerprint") or "").split(":")) == 16
    assert api_of("openstack").post("/keys", {"name": "k", "public_key": "?"}).status == 400


def test_providers_of_a_driver(api: Api) -> None:
    driver = api.get("/drivers/ec2").xml
    providers = {p.get("id"): p for p in driver.iterfind("provider")}
    assert len(providers) == 7
    points = {e.get("kind"): e.text for e in providers["eu-west-1"]}
    assert points["s3"] == "s3-eu-west-1.amazonaws.com"
    assert set(points) == {"s3", "elb", "ec2", "mon"}
    model = api.json("/drivers/ec2")["driver"]
    assert model["entrypoints"]["s3"]["eu-west-1"] == points["s3"]
    assert api.json("/drivers")["vsphere"]["username"] == "Login Name"
    storage = api.get("/drivers/arubacloud").xml.find("provider[@id='dc2']")
    assert [e.get("kind") for e in storage or []] == ["compute"]


@pytest.mark.parametrize(
    ("name", "count", "profile", "value"),
    [
        ("ec2", 10, "m2.xlarge", {"memory": "17510.4", "cpu": "6.5"}),
        ("sbc", 9, "BRZ64.2-4096-60*500*350", {"architecture": "i386_x64", "storage": "850"}),
        ("eucalyptus", 5, "m1.large", {"memory": "512"}),
        ("rackspace", 1, "default", {}),
        ("rhevm", 2, "SERVER", {"memory": "512"}),
    ],
)
def test_hardware_profiles(name: str, count: int, profile: str, value: dict[str, Any]) -> None:
    api = api_of(name)
    assert len(api.get("/hardware_profiles").xml) == count
    shown = api.json(f"/hardware_profiles/{profile}")["hardware_profile"]
    assert value.items() <= shown.get("properties", {}).items()


def test_hardware_profiles_are_sorted_by_size() -> None:
    listed = [p.get("id") for p in api_of("ec2").get("/hardware_profiles").xml]
    assert listed[:5] == ["t1.micro", "m1.small", "m1.medium", "m1.large", "c1.medium"]


def test_long_enumerations() -> None:
    memory = api_of("profitbricks").get("/hardware_profiles/default").xml
    entries = [e.get("value") for e in memory.iterfind("property[@name='memory']/enum/entry")]
    assert (len(entries), entries[0], entries[-1]) == (784, "256", "200704")
    storage = api_of("terremark").get("/hardware_profiles/default").xml
    assert len(storage.findall("property[@name='storage']/enum/entry")) == 500


def test_drivers_keep_their_objects_apart(make: Callable[..., Api]) -> None:
    api = make()
    api.post("/keys", {"name": "k"}, X_Deltacloud_Driver="ec2")
    assert api.get("/keys/k").status == 404
    assert api.get("/keys/k", X_Deltacloud_Driver="ec2").status == 200


def test_another_default_driver_and_provider(make: Callable[..., Api]) -> None:
    entry = make("ec2", provider="eu-west-1").get("").xml
    assert (entry.get("driver"), entry.get("provider")) == ("ec2", "eu-west-1")
    with pytest.raises(ValueError, match="no driver 'nosuch'"):
        make("nosuch")


def test_operations_that_a_driver_lacks_are_neither_linked_nor_served() -> None:
    api = api_of("condor")
    assert api.post("/instances/inst1/stop").status == 412
    assert api.post("/images", {"instance_id": "inst1"}).status == 412
    offered = api.get("/instances/inst1").xml.iterfind("actions/link")
    assert [x.get("rel") for x in offered] == ["destroy"]  # its machine knows reboot as well
    rels = {x.get("rel") for x in api.get("/images/img1").xml.iterfind("actions/link")}
    assert rels == {"create_instance"}


def test_shapes_know_their_sub_collections() -> None:
    assert registry.shape("ec2").has("delete_firewall_rule")
    assert not registry.shape("fgcp").has("create_firewall_rule")
    assert not registry.shape("azure").has("init_segmented_blob")
    assert registry.shape("azure").has("create_blob")
    with pytest.raises(KeyError):
        registry.shape("nosuch")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"collections": ["images", "instanes"]}, "unknown collections: instanes"),
        ({"without": ["create_imag", "x"]}, "unknown capabilities: create_imag, x"),
    ],
)
def test_a_shape_with_unknown_names_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Shape.parse("rack", {"name": "Rack", "collections": ["images"], **wrong})
