"""Addresses, networks, firewalls, load balancers and metrics."""

from __future__ import annotations

import pytest

from .client import Api, Clock

# -- addresses -------------------------------------------------------------------------------


def test_an_address_is_given_and_taken(api: Api) -> None:
    def rels() -> list[str]:
        links = api.get("/addresses/192.168.0.1").xml.iterfind("actions/link")
        return [link.attrib["rel"] for link in links]

    assert rels() == ["destroy", "associate"]
    api.post("/addresses/192.168.0.1/associate", {"instance_id": "inst0"})
    assert rels() == ["destroy", "disassociate"]
    assert api.json("/addresses/192.168.0.1")["address"]["instance_id"] == "inst0"
    instance = api.get("/instances/inst0").xml
    shown = instance.find("public_addresses/address")
    assert shown is not None
    assert (shown.text, shown.get("type")) == ("192.168.0.1", "ipv4")
    api.post("/addresses/192.168.0.1/disassociate")
    shown = api.get("/instances/inst0").xml.find("public_addresses/address")
    assert shown is not None
    assert (shown.text, shown.get("type")) == ("img1.inst0.public.com", "hostname")
    assert "instance_id" not in api.json("/addresses/192.168.0.1")["address"]


def test_addresses_in_use_are_kept(api: Api) -> None:
    path = "/addresses/192.168.0.1"
    assert api.post(f"{path}/disassociate").status == 403
    api.post(f"{path}/associate", {"instance_id": "inst0"})
    assert api.post(f"{path}/associate", {"instance_id": "inst1"}).status == 403
    assert api.delete(path).status == 403


def test_new_addresses_follow_the_highest(api: Api) -> None:
    assert api.post("/addresses").id == "192.168.0.5"
    api.delete("/addresses/192.168.0.2")
    assert api.post("/addresses").id == "192.168.0.6"


def test_association_of_what_is_not_there(api: Api) -> None:
    form = {"instance_id": "nosuch"}
    assert api.post("/addresses/192.168.0.1/associate", form).status == 400
    assert api.post("/addresses/nosuch/associate", {"instance_id": "inst1"}).status == 404


# -- volumes ---------------------------------------------------------------------------------


def test_a_volume_of_ones_own(api: Api) -> None:
    form = {"capacity": "10", "name": "data", "realm_id": "eu", "description": "d"}
    volume = api.post("/storage_volumes", form).xml
    assert [volume.findtext(n) for n in ("capacity", "name", "realm_id", "state")] == [
        "10",
        "data",
        "eu",
        "AVAILABLE",
    ]
    model = api.json(f"/storage_volumes/{volume.get('id')}")["storage_volume"]
    assert (model["capacity"], model["description"], model["realm"]["id"]) == (10, "d", "eu")


@pytest.mark.parametrize(
    "form",
    [
        {"capacity": "0"},
        {"capacity": "-1"},
        {"capacity": "1.5"},
        {"capacity": "lots"},
        {"realm_id": "nosuch"},
        {"snapshot_id": "nosuch"},
    ],
)
def test_volumes_that_cannot_be(api: Api, form: dict[str, str]) -> None:
    assert api.post("/storage_volumes", form).status == 400


def test_attach_and_detach(api: Api) -> None:
    form = {"instance_id": "inst2", "device": "/dev/sdb"}
    attached = api.post("/storage_volumes/vol1/attach", form)
    assert (attached.status, attached.xml.findtext("device")) == (202, "/dev/sdb")
    shown = api.get("/instances/inst2").xml.find("storage_volumes/storage_volume")
    assert shown is not None
    assert (shown.get("id"), shown.get("device")) == ("vol1", "/dev/sdb")
    rels = [link.get("rel") for link in attached.xml.iterfind("actions/link")]
    assert rels == ["detach", "destroy"]
    detached = api.post("/storage_volumes/vol1/detach")
    assert (detached.status, detached.xml.find("device")) == (202, None)
    assert api.post("/storage_volumes/vol1/detach").status == 409


def test_an_attached_volume_stays_where_it_is(api: Api) -> None:
    for instance in ("inst1", "inst2"):
        form = {"instance_id": instance, "device": "/dev/sdb"}
        assert api.post("/storage_volumes/vol3/attach", form).status == 409
    assert api.delete("/storage_volumes/vol3").status == 409
    volume = api.get("/storage_volumes/vol3").xml
    assert volume.find("mount/instance").get("id") == "inst1"  # type: ignore[union-attr]
    assert volume.findtext("device") == "/dev/sda1"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/storage_volumes/nosuch/attach", {"instance_id": "inst1", "device": "/dev/sdb"}, 404),
        ("/storage_volumes/vol1/attach", {"instance_id": "nosuch", "device": "/dev/sdb"}, 400),
        ("/storage_volumes/vol1/attach", {"instance_id": "inst1"}, 400),
        ("/storage_volumes/nosuch/detach", {}, 404),
        ("/storage_snapshots", {"volume_id": "nosuch"}, 400),
    ],
)
def test_volumes_and_instances_that_are_not_there(
    api: Api, path: str, form: dict[str, str], status: int
) -> None:
    assert api.post(path, form).status == status


