"""Requests at once: lost updates, two winners, and halves of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tck.prove.altered.at_once import contended, overtaken, stale
from tck.prove.altered.change import in_request
from tck.prove.altered.drivers import change_stored
from tck.prove.altered.messages import Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import (
    BalancerRecord,
    BlobRecord,
    InstanceRecord,
    blob_key,
)
from tck.reference_server.errors import BackendError, ConflictError
from tck.reference_server.resources import Address, Firewall, Key, StorageVolume

fault = Faults()


@fault.does("DC-CON-001", contended, "storage_volumes.create", "create_storage_volume")
def volume_of_another_create(driver: Any, _ask: Any, caller: Any, **_given: Any) -> Any:
    """Answers a create that comes beside another with the volume of that one."""
    return driver.storage_volumes(caller, {})[-1]


@fault.does("DC-CON-001", overtaken, "instances.create", "create_instance", InstanceRecord)
def instance_of_another_launch(driver: Any, _ask: Any, caller: Any, **_given: Any) -> Any:
    """Answers a launch with the instance of another that came later and was quicker."""
    return driver.instances(caller, {})[-1]


for name, basis, change in (
    (
        "key-created-twice",
        "DC-CON-002",
        stale(
            "keys.create",
            "creates a key if there was none of its name when the request came",
            "create_key",
            Key,
        ),
    ),
    (
        "rule-update-lost",
        "DC-CON-004",
        stale(
            "firewalls.rules",
            "adds a rule to those that there were when the request came",
            "create_firewall_rule",
            Firewall,
        ),
    ),
    (
        "attached-twice",
        "DC-CON-007",
        stale(
            "storage_volumes.attach",
            "attaches a volume if it was free when the request came",
            "attach_storage_volume",
            StorageVolume,
        ),
    ),
    (
        "associated-twice",
        "DC-CON-008",
        stale(
            "addresses.associate",
            "associates an address if it was free when the request came",
            "associate_address",
            Address,
        ),
    ),
    (
        "registration-lost",
        "DC-CON-011",
        stale(
            "load_balancers.register",
            "adds an instance to those that were registered when the request came",
            "lb_register_instance",
            BalancerRecord,
        ),
    ),
    (
        "blob-lost-from-bucket",
        "DC-CON-013",
        stale(
            "blobs.put",
            "adds a blob to those that were in the bucket when the request came",
            "create_blob",
            BlobRecord,
        ),
    ),
):
    fault(name, basis, change)


@fault.does("DC-CON-003", contended, "buckets.create", "create_bucket")
def bucket_twice(_driver: Any, ask: Any, caller: Any, *, name: str, **given: Any) -> Any:
    """Gives a create that comes beside another of the same name a bucket of its own."""
    return ask(caller, name=f"{name}-2", **given)


@fault.does("DC-CON-005", overtaken, "blobs.put", "create_blob", BlobRecord)
def blob_of_two_puts(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, content: Any, **given: Any
) -> Any:
    """Keeps the metadata of a put that was quicker, with the content of the other."""
    with driver.store.transaction() as tx:
        other = tx.get(BlobRecord, blob_key(bucket, blob))
    metadata: Mapping[str, str] = other.blob.user_metadata if other else given["metadata"]
    return ask(caller, bucket, blob, content, **{**given, "metadata": metadata})


@fault.does("DC-CON-005", in_request, "blobs.put")
def blob_typed_before_it_is_stored(asked: Asked) -> None:
    """Gives a blob its new type when a put begins, and its content when that has come."""
    type_ = asked.header("Content-Type") or "application/octet-stream"
    bucket, blob = asked.ids
    key = blob_key(bucket, blob)

    def typed(record: BlobRecord) -> BlobRecord:
        new = replace(record.blob, content_type=type_)
        return replace(record, blob=new) if record.key == key else record

    change_stored(asked.driver, BlobRecord, typed)


@fault.does("DC-CON-006", contended, "blobs.update", "update_blob_metadata")
def metadata_of_two_updates(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, metadata: Mapping[str, str]
) -> None:
    """Replaces only the first of the metadata if another update is under way."""
    name, value = next(iter(metadata.items()))
    ask(caller, bucket, blob, {**driver.blob_metadata(caller, bucket, blob), name: value})


@fault.does("DC-CON-009", contended, "instances.start", "start_instance")
def refused_start_undoes_stop(driver: Any, _ask: Any, _caller: Any, id_: str) -> Any:
    """Refuses a start while a stop is under way, and undoes the stop."""

    def running(record: InstanceRecord) -> InstanceRecord:
        return replace(record, state="RUNNING") if record.id == id_ else record

    change_stored(driver, InstanceRecord, running)
    raise ConflictError


@fault.does("DC-CON-010", contended, "keys.destroy", "destroy_key")
def two_deletes_remove_two(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Removes the last key as well if two requests delete another one."""
    last = driver.keys(caller, {})[-1].id
    change_stored(driver, Key, lambda key: None if key.id == last else key)
    ask(caller, id_)


@fault.does("DC-CON-012", contended, "keys.create", "create_key")
def second_of_two_creates_500(*_asked: Any, **_given: Any) -> Any:
    """Fails with 500 if another create is under way."""
    raise BackendError("deadlock detected")
