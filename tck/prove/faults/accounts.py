"""Accounts that are not apart: a second user sees, changes or destroys what the first made."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from tck.prove.altered import drivers, http
from tck.prove.altered.change import Change
from tck.prove.altered.messages import Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.resources import Firewall, Key, Network, StorageSnapshot, StorageVolume

fault = Faults()


def _argument(name: str, arguments: dict[str, Any]) -> str:
    return str(arguments.get(name) or "")


def _alone(filters: Any) -> bool:
    """An index is asked for one id: an object is shown."""
    return bool(filters.get("id"))


def _as_list(filters: Any) -> bool:
    return not _alone(filters)


# Collection: the requirement, the index, and what else shows an object.
_SEEN = {
    "instances": ("DC-ACC-001", "instances"),
    "keys": ("DC-ACC-002", "keys"),
    "buckets": ("DC-ACC-003", "buckets"),
    "storage_volumes": ("DC-ACC-005", "storage_volumes"),
    "storage_snapshots": ("DC-ACC-006", "storage_snapshots"),
    "firewalls": ("DC-ACC-007", "firewalls"),
    "addresses": ("DC-ACC-008", "addresses"),
    "networks": ("DC-ACC-029", "networks"),
}
for collection, (requirement, index) in _SEEN.items():
    name = collection.replace("_", "-")
    fault(
        f"other-user-is-shown-{name}",
        requirement,
        drivers.as_owner(
            f"{collection}.show",
            f"shows {collection} to a user of another account",
            index,
            when=_alone,
        ),
    )
    fault(
        f"other-user-lists-{name}",
        requirement,
        drivers.as_owner(
            f"{collection}.index",
            f"lists {collection} of another account",
            index,
            when=_as_list,
        ),
    )

# Name, requirement, where, methods: what the second user can do.
for name, requirement, where, *methods in (
    ("is-shown-load-balancers", "DC-ACC-009", "load_balancers.show", "load_balancer"),
    ("lists-load-balancers", "DC-ACC-009", "load_balancers.index", "load_balancers"),
    ("is-shown-metrics", "DC-ACC-001", "metrics.show", "metrics"),
    ("destroys-networks", "DC-ACC-030", "networks.destroy", "destroy_network"),
    ("sees-images", "DC-ACC-010", "images.*", "images", "image"),
    ("is-shown-blobs", "DC-ACC-004", "blobs.show", "blob"),
    ("gets-content", "DC-ACC-004", "blobs.content", "blob_content", "blob"),
    ("gets-metadata", "DC-ACC-004", "blobs.metadata", "blob_metadata"),
    ("stops-instances", "DC-ACC-011", "instances.stop", "stop_instance"),
    ("destroys-instances", "DC-ACC-011", "instances.destroy", "destroy_instance"),
    ("destroys-keys", "DC-ACC-012", "keys.destroy", "destroy_key"),
    ("stores-blobs", "DC-ACC-013", "blobs.*", "create_blob"),
    ("destroys-buckets", "DC-ACC-013", "buckets.destroy", "delete_bucket"),
    ("overwrites-blobs", "DC-ACC-014", "blobs.*", "create_blob"),
    ("changes-metadata", "DC-ACC-014", "blobs.*", "update_blob_metadata"),
    ("destroys-blobs", "DC-ACC-014", "blobs.destroy", "delete_blob"),
    ("attaches-volumes", "DC-ACC-015", "storage_volumes.attach", "attach_storage_volume"),
    ("detaches-volumes", "DC-ACC-015", "storage_volumes.detach", "detach_storage_volume"),
    ("destroys-volumes", "DC-ACC-015", "storage_volumes.destroy", "destroy_storage_volume"),
    ("destroys-snapshots", "DC-ACC-016", "storage_snapshots.destroy", "destroy_storage_snapshot"),
    ("adds-rules", "DC-ACC-017", "firewalls.rules", "create_firewall_rule"),
    ("destroys-rules", "DC-ACC-017", "rules.destroy", "delete_firewall_rule"),
    ("destroys-firewalls", "DC-ACC-017", "firewalls.destroy", "delete_firewall"),
    ("associates-addresses", "DC-ACC-018", "addresses.associate", "associate_address"),
    ("disassociates-addresses", "DC-ACC-018", "addresses.disassociate", "disassociate_address"),
    ("releases-addresses", "DC-ACC-018", "addresses.destroy", "destroy_address"),
    ("registers-instances", "DC-ACC-019", "load_balancers.register", "lb_register_instance"),
    ("unregisters-instances", "DC-ACC-019", "load_balancers.unregister", "lb_unregister_instance"),
    ("destroys-balancers", "DC-ACC-019", "load_balancers.destroy", "destroy_load_balancer"),
    ("destroys-images", "DC-ACC-020", "images.destroy", "destroy_image"),
):
    text = f"{methods[0]} works for a user of another account, too"
    fault(f"other-user-{name}", requirement, drivers.as_owner(where, text, *methods))


fault(
    "accounts-are-one",
    "DC-ACC-001 DC-ACC-002 DC-ACC-005 DC-ACC-012",
    drivers.as_owner(
        "instances.* keys.* storage_volumes.*",
        "lets every user work in the account of the first",
        *drivers.METHODS,
    ),
)


# Name, requirement, where, method, what is used, and by which argument.
for name, requirement, where, method, kind, argument in (
    ("copies-volumes", "DC-ACC-022", "storage_snapshots.create", "create_storage_snapshot",
     StorageVolume, "volume_id"),
    ("copies-snapshots", "DC-ACC-023", "storage_volumes.create", "create_storage_volume",
     StorageSnapshot, "snapshot_id"),
    ("copies-instances", "DC-ACC-024", "images.create", "create_image",
     InstanceRecord, "instance_id"),
    ("attaches-instances", "DC-ACC-027", "storage_volumes.attach", "attach_storage_volume",
     InstanceRecord, "instance_id"),
    ("associates-instances", "DC-ACC-027", "addresses.associate", "associate_address",
     InstanceRecord, "instance_id"),
    ("serves-instances", "DC-ACC-027", "load_balancers.register", "lb_register_instance",
     InstanceRecord, "instance_id"),
    ("divides-networks", "DC-ACC-030", "subnets.create", "create_subnet", Network, "network_id"),
):  # fmt: skip
    text = f"{method} takes the {argument} of what another account has"
    named = partial(_argument, argument)
    fault(f"other-user-{name}", requirement, drivers.lend(where, text, method, kind, named))


fault(
    "other-user-uses-keys",
    "DC-ACC-025",
    drivers.require_keys(),
    drivers.lend(
        "instances.create",
        "takes the keyname of what another account has",
        "create_instance",
        Key,
        partial(_argument, "keyname"),
    ),
)


def _first_firewall(arguments: dict[str, Any]) -> str:
    return next(iter((arguments.get("firewalls") or {}).values()), "")


fault(
    "other-user-joins-firewalls",
    "DC-ACC-026",
    drivers.lend(
        "instances.create",
        "launches instances in firewalls of another account",
        "create_instance",
        Firewall,
        _first_firewall,
    ),
)


def _count_ids(driver: Any) -> None:
    numbers = itertools.count(1)
    driver.new_id = lambda _tx, _kind, prefix: f"{prefix}{next(numbers)}"


fault(
    "ids-counted-up",
    "DC-ACC-028",
    Change("numbers what it makes", "instances.create storage_volumes.create", driver=_count_ids),
)


def _by_other(asked: Asked) -> bool:
    return asked.by_other


fault("other-user-400", "DC-ACC-021", http.on_status("!*", 404, 400, _by_other))
fault("other-user-401", "DC-ACC-021", http.on_status("!*", 404, 401, _by_other))
