"""Checks of addresses: allocate, associate, disassociate, release."""

from __future__ import annotations

import pytest

from tck.checks.support import instances, life
from tck.checks.support.answers import id_at, value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource


def _address(cloud: Cloud, verify: Verify) -> Resource:
    return life.create(cloud, verify, "DC-ADR-005", "addresses", {})[1]


def holder_of(x: Exchange) -> str | None:
    """Id of the instance that an address document names."""
    return id_at(x, "instance")


def _wait_until_held_by(
    cloud: Cloud, verify: Verify, address: Resource, instance_id: str | None
) -> Exchange:
    """The address once it names the instance, or none after it was disassociated."""
    action, requirement = (
        ("associate", "DC-ADR-006") if instance_id else ("disassociate", "DC-ADR-008")
    )
    return instances.wait_until_shows(
        cloud, verify, requirement, address, action, holder_of, instance_id
    )


def _associated(cloud: Cloud, verify: Verify) -> tuple[Resource, Resource]:
    """An address of this run, given to an instance of this run."""
    instance, _ = instances.launch_running(cloud, verify)
    address = _address(cloud, verify)
    free = cloud.get(address.href)
    x = life.act(cloud, verify, address, "associate", instance_id=instance.id)
    verify.accepted("DC-ADR-006", x)
    x = _wait_until_held_by(cloud, verify, address, instance.id)
    verify.equal("DC-ADR-006", "/address/instance/@id", instance.id, holder_of(x), x=x)
    _offered(verify, free, "associate")
    return address, instance


def _offered(verify: Verify, before: Exchange, rel: str) -> None:
    """The address showed a link to the action that then worked."""
    rels = [] if before.xml is None else [link.get("rel") for link in before.xml.iter("link")]
    verify.contains("DC-ADR-004", "/address/actions", rel, rels, x=before)


def _freed(cloud: Cloud, verify: Verify, address: Resource) -> None:
    """Give an address back, so that it can be released."""
    held = cloud.get(address.href)
    x = life.act(cloud, verify, address, "disassociate")
    verify.accepted("DC-ADR-008", x)
    _offered(verify, held, "disassociate")
    x = _wait_until_held_by(cloud, verify, address, None)
    verify.equal("DC-ADR-008", "/address/instance", None, holder_of(x), x=x)


@check("DC-ADR-005", "DC-HTTP-003", "DC-HTTP-029", needs="addresses", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_allocate(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new address is free, and was not there before."""
    before = {member.id for member in cloud.members("addresses")}
    x, address = cloud.create("addresses", {}, format=format_)
    life.skip_unless_offered(verify, x, "to allocate addresses")
    verify.accepted("DC-ADR-005", x)
    verify.present("DC-ADR-005", "Location", "the id of what was allocated", address, x=x)
    address = verify.need(address, "no address was allocated")
    is_new = address.id not in before
    verify.holds("DC-ADR-005", "/address/@id", "an id not listed before", address.id, is_new, x=x)
    life.assert_shown(cloud, verify, "DC-ADR-005", address)
    x = cloud.get(address.href)
    verify.equal("DC-ADR-005", "/address/instance", None, holder_of(x), x=x)


@check(
    "DC-ADR-006",
    "DC-ADR-007",
    "DC-ADR-008",
    "DC-ADR-004",
    "DC-HTTP-007",
    "DC-DOC-016",
    needs=("addresses", "instances"),
    writes=True,
)
def test_associate_and_disassociate(cloud: Cloud, verify: Verify) -> None:
    """While they are associated the address names the instance and the instance shows the address.

    Afterwards the address names none, and another pair is as it was.
    """
    address, instance = _associated(cloud, verify)
    ip = verify.need(value_at(cloud.get(address.href), "ip"), "the address has no ip")
    x = cloud.get(instance.href)
    public = [] if x.xml is None else x.xml.findall("public_addresses/address")
    got = [(a.text or "").strip() for a in public]
    verify.contains("DC-ADR-007", "/instance/public_addresses", ip, got, x=x)
    life.compare_formats(cloud, verify, address, instance)
    other, second = _associated(cloud, verify)
    _freed(cloud, verify, address)
    x = cloud.get(other.href)
    verify.equal("DC-ADR-006", "/address/instance/@id", second.id, holder_of(x), x=x)
    _freed(cloud, verify, other)


@check("DC-ADR-009", needs=("addresses", "instances"), writes=True)
def test_associate_twice(cloud: Cloud, verify: Verify) -> None:
    """An address in use cannot be associated again, a free one cannot be disassociated."""
    address, instance = _associated(cloud, verify)
    other, _ = instances.launch_running(cloud, verify)
    x = life.act(cloud, verify, address, "associate", instance_id=other.id)
    verify.refused("DC-ADR-009", x, 502, why=f"{instance.id} has the address")
    x = cloud.get(address.href)
    verify.equal("DC-ADR-009", "/address/instance/@id", instance.id, holder_of(x), x=x)
    _freed(cloud, verify, address)
    x = life.act(cloud, verify, address, "disassociate")
    verify.refused("DC-ADR-009", x, 502, why="the address is free")


@check("DC-ADR-010", needs=("addresses", "instances"), writes=True)
def test_associate_with_what_does_not_exist(cloud: Cloud, verify: Verify) -> None:
    """To associate with an unknown instance, or with none, is refused; a real one works."""
    address, _ = _associated(cloud, verify)
    _freed(cloud, verify, address)
    x = life.act(cloud, verify, address, "associate", instance_id=cloud.unknown_id())
    verify.refused("DC-ADR-010", x, why="there is no such instance")
    x = life.act(cloud, verify, address, "associate")
    verify.refused("DC-ADR-010", x, why="instance_id is missing")
    x = cloud.get(address.href)
    verify.equal("DC-ADR-010", "/address/instance", None, holder_of(x), x=x)


@check("DC-ADR-011", needs=("addresses", "instances"), writes=True)
def test_release_in_use(cloud: Cloud, verify: Verify) -> None:
    """Releasing an address in use works, or is refused with 4xx or 502."""
    address, _ = _associated(cloud, verify)
    x = cloud.delete(address.href)
    verify.refused("DC-ADR-011", x, 204, 502)
    if x.status == 204:
        cloud.mark_destroyed(address)
    else:
        _freed(cloud, verify, address)


@check("DC-DOC-027", "DC-ADR-006", needs=("addresses", "instances"), writes=True)
def test_instance_of_an_address_is_destroyed(cloud: Cloud, verify: Verify) -> None:
    """When its instance is destroyed an address is free, or gone."""
    address, instance = _associated(cloud, verify)
    life.assert_forgotten(cloud, verify, address, instance, lambda x: [holder_of(x)])


@check("DC-INS-055", needs=("addresses", "instances"), writes=True)
def test_another_instance_is_destroyed(cloud: Cloud, verify: Verify) -> None:
    """An address stays with its instance when another instance is destroyed."""
    address, instance = _associated(cloud, verify)
    life.assert_kept(cloud, verify, address, instance, lambda x: [holder_of(x)])
    _freed(cloud, verify, address)


@check("DC-ADR-012", "DC-HTTP-005", "DC-LNK-007", needs="addresses", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_release(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A released address is gone, another stays."""
    address, other = _address(cloud, verify), _address(cloud, verify)
    life.destroy(cloud, verify, "DC-ADR-012", address, format_)
    life.assert_shown(cloud, verify, "DC-ADR-012", other)
