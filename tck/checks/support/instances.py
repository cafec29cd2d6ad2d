"""Launching instances, and waiting for them to come to rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import etree

from tck.checks.support import machine as machines
from tck.checks.support.awaiting import need_action, place_of, until
from tck.checks.support.cloud import Cloud
from tck.checks.support.machine import RESTING, Machine
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import ForeignOrigin
from tck.rules.judgement import shown
from tck.safety.resource import Resource

# What each action leads to, by the state machine; for a launch, that it comes up.
REQUIREMENTS = {
    "launch": "DC-INS-030",
    "stop": "DC-INS-031",
    "start": "DC-INS-032",
    "reboot": "DC-INS-033",
    "destroy": "DC-INS-034",
}
# States of images that cannot be launched, as providers name them; the API names only AVAILABLE.
_UNUSABLE = {"pending", "queued", "saving", "creating", "importing", "killed", "failed", "error"}
_UNUSABLE |= {"invalid", "transient", "deregistered", "deactivated", "deleting", "deleted"}
_UNUSABLE |= {"pending_delete", "unavailable", "locked", "disabled"}
# From that of a mark of this run, to what a header field of a proxy still takes.
_LENGTHS_OF_NAMES = range(20, 4097)


def image_id(cloud: Cloud, verify: Verify) -> str:
    """An image to launch; the check is inconclusive without one."""
    if preferred := cloud.policy.launch_defaults.get("image_id"):
        return preferred
    declared = cloud.capabilities.declares("images")
    images = cloud.once("images", lambda: cloud.members("images")) if declared else []
    states = [(image.element.findtext("state") or "").strip().lower() for image in images]
    usable = [i.id for i, state in zip(images, states, strict=True) if state not in _UNUSABLE]
    if not usable:
        why = f": their states are {', '.join(sorted(set(states)))}" if images else ""
        verify.inconclusive(f"the endpoint has no image to launch{why}")
    return usable[0]


def state_machine(cloud: Cloud, verify: Verify) -> Machine:
    """The endpoint's state machine; the check is inconclusive without one."""
    if (machine := _machine(cloud)) is None:
        verify.inconclusive("the endpoint's state machine cannot be read")
    return machine


def _machine(cloud: Cloud) -> Machine | None:
    if not cloud.capabilities.declares("instance_states"):
        return None
    return cloud.once("machine", lambda: machines.parse(cloud.index("instance_states")))


def longest_name(cloud: Cloud) -> int | None:
    """The announced length of names of instances; None if none of use is: 5, 10000000 or "many"."""
    feature = cloud.capabilities.features.get("instances.user_name")
    announced = feature.constraints.get("max_length", "") if feature else ""
    usable = re.fullmatch(r"[0-9]{1,5}", announced) and int(announced) in _LENGTHS_OF_NAMES
    return int(announced) if usable else None


def launch(
    cloud: Cloud, verify: Verify, form: Mapping[str, str] | None = None, **options: Any
) -> tuple[Exchange, Resource]:
    """Launch an instance that the check needs; inconclusive if the endpoint refuses."""
    defaults = {**cloud.policy.launch_defaults, "image_id": image_id(cloud, verify)}
    x, instance = cloud.create("instances", {**defaults, **(form or {})}, **options)
    if instance is None:
        cloud.once.clear()  # the image may have gone since
        verify.inconclusive(f"no instance could be launched: {x.status or x.failure}")
    assert_new(cloud, verify, x, instance)
    return x, instance


def assert_new(cloud: Cloud, verify: Verify, x: Exchange, resource: Resource) -> None:
    """What a create answered with was not there before; nothing of the run goes on to use it."""
    reasons = [reason for other, reason in cloud.resources.existed if other == resource]
    got = f"{resource.collection} {resource.id}: {reasons[-1]}" if reasons else None
    verify.absent("DC-DOC-028", "id", "an object that was not there before", got, x=x)


def shared_instance(cloud: Cloud, verify: Verify) -> Resource:
    """An instance to look at, launched once for all checks that leave it unchanged."""
    for resource in cloud.resources.kept:
        if resource.collection == "instances" and resource in cloud.journal.live:
            return resource
    _, instance = launch(cloud, verify)
    cloud.resources.kept.append(instance)
    return instance


def show_launched(cloud: Cloud, verify: Verify, requirement: str, x: Exchange) -> Exchange:
    """The document of the instance that `x` launched; 201 and then 200 are `requirement`.

    Its id is read from Location where the document cannot be read: others judge that.
    """
    verify.accepted(requirement, x)
    in_location = unquote(x.headers.get("Location").rpartition("/")[2])
    id_ = (x.xml.get("id", "") if x.xml is not None else "") or in_location
    shown = cloud.show("instances", id_)
    verify.accepted(requirement, shown, why=f"instance {id_} was launched")
    return shown


