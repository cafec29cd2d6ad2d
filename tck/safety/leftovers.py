"""Finding what a run left behind: by its journal, or by the names it gave.

The one rule about what may be deleted is here: what a journal says was created, what bears a
name that only this run gave, what lies in a bucket of this run; and, only if that is asked
for, what appeared in a collection just when an unnamed create was left without an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.safety.journal import Intent, Journal, Resource
from tck.safety.naming import name_pattern
from tck.schemas.operations import API

# the document at a path below the base or at an href, asked for with GET
Get = Callable[[str], Exchange]
NAMED = tuple(
    c.name
    for c in API.collections.values()
    if c.parent is None and {"create", "destroy"} <= c.operations.keys()
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that may be this run's, and why it is thought so; `certain` if it can only be."""

    resource: Resource
    why: str
    certain: bool = True


def adopt(
    journal: Journal, run: str, collections: Iterable[str], get: Get, *, exclusive: bool = False
) -> list[Leftover]:
    """Take what is surely of this run into its journal; what may be, but not surely.

    `run` is its id, `collections` are those that the endpoint lists. If the run was there
    `exclusive`ly, all that appeared is its own.
    """
    unsure = []
    known = [resource.href for resource in journal.live]
    for leftover in (
        *by_intent(journal.unanswered, known, get),
        *by_name(run, collections, get),
    ):
        if journal.owns(leftover.resource.href):
            continue
        if leftover.certain or exclusive:
            journal.created(leftover.resource)
        else:
            unsure.append(leftover)
    for bucket in [r for r in journal.live if r.collection == "buckets"]:
        for leftover in in_bucket(bucket, get):
            if not journal.owns(leftover.resource.href):
                journal.created(leftover.resource)
    return unsure


def by_intent(intents: Iterable[Intent], known: Iterable[str], get: Get) -> Iterator[Leftover]:
    """What creates without an answer left, if they left anything; `known`: hrefs of others."""
    hrefs = set(known)
    for intent in intents:
        if intent.collection not in NAMED:
            continue  # blobs: found in their buckets
        for id_, href, element in _members(get("/" + intent.collection)):
            if href in hrefs:
                continue
            found = Resource(intent.collection, id_, href)
            if intent.name and intent.name in _names(id_, element):
                yield Leftover(found, f"it bears the name {intent.name}, which only this run gave")
            elif not intent.name and id_ not in intent.before:
                why = "it appeared when this run asked for one that it could not name"
                yield Leftover(found, why, certain=False)


def by_name(run: str, collections: Iterable[str], get: Get) -> Iterator[Leftover]:
    """What bears the names of a run, in an order in which it can be removed."""
    pattern = name_pattern(run)
    for collection in (name for name in NAMED if name in set(collections)):
        for id_, href, element in _members(get("/" + collection)):
            names = [name for name in _names(id_, element) if pattern.fullmatch(name)]
            if names:
                why = f"it bears the name {names[0]}, which only this run gave"
                yield Leftover(Resource(collection, id_, href), why)


def in_bucket(bucket: Resource, get: Get) -> Iterator[Leftover]:
    """What lies in a bucket of the run."""
    x = get(bucket.href)
    for blob in x.xml.iterfind("blob") if x.ok and x.xml is not None else ():
        if blob.get("href"):
            resource = Resource("blobs", str(blob.get("id")), str(blob.get("href")))
            yield Leftover(resource, f"it lies in the bucket {bucket.id} of this run")


def _names(id_: str, element: etree._Element) -> set[str]:
    return {id_, (element.findtext("name") or "").strip()}


def _members(x: Exchange) -> list[tuple[str, str, etree._Element]]:
    """Members of a list: (id, href, element)."""
    if not x.ok or x.xml is None:
        return []
    children = x.xml.iterchildren(etree.Element)
    return [(str(c.get("id")), str(c.get("href")), c) for c in children if c.get("href")]
