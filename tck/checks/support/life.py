"""The life that most resources share: created, shown, listed, destroyed, gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from lxml import etree

from tck.checks.support import instances
from tck.checks.support.cloud import Cloud, Member
from tck.checks.support.verify import Verify
from tck.checks.support.views import differences
from tck.endpoint.exchange import Exchange
from tck.rules.reading import shown as quoted
from tck.safety.journal import Resource
from tck.safety.waiting import eventually
from tck.schemas.operations import API

NOT_OFFERED = (412, 501)
Reader = Callable[[Exchange], Collection[str | None]]
# Whose XML offers to destroy them; that of keys and instances is judged elsewhere.
_OFFERING = {"addresses", "firewalls", "load_balancers"}
_OFFERING |= {"networks", "subnets", "network_interfaces"}
# What providers say of a volume or snapshot that is not ready yet (V24).
_ON_THE_WAY = ("creating", "pending", "unknown", "attaching", "detaching", "deleting", "")


def created(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    form: Mapping[str, str],
    **options: Any,
) -> tuple[Exchange, Resource]:
    """Create something; inconclusive where the endpoint does not offer that."""
    x, resource = cloud.create(collection, form, **options)
    if x.status in NOT_OFFERED:
        verify.lacking(f"the endpoint does not create {collection}")
    verify.status(requirement, x, *(cloud.operation(collection, "create").success))
    got = x.headers.get("Location", "neither in the document nor in Location")
    ok = resource is not None
    verify(requirement, ok, expected="the id of what was created", got=got, x=x, place="Location")
    assert resource is not None
    return x, resource


def shown(cloud: Cloud, verify: Verify, requirement: str, resource: Resource) -> etree._Element:
    """A resource that exists is shown under its id, and listed; its XML."""
    x = cloud.get(resource.href)
    verify.status(requirement, x, 200, why=f"{resource.id} was created")
    root = x.xml
    got = root.get("id") if root is not None else None
    verify.equal(requirement, resource.id, got, x=x, place="/*/@id")
    if resource.collection in cloud.capabilities.collections:
        listed = [member.id for member in cloud.members(resource.collection)]
        verify.among(requirement, resource.id, listed, x=x, place=f"/{resource.collection}")
    assert root is not None
    return root


def ready(cloud: Cloud, resource: Resource) -> Exchange:
    """A resource when its state is no longer one on the way."""

    def settled(x: Exchange) -> bool:
        root = x.xml
        state = None if root is None else root.findtext("state")
        return state is None or state.strip().lower() not in _ON_THE_WAY

    return eventually(lambda: cloud.get(resource.href), settled, cloud.patience).value


def offers(verify: Verify, before: Exchange, *rels: str) -> None:
    """What an object could be done with was offered by it, under one of some names."""
    root = before.xml
    found = set() if root is None else {str(a.get("rel")) for a in root.iterfind("actions/link")}
    got, expected = ", ".join(sorted(found)) or "no link", " or ".join(rels)
    ok, place = not found.isdisjoint(rels), "actions"
    verify("DC-LNK-007", ok, expected=expected, got=got, x=before, place=place)


def destroyed(
    cloud: Cloud, verify: Verify, requirement: str, resource: Resource, format_: str = "xml"
) -> None:
    """DELETE answers 204; then the resource is neither shown nor listed."""
    before = cloud.get(resource.href) if resource.collection in _OFFERING else None
    x = cloud.delete(resource.href, format=format_)
    if x.status in NOT_OFFERED:
        verify.inconclusive(f"the endpoint does not destroy {resource.collection}")
    verify.status(requirement, x, 204)
    gone = eventually(
        lambda: cloud.get(resource.href), lambda x: x.status in (404, 410), cloud.patience
    ).value
    verify.status(requirement, gone, 404, 410, why=f"{resource.id} was destroyed")
    cloud.destroyed(resource)
    if before is not None:
        offers(verify, before, "destroy")
    if resource.collection in cloud.capabilities.collections:
        listed = [member.id for member in cloud.members(resource.collection)]
        ok = resource.id not in listed
        verify(requirement, ok, expected="not listed", got="still listed", x=gone)


def nothing_destroyed(verify: Verify, x: Exchange, *also: int) -> None:
    """DELETE of what does not exist breaks nothing, and says so (stance 15)."""
    ok = x.status == 204 or 400 <= x.status < 500
    verify("DC-ERR-018", ok, expected="4xx or 204", got=x.status, x=x, place="status")
    verify.status("DC-ERR-019", x, 404, 410, *also)


def second_of_one_name(
    cloud: Cloud,
    verify: Verify,
    collection: str,
    first: Mapping[str, str],
    other: Mapping[str, str],
    read: Callable[[Exchange], object],
) -> None:
    """A second object under the first one's name does nothing to it; `other` is what differs.

    `read`: from a document, what would be lost.
    """
    _, made = created(cloud, verify, "DC-DOC-026", collection, first)
    before = read(cloud.get(made.href))
    x, second = cloud.create(collection, {**first, **other})
    own = not x.ok or (second is not None and second.id != made.id)
    got = f"{x.status}, id {second and second.id}"
    verify("DC-DOC-026", own, expected="a refusal, or an id of its own", got=got, x=x, place="id")
    after = cloud.get(made.href)
    verify.status("DC-DOC-026", after, 200, why=f"{made.id} was there before")
    verify.equal("DC-DOC-026", before, read(after), x=after, place=f"{collection} {made.id}")


def forgotten(
    cloud: Cloud, verify: Verify, holder: Resource, instance: Resource, read: Reader
) -> None:
    """Once an instance is destroyed, what was given to it is not the instance's any more.

    `read`: ids of the instances that the holder's document names.
    """
    if not cloud.cleaner.remove(instance):
        verify.inconclusive("the instance could not be destroyed")

    def right(x: Exchange) -> bool:
        # one that ended may be shown for a while, and named as long
        return instance.id not in read(x) or cloud.get(instance.href).ok

    waited = eventually(lambda: cloud.get(holder.href), right, cloud.patience)
    got, x = f"{instance.id}, which was destroyed", waited.value
    verify("DC-DOC-027", waited.arrived, expected="no such reference", got=got, x=x, place="@id")


def kept(cloud: Cloud, verify: Verify, holder: Resource, instance: Resource, read: Reader) -> None:
    """What was given to an instance stays with it when another one is destroyed.

    `read`: ids of the instances that the holder's document names.
    """
    _, other = instances.launch(cloud, verify)
    if not cloud.cleaner.remove(other):
        verify.inconclusive("the other instance could not be destroyed")
    x = instances.eventually_shows(cloud, holder.href, lambda x: instance.id in read(x), True)
    verify.among("DC-INS-055", instance.id, read(x), x=x, place=f"instance of {holder.id}")


def told_alike(
    verify: Verify, singular: str, element: etree._Element, value: Mapping[str, Any], x: Exchange
) -> None:
    """XML and JSON of one object tell the same (DC-DOC-016)."""
    found = differences(singular, element, value)
    told = "; ".join(f"{fact}: XML {quoted(a)}, JSON {quoted(b)}" for fact, a, b in found)
    place = f"{singular} {value.get('id')}"
    verify("DC-DOC-016", not found, expected="the same in both formats", got=told, x=x, place=place)


def alike(cloud: Cloud, verify: Verify, *resources: Resource) -> None:
    """Both formats tell the same of objects that have much to tell: given, attached, joined."""
    for resource in resources:
        singular = API.collections[resource.collection].singular
        # it may still be on its way to what it will be
        xml, json = ready(cloud, resource), cloud.get(resource.href, format="json")
        value = json.json.get(singular) if isinstance(json.json, Mapping) else None
        ok = xml.xml is not None and isinstance(value, Mapping)
        got = f"{xml.status} and {json.status}"
        verify("DC-DOC-016", ok, expected="both formats", got=got, x=json, place=singular)
        assert xml.xml is not None
        assert isinstance(value, Mapping)
        told_alike(verify, singular, xml.xml, value, json)


def some(cloud: Cloud, verify: Verify, collection: str) -> Member:
    """The first member of a collection; inconclusive if there is none."""
    members = cloud.members(collection) if cloud.capabilities.declares(collection) else []
    if not members:
        verify.inconclusive(f"{collection} has no members")
    return members[0]


def part(element: etree._Element, path: str) -> str | None:
    """Text of a part without white space around it; None if it is absent."""
    found = element.findtext(path)
    return None if found is None else found.strip()
