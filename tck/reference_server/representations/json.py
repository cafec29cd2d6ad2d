"""The JSON documents (facts 3), one function a resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from tck.reference_server import resources as r
from tck.reference_server.drivers.machine import StateMachine
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.representations.entry import EntryPoint, Failure
from tck.reference_server.site import Link, Site
from tck.schemas.operations import API

Object = dict[str, Any]


def render(document: str, subject: Any, site: Site) -> bytes:
    return json.dumps(model(document, subject, site), separators=(",", ":")).encode()


def model(document: str, subject: Any, site: Site) -> Any:
    """A document as plain values."""
    if document in _BARE:
        return _BARE[document](subject, site)
    if document in _MEMBERS:
        member = _OBJECTS[_MEMBERS[document]]
        return {document: [member(item, site) for item in subject]}
    return {document: _OBJECTS[document](subject, site)}


def _reference(site: Site, collection: str, id_: str, rel: str) -> Object:
    return {"id": id_, "href": site.url(collection, id_), "rel": rel}


def _identity(resource: r.Resource, site: Site, collection: str) -> Object:
    return {"id": resource.id, "href": site.url(collection, resource.id)}


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
    """One inner list a feature, with one object an operation that it extends (facts 1.7.4)."""
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
    shown = {"name": realm.name, "state": realm.state, "limit": realm.limit}
    return {**_identity(realm, site, "realms"), **shown}


def _hardware_profile(profile: r.HardwareProfile, site: Site) -> Object:
    model = {**_identity(profile, site, "hardware_profiles"), "name": profile.name}
    if profile.properties:
        model["properties"] = {p.name: p.value for p in profile.properties}
    return model


def _image(image: r.Image, site: Site) -> Object:
    return {
        **_identity(image, site, "images"),
        "name": image.name,
        "description": image.description,
        "owner": image.owner_id,
        "architecture": image.architecture,
        "state": image.state,
        "root_type": image.root_type,
        "creation_time": image.creation_time,
        "hardware_profiles": _references(
            "hardware_profiles", "hardware_profile", image.hardware_profiles, site
        ),
    }


def _references(collection: str, rel: str, ids: Iterable[str], site: Site) -> list[Object]:
    """Links into a collection; none if the driver lacks it."""
    return [_reference(site, collection, id_, rel) for id_ in ids if site.has(collection)]


def _instance(instance: r.Instance, site: Site) -> Object:
    volumes = (id_ for id_, _ in instance.storage_volumes)
    model = {
        **_identity(instance, site, "instances"),
        "name": instance.name,
        "state": instance.state,
        "owner": instance.owner_id,
        "image": _reference(site, "images", instance.image_id, "image"),
        "realm": _reference(site, "realms", instance.realm_id, "realm"),
        "actions": _actions(site.instance_actions(instance)),
        "public_addresses": [_instance_address(a) for a in instance.public_addresses],
        "private_addresses": [_instance_address(a) for a in instance.private_addresses],
        "storage_volumes": _references("storage_volumes", "storage_volume", volumes, site),
    }
    if (profile := instance.hardware_profile) is not None:
        reference = _reference(site, "hardware_profiles", profile, "hardware_profile")
        model["hardware_profile"] = {**reference, "properties": dict(instance.overrides)}
    if instance.launch_time is not None:
        model["create_time"] = instance.launch_time
    if instance.create_image:
        model["create_image"] = True
    if site.has("firewalls"):
        model["firewalls"] = _references("firewalls", "firewall", instance.firewalls, site)
    return {**model, **_authentication(instance, site)}


def _instance_address(address: r.InstanceAddress) -> Object:
    port = {"port": address.port} if address.port else {}
    return {"address": address.address, "type": address.type, **port}


def _authentication(instance: r.Instance, site: Site) -> Object:
    if site.shape.authentication is None:
        return {}
    known = {
        "keyname": instance.keyname,
        "user": instance.username,
        "password": instance.password,
    }
    login = {name: value for name, value in known.items() if value is not None}
    shown: Object = {"authentication_type": site.shape.authentication}
    return {**shown, "authentication": login} if login else shown


def _acted_instance(instance: r.Instance, site: Site) -> Object:
    """The bare instance for one client and the wrapped one for another (stance 19, C27)."""
    model = _instance(instance, site)
    return {**model, "instance": model}


def _run(result: r.RunResult, site: Site) -> Object:
    shown = {
        "public_address": result.public_address,
        "command": result.command,
        "output": result.output,
    }
    return {"instance": {**_identity(result, site, "instances"), **shown}}


def _key(key: r.Key, site: Site) -> Object:
    model = {
        **_identity(key, site, "keys"),
        "credential_type": key.type,
        "username": key.username,
        "password": key.password,
        "state": key.state,
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
    return {**_identity(metric, site, "metrics"), "entity": entity, "properties": properties}


# -- storage -------------------------------------------------------------------------------


def _storage_volume(volume: r.StorageVolume, site: Site) -> Object:
    realm = {"id": None, "href": site.url("realms"), "rel": "realm"}
    if volume.realm_id is not None:
        realm = _reference(site, "realms", volume.realm_id, "realm")
    instance = {}
    if volume.instance_id is not None:
        instance = _reference(site, "instances", volume.instance_id, "instance")
    return {
        **_identity(volume, site, "storage_volumes"),
        "name": volume.name if volume.name is not None else volume.id,
        "description": volume.description,
        "state": volume.state,
        "created": volume.created,
        "realm": realm,
        "device": volume.device,
        "kind": volume.kind,
        "capacity": int(volume.capacity),
        "actions": _actions(site.volume_actions(volume)),
        "instance": instance,
    }


def _storage_snapshot(snapshot: r.StorageSnapshot, site: Site) -> Object:
    volume = snapshot.storage_volume_id
    return {
        **_identity(snapshot, site, "storage_snapshots"),
        "name": snapshot.name if snapshot.name is not None else snapshot.id,
        "state": snapshot.state,
        "storage_volume": _reference(site, "storage_volumes", volume, "storage_volume"),
        "created": snapshot.created,
    }


def _bucket(bucket: r.Bucket, site: Site) -> Object:
    blobs = [
        {"rel": "blob", "href": site.url("buckets", bucket.id, id_), "id": id_}
        for id_ in bucket.blobs
    ]
    shown = {"name": bucket.name, "size": len(bucket.blobs), "blob_list": blobs}
    return {**_identity(bucket, site, "buckets"), **shown}


def _blob(blob: r.Blob, site: Site) -> Object:
    return {
        "id": blob.id,
        "href": site.url("buckets", blob.bucket_id, blob.id),
        "bucket": _reference(site, "buckets", blob.bucket_id, "bucket"),
        "content_length": blob.content_length,
        "content_type": blob.content_type,
        "last_modified": blob.last_modified,
        "content": blob.text,
        "user_metadata": dict(blob.user_metadata),
    }


# -- network -------------------------------------------------------------------------------


def _address(address: r.Address, site: Site) -> Object:
    model = {**_identity(address, site, "addresses"), "associated": address.instance_id is not None}
    if address.instance_id is not None:
        model["instance_id"] = address.instance_id
    return model


def _network(network: r.Network, site: Site) -> Object:
    subnets = network.subnets if site.has("subnets") else ()
    return {
        **_identity(network, site, "networks"),
        "name": network.name,
        "state": network.state,
        "address_blocks": list(network.address_blocks),
        "subnets": [{"id": id_, "href": site.url("subnets", id_)} for id_ in subnets],
    }


def _subnet(subnet: r.Subnet, site: Site) -> Object:
    return {
        **_identity(subnet, site, "subnets"),
        "name": subnet.name,
        "type": subnet.type,
        "state": subnet.state,
        "address_block": subnet.address_block,
        "network": _reference(site, "networks", subnet.network_id, "network"),
    }


def _network_interface(interface: r.NetworkInterface, site: Site) -> Object:
    rel, id_, href = site.attachment(interface)
    return {
        **_identity(interface, site, "network_interfaces"),
        "name": interface.name,
        "network": {"id": id_, "href": href, "rel": rel},
        "instance": _reference(site, "instances", interface.instance_id, "instance"),
        "ip_address": interface.ip_address,
    }


def _firewall(firewall: r.Firewall, site: Site) -> Object:
    return {
        **_identity(firewall, site, "firewalls"),
        "name": firewall.name,
        "description": firewall.description,
        "owner_id": firewall.owner_id,
        "rules": [_rule(rule) for rule in firewall.rules],
    }


def _rule(rule: r.Rule) -> Object:
    sources = (asdict(source) for source in rule.sources)
    return {
        "id": rule.id,
        "allow_protocol": rule.allow_protocol,
        "port_from": rule.port_from,
        "port_to": rule.port_to,
        "sources": [{n: v for n, v in source.items() if v is not None} for source in sources],
        "direction": rule.direction,
    }


def _load_balancer(balancer: r.LoadBalancer, site: Site) -> Object:
    return {
        **_identity(balancer, site, "load_balancers"),
        "name": balancer.name,
        "realms": [_reference(site, "realms", balancer.realm_id, "realm")],
        "listeners": [asdict(listener) for listener in balancer.listeners],
        "instances": [_instance(instance, site) for instance in balancer.instances],
        "public_addresses": list(balancer.public_addresses),
        "created_at": balancer.created_at,
    }


# Documents without the wrapper that names them (facts 3.1).
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
