"""Checks of requests at once that are about instances, and about what is given to them."""

from __future__ import annotations

from collections.abc import Callable

from tck.checks.addresses import holder_of
from tck.checks.load_balancers import balancer, served
from tck.checks.storage_volumes import DEVICE, mount_of
from tck.checks.support import instances, life, models
from tck.checks.support.at_once import histories, operations, until_explained
from tck.checks.support.awaiting import need_action
from tck.checks.support.check import check
from tck.checks.support.client import Call
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange

_SHARE = 3  # instances take their time


@check("DC-CON-007", needs=("storage_volumes", "instances", "images"), writes=True)
def test_attaches(cloud: Cloud, verify: Verify) -> None:
    """A volume that is attached to two instances at once goes to one of them."""
    steps = ("DC-VOL-006", "DC-VOL-011", "DC-VOL-012")
    _give(cloud, verify, "DC-CON-007", "storage_volumes", ("attach", "detach"), steps, mount_of)


@check("DC-CON-008", needs=("addresses", "instances", "images"), writes=True)
def test_associations(cloud: Cloud, verify: Verify) -> None:
    """An address that is associated with two instances at once goes to one of them."""
    actions, steps = ("associate", "disassociate"), ("DC-ADR-005", "DC-ADR-006", "DC-ADR-008")
    _give(cloud, verify, "DC-CON-008", "addresses", actions, steps, holder_of)


def _give(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    actions: tuple[str, str],
    steps: tuple[str, str, str],
    holder: Callable[[Exchange], str | None],
) -> None:
    """Give a thing to two instances at once; in every other history one has it, and loses it.

    `actions`: to give and to take; `steps`: what demands that creates, and these, have an effect.
    """
    (give, take), (creates, gives, takes) = actions, steps
    where = {"device": DEVICE} if collection == "storage_volumes" else {}
    need_action(cloud, verify, collection, give)
    for number, clients in histories(cloud, verify, _SHARE, most=3):
        ids = [instances.launch_running(cloud, verify)[0].id for _ in range(2)]
        _, thing = life.create(cloud, verify, creates, collection, {})
        life.wait_until_ready(cloud, thing)
        asked: list[models.Asked] = [("give", ids[1]), ("give", ids[0]), ("take",)][:clients]
        initial = None
        if number % 2:
            initial, asked[-1] = ids[0], ("take",)
            x = life.act(cloud, verify, thing, give, instance_id=initial, **where)
            verify.accepted(gives, x)
            instances.wait_until_shows(cloud, verify, gives, thing, give, holder, initial)
        to, away = (cloud.path(collection, thing.id, action=action) for action in (give, take))
        calls = [
            Call("POST", to, {"instance_id": who[0], **where}) if who else Call("POST", away)
            for _, *who in asked
        ]
        history = operations(verify, asked, cloud.at_once(calls))
        x = until_explained(
            cloud, verify, requirement, thing, history, initial, models.holder, holder, give
        )
        if holder(x):
            life.act(cloud, verify, thing, take)
            instances.wait_until_shows(cloud, verify, takes, thing, take, holder, None)


@check("DC-CON-009", needs=("instances", "images", "instance_states"), writes=True)
def test_starts_and_stops(cloud: Cloud, verify: Verify) -> None:
    """An instance that is stopped and started at once rests where some order of that leads."""
    machine = instances.state_machine(cloud, verify)
    if "stop" not in machine.actions("running") or "start" not in machine.actions("stopped"):
        verify.not_applicable("the machine has no stop and start")
    for number, clients in histories(cloud, verify, _SHARE):
        need_action(cloud, verify, "instances", "stop")
        instance, x = instances.launch_running(cloud, verify)
        if number % 2:
            x = instances.follow_to_rest(cloud, verify, instance, x, "stop")
        if (initial := instances.state_of(x)) not in ("running", "stopped"):
            verify.not_applicable("a stopped instance is gone")
        verbs = ("stop", "start") if initial == "running" else ("start", "stop")
        asked = [(verbs[n % 2],) for n in range(clients)]
        calls = [Call("POST", cloud.path("instances", instance.id, action=a)) for (a,) in asked]
        history = operations(verify, asked, cloud.at_once(calls))
        model = models.Life(machine)
        until_explained(
            cloud, verify, "DC-CON-009", instance, history, initial, model, instances.state_of
        )


@check("DC-CON-011", needs=("load_balancers", "instances", "realms", "images"), writes=True)
def test_registrations(cloud: Cloud, verify: Verify) -> None:
    """Instances that are registered at once with one balancer are all there."""
    for _ in histories(cloud, verify, _SHARE, most=2):
        where = balancer(cloud, verify)
        ids = [instances.launch_running(cloud, verify)[0].id for _ in range(2)]
        target = cloud.path("load_balancers", where.id, action="register")
        landed = cloud.at_once([Call("POST", target, {"instance_id": id_}) for id_ in ids])
        history = operations(verify, [("add", id_) for id_ in ids], landed)
        until_explained(
            cloud,
            verify,
            "DC-CON-011",
            where,
            history,
            frozenset[str](),
            models.collection,
            lambda x: frozenset(served(x)),
        )
