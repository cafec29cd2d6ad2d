"""The JSON documents, one function for each class of resources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from tck.reference_server import resources as r
from tck.reference_server.drivers.machine import StateMachine
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.representations.entry import EntryPoint, Failure
from tck.reference_server.site import COLLECTION_OF, Link, Site
from tck.schemas.operations import API

Object = dict[str, Any]


def render(document: str, subject: Any, site: Site) -> bytes:
    """A document in UTF-8; arguments as for `representations.render`."""
    return json.dumps(model(document, subject, site), separators=(",", ":")).encode()


def model(document: str, subject: Any, site: Site) -> Any:
    """A document as plain values."""
    if document in _BARE:
        return _BARE[document](subject, site)
    if document in _MEMBERS:
        member = _OBJECTS[_MEMBERS[document]]
        return {document: [member(item, site) for item in subject]}
    return {document: _OBJECTS[document](subject, site)}


def _reference(site: Site, member: str, id_: str) -> Object:
    """A link to a member of the collection whose singular is `member`."""
    return {"id": id_, "href": site.url(COLLECTION_OF[member], id_), "rel": member}


def _object(site: Site, collection: str, resource: r.Resource, *names: str) -> Object:
    """Id, URL, and the attributes of a resource that stand in its document under their names."""
    identity = {"id": resource.id, "href": site.url(collection, resource.id)}
    return identity | _attributes(resource, *names)


def _attributes(source: object, *names: str) -> Object:
    return {name: getattr(source, name) for name in names}


def _actions(links: Iterable[Link]) -> list[Object]:
    return [{"href": link.href, "rel": link.rel, "method": link.method} for link in links]


# -- the server's own documents ------------------------------------------------------------


def _api(entry: EntryPoint, site: Site) -> Object:
    links = [
        {"rel": name, "href": site.url(name), "features": _features(name, site.shape)}
        for name in site.shape.collections
    ]
    provider = site.provider or "default"
    head = {"version": entry.version, "driver": site.shape.id, "provider": provider}
    return {"api": {**head, "links": links}}


def _features(collection: str, shape: Shape) -> list[list[Object]]:
    """One inner list for each feature, with one object for the operation that it extends."""
    return [
        [
            {
                "name": feature.name,
                "rel": feature.operation,
                "params": [f"{name}:{feature.type}:optional" for name in feature.params],
                "constraints": dict(constraints),
            }
        ]
        if feature.operation
        else []
        for feature, constraints in shape.features
        if feature.collection == collection
    ]


def _error(failure: Failure, site: Site) -> Object:
    del site
    name = f"Deltacloud::Exceptions::{failure.wire_name}"
    return {"code": failure.status, "message": failure.message, "error": name}


def _driver(shape: Shape, site: Site) -> Object:
    del site
    entrypoints = {"entrypoints": shape.entrypoints} if shape.entrypoints else {}
    return {"name": shape.name, **entrypoints, **(shape.labels or {})}


def _shown_driver(shape: Shape, site: Site) -> Object:
    return {"driver": {**_driver(shape, site), "id": shape.id}}


def _drivers(shapes: Iterable[Shape], site: Site) -> Object:
    return {shape.id: _driver(shape, site) for shape in shapes}


def _states(machine: StateMachine, site: Site) -> list[Object]:
    del site
    return [
        {
            "name": name,
            "transitions": [
                {"to": t.to, **({"action": t.action} if t.action else {"auto": "true"})}
                for t in transitions
            ],
        }
        for name, transitions in machine.states.items()
    ]


# -- compute -------------------------------------------------------------------------------


def _realm(realm: r.Realm, site: Site) -> Object:
    return _object(site, "realms", realm, "name", "state", "limit")


def _hardware_profile(profile: r.HardwareProfile, site: Site) -> Object:
    model = _object(site, "hardware_profiles", profile, "name")
    if profile.properties:
        model["properties"] = {p.name: p.value for p in profile.properties}
    return model


def _image(image: r.Image, site: Site) -> Object:
    return {
        **_object(site, "images", image, "name", "description"),
        "owner": image.owner_id,
        **_attributes(image, "architecture", "state", "root_type", "creation_time"),
        "hardware_profiles": _references(site, "hardware_profile", image.hardware_profiles),
    }


def _references(site: Site, member: str, ids: Iterable[str]) -> list[Object]:
    """Links to members of a collection; none if the driver lacks it."""
    return [_reference(site, member, id_) for id_ in ids if site.has(COLLECTION_OF[member])]


def _instance(instance: r.Instance, site: Site) -> Object:
    volumes = (id_ for id_, _ in instance.storage_volumes)
    model = {
        **_object(site, "instances", instance, "name", "state"),
        "owner": instance.owner_id,
        "image": _reference(site, "image", instance.image_id),
        "realm": _reference(site, "realm", instance.realm_id),
        "actions": _actions(site.instance_actions(instance)),
        "public_addresses": [_instance_address(a) for a in instance.public_addresses],
        "private_addresses": [_instance_address(a) for a in instance.private_addresses],
        "storage_volumes": _references(site, "storage_volume", volumes),
    }
    if (profile := instance.hardware_profile) is not None:
        reference = _reference(site, "hardware_profile", profile)
        model["hardware_profile"] = {**reference, "properties": dict(instance.overrides)}
    if instance.launch_time is not None:
        model["create_time"] = instance.launch_time
    if instance.create_image:
        model["create_image"] = True
    if site.has("firewalls"):
        model["firewalls"] = _references(site, "firewall", instance.firewalls)
    return {**model, **_authentication(instance, site)}


def _instance_address(address: r.InstanceAddress) -> Object:
    port = {"port": address.port} if address.port else {}
    return {"address": address.address, "type": address.type, **port}


def _authentication(instance: r.Instance, site: Site) -> Object:
    if site.shape.authentication is None:
        return {}
    login = {
        "keyname": instance.keyname,
        "user": instance.username,
        "password": instance.password,
    }
    login = {name: value for name, value in login.items() if value is not None}
    style = {"authentication_type": site.shape.authentication}
    return {**style, "authentication": login} if login else style


def _acted_instance(instance: r.Instance, site: Site) -> Object:
    """The bare instance for one client and the wrapped one for another (stance 19, C27)."""
    model = _instance(instance, site)
    return {**model, "instance": model}


def _run(result: r.RunResult, site: Site) -> Object:
    names = ("public_address", "command", "output")
    return {"instance": _object(site, "instances", result, *names)}


def _key(key: r.Key, site: Site) -> Object:
    model = {
        **_object(site, "keys", key),
        "credential_type": key.type,
        **_attributes(key, "username", "password", "state"),
    }
    if key.type == "key":
        model |= {"pem_rsa_key": key.pem, "fingerprint": key.fingerprint}
    return model


def _metric(metric: r.Metric, site: Site) -> Object:
    properties = [
        {"name": name, "values": [asdict(sample) for sample in samples] or None}
        for name, samples in metric.properties.items()
    ]
    entity = metric.id if metric.entity is None else metric.entity
    return {**_object(site, "metrics", metric), "entity": entity, "properties": properties}


# -- storage -------------------------------------------------------------------------------


def _storage_volume(volume: r.StorageVolume, site: Site) -> Object:
    realm = {"id": None, "href": site.url("realms"), "rel": "realm"}
    if volume.realm_id is not None:
        realm = _reference(site, "realm", volume.realm_id)
    instance = {}
    if volume.instance_id is not None:
        instance = _reference(site, "instance", volume.instance_id)
    return {
        **_object(site, "storage_volumes", volume),
        "name": volume.name if volume.name is not None else volume.id,
        **_attributes(volume, "description", "state", "created"),
        "realm": realm,
        **_attributes(volume, "device", "kind"),
        "capacity": int(volume.capacity),
        "actions": _actions(site.volume_actions(volume)),
        "instance": instance,
    }


def _storage_snapshot(snapshot: r.StorageSnapshot, site: Site) -> Object:
    volume = snapshot.storage_volume_id
    return {
        **_object(site, "storage_snapshots", snapshot),
        "name": snapshot.name if snapshot.name is not None else snapshot.id,
        "state": snapshot.state,
        "storage_volume": _reference(site, "storage_volume", volume),
        "created": snapshot.created,
    }


def _bucket(bucket: r.Bucket, site: Site) -> Object:
    blobs = [
        {"rel": "blob", "href": site.url("buckets", bucket.id, id_), "id": id_}
        for id_ in bucket.blobs
    ]
    model = _object(site, "buckets", bucket, "name")
    return {**model, "size": len(bucket.blobs), "blob_list": blobs}


def _blob(blob: r.Blob, site: Site) -> Object:
    return {
        "id": blob.id,
        "href": site.url("buckets", blob.bucket_id, blob.id),
        "bucket": _reference(site, "bucket", blob.bucket_id),
        **_attributes(blob, "content_length", "content_type", "last_modified"),
        "content": blob.text,
        "user_metadata": dict(blob.user_metadata),
    }


# -- network -------------------------------------------------------------------------------


def _address(address: r.Address, site: Site) -> Object:
    model = _object(site, "addresses", address)
    model["associated"] = address.instance_id is not None
    if address.instance_id is not None:
        model["instance_id"] = address.instance_id
    return model


def _network(network: r.Network, site: Site) -> Object:
    subnets = network.subnets if site.has("subnets") else ()
    return {
        **_object(site, "networks", network, "name", "state"),
        "address_blocks": list(network.address_blocks),
        "subnets": [{"id": id_, "href": site.url("subnets", id_)} for id_ in subnets],
    }


def _subnet(subnet: r.Subnet, site: Site) -> Object:
    return {
        **_object(site, "subnets", subnet, "name", "type", "state", "address_block"),
        "network": _reference(site, "network", subnet.network_id),
    }


def _network_interface(interface: r.NetworkInterface, site: Site) -> Object:
    rel, id_, href = site.attachment(interface)
    return {
        **_object(site, "network_interfaces", interface, "name"),
        "network": {"id": id_, "href": href, "rel": rel},
        "instance": _reference(site, "instance", interface.instance_id),
        "ip_address": interface.ip_address,
    }


def _firewall(firewall: r.Firewall, site: Site) -> Object:
    return {
        **_object(site, "firewalls", firewall, "name", "description", "owner_id"),
        "rules": [_rule(rule) for rule in firewall.rules],
    }


def _rule(rule: r.Rule) -> Object:
    sources = (asdict(source) for source in rule.sources)
    return {
        **_attributes(rule, "id", "allow_protocol", "port_from", "port_to"),
        "sources": [{n: v for n, v in source.items() if v is not None} for source in sources],
        "direction": rule.direction,
    }


def _load_balancer(balancer: r.LoadBalancer, site: Site) -> Object:
    return {
        **_object(site, "load_balancers", balancer, "name"),
        "realms": [_reference(site, "realm", balancer.realm_id)],
        "listeners": [asdict(listener) for listener in balancer.listeners],
        "instances": [_instance(instance, site) for instance in balancer.instances],
        "public_addresses": list(balancer.public_addresses),
        "created_at": balancer.created_at,
    }


# Documents without a wrapper that bears their name.
_BARE: Mapping[str, Callable[[Any, Site], Any]] = {
    "api": _api,
    "error": _error,
    "drivers": _drivers,
    "driver": _shown_driver,
    "states": _states,
    "run": _run,
    "acted_instance": _acted_instance,
}

_OBJECTS: Mapping[str, Callable[[Any, Site], Object]] = {
    "realm": _realm,
    "hardware_profile": _hardware_profile,
    "image": _image,
    "instance": _instance,
    "key": _key,
    "metric": _metric,
    "storage_volume": _storage_volume,
    "storage_snapshot": _storage_snapshot,
    "bucket": _bucket,
    "blob": _blob,
    "address": _address,
    "network": _network,
    "subnet": _subnet,
    "network_interface": _network_interface,
    "firewall": _firewall,
    "load_balancer": _load_balancer,
}

# Name of a list document to that of its members.
_MEMBERS = {
    collection.document: collection.singular
    for collection in API.collections.values()
    if collection.singular in _OBJECTS
}
