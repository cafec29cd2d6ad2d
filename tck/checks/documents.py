"""Checks that documents agree: list and member, XML and JSON, links and what they lead to."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
from lxml import etree

from tck.checks.support import instances, life
from tck.checks.support.answers import id_at, object_in, objects_in
from tck.checks.support.check import check
from tck.checks.support.client import Member, members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import need_shown, read_unchanged
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import ForeignOrigin
from tck.rules.documents import KINDS
from tck.rules.judgement import shown
from tck.rules.views import canonical
from tck.schemas.operations import API

SHOWN = tuple(n for n in API.top_level if "show" in API.collections[n].operations)
# The drivers index is shorter than a driver shown; index and show of firewalls have their own
# requirement (DC-FWL-014); measurements change, and a list of them holds no samples.
SAME_IN_LIST = tuple(n for n in SHOWN if n not in ("drivers", "firewalls", "metrics"))
# What a list may leave out (A157).
_BRIEF = {"bucket": ("size", "blob")}


@check("DC-DOC-012", "DC-DOC-013")
@pytest.mark.parametrize("collection", SHOWN)
def test_list_and_member_agree(cloud: Cloud, verify: Verify, collection: str) -> None:
    """GET of every member's href gives the member that the list shows.

    Others may change or destroy a member between the two requests; a difference counts only
    if a fresh list shows it again.
    """
    for member in life.some_members(cloud, verify, collection, 8):
        x = _follow(cloud, verify, collection, member)
        if x is None:
            continue
        if collection not in SAME_IN_LIST or x.xml is None:
            continue
        if _differing(x.xml, member.element) is not None:
            again = {m.id: m for m in cloud.members(collection)}.get(member.id)
            x = cloud.get(member.href)
            if again is None or x.xml is None:
                continue
            _judge_same(verify, again.element, x)
        else:
            _judge_same(verify, member.element, x)


def _follow(cloud: Cloud, verify: Verify, collection: str, member: Member) -> Exchange | None:
    """What a member's href leads to; None if the member was destroyed meanwhile."""
    try:
        x = cloud.get(member.href)
    except ForeignOrigin as error:
        verify.inconclusive(f"not followed: {error}")
    if not x.ok and member.id not in [m.id for m in cloud.members(collection)]:
        return None
    verify.accepted("DC-DOC-012", x, why=f"href of {member.id}")
    verify.equal("DC-DOC-012", "/*/@id", member.id, id_at(x), x=x)
    return x


def _judge_same(verify: Verify, listed: etree._Element, x: Exchange) -> None:
    root = verify.need(x.xml, "the member's document cannot be read")
    difference = _differing(root, listed)
    verify.absent("DC-DOC-013", f"/{root.tag}", "the member as listed", difference, x=x)


def _differing(alone: etree._Element, listed: etree._Element) -> str | None:
    """In what a member is not as the list shows it; None if it is the same."""
    one, other = copy.deepcopy(alone), copy.deepcopy(listed)
    for part in _BRIEF.get(str(alone.tag), ()):
        if not any((e.text or len(e.attrib)) for e in other.iterfind(part)):
            for element in (*one.findall(part), *other.findall(part)):
                element.getparent().remove(element)  # type: ignore[union-attr]
    if canonical(one) == canonical(other):
        return None
    children = set(map(canonical, other))
    only = [child.tag for child in one if canonical(child) not in children]
    return f"different: {shown(only)}" if only else "the list shows more"


@check("DC-DOC-014")
@pytest.mark.parametrize("collection", SHOWN)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_unknown_id(cloud: Cloud, verify: Verify, collection: str, format_: str) -> None:
    """A member with an unknown id is answered 404 (C13)."""
    need_shown(cloud, verify, cloud.path(collection), format=format_)
    x = cloud.show(collection, cloud.unknown_id(), format=format_)
    verify.status("DC-DOC-014", x, 404)


@check("DC-DOC-015")
@pytest.mark.parametrize(
    "collection", [n for n in SHOWN if "id" in API.collections[n].operations["index"].filters]
)
def test_filter_by_id(cloud: Cloud, verify: Verify, collection: str) -> None:
    """`?id=X` gives the member X alone, or nothing (C5)."""
    members = life.some_members(cloud, verify, collection, 2)
    for member in members:
        x = cloud.index(collection, params={"id": member.id})
        ids = [m.id for m in members_of(x)]
        if not ids and member.id not in [m.id for m in cloud.members(collection)]:
            continue  # destroyed between the two
        verify.equal("DC-DOC-015", f"/{collection}", [member.id], ids, x=x)
    x = cloud.index(collection, params={"id": cloud.unknown_id()})
    verify.accepted("DC-DOC-015", x)
    verify.equal("DC-DOC-015", f"/{collection}", [], [m.id for m in members_of(x)], x=x)


