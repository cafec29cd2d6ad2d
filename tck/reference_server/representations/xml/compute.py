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
    element = tag("property", {**attributes, "value": dimension.value})
    if dimension.kind == "fixed":
        return element
    call = {"href": site.url("instances"), "method": "post", "operation": "create"}
    element.append(tag("param", {"name": f"hwp_{dimension.name}", **call}))
    if dimension.kind == "range":
        bounds = {"first": dimension.first or "", "last": dimension.last or ""}
        element.append(tag("range", bounds))
    else:
        element.append(tag("enum", {}, *(tag("entry", {"value": v}) for v in dimension.values)))
    return element


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
    profile = reference("hardware_profile", site, "hardware_profiles", instance.hardware_profile)
    for name in ("memory", "storage", "architecture", "cpu"):
        if name in instance.overrides:
            size = {"name": name, "unit": r.UNITS[name] or "", "value": instance.overrides[name]}
            profile.append(tag("property", {"kind": "fixed", **size}))
    return profile


def _instance_addresses(name: str, addresses: Iterable[r.InstanceAddress]) -> Element:
    element = tag(name, {})
    for address in addresses:
        port = {"port": address.port} if address.port else {}
        element.append(tag("address", {"type": address.type, **port}, address.address))
    return element


def _references(name: str, singular: str, ids: Iterable[str], site: Site) -> Element | None:
    """A list of links into a collection that the driver may lack."""
    if not site.has(name):
        return None
    return tag(name, {}, *(reference(singular, site, name, id_) for id_ in ids))


def _authentication(instance: r.Instance, site: Site) -> Element | None:
    style = site.shape.authentication
    if style is None:
        return None
    element = tag("authentication", {"type": style})
    if instance.password is not None:
        user, password = instance.username, instance.password
        element.append(tag("login", {}, text("username", user), text("password", password)))
    if instance.keyname is not None:
        element.append(tag("login", {}, text("keyname", instance.keyname)))
    return element


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
    element = resource("key", site, "keys", key.id, text("name", key.id))
    element.set("type", key.type)
    element.append(actions(site.destroy("destroy_key", "keys", key.id)))
    shown = ("username", "password") if key.type == "password" else ("fingerprint", "pem")
    element.extend(text(n, v) for n in shown if (v := getattr(key, n)) is not None)
    element.append(text("state", key.state))
    return element


def metric(metric: r.Metric, site: Site) -> Element:
    properties = tag("properties", {})
    for name, samples in metric.properties.items():
        measured = tag(name, {})
        for sample in samples:
            pairs = ((n, str(getattr(sample, n))) for n in sample.__dataclass_fields__)
            measured.append(
                tag("sample", {}, *(tag("property", {"name": n, "value": v}) for n, v in pairs))
            )
        properties.append(measured)
    entity = text("entity", metric.id if metric.entity is None else metric.entity)
    return resource("metric", site, "metrics", metric.id, entity, properties)
