"""Checks that invalid values are refused: impossible numbers, references to what is unknown."""

from __future__ import annotations

import pytest

from tck.checks import firewalls, load_balancers
from tck.checks.support import instances, life
from tck.checks.support.answers import text_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import assert_creates_nothing
from tck.checks.support.verify import Verify


def _form(cloud: Cloud, verify: Verify, collection: str) -> dict[str, str]:
    """Parameters with which something can be created; the twin proves it."""
    if collection == "load_balancers":
        form = load_balancers.form_of(cloud, verify)
    elif collection == "networks":
        form = {"name": cloud.new_name(), "address_block": "10.79.0.0/16"}
    else:
        form = {"capacity": "1"}
    x, _ = life.create(cloud, verify, "DC-ERR-020", collection, form)
    form |= {name: value for name, value in x.request.form.items() if name == "capacity"}
    # a second one of the same name would be refused for its name
    return form | ({"name": cloud.new_name()} if "name" in form else {})


@check("DC-ERR-020", "DC-ERR-022", writes=True)
@pytest.mark.parametrize(
    ("collection", "parameter", "value"),
    [
        ("storage_volumes", "capacity", "-1"),
        ("storage_volumes", "capacity", "many"),
        ("networks", "address_block", "300.1.1.0/99"),
        ("load_balancers", "listener_balancer_port", "none"),
        ("load_balancers", "listener_instance_port", "70000"),
    ],
)
def test_value_that_cannot_be_meant(
    cloud: Cloud, verify: Verify, collection: str, parameter: str, value: str
) -> None:
    """An invalid capacity, port or address range is refused."""
    form = _form(cloud, verify, collection) | {parameter: value}
    why = f"{value} is not a {parameter}"
    assert_creates_nothing(cloud, verify, "DC-ERR-020", collection, form, why)


@check("DC-ERR-020", "DC-FWL-009", needs="firewalls", writes=True)
@pytest.mark.parametrize(
    ("first", "last"), [("ssh", "23"), ("22", "70000"), ("-5", "23"), ("25", "24")]
)
def test_ports_that_cannot_be_meant(cloud: Cloud, verify: Verify, first: str, last: str) -> None:
    """A rule for invalid ports, or for a range that runs backwards, is refused and not added."""
    where = firewalls.firewall(cloud, verify)
    verify.accepted("DC-FWL-009", firewalls.add(cloud, verify, where, firewalls.RULE))
    before = len(firewalls.rules(cloud.get(where.href)))
    form = firewalls.RULE | {"port_from": first, "port_to": last}
    x = firewalls.add(cloud, verify, where, form)
    verify.refused("DC-ERR-020", x, why=f"there are no ports {first} to {last}")
    x = cloud.get(where.href)
    count = len(firewalls.rules(x))
    verify.equal("DC-ERR-020", "number of rules", before, count, x=x)


@check("DC-ERR-021", "DC-ERR-022", needs="realms", writes=True)
@pytest.mark.parametrize("collection", ["storage_volumes", "load_balancers"])
def test_unknown_realm(cloud: Cloud, verify: Verify, collection: str) -> None:
    """A create in an unknown realm is refused, and creates nothing; the twin is in a real one."""
    form = _form(cloud, verify, collection) | {"realm_id": cloud.unknown_id()}
    assert_creates_nothing(cloud, verify, "DC-ERR-021", collection, form, "there is no such realm")


def _launch_with(cloud: Cloud, verify: Verify, parameter: str) -> None:
    """A launch that names nothing works, one that names what does not exist is refused."""
    instances.shared_instance(cloud, verify)
    form = {"image_id": instances.image_id(cloud, verify), parameter: cloud.unknown_id()}
    why = f"{parameter} names nothing"
    assert_creates_nothing(cloud, verify, "DC-ERR-021", "instances", form, why)


@check("DC-ERR-021", "DC-ERR-022", needs="instances", feature="instances.firewalls", writes=True)
def test_launch_in_an_unknown_firewall(cloud: Cloud, verify: Verify) -> None:
    """A launch in an unknown firewall is refused, not launched unprotected."""
    _launch_with(cloud, verify, "firewalls1")


@check(
    "DC-ERR-021", "DC-ERR-022", needs="instances", feature="instances.attach_snapshot", writes=True
)
def test_launch_with_an_unknown_snapshot(cloud: Cloud, verify: Verify) -> None:
    """A launch with an unknown snapshot is refused, not launched without its data."""
    _launch_with(cloud, verify, "snapshot_id")


@check(
    "DC-ERR-021", "DC-ERR-022", needs=("network_interfaces", "networks", "instances"), writes=True
)
@pytest.mark.parametrize("parameter", ["instance", "network"])
def test_interface_of_what_does_not_exist(cloud: Cloud, verify: Verify, parameter: str) -> None:
    """An interface joins an instance to a network, if there are both; the twin does."""
    form = {
        "instance": instances.shared_instance(cloud, verify).id,
        "network": life.first_member(cloud, verify, "networks").id,
    }
    life.create(cloud, verify, "DC-ERR-021", "network_interfaces", form)
    wrong = form | {parameter: cloud.unknown_id()}
    why = f"there is no such {parameter}"
    assert_creates_nothing(cloud, verify, "DC-ERR-021", "network_interfaces", wrong, why)


@check("DC-INS-058", needs="instances", feature="instances.user_name", writes=True)
def test_name_that_is_too_long(cloud: Cloud, verify: Verify) -> None:
    """A name that is too long is refused, or shown whole; the twin has the announced length."""
    longest = verify.need(instances.longest_name(cloud), "no usable max_length is announced")
    instances.shared_instance(cloud, verify)
    name = cloud.new_name().ljust(longest + 1, "x")
    form = {"image_id": instances.image_id(cloud, verify), "name": name}
    x, instance = cloud.create("instances", form)
    if instance is None:
        verify.refused("DC-INS-058", x, why=f"{len(name)} characters are too many")
        return
    shown = cloud.get(instance.href)
    verify.equal("DC-INS-058", "/instance/name", name, text_at(shown, "name"), x=shown)
