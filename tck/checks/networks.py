"""Checks of networks, subnets and network interfaces."""

from __future__ import annotations

import pytest

from tck.checks.support import instances, life
from tck.checks.support.answers import ids_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import assert_creates_nothing
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.safety.resource import Resource

BLOCK, PART, OTHER = "10.77.0.0/16", "10.77.1.0/24", "10.78.0.0/16"


def new_network(cloud: Cloud, verify: Verify, format_: str = "xml") -> Resource:
    """A network of this run."""
    form = {"name": cloud.new_name(), "address_block": BLOCK}
    return life.create(cloud, verify, "DC-NET-007", "networks", form, format=format_)[1]


def _subnet(cloud: Cloud, verify: Verify, network: Resource, format_: str = "xml") -> Resource:
    form = {"network_id": network.id, "address_block": PART, "name": cloud.new_name()}
    return life.create(cloud, verify, "DC-NET-008", "subnets", form, format=format_)[1]


@check("DC-NET-007", "DC-HTTP-004", "DC-HTTP-030", needs="networks", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create_a_network(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new network has the address block that it was given, in both formats."""
    network = new_network(cloud, verify, format_)
    life.assert_shown(cloud, verify, "DC-NET-007", network)
    x = cloud.get(network.href)
    verify.contains("DC-NET-007", "/network/address_blocks", BLOCK, _blocks(x), x=x)
    json = cloud.get(network.href, format="json")
    verify.status("DC-NET-007", json, 200)


@check("DC-NET-008", "DC-HTTP-004", needs=("networks", "subnets"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create_a_subnet(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new subnet names its network, and the network lists the subnet."""
    network = new_network(cloud, verify)
    subnet = _subnet(cloud, verify, network, format_)
    root = life.assert_shown(cloud, verify, "DC-NET-008", subnet)
    x = cloud.get(subnet.href)
    verify.equal("DC-NET-008", "address_block", PART, reading.text(root, "address_block"), x=x)
    verify.equal("DC-NET-008", "network", network.id, reading.text(root, "network"), x=x)
    whole = life.assert_shown(cloud, verify, "DC-NET-008", network)
    subnets = [s.get("id") for s in whole.iterfind("subnets/subnet")]
    verify.contains("DC-NET-008", "/network/subnets", subnet.id, subnets, x=x)


@check("DC-NET-009", "DC-ERR-022", needs=("networks", "subnets"), writes=True)
def test_subnet_of_an_unknown_network(cloud: Cloud, verify: Verify) -> None:
    """A subnet of an unknown network is refused; the twin: one of a real network is created."""
    _subnet(cloud, verify, new_network(cloud, verify))
    form = {"network_id": cloud.unknown_id(), "address_block": PART}
    assert_creates_nothing(cloud, verify, "DC-NET-009", "subnets", form, "there is no such network")


@check(
    "DC-NET-010",
    "DC-HTTP-004",
    "DC-DOC-016",
    needs=("network_interfaces", "networks", "instances"),
    writes=True,
)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create_an_interface(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new interface names its instance, and the instance lists the interface."""
    instance = instances.shared_instance(cloud, verify)
    network = life.first_member(cloud, verify, "networks")
    form = {"instance": instance.id, "network": network.id, "name": cloud.new_name()}
    x, nic = life.create(cloud, verify, "DC-NET-010", "network_interfaces", form, format=format_)
    holder = life.assert_shown(cloud, verify, "DC-NET-010", nic).find("instance")
    got = None if holder is None else holder.get("id")
    verify.equal("DC-NET-010", "/network_interface/instance/@id", instance.id, got, x=x)
    shown = cloud.get(instance.href)
    ids = ids_at(shown, "network_interfaces/network_interface")
    verify.contains("DC-NET-010", "/instance/network_interfaces", nic.id, ids, x=shown)
    life.compare_formats(cloud, verify, nic)
    life.destroy(cloud, verify, "DC-NET-010", nic)


@check("DC-DOC-026", needs="networks", writes=True)
def test_second_of_one_name(cloud: Cloud, verify: Verify) -> None:
    """A second network of one name is refused, or is another one; the first stays."""
    form, other = {"name": cloud.new_name(), "address_block": BLOCK}, {"address_block": OTHER}
    life.create_second_of_same_name(cloud, verify, "networks", form, other, _blocks)


def _blocks(x: Exchange) -> list[str]:
    blocks = [] if x.xml is None else x.xml.findall("address_blocks/address_block")
    return [(block.text or "").strip() for block in blocks]


@check("DC-NET-011", "DC-HTTP-005", "DC-LNK-007", needs=("networks", "subnets"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed subnet is gone from its network; a destroyed network is gone."""
    network, other = new_network(cloud, verify), new_network(cloud, verify)
    subnet = _subnet(cloud, verify, network)
    life.destroy(cloud, verify, "DC-NET-011", subnet, format_)
    whole = life.assert_shown(cloud, verify, "DC-NET-011", network)
    subnets, x = [s.get("id") for s in whole.iterfind("subnets/subnet")], cloud.get(network.href)
    verify.lacks("DC-NET-011", "/network/subnets", subnet.id, subnets, x=x)
    life.destroy(cloud, verify, "DC-NET-011", network, format_)
    life.assert_shown(cloud, verify, "DC-NET-011", other)


@check("DC-NET-013", needs="network_interfaces")
def test_network_of_an_interface(cloud: Cloud, verify: Verify) -> None:
    """The network or subnet that an interface names exists."""
    members = cloud.members("network_interfaces")
    examined = 0
    for member in members[:6]:
        network = member.element.find("network")
        if network is None:
            continue
        collection = "subnets" if network.get("rel") == "subnet" else "networks"
        if not cloud.capabilities.declares(collection):
            continue
        examined += 1
        ids = [m.id for m in cloud.members(collection)]
        x = cloud.get(cloud.path("network_interfaces", member.id))
        verify.one_of("DC-NET-013", "network/@id", ids, network.get("id"), x=x)
    if not examined:
        verify.inconclusive("no interface names a network that can be looked up")
