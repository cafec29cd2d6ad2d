"""XML of instances, of what they are launched from, their keys and their metrics."""

from __future__ import annotations

from collections.abc import Iterable

from tck.reference_server import resources as r
from tck.reference_server.representations.xml.elements import (
    Element,
    actions,
    optional,
    resource,
    tag,
    text,
    texts,
)
from tck.reference_server.site import Site


def realm(realm: r.Realm, site: Site) -> Element:
    limit = None if realm.limit == "unlimited" else text("limit", realm.limit)
    return resource("realm", site, realm.id, *texts(realm, "name", "state"), limit)


def hardware_profile(profile: r.HardwareProfile, site: Site) -> Element:
    return resource(
        "hardware_profile",
        site,
        profile.id,
        *texts(profile, "id", "name"),
        *(_hardware_property(dimension, site) for dimension in profile.properties),
    )


def _hardware_property(dimension: r.HardwareProperty, site: Site) -> Element:
    attributes = {"name": dimension.name, "kind": dimension.kind}
    if dimension.unit is not None:
        attributes["unit"] = dimension.unit
    attributes["value"] = dimension.value
    if dimension.kind == "fixed":
        return tag("property", attributes)
    call = {"href": site.url("instances"), "method": "post", "operation": "create"}
    param = tag("param", {"name": f"hwp_{dimension.name}", **call})
    if dimension.kind == "range":
        bounds = {"first": dimension.first or "", "last": dimension.last or ""}
        return tag("property", attributes, param, tag("range", bounds))
    entries = (tag("entry", {"value": v}) for v in dimension.values)
    return tag("property", attributes, param, tag("enum", {}, *entries))


def image(image: r.Image, site: Site) -> Element:
    profiles = (
        resource("hardware_profile", site, id_, rel="hardware_profile")
        for id_ in image.hardware_profiles
        if site.has("hardware_profiles")
    )
    return resource(
        "image",
        site,
        image.id,
        *texts(image, "name", "description", "owner_id", "architecture"),
        optional("state", image.state),
        optional("creation_time", image.creation_time),
        tag("hardware_profiles", {}, *profiles),
        text("root_type", image.root_type),
        actions(site.image_actions(image)),
    )


def instance(instance: r.Instance, site: Site) -> Element:
    volumes = (
        resource("storage_volume", site, id_, device=device)
        for id_, device in instance.storage_volumes
        if site.has("storage_volumes")
    )
    return resource(
        "instance",
        site,
        instance.id,
        optional("name", instance.name),
        text("owner_id", instance.owner_id),
        resource("image", site, instance.image_id),
        resource("realm", site, instance.realm_id),
        text("state", instance.state),
        _instance_profile(instance, site),
        actions(site.instance_actions(instance)),
        optional("launch_time", instance.launch_time),
        _instance_addresses("public_addresses", instance.public_addresses),
        _instance_addresses("private_addresses", instance.private_addresses),
        _references("firewalls", "firewall", instance.firewalls, site),
        tag("storage_volumes", {}, *volumes),
        _authentication(instance, site),
        _references("network_interfaces", "network_interface", instance.network_interfaces, site),
    )


def _instance_profile(instance: r.Instance, site: Site) -> Element | None:
    if instance.hardware_profile is None:
        return None
    sizes = (
        {"name": name, "unit": r.UNITS[name] or "", "value": instance.overrides[name]}
        for name in ("memory", "storage", "architecture", "cpu")
        if name in instance.overrides
    )
    return resource(
        "hardware_profile",
        site,
        instance.hardware_profile,
        *(tag("property", {"kind": "fixed", **size}) for size in sizes),
    )


def _instance_addresses(name: str, addresses: Iterable[r.InstanceAddress]) -> Element:
    elements = (
        tag("address", {"type": a.type, **({"port": a.port} if a.port else {})}, a.address)
        for a in addresses
    )
    return tag(name, {}, *elements)


def _references(name: str, member: str, ids: Iterable[str], site: Site) -> Element | None:
    """Links to members of a collection; None if the driver lacks it."""
    if not site.has(name):
        return None
    return tag(name, {}, *(resource(member, site, id_) for id_ in ids))


def _authentication(instance: r.Instance, site: Site) -> Element | None:
    style = site.shape.authentication
    if style is None:
        return None
    by_password = by_key = None
    if instance.password is not None:
        user, password = instance.username, instance.password
        by_password = tag("login", {}, text("username", user), text("password", password))
    if instance.keyname is not None:
        by_key = tag("login", {}, text("keyname", instance.keyname))
    return tag("authentication", {"type": style}, by_password, by_key)


def run(result: r.RunResult, site: Site) -> Element:
    return resource(
        "instance",
        site,
        result.id,
        *texts(result, "public_address", "command", "output"),
    )


def key(key: r.Key, site: Site) -> Element:
    names = ("username", "password") if key.type == "password" else ("fingerprint", "pem")
    return resource(
        "key",
        site,
        key.id,
        text("name", key.id),
        actions(site.destroy("destroy_key", "keys", key.id)),
        *(optional(name, getattr(key, name)) for name in names),
        text("state", key.state),
        type=key.type,
    )


def metric(metric: r.Metric, site: Site) -> Element:
    measured = (
        tag(name, {}, *map(_sample, samples)) for name, samples in metric.properties.items()
    )
    entity = text("entity", metric.id if metric.entity is None else metric.entity)
    properties = tag("properties", {}, *measured)
    return resource("metric", site, metric.id, entity, properties)


def _sample(sample: r.Sample) -> Element:
    pairs = ((name, str(getattr(sample, name))) for name in sample.__dataclass_fields__)
    return tag("sample", {}, *(tag("property", {"name": n, "value": v}) for n, v in pairs))
