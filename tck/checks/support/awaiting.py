"""Waiting in a check for what an action should lead to, and blaming the endpoint once if it fails.

An endpoint on which nothing comes of an action would make every check wait that needs it. The
first that waits in vain blames the endpoint, whatever else it is about: what it waited for is a
requirement of its own. After that the others are inconclusive, with that requirement as the reason,
as soon as they see that it did not come at once (`tck.safety.waiting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tck.checks.support.answers import value_at
from tck.checks.support.cloud import Cloud
from tck.checks.support.running import Recorder
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import judgement as verbs
from tck.rules.engine import judge
from tck.rules.judgement import Judgement
from tck.safety.resource import Resource
from tck.safety.waiting import Change
from tck.schemas.operations import API

# What clean-up does to remove something, and what demands that it has an effect.
_REMOVES = {
    ("addresses", "destroy"): "DC-ADR-012",
    ("blobs", "destroy"): "DC-BLB-016",
    ("buckets", "destroy"): "DC-BKT-009",
    ("firewalls", "destroy"): "DC-FWL-013",
    ("images", "destroy"): "DC-IMG-016",
    ("instances", "destroy"): "DC-INS-034",
    ("instances", "start"): "DC-INS-032",
    ("instances", "stop"): "DC-INS-031",
    ("instances", "stop by its link"): "DC-INS-053",
    ("instances", "start by its link"): "DC-INS-053",
    ("keys", "destroy"): "DC-KEY-009",
    ("load_balancers", "destroy"): "DC-LBL-009",
    ("network_interfaces", "destroy"): "DC-NET-010",
    ("networks", "destroy"): "DC-NET-011",
    ("storage_snapshots", "destroy"): "DC-SNP-007",
    ("storage_volumes", "destroy"): "DC-VOL-018",
    ("subnets", "destroy"): "DC-NET-011",
}


def until(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    resource: Resource,
    action: str,
    arrived: Callable[[Exchange], bool],
    awaited: Callable[[Exchange], str],
    *,
    place: str,
    expected: str,
    got: Callable[[Exchange], object],
) -> Exchange:
    """Poll a resource until its document is as it should be after an action; that document.

    If that does not come, `requirement` is violated at `place`, and the check ends; it is
    inconclusive if the endpoint was blamed for it before. `awaited` completes "waiting for it to"
    and "things of its collection do not", given a document.
    """
    change = Change(resource.collection, action, resource.id, awaited)
    known = cloud.waiting.why_not(*change.kind)
    waited = cloud.waiting.until(change, lambda: cloud.get(resource.href), arrived)
    x = waited.value
    if waited.arrived:
        return x
    if known:
        verify.inconclusive(known)
    if verify.final:
        verify.note(cloud.waiting.give_up(change, x, requirement))
    return verify.overdue(requirement, place, f"{expected}, in {waited.seconds:.1f} s", got(x), x=x)


def judge_removals(cloud: Cloud, ledger: Recorder, by: str) -> None:
    """Blame the endpoint for what clean-up did in vain; it waited as long as a check would have."""
    if cloud.other:
        judge_removals(cloud.other, ledger, by)
    for (_, action), (resource, x) in cloud.cleaner.ignored.items():
        collection = resource.collection
        if (requirement := _REMOVES.get((collection, action))) is None:
            continue
        change: Change[Exchange] = Change(
            collection, action, resource.id, lambda _: "disappear or change"
        )
        if cloud.waiting.why_not(*change.kind):
            continue
        cloud.waiting.give_up(change, x, requirement)
        ledger.record(by, _without_effect(requirement, resource, action, x), x)
    cloud.cleaner.ignored.clear()


def _without_effect(requirement: str, resource: Resource, action: str, x: Exchange) -> Judgement:
    got = value_at(x, "state") or f"status {x.status}"
    expected = f"an effect of {action}, which was answered with success"
    return verbs.holds(requirement, place_of(resource), expected, got, False)


def why_it_stays(resource: Resource, *answers: Exchange) -> Iterator[tuple[Judgement, Exchange]]:
    """What is wrong with answers that show why a resource could not be removed.

    A removal that was accepted, and without effect, violates what demands that it has one.
    """
    for x in answers:
        yield from ((judgement, x) for _, judgement in judge(x) if not judgement.ok)
        if x.ok and x.request.method == "DELETE":
            requirement = _REMOVES.get((resource.collection, "destroy"))
            if requirement is not None:
                yield _without_effect(requirement, resource, "destroy", x), x


def place_of(resource: Resource) -> str:
    """The root of its document."""
    return f"/{API.collections[resource.collection].singular}"


def need_action(cloud: Cloud, verify: Verify, collection: str, action: str) -> None:
    """End the check as inconclusive if nothing comes of an action: it need not be tried again."""
    if reason := cloud.waiting.why_not(collection, action):
        verify.inconclusive(reason)