# -- networks --------------------------------------------------------------------------------


def test_a_network_of_ones_own(api: Api) -> None:
    network = api.post("/networks", {"name": "n", "address_block": "10.9.0.0/16"}).xml
    assert (network.get("id"), network.findtext("address_blocks/address_block")) == (
        "n",
        "10.9.0.0/16",
    )
    form = {"network_id": "n", "address_block": "10.9.1.0/30", "name": "s"}
    assert api.post("/subnets", form).id == "s"
    assert api.get("/networks/n").xml.find("subnets/subnet").get("id") == "s"  # type: ignore[union-attr]
    form = {"instance": "inst0", "network": "n", "name": "first"}
    first = api.post("/network_interfaces", form).xml
    assert first.findtext("ip_address") == "10.9.1.1"
    second = api.post("/network_interfaces", {"instance": "inst0", "network": "s"}).xml
    assert second.findtext("ip_address") == "10.9.1.2"
    third = api.post("/network_interfaces", {"instance": "inst0", "network": "s"})
    assert third.status == 409  # the range is full
    shown = api.get("/instances/inst0").xml.iterfind("network_interfaces/network_interface")
    assert [nic.get("id") for nic in shown] == ["first", second.get("id")]
    assert api.delete("/networks/n").status == 409
    assert api.delete("/subnets/s").status == 409
    api.delete("/network_interfaces/first")
    api.delete(f"/network_interfaces/{second.get('id')}")
    assert api.delete("/networks/n").status == 204
    assert api.get("/subnets/s").status == 404


def test_a_network_without_name_and_range(api: Api) -> None:
    network = api.post("/networks").xml
    assert network.findtext("name") == network.get("id")
    assert list(network.find("address_blocks") or []) == []
    assert api.post("/networks").id != network.get("id")


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/networks", {"address_block": "10.0.0.0/99"}, 400),
        ("/networks", {"name": "net1"}, 409),
        ("/subnets", {"network_id": "nosuch", "address_block": "10.0.0.0/24"}, 400),
        ("/subnets", {"network_id": "net1", "address_block": "everything"}, 400),
        ("/network_interfaces", {"instance": "nosuch", "network": "net1"}, 400),
        ("/network_interfaces", {"instance": "inst1", "network": "nosuch"}, 400),
        ("/network_interfaces", {"instance": "inst1", "network": "net1", "subnet": "x"}, 400),
        ("/network_interfaces", {"instance": "inst1", "network": "net1", "name": "nic1"}, 409),
    ],
)
def test_networks_that_cannot_be(api: Api, path: str, form: dict[str, str], status: int) -> None:
    assert api.post(path, form).status == status


def test_interfaces_show_networks_where_there_are_no_subnets(api: Api) -> None:
    nic = api.get("/network_interfaces/nic1", X_Deltacloud_Driver="rhevm").xml.find("network")
    assert nic is not None
    assert (nic.get("rel"), nic.text) == ("network", "net1")


# -- firewalls -------------------------------------------------------------------------------

RULE = {"protocol": "tcp", "port_from": "80", "port_to": "81", "ip_address1": "10.1.2.3/24"}


def test_a_firewall_of_ones_own(full: Api) -> None:
    made = full.post("/firewalls", {"name": "web", "description": "for <web>"})
    assert (made.status, made.xml.findtext("description")) == (201, "for <web>")
    assert list(made.xml.find("rules") or []) == []
    ruled = full.post(
        "/firewalls/web/rules",
        {**RULE, "ip-address2": "fd00::/8", "group1": "default", "group1owner": "me"},
    )
    assert ruled.status == 201
    rule = ruled.xml.find("rules/rule")
    assert rule is not None
    assert [rule.findtext(n) for n in ("allow_protocol", "port_from", "port_to", "direction")] == [
        "tcp",
        "80",
        "81",
        "ingress",
    ]
    assert [source.attrib for source in rule.iterfind("sources/source")] == [
        {"type": "group", "name": "default", "owner": "me"},
        {"type": "address", "family": "ipv4", "address": "10.1.2.3", "prefix": "24"},
        {"type": "address", "family": "ipv6", "address": "fd00::", "prefix": "8"},
    ]
    model = full.json("/firewalls/web")["firewall"]["rules"][0]
    assert (model["port_from"], model["sources"][0]["type"]) == (80, "group")
    link = rule.find("actions/link")
    assert link is not None
    assert (link.get("method"), full.delete(link.attrib["href"]).status) == ("delete", 204)
    assert full.delete(link.attrib["href"]).status == 404
    assert full.delete("/firewalls/web").status == 204


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": "bogus"},
        {"protocol": ""},
        {"port_from": "x"},
        {"port_from": "82"},
        {"port_to": "65536"},
        {"port_from": ""},
        {"ip_address1": "300.0.0.0/8"},
    ],
)
def test_rules_that_cannot_be(full: Api, change: dict[str, str]) -> None:
    assert full.post("/firewalls/default/rules", {**RULE, **change}).status == 400
    assert len(full.get("/firewalls/default").xml.findall("rules/rule")) == 1


