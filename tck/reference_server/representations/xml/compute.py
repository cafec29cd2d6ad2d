"""XML of what instances are and what they are made of (facts 2.4 to 2.9, 2.16)."""

from __future__ import annotations

from collections.abc import Iterable

from tck.reference_server import resources as r
from tck.reference_server.representations.xml.elements import (
    Element,
    actions,
    optional,
    reference,
    resource,
    tag,
    text,
)
from tck.reference_server.site import Site


def realm(realm: r.Realm, site: Site) -> Element:
    limit = None if realm.limit == "unlimited" else text("limit", realm.limit)
    name, state = text("name", realm.name), text("state", realm.state)
    return resource("realm", site, "realms", realm.id, name, state, limit)


def hardware_profile(profile: r.HardwareProfile, site: Site) -> Element:
    return resource(
        "hardware_profile",
        site,
        "hardware_profiles",
        profile.id,
        text("id", profile.id),
        text("name", profile.name),
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
        reference("hardware_profile", site, "hardware_profiles", id_, rel="hardware_profile")
        for id_ in image.hardware_profiles
        if site.has("hardware_profiles")
    )
    return resource(
        "image",
        site,
        "images",
        image.id,
        text("name", image.name),
        text("description", image.description),
        text("owner_id", image.owner_id),
        text("architecture", image.architecture),
        optional("state", image.state),
        optional("creation_time", image.creation_time),
        tag("hardware_profiles", {}, *profiles),
        text("root_type", image.root_type),
        actions(site.image_actions(image)),
    )


def instance(instance: r.Instance, site: Site) -> Element:
    volumes = (
        reference("storage_volume", site, "storage_volumes", id_, device=device)
        for id_, device in instance.storage_volumes
        if site.has("storage_volumes")
    )
    return resource(
        "instance",
        site,
        "instances",
        instance.id,
        optional("name", instance.name),
        text("owner_id", instance.owner_id),
        reference("image", site, "images", instance.image_id),
        reference("realm", site, "realms", instance.realm_id),
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
        "hardware_profiles",
        instance.hardware_profile,
        *(tag("property", {"kind": "fixed", **size}) for size in sizes),
    )


def _instance_addresses(name: str, addresses: Iterable[r.InstanceAddress]) -> Element:
    shown = (
        ({"type": a.type, **({"port": a.port} if a.port else {})}, a.address) for a in addresses
    )
    return tag(name, {}, *(tag("address", attributes, said) for attributes, said in shown))


def _references(name: str, singular: str, ids: Iterable[str], site: Site) -> Element | None:
    """A list of links into a collection that the driver may lack."""
    if not site.has(name):
        return None
    return tag(name, {}, *(reference(singular, site, name, id_) for id_ in ids))


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
        "instances",
        result.id,
        text("public_address", result.public_address),
        text("command", result.command),
        text("output", result.output),
    )


def key(key: r.Key, site: Site) -> Element:
    shown = ("username", "password") if key.type == "password" else ("fingerprint", "pem")
    return tag(
        "key",
        {"href": site.url("keys", key.id), "id": key.id, "type": key.type},
        text("name", key.id),
        actions(site.destroy("destroy_key", "keys", key.id)),
        *(optional(name, getattr(key, name)) for name in shown),
        text("state", key.state),
    )


def metric(metric: r.Metric, site: Site) -> Element:
    measured = (
        tag(name, {}, *map(_sample, samples)) for name, samples in metric.properties.items()
    )
    entity = text("entity", metric.id if metric.entity is None else metric.entity)
    properties = tag("properties", {}, *measured)
    return resource("metric", site, "metrics", metric.id, entity, properties)


def _sample(sample: r.Sample) -> Element:
    pairs = ((name, str(getattr(sample, name))) for name in sample.__dataclass_fields__)
    return tag("sample", {}, *(tag("property", {"name": n, "value": v}) for n, v in pairs))