@check("DC-DOC-016")
@pytest.mark.parametrize("collection", [n for n in SHOWN if n != "drivers"])
def test_xml_and_json_of_a_member(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Both formats show the same of every member."""
    singular = API.collections[collection].singular
    for member in life.some_members(cloud, verify, collection, 8):
        xml, json = (cloud.show(collection, member.id, format=f) for f in ("xml", "json"))
        if xml.ok != json.ok and member.id not in [m.id for m in cloud.members(collection)]:
            continue  # destroyed between the two
        value = json.json.get(singular) if isinstance(json.json, Mapping) else None
        if xml.xml is None or not isinstance(value, Mapping):
            if xml.ok != json.ok:
                verify.equal("DC-DOC-016", "status", xml.status, json.status, x=json)
            continue  # that neither can be read is judged elsewhere
        life.assert_same_in_both_formats(verify, singular, xml.xml, value, json)


@check("DC-DOC-016", "DC-DOC-020")
@pytest.mark.parametrize("collection", [n for n in SHOWN if n != "drivers"])
def test_xml_and_json_of_a_list(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Both formats list the same members, and show the same of them."""
    collected = API.collections[collection]
    members, json = read_unchanged(cloud, verify, collection, format="json")
    value = json.json.get(collected.document) if isinstance(json.json, Mapping) else None
    if not isinstance(value, list):
        verify.inconclusive("no list in both formats")
    entries = objects_in(json, collected.document)
    listed = {member.id: member.element for member in members}
    ids = [str(entry.get("id")) for entry in entries]
    verify.equal("DC-DOC-020", collected.document, sorted(listed), sorted(ids), x=json)
    for entry in entries:
        element = verify.need(listed.get(str(entry.get("id"))), "the lists differ")
        life.assert_same_in_both_formats(verify, collected.singular, element, entry, json)


def _collection_at(href: str) -> str:
    """Collection that an href leads into: the last segment but one, or two for blobs."""
    segments = href.split("?", maxsplit=1)[0].split("/")
    return next((s for s in reversed(segments[:-1]) if s in API.top_level), "")


# What something was made from may be destroyed while that goes on to name it (stance 57).
_MADE_FROM = {
    ("images", "instances"),
    ("instances", "images"),
    ("instances", "keys"),
    ("instances", "storage_snapshots"),
    ("storage_snapshots", "storage_volumes"),
    ("storage_volumes", "storage_snapshots"),
}


def _references(element: etree._Element) -> set[str]:
    """Where an object's references to other objects lead, in XML."""
    return {
        inner.get("href", "")
        for inner in element.iterdescendants(etree.Element)
        if inner.get("id") and _refers(str(inner.tag), inner.get("href", ""))
    }


def _refers(name: str, href: str) -> bool:
    """Whether an element or object with an id is a reference to an object of the API.

    What a vendor added is not, nor is an action link, nor a firewall rule: none has a page of its
    own.
    """
    return bool(href) and name in KINDS and name not in ("rule", "rules")


def _json_references(value: object) -> set[str]:
    """The same in JSON: objects inside of an object that have an id and an href."""
    hrefs: set[str] = set()
    inner = value.items() if isinstance(value, Mapping) else ()
    for key, part in inner:
        for entry in part if isinstance(part, list) else [part]:
            if key in ("actions", "rules") or not isinstance(entry, Mapping):
                continue
            if entry.get("id") and _refers(str(key), str(entry.get("href") or "")):
                hrefs.add(str(entry["href"]))
            hrefs |= _json_references(entry)
    return hrefs


@check("DC-DOC-025", "DC-DOC-024")
@pytest.mark.parametrize("collection", SHOWN)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_references_resolve(cloud: Cloud, verify: Verify, collection: str, format_: str) -> None:
    """Whatever a member refers to with href and id exists."""
    members = life.some_members(cloud, verify, collection, 8)
    referred = {member.id: _references(member.element) for member in members}
    if format_ == "json":
        entries = objects_in(cloud.index(collection, format="json"), collection)
        listed = {str(entry.get("id")): entry for entry in entries}
        # those of the XML are another case
        referred = {id_: _json_references(listed.get(id_)) - referred[id_] for id_ in referred}
    seen: set[str] = set()
    for member in members:
        for href in sorted(referred[member.id] - seen):
            leads_to = _collection_at(href)
            if leads_to and not cloud.capabilities.declares(leads_to):
                continue  # what is not listed cannot be demanded (condor: B49)
            seen.add(href)
            try:
                x = cloud.get(href)
            except ForeignOrigin:
                continue  # judged by DC-DOC-008
            if not x.ok and not _still_refers(cloud, member, href, format_):
                continue  # it was destroyed, and the member knows
            if x.status in (404, 410) and (collection, leads_to) in _MADE_FROM:
                continue  # it may have been destroyed since
            verify.accepted("DC-DOC-025", x, why=f"{member.id} refers to {href}")
    if not seen:
        verify.inconclusive(f"members of {collection} refer to nothing else")


@check("DC-DOC-025", needs="instances", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_references_of_a_new_instance(cloud: Cloud, verify: Verify, format_: str) -> None:
    """What an instance was just made from exists, as all else that it refers to."""
    instance = instances.shared_instance(cloud, verify)
    x = cloud.get(instance.href, format=format_)
    if x.xml is not None:
        referred = _references(x.xml)
    else:
        referred = _json_references(object_in(x, "instance"))
    known = [href for href in sorted(referred) if cloud.capabilities.declares(_collection_at(href))]
    if not known:
        verify.inconclusive("a new instance refers to nothing else")
    for href in known:
        try:
            led_to = cloud.get(href)
        except ForeignOrigin:
            continue  # judged by DC-DOC-008
        verify.accepted("DC-DOC-025", led_to, why=f"{instance.id} refers to {href}")


def _still_refers(cloud: Cloud, member: Member, href: str, format_: str) -> bool:
    x = cloud.get(member.href, format=format_)
    return href in (_references(x.xml) if x.xml is not None else _json_references(x.json))
