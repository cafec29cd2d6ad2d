"""The life that most resources share: created, shown, listed, destroyed, gone.

A function that judges takes the `requirement` that a violation is reported under, or names its own
in its docstring. An endpoint may take its time, so what must come true is polled until it does or
patience ends, and judged then. Two things are not failures of the endpoint: an operation that it
does not offer (412 or 501), and a state on the way to another, in which most operations may be
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from lxml import etree

from tck.checks.support import instances, volumes
from tck.checks.support.awaiting import until
from tck.checks.support.client import Member
from tck.checks.support.cloud import Cloud
from tck.checks.support.instances import assert_new
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules.judgement import shown as quoted
from tck.rules.views import differences
from tck.safety.resource import Resource
from tck.safety.waiting import Change
from tck.schemas.operations import API

NOT_OFFERED = (412, 501)
Reader = Callable[[Exchange], Collection[str | None]]
# Collections whose XML must link to "destroy"; keys and instances are judged elsewhere.
_OFFERING = {"addresses", "firewalls", "load_balancers"}
_OFFERING |= {"networks", "subnets", "network_interfaces"}
# States of a volume or snapshot that is not ready yet, as providers name them (V24).
_TRANSIENT_STATES = ("creating", "pending", "unknown", "attaching", "detaching", "deleting", "")


def create(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    form: Mapping[str, str],
    **options: Any,
) -> tuple[Exchange, Resource]:
    """Create something. `options` as for `Cloud.create`.

    Its requirements do not apply where the endpoint does not offer to create it. A volume may get
    larger than `form` asks for.
    """
    if collection == "storage_volumes":
        x, resource = volumes.create(cloud, form, **options)
    else:
        x, resource = cloud.create(collection, form, **options)
    if x.status in NOT_OFFERED:
        verify.not_applicable(f"the endpoint does not create {collection}")
    verify.accepted(requirement, x)
    got = x.headers.get("Location") or None
    ok = resource is not None
    verify.holds(requirement, "Location", "the id of what was created", got, ok, x=x)
    resource = verify.need(resource, f"nothing was created in {collection}")
    assert_new(cloud, verify, x, resource)
    return x, resource


def assert_shown(
    cloud: Cloud, verify: Verify, requirement: str, resource: Resource
) -> etree._Element:
    """A resource that exists is shown under its id, and listed. Returns its XML."""
    x = cloud.get(resource.href)
    verify.accepted(requirement, x, why=f"{resource.id} was created")
    root = x.xml
    got = root.get("id") if root is not None else None
    verify.equal(requirement, "/*/@id", resource.id, got, x=x)
    if resource.collection in cloud.capabilities.collections:
        listed = [member.id for member in cloud.members(resource.collection)]
        verify.contains(requirement, f"/{resource.collection}", resource.id, listed, x=x)
    return verify.need(root, f"the document of {resource.id} cannot be read")


def wait_until_ready(cloud: Cloud, resource: Resource) -> Exchange:
    """Poll a resource until its state is no longer transient, or patience ends."""

    def is_settled(x: Exchange) -> bool:
        root = x.xml
        state = None if root is None else root.findtext("state")
        return state is None or state.strip().lower() not in _TRANSIENT_STATES

    def awaited(x: Exchange) -> str:
        return f"leave {'' if x.xml is None else x.xml.findtext('state')}"

    action = "launch" if resource.collection == "instances" else "create"
    change = Change(resource.collection, action, resource.id, awaited)
    return cloud.waiting.until(change, lambda: cloud.get(resource.href), is_settled).value


def assert_offered(verify: Verify, before: Exchange, *rels: str) -> None:
    """The object linked to an action that then worked; `rels` are the names it may have."""
    links = set(instances.links(before))
    ok = not links.isdisjoint(rels)
    verify.holds("DC-LNK-007", "actions", " or ".join(rels), links, ok, x=before)


def destroy(
    cloud: Cloud, verify: Verify, requirement: str, resource: Resource, format_: str = "xml"
) -> None:
    """Destroy a resource: DELETE answers 204, then it is neither shown nor listed.

    The check is inconclusive where the endpoint does not offer that.
    """
    before = cloud.get(resource.href) if resource.collection in _OFFERING else None
    x = cloud.delete(resource.href, format=format_)
    if x.status in NOT_OFFERED:
        verify.inconclusive(f"the endpoint does not destroy {resource.collection}")
    verify.accepted(requirement, x)
    gone = wait_until_gone(cloud, verify, requirement, resource)
    if before is not None:
        assert_offered(verify, before, "destroy")
    if resource.collection in cloud.capabilities.collections:
        listed = [member.id for member in cloud.members(resource.collection)]
        verify.lacks(requirement, f"/{resource.collection}", resource.id, listed, x=gone)


def wait_until_gone(cloud: Cloud, verify: Verify, requirement: str, resource: Resource) -> Exchange:
    """The answer to GET of a destroyed resource, once that is 404 or 410."""
    x = until(
        cloud,
        verify,
        requirement,
        resource,
        "destroy",
        lambda x: x.status in (404, 410),
        lambda _: "disappear",
        place="status",
        expected=f"404 or 410: {resource.id} was destroyed",
        got=lambda x: x.status,
    )
    verify.status(requirement, x, 404, 410)
    cloud.mark_destroyed(resource)
    return x


def assert_nothing_destroyed(verify: Verify, x: Exchange, *also: int) -> None:
    """DELETE of an unknown id is refused or answers 204 (DC-ERR-018, MUST).

    It should answer 404, 410 or one of `also` (DC-ERR-019, SHOULD); see stance 15.
    """
    verify.refused("DC-ERR-018", x, 204)
    verify.status("DC-ERR-019", x, 404, 410, *also)


def create_second_of_same_name(
    cloud: Cloud,
    verify: Verify,
    collection: str,
    first: Mapping[str, str],
    other: Mapping[str, str],
    read: Callable[[Exchange], object],
) -> None:
    """A second object under the first one's name leaves the first unchanged.

    `first`: the form of the first; `other`: parameters that differ in the second. `read` takes
    from a document what an overwritten object would have lost.
    """
    _, made = create(cloud, verify, "DC-DOC-026", collection, first)
    before = read(cloud.get(made.href))
    x, second = cloud.create(collection, {**first, **other})
    own = not x.ok or (second is not None and second.id != made.id)
    got = {"status": x.status, "id": second and second.id}
    verify.holds("DC-DOC-026", "id", "a refusal, or an id of its own", got, own, x=x)
    after = cloud.get(made.href)
    verify.accepted("DC-DOC-026", after, why=f"{made.id} was there before")
    verify.equal("DC-DOC-026", f"{collection} {made.id}", before, read(after), x=after)


def assert_forgotten(
    cloud: Cloud, verify: Verify, holder: Resource, instance: Resource, read: Reader
) -> None:
    """Destroy an instance: what was attached to it no longer names it.

    `holder`: the volume, address or load balancer; `read`: ids of instances in its document.
    """
    if not cloud.cleaner.remove(instance):
        verify.inconclusive("the instance could not be destroyed")

    def is_consistent(x: Exchange) -> bool:
        # a destroyed instance may still be shown for a while, and may be named as long
        return instance.id not in read(x) or cloud.get(instance.href).ok

    x = until(
        cloud,
        verify,
        "DC-DOC-027",
        holder,
        "destroy of their instance",
        is_consistent,
        lambda _: "forget the instance",
        place="@id",
        expected=f"no reference to {instance.id}, which was destroyed",
        got=read,
    )
    verify.lacks("DC-DOC-027", "@id", instance.id, read(x), x=x)


def assert_kept(
    cloud: Cloud, verify: Verify, holder: Resource, instance: Resource, read: Reader
) -> None:
    """Destroy another instance: what is attached to this one stays attached.

    `holder` and `read` as for `assert_forgotten`.
    """
    _, other = instances.launch(cloud, verify)
    if not cloud.cleaner.remove(other):
        verify.inconclusive("the other instance could not be destroyed")
    x = cloud.get(holder.href)
    verify.contains("DC-INS-055", f"instance of {holder.id}", instance.id, read(x), x=x)


def assert_same_in_both_formats(
    verify: Verify, singular: str, element: etree._Element, value: Mapping[str, Any], x: Exchange
) -> None:
    """XML and JSON of one object say the same (DC-DOC-016); `singular` as in `views.FACTS`."""
    different = differences(singular, element, value)
    got = {fact: f"{quoted(a)} in XML, {quoted(b)} in JSON" for fact, a, b in different}
    place = f"{singular} {value.get('id')}"
    verify.absent("DC-DOC-016", place, "the same in both formats", got, x=x)


def compare_formats(cloud: Cloud, verify: Verify, *resources: Resource) -> None:
    """Resources in a state with much to show (attached, joined) look the same in both formats."""
    for resource in resources:
        singular = API.collections[resource.collection].singular
        # its state may still change
        xml, json = wait_until_ready(cloud, resource), cloud.get(resource.href, format="json")
        value = json.json.get(singular) if isinstance(json.json, Mapping) else None
        ok = xml.xml is not None and isinstance(value, Mapping)
        got = {"status in XML": xml.status, "in JSON": json.status}
        verify.holds("DC-DOC-016", singular, "both formats", got, ok, x=json)
        element = verify.need(xml.xml, f"there is no {singular} in XML")
        object_ = verify.need(value, f"there is no {singular} in JSON")
        assert_same_in_both_formats(verify, singular, element, object_, json)


def act(
    cloud: Cloud,
    verify: Verify,
    resource: Resource,
    action: str,
    format_: str = "xml",
    **form: str,
) -> Exchange:
    """POST an action of a resource; its requirements do not apply where it is not offered."""
    target = cloud.path(resource.collection, resource.id, action=action)
    x = cloud.post(target, form, format=format_)
    skip_unless_offered(verify, x, action)
    return x


def skip_unless_offered(verify: Verify, x: Exchange, what: str) -> None:
    """Skip the check if the endpoint answered that it does not offer the operation (412 or 501).

    So it does by 405, where the operation has never worked.
    """
    verify.need_offered(x)
    if x.status in NOT_OFFERED:
        verify.not_applicable(f"the endpoint does not offer {what}")


def some_members(
    cloud: Cloud, verify: Verify, collection: str, most: int | None = None
) -> list[Member]:
    """The members of a collection, the first `most` of them; inconclusive if there is none."""
    members = cloud.members(collection)
    if not members:
        verify.inconclusive(f"{collection} has no members")
    return members[:most]


def first_member(cloud: Cloud, verify: Verify, collection: str) -> Member:
    """The first member of a collection; inconclusive if there is none."""
    if not cloud.capabilities.declares(collection):
        verify.inconclusive(f"the endpoint does not list {collection}")
    return some_members(cloud, verify, collection, 1)[0]
