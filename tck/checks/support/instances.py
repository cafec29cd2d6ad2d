"""Launching instances, and waiting for them to come to rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from tck.checks.support import machine as machines
from tck.checks.support.cloud import Cloud
from tck.checks.support.machine import RESTING, Machine
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.journal import Resource
from tck.safety.waiting import Waited, eventually


def image_id(cloud: Cloud, verify: Verify) -> str:
    """An image to launch; the check is inconclusive without one."""
    if preferred := cloud.terms.preferred.get("image_id"):
        return preferred
    declared = cloud.capabilities.declares("images")
    images = cloud.once("images", lambda: cloud.members("images")) if declared else []
    if not images:
        verify.inconclusive("the endpoint has no image to launch")
    return images[0].id


def machine(cloud: Cloud, verify: Verify) -> Machine:
    """The endpoint's state machine; the check is inconclusive without one."""
    found = cloud.once("machine", lambda: machines.of(cloud.index("instance_states")))
    if found is None:
        verify.inconclusive("the endpoint's state machine cannot be read")
    return found


def launch(
    cloud: Cloud, verify: Verify, form: Mapping[str, str] | None = None, **options: Any
) -> tuple[Exchange, Resource]:
    """Launch an instance that the check needs; inconclusive if the endpoint refuses."""
    wanted = {**cloud.terms.preferred, "image_id": image_id(cloud, verify), **(form or {})}
    x, instance = cloud.create("instances", wanted, **options)
    if instance is None:
        cloud.known.clear()  # the image may have gone since
        verify.inconclusive(f"no instance could be launched: {x.status or x.failure}")
    return x, instance


def launched(cloud: Cloud, verify: Verify) -> Resource:
    """An instance to look at, launched once for all checks that leave it as it is."""
    for resource in cloud.kept:
        if resource.collection == "instances" and resource in cloud.journal.live:
            return resource
    _, instance = launch(cloud, verify)
    cloud.kept.append(instance)
    return instance


def shown(cloud: Cloud, verify: Verify, requirement: str, x: Exchange) -> Exchange:
    """The instance that a launch answered with, as it is shown afterwards."""
    verify.status(requirement, x, 201)
    id_ = x.xml.get("id", "") if x.xml is not None else ""
    found = cloud.show("instances", id_)
    verify.status(requirement, found, 200, why=f"instance {id_} was launched")
    return found


def state_of(x: Exchange) -> str:
    """State that an instance document shows, in lower case; "gone" if it shows none."""
    if x.status in (404, 410):
        return "gone"
    root = x.xml
    return (root.findtext("state") or "").strip().lower() if root is not None else ""


def at_rest(cloud: Cloud, href: str, machine: Machine | None = None) -> Waited[Exchange]:
    """The instance when it has come to a state that it does not leave by itself."""

    def rests(x: Exchange) -> bool:
        state = state_of(x)
        return state in {*RESTING, "gone"} or (machine is not None and machine.rests(state))

    return eventually(lambda: cloud.get(href), rests, cloud.patience)


def eventually_shows(
    cloud: Cloud, href: str, read: Callable[[Exchange], object], wanted: object
) -> Exchange:
    """A document once what is read from it is as wanted, or patience ends."""
    return eventually(lambda: cloud.get(href), lambda x: read(x) == wanted, cloud.patience).value


def running(cloud: Cloud, verify: Verify) -> tuple[Resource, Exchange]:
    """A running instance, launched for the check; started if it comes up stopped."""
    _, instance = launch(cloud, verify)
    waited = at_rest(cloud, instance.href)
    if state_of(waited.value) == "stopped":
        follow(cloud, waited.value, "start")
        waited = at_rest(cloud, instance.href)
    if state_of(waited.value) != "running":
        verify.inconclusive(f"no instance could be brought to RUNNING: {state_of(waited.value)}")
    return instance, waited.value


def links(x: Exchange) -> dict[str, etree._Element]:
    """Action links of an instance document by rel."""
    root = x.xml
    found = [] if root is None else root.findall("actions/link")
    return {str(link.get("rel")): link for link in found}


def follow(cloud: Cloud, x: Exchange, rel: str, **options: Any) -> Exchange:
    """Do what an action link of an instance document says."""
    link = links(x)[rel]
    method = str(link.get("method", "post")).upper()
    return cloud.request(method, str(link.get("href")), **options)
