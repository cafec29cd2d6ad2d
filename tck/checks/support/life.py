"""The life that most resources share: created, shown, listed, destroyed, gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from tck.checks.support.cloud import Cloud, Member
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.journal import Resource
from tck.safety.waiting import eventually

NOT_OFFERED = (412, 501)
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
