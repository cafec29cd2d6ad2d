"""Finding what a run left behind, and deciding what may be deleted.

This is the one place that decides what belongs to a run although its journal does not list it as
live. Evidence comes in two strengths:

    certain    its name (or id) is one that this run gave, and nothing else has it
    certain    it is in a bucket that the journal lists as live
    uncertain  it appeared in a collection since an unnamed create there that got no answer

A certain leftover is taken into the journal, from where clean-up removes it like everything else.
An uncertain one (an address cannot be named) may just as well be another user's, created in the
same moment: it is only reported, and taken if the user says so (`cleanup --unnamed`) or has
declared that nobody else uses the account (`exclusive` in clouds.toml).

Whatever goes wrong must lead to less being found, never to more: a list that cannot be read has
no members, what was there before the run is ignored, and the pattern for names matches whole
names only, so that a copy that a user made of ours, with a name derived from it, is not touched.
The run id is random (67 bits), so that nobody else gives its names. Addresses are built from
collection and id; the hrefs of answers are not used.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.safety.custody import Claim, Custody, Title, address, is_id
from tck.safety.inventory import Inventory, Item
from tck.safety.journal import Journal
from tck.safety.naming import name_pattern
from tck.safety.past_run import PastRun
from tck.safety.resource import Intent, Resource
from tck.schemas.operations import API

_DELETE = 'curl -X DELETE -u "$DELTACLOUD_TCK_USER:$DELTACLOUD_TCK_PASSWORD"'
# GETs the document at a path below the base or at an href
Get = Callable[[str], Exchange]
CREATABLE = tuple(
    c.name
    for c in API.collections.values()
    if c.parent is None and {"create", "destroy"} <= c.operations.keys()
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that may be this run's, and why; `certain` if it cannot be another's."""

    resource: Resource
    why: str
    certain: bool = True


def adopt(
    journal: Journal,
    custody: Custody,
    run: str,
    base: str,
    listed: Inventory,
    get: Get,
    *,
    exclusive: bool = False,
    journal_lost: bool = False,
) -> list[Leftover]:
    """Take the certain leftovers of a run into its journal. Returns the uncertain ones.

    `run`: its id; `base`: of the endpoint; `listed`: what it lists now. `exclusive`: nobody else
    created anything meanwhile, so uncertain leftovers are taken, too. What the inventory of
    `custody` has is never taken, and what was seen under another name is uncertain. `journal_lost`:
    which names the run gave is only known by their form.
    """
    uncertain = []
    pattern = name_pattern(run)
    marks = None if journal_lost else {n for n in journal.names if pattern.fullmatch(n)}
    for leftover in (
        *by_intent(journal.unanswered, run, base, listed),
        *by_name(run, base, listed, marks),
    ):
        resource = leftover.resource
        if journal.owns(resource.href) or custody.existed(resource.collection, resource.id):
            continue
        taken = any(resource.mark and resource.mark == other.mark for other in journal.live)
        back = custody.was_own(resource.collection, resource.id)  # or DELETE was ignored
        if taken or not (leftover.certain or back or exclusive):
            uncertain.append(leftover)
            continue
        claim = Claim(resource.collection, resource.mark, None if resource.mark else frozenset())
        if custody.claim(claim, resource.id).title is Title.AWAITING:
            journal.created(resource)
        else:
            uncertain.append(leftover)
    for bucket in [r for r in journal.live if r.collection == "buckets"]:
        for leftover in in_bucket(bucket, get):
            if not journal.owns(leftover.resource.href):
                journal.created(leftover.resource)
    return uncertain


def not_found(
    journal: Journal, run: str, listed: Inventory, found: Iterable[Resource]
) -> Iterator[tuple[Intent, str]]:
    """Creates that got no answer, of what was given a name that nothing has, and why it is so."""
    pattern = name_pattern(run)
    marks = {resource.mark for resource in (*journal.live, *found)}
    for intent in journal.unanswered:
        if intent.collection not in CREATABLE:
            continue  # blobs: found in their buckets
        if intent.collection not in listed:
            yield intent, "its create got no answer, and what is there cannot be listed"
        elif pattern.fullmatch(intent.name) and intent.name not in marks:
            yield intent, "its create got no answer, and no list shows it"


def appeared(
    past: PastRun, run: str, listed: Inventory, known: Iterable[Resource]
) -> Iterator[tuple[str, Item]]:
    """What is new since the run's first create without a name, and not known to be its own.

    It is others', unless the endpoint made two where one was asked for.
    """
    marks = f"tck{run[:-1]}"  # of all processes of the run
    of_run = {(resource.collection, resource.id) for resource in known}
    for collection, before in past.unnamed.items():
        old = {*before, *past.inventory.get(collection, ())}
        for item in listed.get(collection, {}).values():
            is_new = item.id not in old and GATE.text(item.id) not in old
            has_name = item.id.startswith(marks) or item.name.startswith(marks)
            is_known = has_name or (collection, item.id) in of_run
            if is_new and not is_known and item.state != "FINISH":
                yield collection, item


def by_hand(resource: Resource) -> str:
    """The command that removes a resource without the kit."""
    return f"{_DELETE} {shlex.quote(resource.href)}"


def by_intent(
    intents: Iterable[Intent], run: str, base: str, listed: Inventory
) -> Iterator[Leftover]:
    """What unanswered creates may have left, except what `by_name` finds by the run's names."""
    pattern = name_pattern(run)
    for intent in intents:
        if intent.collection not in CREATABLE or pattern.fullmatch(intent.name):
            continue  # blobs: found in their buckets
        before = {*intent.before}
        why = f"it appeared when this run created {intent.name or 'one without a name'}"
        for id_ in filter(is_id, listed.get(intent.collection, ())):
            if id_ not in before and GATE.text(id_) not in before:
                href = base + address(intent.collection, id_)
                yield Leftover(Resource(intent.collection, id_, href), why, certain=False)


def by_name(
    run: str, base: str, listed: Inventory, marks: Collection[str] | None = None
) -> Iterator[Leftover]:
    """What has a name of a run, in an order in which it can be removed.

    `marks`: the names of what may still be there, if the run's journal is. Two objects of one name
    cannot both be the run's, so neither is certain; nor is what has the name of something that is
    gone, or a name that the run did not give.
    """
    pattern = name_pattern(run)
    for collection in (name for name in CREATABLE if name in listed):
        found = [
            (mark, Resource(collection, item.id, base + address(collection, item.id), mark))
            for item in listed[collection].values()
            for mark in sorted({item.id, item.name})
            if is_id(item.id) and pattern.fullmatch(mark)
            if marks is None or mark in marks or item.state != "FINISH"
        ]
        bearers = Counter(mark for mark, _ in found)
        for mark, resource in found:
            why = f"it has the name {mark}, which only this run gave"
            sole = bearers[mark] == 1 and (marks is None or mark in marks)
            yield Leftover(resource, why, certain=sole)


def in_bucket(bucket: Resource, get: Get) -> Iterator[Leftover]:
    """Blobs in a bucket of the run."""
    x = get(address("buckets", bucket.id))
    for blob in x.xml.iterfind("blob") if x.ok and x.xml is not None else ():
        id_ = str(blob.get("id") or "")
        if is_id(id_):
            resource = Resource("blobs", id_, x.base + address("buckets", bucket.id, id_))
            yield Leftover(resource, f"it is in the bucket {bucket.id} of this run")
