"""Judging that accounts are apart: what the first user made, tried by a second one.

Each attempt of the second user has its twin: the same request by the owner, which is accepted. So
a refusal counts only where it can be meant for the second user alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from operator import ne
from typing import Any

from tck.checks.support.answers import objects_in
from tck.checks.support.client import members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.other_user import means_the_same
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource
from tck.safety.waiting import Change

_GONE = (404, 410)
_HIDDEN = (403, 404, 410)
_NUMBERED = re.compile(r"(.*?)([0-9]{1,15})(\D*)")
_FEW = 1000


@dataclass(frozen=True)
class Attempt:
    """A request that changes or destroys something; `done` names the change, as in `Change`.

    `twin`: what the owner does in place of the same request; whether it was accepted. `lasts`:
    afterwards it shows what was done, by the twin.
    """

    done: str
    method: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    twin: Callable[[], bool] | None = None
    lasts: bool = True

    def send(self, cloud: Cloud) -> Exchange:
        """Send it as the user of `cloud`."""
        return cloud.request(self.method, self.path, **self.options)

    def succeeds(self, owner: Cloud) -> bool:
        """Whether the owner may do it."""
        return self.twin() if self.twin else 200 <= self.send(owner).status < 400


def second_user(cloud: Cloud, verify: Verify) -> Cloud:
    """The endpoint as the second user sees it."""
    return verify.need(cloud.other, "no second user was given")


def assert_not_seen(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    make: Callable[[], Resource],
) -> Resource:
    """What the first user makes is neither shown to nor listed for the second. Returns it."""
    other = second_user(cloud, verify)
    resource = make()
    shown, own = cloud.get(resource.href), _listed(cloud, verify, collection)[0]
    if not shown.ok or resource.id not in own:
        verify.inconclusive("its owner does not see it", requirement)
    _need_same_meaning(cloud, other, verify, requirement, resource)
    for format_ in ("xml", "json"):
        ids, x = _listed(other, verify, collection, format_)
        verify.lacks(requirement, f"/{collection}", resource.id, ids, x=x)
        assert_refused(verify, requirement, other.get(resource.href, format=format_))
    return resource


def assert_not_used(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    resource: Resource,
    use: Callable[[], Exchange],
    twin: Callable[[], Exchange],
    names: Callable[[Exchange], bool] = lambda _: True,
) -> None:
    """The second user cannot `use` what the first made.

    `twin`: the same, by whom it belongs to. `names`: whether an answer that accepts the use says
    so.
    """
    other = second_user(cloud, verify)
    _need_same_meaning(cloud, other, verify, requirement, resource)
    own = twin()
    if not own.ok:
        verify.inconclusive(f"to the owner it was answered {own.status}", requirement)
    x = use()
    if x.failure:
        verify.inconclusive(f"there was no whole answer: {x.failure}", requirement)
    place = f"{resource.collection} {resource.id}"
    expected = "a refusal: it is of another account"
    verify.holds(requirement, place, expected, x.status, not (x.ok and names(x)), x=x)


def _need_same_meaning(
    cloud: Cloud, other: Cloud, verify: Verify, requirement: str, resource: Resource
) -> None:
    """End the check if the second user has something of its own under the id of a resource."""
    own = resource.id in {r.id for r in other.journal.live if r.collection == resource.collection}
    if own or not means_the_same(cloud, other, resource.collection, resource.id):
        verify.inconclusive("the second user has something of this id, too", requirement)


def follow_by_counting(ids: list[str]) -> bool:
    """Whether two ids differ only in a number, and that by little."""
    found = [hit.groups() for id_ in ids if (hit := _NUMBERED.fullmatch(id_))]
    return any(
        (a, c) == (x, z) and 0 < abs(int(b) - int(y)) <= _FEW
        for (a, b, c), (x, y, z) in combinations(found, 2)
    )


def assert_refused(verify: Verify, requirement: str, x: Exchange) -> None:
    """A read of what belongs to another account gets nothing; 403 or 404 says so (DC-ACC-021)."""
    if x.failure:
        verify.inconclusive(f"there was no whole answer: {x.failure}", requirement)
    expected = "a refusal (403 or 404): it is of another account"
    verify.holds(requirement, "status", expected, x.status, not x.ok, x=x)
    verify.status("DC-ACC-021", x, *_HIDDEN, why="it is of another account")


def _listed(
    cloud: Cloud, verify: Verify, collection: str, format_: str = "xml"
) -> tuple[list[str], Exchange]:
    """Ids that a user's list of a collection has, and the list; inconclusive without one."""
    x = cloud.index(collection, format=format_)
    if not x.ok:
        verify.inconclusive(f"{collection} are not listed: {x.status or x.failure}")
    objects = objects_in(x, collection)
    ids = [str(o.get("id")) for o in objects] or [member.id for member in members_of(x)]
    return ids, x


def assert_not_changed(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    resource: Resource,
    attempts: list[Attempt],
    read: Callable[[], object],
) -> None:
    """The second user cannot change or destroy what the first made.

    `read`: what would show a change, as the owner sees it. Where a change takes time, the owner's
    is waited for before the next attempt, unless one had no effect: then nothing can be undone.
    """
    other, judged, effective = second_user(cloud, verify), False, True
    for attempt in attempts:
        before = read()
        x = attempt.send(other)
        if x.failure:
            continue
        after = cloud.get(resource.href)
        if after.status in _GONE:
            cloud.mark_destroyed(resource)
        kept = after.ok and read() == before
        # an unknown id may be answered so (stance 15)
        ok = kept and (not x.ok or attempt.method == "DELETE")
        if ok and not attempt.succeeds(cloud):
            continue
        was = "as it was" if kept else "changed" if after.ok else f"{after.status} to its owner"
        got = f"{x.status}, and then it is {was}"
        place = f"{attempt.done} by the other user"
        verify.holds(requirement, place, "a refusal, and it stays as it was", got, ok, x=x)
        also = (204,) if attempt.method == "DELETE" else ()
        verify.status("DC-ACC-021", x, *_HIDDEN, *also, why="it is of another account")
        judged = True
        if effective and attempt.lasts and attempt.method != "DELETE":
            change: Change[object] = Change(
                resource.collection, attempt.done, resource.id, lambda _: "change"
            )
            effective = cloud.waiting.until(change, read, partial(ne, before)).arrived
    if not judged:
        verify.inconclusive("its owner can do nothing of the kind, either", requirement)