def test_a_rule_needs_a_source(full: Api) -> None:
    without = {name: value for name, value in RULE.items() if name != "ip_address1"}
    assert full.post("/firewalls/default/rules", without).status == 400


def test_firewalls_that_are_there_or_not(full: Api) -> None:
    form = {"name": "default", "description": "d"}
    assert full.post("/firewalls", form).status == 409
    assert full.post("/firewalls", {"name": "n"}).status == 400
    assert full.post("/firewalls/nosuch/rules", RULE).status == 404
    assert full.post("/firewalls/default/rules", RULE).status == 201
    assert full.post("/firewalls/default/rules", RULE).status == 409


# -- load balancers --------------------------------------------------------------------------

BALANCER = {
    "name": "lb",
    "realm_id": "eu",
    "listener_protocol": "HTTP",
    "listener_balancer_port": "80",
    "listener_instance_port": "3010",
}


def test_a_balancer_of_ones_own(full: Api) -> None:
    made = full.post("/load_balancers", BALANCER)
    assert (made.status, made.id) == (201, "lb")
    assert made.xml.find("realm").get("id") == "eu"  # type: ignore[union-attr]
    listener = made.xml.find("listeners/listener")
    assert listener is not None
    assert (listener.get("protocol"), listener.findtext("load_balancer_port")) == ("HTTP", "80")
    for _ in range(2):
        full.post("/load_balancers/lb/register", {"instance_id": "inst2"})
    shown = full.get("/load_balancers/lb").xml.findall("instances/instance")
    assert [i.get("id") for i in shown] == ["inst2"]
    model = full.json("/load_balancers/lb")["load_balancer"]
    assert model["instances"][0]["state"] == "RUNNING"
    assert model["realms"] == [
        {"id": "eu", "href": "http://localhost/api/realms/eu", "rel": "realm"}
    ]
    link = shown[0].find("link")
    assert link is not None
    assert (link.get("rel"), link.get("method")) == ("unregister", "post")
    left = full.post(link.attrib["href"])
    assert (left.status, left.xml.findall("instances/instance")) == (200, [])
    assert full.delete("/load_balancers/lb").status == 204


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"listener_protocol": "BOGUS"}, 400),
        ({"listener_balancer_port": "x"}, 400),
        ({"listener_instance_port": "70000"}, 400),
        ({"realm_id": "nosuch"}, 400),
        ({"realm_id": ""}, 400),
        ({"name": "lb1"}, 409),
    ],
)
def test_balancers_that_cannot_be(full: Api, change: dict[str, str], status: int) -> None:
    assert full.post("/load_balancers", {**BALANCER, **change}).status == status


def test_registering_what_is_not_there(full: Api) -> None:
    path = "/load_balancers/lb1"
    assert full.post(f"{path}/register", {"instance_id": "nosuch"}).status == 400
    assert full.post(f"{path}/unregister", {"instance_id": "inst2"}).status == 400
    assert full.post("/load_balancers/nosuch/register", {"instance_id": "inst2"}).status == 404
    assert full.delete("/load_balancers/nosuch").status == 404


# -- metrics ---------------------------------------------------------------------------------


def test_metrics_of_the_instance_that_was_asked_for(api: Api) -> None:
    index = api.get("/metrics").xml
    assert [m.get("id") for m in index] == ["inst0", "inst1", "inst2", "inst3"]
    assert len(index[0].findall("properties/cpuUtilization")) == 1
    assert index.find(".//sample") is None
    shown = api.get("/metrics/inst1").xml
    assert shown.findtext("entity") == "MockUserInstance"
    assert len(shown.findall("properties/*")) == 9
    assert len(shown.findall("properties/nicInputByte/sample")) == 6
    assert api.get("/metrics/nosuch").status == 404


def test_samples_are_the_same_in_both_formats_and_move_on_with_time(api: Api, clock: Clock) -> None:
    def first() -> dict[str, str]:
        sample = api.get("/metrics/inst1").xml.find("properties/cpuUtilization/sample")
        assert sample is not None
        return {p.attrib["name"]: p.attrib["value"] for p in sample}

    before = first()
    model = api.json("/metrics/inst1")["metric"]["properties"][0]
    assert {n: str(v) for n, v in model["values"][0].items()} == before
    assert float(before["minimum"]) < float(before["average"]) < float(before["maximum"])
    clock.now += 60
    assert int(first()["timestamp"]) == int(before["timestamp"]) + 60
