"""The objects in a new store, fitted to the driver's shape."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from tck.reference_server.content import Content
from tck.reference_server.drivers.mock.records import BalancerRecord, BlobRecord, InstanceRecord
from tck.reference_server.drivers.mock.rules import address_source, rule
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.resources import (
    Address,
    Blob,
    Bucket,
    Firewall,
    Image,
    Key,
    Listener,
    Network,
    NetworkInterface,
    Realm,
    StorageSnapshot,
    StorageVolume,
    Subnet,
)
from tck.reference_server.storage.store import Transaction

_PLAIN = {
    "realms": Realm,
    "addresses": Address,
    "storage_volumes": StorageVolume,
    "storage_snapshots": StorageSnapshot,
    "buckets": Bucket,
    "subnets": Subnet,
    "network_interfaces": NetworkInterface,
}


@cache
def _data() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("fixtures.toml").read_text("utf-8")
    return tomllib.loads(text)


def fill(tx: Transaction, shape: Shape, user: str, *, shared_only: bool = False) -> None:
    """Put the fixtures into a store that is empty; one that was kept on disk is not.

    `shared_only`: those that all accounts have, realms and images.
    """
    if tx.all(Realm):
        return
    data = _data()
    profiles = tuple(profile.id for profile in shape.hardware_profiles)
    for row in data["images"]:
        tx.put(Image(**row, hardware_profiles=profiles))
    for name, kind in _PLAIN.items():
        for row in data[name] if name == "realms" or not shared_only else ():
            tx.put(kind(**row))
    if not shared_only:
        _fill_own(tx, data, profiles, shape, user)


def _fill_own(
    tx: Transaction, data: Mapping[str, Any], profiles: tuple[str, ...], shape: Shape, user: str
) -> None:
    """Put the fixtures into a store that belong to its account."""
    for row in data["networks"]:
        tx.put(Network(**{**row, "address_blocks": tuple(row["address_blocks"])}))
    for row in data["instances"]:
        tx.put(_instance(row, profiles, shape, user))
    for row in data["keys"]:
        tx.put(_key(row, shape))
    for row in data["blobs"]:
        tx.put(_blob(row))
    for row in data["firewalls"]:
        tx.put(_firewall(row))
    for row in data["load_balancers"]:
        listener, instances = Listener(**row["listener"]), tuple(row["instances"])
        members = {**row, "public_addresses": tuple(row["public_addresses"])}
        tx.put(BalancerRecord(**{**members, "listener": listener, "instances": instances}))


def _instance(
    row: Mapping[str, Any], profiles: tuple[str, ...], shape: Shape, user: str
) -> InstanceRecord:
    members = dict(row)
    if members["hardware_profile"] not in profiles:  # a shape with other sizes
        members |= {"hardware_profile": profiles[0] if profiles else None, "overrides": {}}
    if shape.authentication == "password":
        members |= {"keyname": None, "username": "root", "password": f"{row['id']}-password"}
    return InstanceRecord(**members, owner_id=user, state="RUNNING")


def _key(row: Mapping[str, Any], shape: Shape) -> Key:
    if shape.authentication == "password":
        return Key(row["id"], type="password", username="root", password="s3cret")
    return Key(**row)


def _blob(row: Mapping[str, Any]) -> BlobRecord:
    content = Content.receive(io.BytesIO(row["content"].encode()))
    blob = Blob(
        row["id"],
        row["bucket_id"],
        content.length,
        row["content_type"],
        row["last_modified"],
        row.get("user_metadata", {}),
        content.text,
    )
    return BlobRecord(row["id"], blob, content)


def _firewall(row: Mapping[str, Any]) -> Firewall:
    rules = tuple(
        rule(
            row["owner_id"],
            r["protocol"],
            r["port_from"],
            r["port_to"],
            [address_source(r["address"])],
        )
        for r in row["rules"]
    )
    return Firewall(row["id"], row["name"], row["description"], row["owner_id"], rules)
