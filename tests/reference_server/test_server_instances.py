"""The life of instances: the machine, time, and many callers at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest

from tck.reference_server.drivers.machine import StateMachine

from .client import Api, Clock


def actions(api: Api, instance_id: str) -> list[str]:
    links = api.get(f"/instances/{instance_id}").xml.iterfind("actions/link")
    return [link.attrib["rel"] for link in links]


def test_a_life_from_launch_to_destruction(api: Api) -> None:
    """T131: reboot, stop, start, stop, destroy."""
    id_ = api.launch(name="web", realm_id="eu", keyname="test-key", hwp_id="m1-large")
    instance = api.get(f"/instances/{id_}").xml
    assert instance.findtext("name") == "web"
    assert instance.find("realm").get("id") == "eu"  # type: ignore[union-attr]
    assert instance.findtext("authentication/login/keyname") == "test-key"
    assert [a.text for a in instance.iter("address")] == [
        f"img1.{id_}.public.com",
        f"img1.{id_}.private.com",
    ]
    states = []
    for action in ("reboot", "stop", "start", "stop"):
        reply = api.post(f"/instances/{id_}/{action}")
        assert reply.status == 202
        states.append(reply.xml.findtext("state"))
    assert states == ["RUNNING", "STOPPED", "RUNNING", "STOPPED"]
    assert api.delete(f"/instances/{id_}").status == 204
    assert api.get(f"/instances/{id_}").status == 404


@pytest.mark.parametrize(
    ("state", "action", "status"),
    [
        ("RUNNING", "start", 405),
        ("RUNNING", "destroy", 405),
        ("RUNNING", "reboot", 202),
        ("RUNNING", "stop", 202),
        ("STOPPED", "start", 202),
        ("STOPPED", "destroy", 204),
        ("STOPPED", "reboot", 405),
        ("STOPPED", "stop", 405),
    ],
)
def test_the_machine_guards_every_action(api: Api, state: str, action: str, status: int) -> None:
    id_ = api.launch(initial_state=state)
    offered = action in actions(api, id_)
    path = f"/instances/{id_}"
    reply = api.delete(path) if action == "destroy" else api.post(f"{path}/{action}")
    assert reply.status == status
    assert offered == (status != 405)


def test_defaults_of_a_launch(api: Api) -> None:
    instance = api.post("/instances", {"image_id": "img3"}).xml
    assert re.fullmatch("inst-[0-9a-f]{8}", instance.get("id") or "")
    assert instance.findtext("name") == "i-1795354000"
    assert instance.find("realm").get("id") == "us"  # type: ignore[union-attr]
    assert instance.find("hardware_profile").attrib["id"] == "m1-small"  # type: ignore[union-attr]
    assert instance.findtext("owner_id") == "mockuser"


def test_features_that_act_do_so_only_where_they_are_announced(api: Api) -> None:
    form = {"image_id": "img1", "password": "p", "instance_count": "3", "snapshot_id": "nosuch"}
    instance = api.post("/instances", {**form, "firewalls1": "nosuch"}).xml
    assert instance.tag == "instance"
    assert instance.find("authentication/login") is None
    key = api.post("/keys", {"name": "k", "public_key": "ssh-rsa AAAA"}).xml
    assert key.findtext("pem")


def test_pending_takes_the_time_it_takes(make: Callable[..., Api], clock: Clock) -> None:
    api = make(transition_time=10.0)
    id_ = api.launch()
    assert (api.state(id_), actions(api, id_)) == ("PENDING", ["run", "create_image"])
    assert api.post(f"/instances/{id_}/stop").status == 405
    clock.now += 9.9
    assert api.state(id_) == "PENDING"
    clock.now += 0.2
    assert api.state(id_) == "RUNNING"
    assert api.post(f"/instances/{id_}/stop").status == 202


def test_stopping_takes_the_time_it_takes(make: Callable[..., Api], clock: Clock) -> None:
    api = make("ec2", transition_time=10.0)
    assert api.post("/instances/inst1/stop").xml.findtext("state") == "STOPPING"
    clock.now += 11
    assert api.state("inst1") == "STOPPED"


def test_two_transitions_in_a_row_take_twice_the_time(
    make: Callable[..., Api], clock: Clock
) -> None:
    """openstack: running, stopping, stopped, and gone by itself."""
    api = make("openstack", transition_time=10.0)
    api.post("/instances/inst1/stop")
    clock.now += 15
    assert api.state("inst1") == "STOPPED"
    clock.now += 5
    assert api.get("/instances/inst1").status == 404


def test_pending_lasts_for_a_number_of_readers(make: Callable[..., Api]) -> None:
    api = make(transition_polls=2)
    id_ = api.launch()
    assert [api.state(id_) for _ in range(4)] == ["PENDING", "PENDING", "RUNNING", "RUNNING"]


def test_readers_of_other_instances_do_not_count(make: Callable[..., Api]) -> None:
    api = make(transition_polls=1)
    one, other = api.launch(), api.launch()
    assert [api.state(one) for _ in range(2)] == ["PENDING", "RUNNING"]
    assert api.state(other) == "PENDING"


def test_a_list_counts_as_a_reader_and_filters_by_the_state_it_shows(
    make: Callable[..., Api],
) -> None:
    api = make(transition_polls=1)
    id_ = api.launch()
    assert [i.get("id") for i in api.get("/instances?state=PENDING").xml] == [id_]
    assert [i.get("id") for i in api.get("/instances?state=PENDING").xml] == []


def test_a_destroyed_instance_leaves_no_link_behind(full: Api) -> None:
    full.post("/addresses/192.168.0.1/associate", {"instance_id": "inst1"})
    assert full.get("/instances/inst1").xml.findtext("public_addresses/address") == "192.168.0.1"
    full.post("/instances/inst1/stop")
    assert full.delete("/instances/inst1").status == 204
    for path in ("/storage_volumes", "/addresses", "/network_interfaces", "/load_balancers"):
        links = [e.get("id") for e in full.get(path).xml.iter("instance")]
        assert "inst1" not in links
    assert full.get("/storage_volumes/vol3").xml.findtext("state") == "AVAILABLE"


def test_several_at_once_where_the_feature_is_declared(full: Api) -> None:
    reply = full.post("/instances", {"image_id": "img1", "instance_count": "3"})
    assert (reply.status, reply.xml.tag, len(reply.xml)) == (201, "instances", 3)
    assert "Location" not in reply.headers
    for count in ("0", "-1", "x", "1000000"):
        form = {"image_id": "img1", "instance_count": count}
        assert full.post("/instances", form).status == 400


def test_a_launch_is_all_or_nothing(full: Api) -> None:
    form = {"image_id": "img1", "instance_count": "2", "load_balancer_id": "nosuch"}
    assert full.post("/instances", form).status == 400
    assert len(full.get("/instances").xml) == 4
    form = {"image_id": "img1", "snapshot_id": "nosuch"}
    assert full.post("/instances", form).status == 400
    assert len(full.get("/storage_volumes").xml) == 3


def test_features_of_a_launch(full: Api) -> None:
    full.post("/firewalls", {"name": "web", "description": "d"})
    form = {
        "image_id": "img1",
        "firewalls1": "web",
        "firewalls2": "default",
        "snapshot_id": "snap1",
        "device_name": "/dev/sdz",
        "load_balancer_id": "lb1",
        "password": "secret",
    }
    instance = full.post("/instances", form).xml
    id_ = instance.attrib["id"]
    assert [f.get("id") for f in instance.iterfind("firewalls/firewall")] == ["web", "default"]
    volume = instance.find("storage_volumes/storage_volume")
    assert volume is not None
    assert volume.get("device") == "/dev/sdz"
    balanced = full.get("/load_balancers/lb1").xml.iterfind("instances/instance")
    assert id_ in [i.get("id") for i in balanced]
    assert instance.findtext("authentication/login/password") == "secret"
    assert full.delete("/firewalls/web").status == 409


def test_an_announced_constraint_holds(full: Api) -> None:
    assert full.post("/instances", {"image_id": "img1", "name": "n" * 50}).status == 201
    assert full.post("/instances", {"image_id": "img1", "name": "n" * 51}).status == 400


def test_images_from_instances(api: Api) -> None:
    made = api.post("/images", {"instance_id": "inst0", "name": "golden", "description": "d"}).xml
    assert [made.findtext(n) for n in ("name", "description", "state")] == [
        "golden",
        "d",
        "AVAILABLE",
    ]
    assert len(made.findall("hardware_profiles/hardware_profile")) == 4
    assert api.json("/images/golden")["image"]["owner"] == "root"
    again = api.post("/images", {"instance_id": "inst1", "name": "golden"})
    assert again.id != "golden"
    assert again.xml.findtext("name") == "golden"
    assert api.post("/images", {"instance_id": "inst1"}).status == 201
    assert api.post("/images", {"instance_id": "nosuch", "name": "n"}).status == 404
    assert api.post("/images", {"instance_id": "inst3", "name": "n"}).status == 403


def test_images_of_an_owner(api: Api) -> None:
    def owned(by: str) -> list[str | None]:
        return [i.get("id") for i in api.get(f"/images?owner_id={by}").xml]

    assert owned("fedoraproject") == ["img1", "img2"]
    assert owned("self") == owned("mockuser") == ["img3"]
    assert [
        i.get("id") for i in api.get("/images?owner_id=fedoraproject&architecture=i386").xml
    ] == ["img2"]


def test_hardware_profiles_by_architecture(api: Api) -> None:
    def of(architecture: str) -> list[str | None]:
        return [p.get("id") for p in api.get(f"/hardware_profiles?architecture={architecture}").xml]

    assert of("i386") == ["m1-small"]
    assert of("x86_64") == ["m1-large", "m1-xlarge"]


@pytest.mark.parametrize(
    ("id_", "status", "message"),
    [
        ("500", 500, "DeltacloudErrorMessage"),
        ("501", 501, "NotImplementedMessage"),
        ("502", 502, "ProviderErrorMessage"),
        ("504", 504, "ProviderTimeoutMessage"),
        ("503", 404, "Not Found"),
    ],
)
def test_realms_that_fail_on_purpose(api: Api, id_: str, status: int, message: str) -> None:
    reply = api.get(f"/realms/{id_}")
    assert (reply.status, reply.xml.findtext("message")) == (status, message)
    assert api.get(f"/realms?id={id_}").status == (status if status != 404 else 200)


def test_many_launches_at_once_get_different_ids(make: Callable[..., Api]) -> None:
    first = make()
    ids: list[str] = []

    def launch() -> None:
        api = Api(first.client.application)
        ids.extend(api.launch() for _ in range(25))
        ids.extend(api.post("/storage_volumes").id for _ in range(25))

    threads = [threading.Thread(target=launch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == len(set(ids)) == 400
    assert len(first.get("/instances").xml) == 204
    assert len(first.get("/storage_volumes").xml) == 203


def test_of_many_stops_at_once_one_succeeds(make: Callable[..., Api]) -> None:
    first = make()
    statuses: list[int] = []
    start = threading.Barrier(8)

    def stop() -> None:
        api = Api(first.client.application)
        start.wait()
        statuses.append(api.post("/instances/inst1/stop").status)

    threads = [threading.Thread(target=stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] + [405] * 7


def test_what_an_instance_does_by_itself() -> None:
    machine = StateMachine.parse(
        {
            "pending": ["auto error", "auto running", "auto finish"],
            "running": ["stop stopping", "auto error"],
            "stopping": ["auto stopped", "auto finish"],
            "stopped": ["auto finish"],
            "error": [],
        }
    )
    assert machine.drift("PENDING") == "running"
    assert machine.drift("running") is None
    assert machine.drift("stopping", "stopped") == "stopped"
    assert machine.drift("stopping", "finish") == "finish"
    assert machine.drift("stopped") == "finish"
    assert machine.drift("error") is None
    assert machine.actions("RUNNING") == ("stop",)
    assert machine.after("RUNNING", "start") is None
