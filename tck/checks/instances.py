"""Checks of launching instances: parameters, defaults, refusals, filters, features."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tck.checks.support import instances as support
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud, members_of
from tck.checks.support.strategies import names
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange


def _shown(cloud: Cloud, verify: Verify, requirement: str, x: Exchange) -> Exchange:
    """The instance that a launch answered with, as it is shown afterwards."""
    verify.status(requirement, x, 201)
    id_ = x.xml.get("id", "") if x.xml is not None else ""
    shown = cloud.show("instances", id_)
    verify.status(requirement, shown, 200, why=f"instance {id_} was launched")
    return shown


def _reference(x: Exchange, part: str) -> str | None:
    found = x.xml.find(part) if x.xml is not None else None
    return None if found is None else found.get("id")


@check("DC-INS-020", "DC-INS-021", "DC-HTTP-003", "DC-HTTP-029", needs="instances", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_launch_with_an_image_alone(cloud: Cloud, verify: Verify, format_: str) -> None:
    """An image is enough to launch: 201, then the instance is shown and listed."""
    image = support.image_id(cloud, verify)
    x, instance = cloud.create("instances", {"image_id": image}, format=format_)
    if x.status == 412:
        verify.inconclusive("the endpoint does not launch instances")
    verify.status("DC-INS-020", x, 201)
    got = instance.id if instance else "no id"
    verify("DC-INS-020", instance is not None, expected="an instance with an id", got=got, x=x)
    assert instance is not None
    shown = cloud.show("instances", instance.id)
    verify.status("DC-INS-021", shown, 200, why=f"instance {instance.id} was launched")
    verify.equal("DC-INS-020", image, _reference(shown, "image"), x=shown, place="/instance/image")
    listed = [member.id for member in cloud.members("instances")]
    verify.among("DC-INS-021", instance.id, listed, x=shown, place="/instances")


@check("DC-INS-022", needs=("instances", "realms"), writes=True)
def test_launch_in_a_realm(cloud: Cloud, verify: Verify) -> None:
    """The caller chooses the realm, whichever it is."""
    realms = cloud.members("realms")
    if not realms:
        verify.inconclusive("the endpoint has no realms")
    for realm in realms[:4]:
        x, _ = support.launch(cloud, verify, {"realm_id": realm.id})
        shown = _shown(cloud, verify, "DC-INS-022", x)
        got = _reference(shown, "realm")
        verify.equal("DC-INS-022", realm.id, got, x=shown, place="/instance/realm")


@check("DC-INS-023", needs=("instances", "hardware_profiles"), writes=True)
def test_launch_with_a_profile(cloud: Cloud, verify: Verify) -> None:
    """The caller chooses the hardware profile, of those that the image offers."""
    image = cloud.show("images", support.image_id(cloud, verify))
    offered = [] if image.xml is None else image.xml.findall("hardware_profiles/hardware_profile")
    profiles = [p.get("id", "") for p in offered] or [
        member.id for member in cloud.members("hardware_profiles")
    ]
    if not profiles:
        verify.inconclusive("the endpoint has no hardware profiles")
    for profile in profiles[:6]:
        x, _ = support.launch(cloud, verify, {"hwp_id": profile})
        shown = _shown(cloud, verify, "DC-INS-023", x)
        got = _reference(shown, "hardware_profile")
        verify.equal("DC-INS-023", profile, got, x=shown, place="/instance/hardware_profile")


@check("DC-INS-027", "DC-INS-028", "DC-INS-029", needs="instances", writes=True)
@pytest.mark.parametrize(
    ("parameter", "requirement"),
    [("hwp_id", "DC-INS-027"), ("image_id", "DC-INS-028"), ("realm_id", "DC-INS-029")],
)
def test_launch_with_something_unknown(
    cloud: Cloud, verify: Verify, parameter: str, requirement: str
) -> None:
    """What does not exist cannot be launched, or launched in, or with."""
    if parameter == "hwp_id" and not cloud.capabilities.declares("hardware_profiles"):
        pytest.skip("the endpoint does not list hardware_profiles")
    support.launch(cloud, verify)  # the positive twin: without the unknown id it works
    before = {member.id for member in cloud.members("instances")}
    form = {"image_id": support.image_id(cloud, verify), parameter: cloud.unknown_id()}
    x, _ = cloud.create("instances", form)
    verify.refused(requirement, x, why=f"{parameter} names nothing")
    after = {member.id for member in cloud.members("instances")}
    verify(requirement, after <= before, expected="no instance", got=sorted(after - before), x=x)


@check("DC-INS-057", needs="instances", writes=True)
def test_launch_without_an_image(cloud: Cloud, verify: Verify) -> None:
    """Nothing is launched of nothing."""
    support.launch(cloud, verify)  # the positive twin
    before = {member.id for member in cloud.members("instances")}
    x, _ = cloud.create("instances", {"name": cloud.new_name()})
    verify.refused("DC-INS-057", x, why="image_id is missing")
    after = {member.id for member in cloud.members("instances")}
    verify("DC-INS-057", after <= before, expected="no instance", got=sorted(after - before), x=x)


@check("DC-INS-030", "DC-INS-012", needs=("instances", "instance_states"), writes=True)
def test_launched_instance_comes_up(cloud: Cloud, verify: Verify) -> None:
    """A launched instance comes to RUNNING or STOPPED by itself."""
    _, instance = support.launch(cloud, verify)
    waited = support.at_rest(cloud, instance.href)
    got = support.state_of(waited.value)
    ok = got in ("running", "stopped")
    expected = f"running or stopped within {cloud.patience.deadline:g} s"
    verify("DC-INS-030", ok, expected=expected, got=got, x=waited.value, place="/instance/state")


@check("DC-INS-037", needs="instances", writes=True)
def test_filter_by_state(cloud: Cloud, verify: Verify) -> None:
    """`?state=S` gives exactly the instances in that state."""
    support.running(cloud, verify)
    states = {(m.element.findtext("state") or "").strip() for m in cloud.members("instances")}
    for state in sorted(filter(None, states)):
        x = cloud.index("instances", params={"state": state})
        verify.status("DC-INS-037", x, 200)
        found = sorted(m.id for m in members_of(x))
        all_ = cloud.members("instances")
        wanted = sorted(m.id for m in all_ if (m.element.findtext("state") or "").strip() == state)
        verify.equal("DC-INS-037", wanted, found, x=x, place=f"state={state}")


@check("DC-INS-038", needs="instances", feature="instances.realm_filter", writes=True)
def test_filter_by_realm(cloud: Cloud, verify: Verify) -> None:
    """`?realm_id=R` gives exactly the instances of that realm."""
    support.launch(cloud, verify)
    all_ = cloud.members("instances")
    realms = {realm.get("id", "") for m in all_ if (realm := m.element.find("realm")) is not None}
    for wanted_realm in sorted(realms):
        x = cloud.index("instances", params={"realm_id": wanted_realm})
        found = sorted(m.id for m in members_of(x))
        wanted = sorted(
            m.id
            for m in all_
            if (r := m.element.find("realm")) is not None and r.get("id") == wanted_realm
        )
        verify.equal("DC-INS-038", wanted, found, x=x, place=f"realm_id={wanted_realm}")


@check("DC-INS-039", "DC-DOC-019", needs="instances", feature="instances.user_name", writes=True)
def test_name_of_the_callers_choice(cloud: Cloud, verify: Verify) -> None:
    """Any name comes back as it was sent, in XML and in JSON."""
    constraint = cloud.capabilities.features["instances.user_name"].constraints
    longest = int(constraint.get("max_length", "40"))
    support.launch(cloud, verify)

    @given(names(longest))
    def holds(name: str) -> None:
        cloud.trail.clear()
        x, instance = support.launch(cloud, verify, {"name": name})
        shown = _shown(cloud, verify, "DC-INS-039", x)
        got = shown.xml.findtext("name") if shown.xml is not None else None
        verify.equal("DC-DOC-019", name, got, x=shown, place="/instance/name")
        json = cloud.show("instances", instance.id, format="json")
        value = json.json.get("instance", {}) if isinstance(json.json, Mapping) else {}
        verify.equal("DC-DOC-019", name, value.get("name"), x=json, place="instance.name")
        verify("DC-INS-039", True, expected="", got="")
        cloud.cleaner.remove(instance)

    holds()


@check("DC-INS-040", needs="instances", feature="instances.user_name", writes=True)
def test_longest_name(cloud: Cloud, verify: Verify) -> None:
    """A name of the announced length fits."""
    constraint = cloud.capabilities.features["instances.user_name"].constraints
    if not constraint.get("max_length", "").isdigit():
        verify.inconclusive("no max_length is announced")
    name = (cloud.new_name() + "x" * int(constraint["max_length"]))[: int(constraint["max_length"])]
    x, _ = support.launch(cloud, verify, {"name": name})
    shown = _shown(cloud, verify, "DC-INS-040", x)
    got = shown.xml.findtext("name") if shown.xml is not None else None
    verify.equal("DC-INS-040", name, got, x=shown, place="/instance/name")


@check(
    "DC-INS-041", needs=("instances", "keys"), feature="instances.authentication_key", writes=True
)
def test_launch_with_a_key(cloud: Cloud, verify: Verify) -> None:
    """The instance shows the key that it was launched with."""
    made, key = cloud.create("keys", {"name": cloud.new_name()})
    if key is None:
        verify.inconclusive(f"no key could be created: {made.status}")
    x, _ = support.launch(cloud, verify, {"keyname": key.id})
    shown = _shown(cloud, verify, "DC-INS-041", x)
    got = shown.xml.findtext("authentication/login/keyname") if shown.xml is not None else None
    verify.equal("DC-INS-041", key.id, got, x=shown, place="/instance/authentication/login/keyname")


@check("DC-INS-042", needs="instances", feature="instances.user_data", writes=True)
def test_launch_with_user_data(cloud: Cloud, verify: Verify) -> None:
    """Data for the instance are taken, base64 as the Ruby client sends them."""
    support.launch(cloud, verify)

    @given(st.binary(max_size=200))
    def holds(data: bytes) -> None:
        encoded = base64.b64encode(data).decode()
        form = {"image_id": support.image_id(cloud, verify), "user_data": encoded}
        x, instance = cloud.create("instances", form)
        verify.status("DC-INS-042", x, 201)
        if instance is not None:
            cloud.cleaner.remove(instance)

    holds()


@check("DC-INS-043", needs="instances", feature="instances.metrics", writes=True)
def test_launch_with_monitoring(cloud: Cloud, verify: Verify) -> None:
    """A launch that asks for monitoring is a launch."""
    support.launch(cloud, verify)
    form = {"image_id": support.image_id(cloud, verify), "metrics": "true"}
    x, _ = cloud.create("instances", form)
    _shown(cloud, verify, "DC-INS-043", x)


@check("DC-INS-056", "DC-DOC-010", needs="instances", writes=True)
def test_ids_are_not_used_twice(cloud: Cloud, verify: Verify) -> None:
    """Every launch gives another id."""
    ids = [support.launch(cloud, verify)[1].id for _ in range(3)]
    x = cloud.index("instances")
    verify.equal("DC-INS-056", 3, len(set(ids)), x=x, place="ids of three launches")
