"""Finding what a run left behind, and deciding what may be deleted.

This is the one place that decides what belongs to a run although its journal does not list it as
live. Evidence comes in two strengths:

    certain    its name (or id) is one that only this run gives: "tck", the run id, a number
    certain    it is in a bucket that the journal lists as live
    uncertain  it appeared in a collection since an unnamed create there that got no answer

A certain leftover is taken into the journal, from where clean-up removes it like everything else.
An uncertain one (an address cannot be named) may just as well be another user's, created in the
same moment: it is only reported, and taken if the user says so (`cleanup --unnamed`) or has
declared that nobody else uses the account (`exclusive` in clouds.toml).

Whatever goes wrong must lead to less being found, never to more: a list that cannot be read has
no members, a member without href is ignored, and the pattern for names matches whole names only,
so that "tck4f1a2b1-copy", which a user derived from ours, is not touched. The run id is random
(24 bits), so that two runs in the same account do not take each other's resources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.safety.journal import Intent, Journal, Resource
from tck.safety.naming import name_pattern
from tck.schemas.operations import API

# GETs the document at a path below the base or at an href
Get = Callable[[str], Exchange]
NAMED = tuple(
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
    journal: Journal, run: str, collections: Iterable[str], get: Get, *, exclusive: bool = False
) -> list[Leftover]:
    """Take the certain leftovers of a run into its journal. Returns the uncertain ones.

    `run`: its id; `collections`: those that the endpoint lists. `exclusive`: nobody else created
    anything meanwhile, so uncertain leftovers are taken, too.
    """
    uncertain = []
    live = [resource.href for resource in journal.live]
    for leftover in (
        *by_intent(journal.unanswered, live, get),
        *by_name(run, collections, get),
    ):
        if journal.owns(leftover.resource.href):
            continue
        if leftover.certain or exclusive:
            journal.created(leftover.resource)
        else:
            uncertain.append(leftover)
    for bucket in [r for r in journal.live if r.collection == "buckets"]:
        for leftover in in_bucket(bucket, get):
            if not journal.owns(leftover.resource.href):
                journal.created(leftover.resource)
    return uncertain


def by_intent(intents: Iterable[Intent], live: Iterable[str], get: Get) -> Iterator[Leftover]:
    """What unanswered creates may have left; `live`: hrefs that other intents account for."""
    hrefs = set(live)
    for intent in intents:
        if intent.collection not in NAMED:
            continue  # blobs: found in their buckets
        for id_, href, element in _members(get("/" + intent.collection)):
            if href in hrefs:
                continue
            resource = Resource(intent.collection, id_, href)
            if intent.name and intent.name in _names(id_, element):
                yield Leftover(resource, f"it has the name {intent.name}, which only this run gave")
            elif not intent.name and id_ not in intent.before:
                why = "it appeared when this run created one that it could not name"
                yield Leftover(resource, why, certain=False)


def by_name(run: str, collections: Iterable[str], get: Get) -> Iterator[Leftover]:
    """What has a name of a run, in an order in which it can be removed."""
    pattern = name_pattern(run)
    for collection in (name for name in NAMED if name in set(collections)):
        for id_, href, element in _members(get("/" + collection)):
            names = [name for name in _names(id_, element) if pattern.fullmatch(name)]
            if names:
                why = f"it has the name {names[0]}, which only this run gave"
                yield Leftover(Resource(collection, id_, href), why)


def in_bucket(bucket: Resource, get: Get) -> Iterator[Leftover]:
    """Blobs in a bucket of the run."""
    x = get(bucket.href)
    for blob in x.xml.iterfind("blob") if x.ok and x.xml is not None else ():
        if blob.get("href"):
            resource = Resource("blobs", str(blob.get("id")), str(blob.get("href")))
            yield Leftover(resource, f"it is in the bucket {bucket.id} of this run")


def _names(id_: str, element: etree._Element) -> set[str]:
    return {id_, (element.findtext("name") or "").strip()}


def _members(x: Exchange) -> list[tuple[str, str, etree._Element]]:
    """Members of a list that have an href: (id, href, element); none if it cannot be read."""
    if not x.ok or x.xml is None:
        return []
    children = x.xml.iterchildren(etree.Element)
    return [(str(c.get("id")), str(c.get("href")), c) for c in children if c.get("href")]
