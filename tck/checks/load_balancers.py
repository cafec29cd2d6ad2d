"""Checks of load balancers."""

from __future__ import annotations

import pytest

from tck.checks.support import instances, life
from tck.checks.support.answers import ids_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.safety.resource import Resource


def form_of(cloud: Cloud, verify: Verify) -> dict[str, str]:
    """Parameters of a new balancer in the first realm."""
    return {
        "name": cloud.new_name(),
        "realm_id": life.first_member(cloud, verify, "realms").id,
        "listener_protocol": "HTTP",
        "listener_balancer_port": "80",
        "listener_instance_port": "3010",
    }


def balancer(cloud: Cloud, verify: Verify) -> Resource:
    """A balancer of this run."""
    form = form_of(cloud, verify)
    return life.create(cloud, verify, "DC-LBL-005", "load_balancers", form)[1]


def served(x: Exchange) -> list[str]:
    """Ids of the instances that a balancer document lists."""
    return ids_at(x, "instances/instance")


@check("DC-LBL-005", "DC-HTTP-003", "DC-HTTP-029", needs=("load_balancers", "realms"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new balancer has the realm and the listener it was given."""
    form = form_of(cloud, verify)
    x, new = life.create(cloud, verify, "DC-LBL-005", "load_balancers", form, format=format_)
    root = life.assert_shown(cloud, verify, "DC-LBL-005", new)
    realm = root.find("realm")
    got = None if realm is None else realm.get("id")
    verify.equal("DC-LBL-005", "/load_balancer/realm/@id", form["realm_id"], got, x=x)
    listener = root.find("listeners/listener")
    parts = ("load_balancer_port", "instance_port")
    facts = [] if listener is None else [listener.get("protocol")]
    facts += [] if listener is None else [reading.text(listener, part) for part in parts]
    verify.equal("DC-LBL-005", "listeners/listener", ["HTTP", "80", "3010"], facts, x=x)


@check("DC-DOC-026", needs=("load_balancers", "realms"), writes=True)
def test_second_of_one_name(cloud: Cloud, verify: Verify) -> None:
    """A second balancer of one name is refused, or is another one; the first stays."""
    form, other = form_of(cloud, verify), {"listener_instance_port": "3011"}
    life.create_second_of_same_name(cloud, verify, "load_balancers", form, other, _ports)


def _ports(x: Exchange) -> list[str]:
    listeners = [] if x.xml is None else x.xml.findall("listeners/listener")
    return sorted(str(reading.text(listener, "instance_port")) for listener in listeners)


@check("DC-LBL-006", "DC-LBL-010", needs=("load_balancers", "realms"), writes=True)
@pytest.mark.parametrize(
    "missing",
    ["name", "realm_id", "listener_protocol", "listener_balancer_port", "listener_instance_port"],
)
def test_create_without(cloud: Cloud, verify: Verify, missing: str) -> None:
    """A create without one of the parameters is refused; the twin has all of them."""
    balancer(cloud, verify)
    form = form_of(cloud, verify)
    del form[missing]
    x, _ = cloud.create("load_balancers", form, unnamed=True)
    verify.status("DC-LBL-006", x, 400, why=f"{missing} is missing")
    x, _ = cloud.create("load_balancers", form_of(cloud, verify) | {"listener_protocol": "TCK"})
    verify.refused("DC-LBL-010", x, why="there is no protocol TCK")


@check(
    "DC-LBL-007",
    "DC-LBL-006",
    "DC-HTTP-008",
    "DC-LNK-007",
    "DC-DOC-016",
    needs=("load_balancers", "instances", "realms"),
    writes=True,
)
def test_register_and_unregister(cloud: Cloud, verify: Verify) -> None:
    """A balancer lists an instance from register to unregister, and keeps the others."""
    where = balancer(cloud, verify)
    empty = cloud.get(where.href)
    one, other = (instances.launch(cloud, verify)[1] for _ in range(2))
    x = life.act(cloud, verify, where, "register")
    verify.status("DC-LBL-006", x, 400, why="instance_id is missing")
    for format_, instance in (("xml", one), ("json", other)):
        x = life.act(cloud, verify, where, "register", format_, instance_id=instance.id)
        verify.accepted("DC-LBL-007", x)
    life.assert_offered(verify, empty, "register")
    x = _wait_until_serving(cloud, verify, where, "register", sorted([one.id, other.id]))
    verify.equal("DC-LBL-007", "instances", sorted([one.id, other.id]), served(x), x=x)
    life.compare_formats(cloud, verify, where)
    for format_, instance, left in (("xml", one, [other.id]), ("json", other, [])):
        x = life.act(cloud, verify, where, "unregister", format_, instance_id=instance.id)
        verify.accepted("DC-LBL-007", x)
        x = _wait_until_serving(cloud, verify, where, "unregister", left)
        verify.equal("DC-LBL-007", "instances", left, served(x), x=x)


def _wait_until_serving(
    cloud: Cloud, verify: Verify, where: Resource, action: str, ids: list[str]
) -> Exchange:
    return instances.wait_until_shows(cloud, verify, "DC-LBL-007", where, action, served, ids)


@check("DC-DOC-027", "DC-LBL-007", needs=("load_balancers", "instances", "realms"), writes=True)
def test_instance_of_a_balancer_is_destroyed(cloud: Cloud, verify: Verify) -> None:
    """A balancer does not list an instance that was destroyed."""
    where, instance = _filled(cloud, verify)
    life.assert_forgotten(cloud, verify, where, instance, served)


@check("DC-INS-055", needs=("load_balancers", "instances", "realms"), writes=True)
def test_another_instance_is_destroyed(cloud: Cloud, verify: Verify) -> None:
    """A balancer keeps its instance when another instance is destroyed."""
    where, instance = _filled(cloud, verify)
    life.assert_kept(cloud, verify, where, instance, served)


def _filled(cloud: Cloud, verify: Verify) -> tuple[Resource, Resource]:
    """A balancer of this run, and an instance that is registered there."""
    where = balancer(cloud, verify)
    instance, _ = instances.launch_running(cloud, verify)
    x = life.act(cloud, verify, where, "register", instance_id=instance.id)
    verify.accepted("DC-LBL-007", x)
    return where, instance


@check("DC-LBL-011", needs=("load_balancers", "instances", "realms"), writes=True)
def test_register_what_does_not_exist(cloud: Cloud, verify: Verify) -> None:
    """To register an unknown instance is refused; a real one is registered."""
    where = balancer(cloud, verify)
    instance = instances.shared_instance(cloud, verify)
    x = life.act(cloud, verify, where, "register", instance_id=instance.id)
    verify.accepted("DC-LBL-011", x)
    x = life.act(cloud, verify, where, "register", instance_id=cloud.unknown_id())
    verify.refused("DC-LBL-011", x, why="there is no such instance")
    x = cloud.get(where.href)
    verify.equal("DC-LBL-011", "instances", [instance.id], served(x), x=x)


@check("DC-LBL-009", "DC-HTTP-005", "DC-LNK-007", needs=("load_balancers", "realms"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed balancer is gone, another stays."""
    where, other = balancer(cloud, verify), balancer(cloud, verify)
    life.destroy(cloud, verify, "DC-LBL-009", where, format_)
    life.assert_shown(cloud, verify, "DC-LBL-009", other)
