"""Checks of launching instances: parameters, defaults, refusals, filters, features."""

from __future__ import annotations

import pytest
from lxml import etree

from tck.checks.support import instances as support
from tck.checks.support.answers import id_at, value_at
from tck.checks.support.check import check
from tck.checks.support.client import members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import assert_creates_nothing, judge_filter
from tck.checks.support.verify import Verify
from tck.rules import reading


@check("DC-INS-020", "DC-INS-021", "DC-HTTP-003", "DC-HTTP-029", needs="instances", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_launch_with_an_image_alone(cloud: Cloud, verify: Verify, format_: str) -> None:
    """An image is enough to launch: 201, then the instance is shown and listed."""
    image = support.image_id(cloud, verify)
    x, instance = cloud.create("instances", {"image_id": image}, unnamed=True, format=format_)
    if x.status == 412:
        verify.inconclusive("the endpoint does not launch instances")
    verify.accepted("DC-INS-020", x)
    id_ = instance and instance.id
    verify.present("DC-INS-020", "/instance/@id", "an instance with an id", id_, x=x)
    instance = verify.need(instance, "no instance was launched")
    shown = cloud.show("instances", instance.id)
    verify.accepted("DC-INS-021", shown, why=f"instance {instance.id} was launched")
    verify.equal("DC-INS-020", "/instance/image", image, id_at(shown, "image"), x=shown)
    listed = [member.id for member in cloud.members("instances")]
    verify.contains("DC-INS-021", "/instances", instance.id, listed, x=shown)


@check("DC-INS-022", needs=("instances", "realms"), writes=True)
def test_launch_in_a_realm(cloud: Cloud, verify: Verify) -> None:
    """The caller chooses the realm, whichever it is."""
    realms = cloud.members("realms")
    if not realms:
        verify.inconclusive("the endpoint has no realms")
    for realm in cloud.policy.sample(realms, 4):
        x, _ = support.launch(cloud, verify, {"realm_id": realm.id})
        shown = support.show_launched(cloud, verify, "DC-INS-022", x)
        got = id_at(shown, "realm")
        verify.equal("DC-INS-022", "/instance/realm", realm.id, got, x=shown)


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
    for profile in cloud.policy.sample(profiles, 6):
        x, _ = support.launch(cloud, verify, {"hwp_id": profile})
        shown = support.show_launched(cloud, verify, "DC-INS-023", x)
        got = id_at(shown, "hardware_profile")
        verify.equal("DC-INS-023", "/instance/hardware_profile", profile, got, x=shown)


@check("DC-INS-027", "DC-INS-028", "DC-INS-029", "DC-ERR-022", needs="instances", writes=True)
@pytest.mark.parametrize(
    ("parameter", "requirement"),
    [("hwp_id", "DC-INS-027"), ("image_id", "DC-INS-028"), ("realm_id", "DC-INS-029")],
)
def test_launch_with_something_unknown(
    cloud: Cloud, verify: Verify, parameter: str, requirement: str
) -> None:
    """A launch that names an unknown image, realm or profile is refused, and launches nothing."""
    if parameter == "hwp_id" and not cloud.capabilities.declares("hardware_profiles"):
        pytest.skip("the endpoint does not list hardware_profiles")
    support.shared_instance(cloud, verify)  # the positive twin: without the unknown id it works
    form = {"image_id": support.image_id(cloud, verify), parameter: cloud.unknown_id()}
    why = f"{parameter} names nothing"
    assert_creates_nothing(cloud, verify, requirement, "instances", form, why)


@check("DC-INS-057", "DC-ERR-022", needs="instances", writes=True)
def test_launch_without_an_image(cloud: Cloud, verify: Verify) -> None:
    """A launch without an image is refused, and launches nothing."""
    support.shared_instance(cloud, verify)  # the positive twin
    assert_creates_nothing(cloud, verify, "DC-INS-057", "instances", {}, "image_id is missing")


@check("DC-INS-030", "DC-INS-012", needs=("instances", "instance_states"), writes=True)
def test_launched_instance_comes_up(cloud: Cloud, verify: Verify) -> None:
    """A launched instance comes to RUNNING or STOPPED by itself."""
    _, x = support.launch_to_rest(cloud, verify)
    got = support.state_of(x)
    verify.one_of("DC-INS-030", "/instance/state", ("running", "stopped"), got, x=x)


@check("DC-INS-037", needs="instances", writes=True)
def test_filter_by_state(cloud: Cloud, verify: Verify) -> None:
    """`?state=S` gives exactly the instances in that state."""
    support.shared_instance(cloud, verify)
    states = {reading.text(m.element, "state") or "" for m in cloud.members("instances")}
    # every machine has these two (A71): one filter at least must leave something out
    for state in sorted({*states, "RUNNING", "STOPPED"} - {""}):

        def admits(instance: etree._Element, state: str = state) -> bool:
            return reading.text(instance, "state") == state

        judge_filter(cloud, verify, "DC-INS-037", "instances", {"state": state}, admits)


@check("DC-INS-038", needs="instances", feature="instances.realm_filter", writes=True)
def test_filter_by_realm(cloud: Cloud, verify: Verify) -> None:
    """`?realm_id=R` gives exactly the instances of that realm."""
    support.shared_instance(cloud, verify)
    realms = {_realm(m.element) for m in cloud.members("instances")}
    for realm in sorted(filter(None, realms)):

        def admits(instance: etree._Element, realm: str = realm) -> bool:
            return _realm(instance) == realm

        judge_filter(cloud, verify, "DC-INS-038", "instances", {"realm_id": realm}, admits)


def _realm(instance: etree._Element) -> str:
    realm = instance.find("realm")
    return "" if realm is None else realm.get("id", "")


@check("DC-INS-056", "DC-DOC-010", needs="instances", writes=True)
def test_ids_are_not_used_twice(cloud: Cloud, verify: Verify) -> None:
    """Every launch gives another id."""
    form = {**cloud.policy.launch_defaults, "image_id": support.image_id(cloud, verify)}
    launched = [instance for _, instance in (cloud.create("instances", form) for _ in range(3))]
    ids = [instance.id for instance in launched if instance is not None]
    if len(ids) < 3:
        verify.inconclusive("three instances could not be launched")
    x = cloud.index("instances")
    verify.equal("DC-INS-056", "ids of three launches", 3, len(set(ids)), x=x)
    listed = [member.id for member in members_of(x)]
    for id_ in ids:
        verify.contains("DC-INS-056", "/instances", id_, listed, x=x)


@check("DC-INS-010", needs="instances", writes=True)
def test_owner(cloud: Cloud, verify: Verify) -> None:
    """An instance has an owner, the same in the list and alone."""
    instance = support.shared_instance(cloud, verify)
    x = cloud.get(instance.href)
    alone = value_at(x, "owner_id") or ""
    listed = {m.id: m.element.findtext("owner_id") for m in cloud.members("instances")}
    verify.present("DC-INS-010", "owner_id", "an owner_id", alone, x=x)
    verify.equal("DC-INS-010", "owner_id", alone, (listed.get(instance.id) or "").strip(), x=x)


@check("DC-INS-009", needs=("instances", "instance_states"))
def test_states_are_of_the_machine(cloud: Cloud, verify: Verify) -> None:
    """Every listed instance is in a state of the endpoint's machine."""
    machine = support.state_machine(cloud, verify)
    x = cloud.index("instances")
    members = members_of(x)
    if not members:
        verify.inconclusive("instances has no members")
    states = [state.upper() for state in machine.states]
    for member in members:
        state = (member.element.findtext("state") or "").strip()
        verify.one_of("DC-INS-009", "/instances/instance/state", states, state, x=x)