def state_of(x: Exchange) -> str:
    """State that an instance document shows, in lower case: "gone" for 404 and 410, else ""."""
    if x.status in (404, 410):
        return "gone"
    root = x.xml
    return (root.findtext("state") or "").strip().lower() if root is not None else ""


def wait_until_at_rest(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    instance: Resource,
    action: str,
    *,
    leaving: str = "",
    machine: Machine | None = None,
) -> Exchange:
    """The instance once its state is one that it does not leave by itself, or once it is gone.

    `action`: what it comes to rest after (launch, stop, ...), which `requirement` demands;
    `leaving`: the state that it leaves by the action, in which it rests, too.
    """

    def rests(x: Exchange) -> bool:
        state = state_of(x)
        at_rest = state in {*RESTING, "gone"} or (machine is not None and machine.rests(state))
        return at_rest and state != leaving

    return until(
        cloud,
        verify,
        requirement,
        instance,
        action,
        rests,
        lambda x: f"leave {state_of(x).upper()}" if state_of(x) else "show a state",
        place="/instance/state",
        expected=f"another state after {action}" if leaving else "a state in which it rests",
        got=state_of,
    )


def wait_until_shows(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    resource: Resource,
    action: str,
    read: Callable[[Exchange], object],
    expected: object,
) -> Exchange:
    """The document of a resource once `read` finds there what an action should lead to."""
    return until(
        cloud,
        verify,
        requirement,
        resource,
        action,
        lambda x: read(x) == expected,
        lambda _: "change",
        place=place_of(resource),
        expected=shown(expected),
        got=read,
    )


def launch_to_rest(cloud: Cloud, verify: Verify) -> tuple[Resource, Exchange]:
    """An instance, launched for the check, once it rests."""
    need_action(cloud, verify, "instances", "launch")
    _, instance = launch(cloud, verify)
    return instance, wait_until_at_rest(cloud, verify, "DC-INS-030", instance, "launch")


def launch_running(cloud: Cloud, verify: Verify) -> tuple[Resource, Exchange]:
    """A running instance, launched for the check, and started if it comes up stopped.

    The check is inconclusive if it does not get to RUNNING.
    """
    instance, x = launch_to_rest(cloud, verify)
    if state_of(x) == "stopped":
        x = follow_to_rest(cloud, verify, instance, x, "start")
    if state_of(x) != "running":
        verify.inconclusive(f"no instance could be brought to RUNNING: {state_of(x)}")
    return instance, x


def links(x: Exchange) -> dict[str, etree._Element]:
    """Action links of an instance document by rel: stop, start, reboot, destroy, ..."""
    root = x.xml
    elements = [] if root is None else root.findall("actions/link")
    return {str(link.get("rel")): link for link in elements}


def follow(cloud: Cloud, x: Exchange, rel: str, **options: Any) -> Exchange:
    """Send the request of an action link (POST if it names no method). KeyError without it.

    Skips if it leads to another origin, which DC-DOC-008 judges.
    """
    link = links(x)[rel]
    method = str(link.get("method", "post")).upper()
    try:
        return cloud.request(method, str(link.get("href")), **options)
    except ForeignOrigin as error:
        pytest.skip(f"the link {rel} cannot be followed: {error}")


def done_by(cloud: Cloud, instance: Resource, x: Exchange, rel: str) -> str:
    """What following an action link does: its rel if it leads to the path of the API.

    Else "stop by its link", since the link may be wrong instead of the action.
    """
    action = "" if rel == "destroy" else rel
    path = cloud.transport.url(cloud.path("instances", instance.id, action=action))
    plain = x.rebased(str(links(x)[rel].get("href"))) == path
    return rel if plain else f"{rel} by its link"


def follow_to_rest(
    cloud: Cloud, verify: Verify, instance: Resource, x: Exchange, rel: str
) -> Exchange:
    """Follow an action link that leads to another state; the instance once it rests there.

    The check is inconclusive if that is refused.
    """
    state, done = state_of(x), done_by(cloud, instance, x, rel)
    answer = follow(cloud, x, rel)
    if not answer.ok and answer.status not in (302, 303):
        verify.inconclusive(f"{rel} was answered {answer.status or answer.failure}")
    requirement = REQUIREMENTS.get(done, "DC-INS-053")
    return wait_until_at_rest(
        cloud, verify, requirement, instance, done, leaving=state, machine=_machine(cloud)
    )
