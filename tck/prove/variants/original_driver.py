"""What the mock driver of Apache Deltacloud 1.1.3 does: of the variant `apache-1.1.3`.

Numbers (B, N) are those of docs/sources.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from tck.prove.altered import drivers, xml
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.reference_server.drivers.mock.records import BlobRecord, InstanceRecord, blob_key
from tck.reference_server.errors import ApiError, NotFoundError, ValidationError
from tck.reference_server.resources import Address, Instance, StorageSnapshot, StorageVolume

Act = Any


class Crash(ApiError):
    """What a client sees of an exception that nobody expected."""

    status = 500


NIL = "undefined method `[]' for nil:NilClass"


def crashing(method: str, words: str = NIL, *, always: bool = False) -> Change:
    """Crash where a method of the driver would refuse, or always."""

    def act(_driver: Any, ask: Act, *positional: Any, **named: Any) -> Any:
        if always:
            raise Crash(words)
        try:
            return ask(*positional, **named)
        except ApiError as error:
            raise Crash(words) from error

    return drivers.around("*", f"crashes in place of refusing: {method}", method, act)


def _take_any(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """B65: takes unknown images, unknown realms, and any size."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        known = arguments | {"image_id": "img1", "realm_id": "us"}
        known.pop("hwp", None)
        made: Instance = ask(caller, **known)
    asked = {k: arguments[k] for k in ("image_id", "realm_id") if arguments.get(k)}
    sizes = {k: v for k, v in (arguments.get("hwp") or {}).items() if k != "id"}

    def as_asked(record: Any) -> Any:
        if record.id != made.id:
            return record
        return replace(record, **asked, overrides={**record.overrides, **sizes})

    drivers.change_stored(driver, InstanceRecord, as_asked)
    return drivers.find(driver, "instances", caller, made.id)


def _any_volume(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """B62: ignores realm, snapshot and description, and takes any capacity; B61."""
    capacity = arguments.get("capacity")
    made = ask(caller, name=arguments.get("name"))
    return _restamped(driver, StorageVolume, made, "volume_", capacity=capacity or "1")


def _any_snapshot(driver: Any, ask: Act, caller: Any, *, volume_id: str, **more: Any) -> Any:
    """N11: of any volume; B61."""
    volume = driver.storage_volumes(caller, {})[0].id
    made = ask(caller, **{**more, "volume_id": volume})
    return _restamped(driver, StorageSnapshot, made, "store_snapshot_", storage_volume_id=volume_id)


def _restamped(driver: Any, kind: Any, made: Any, prefix: str, **values: Any) -> Any:
    """B61: with an id of the time in seconds, in place of what had it."""
    stamped = replace(made, id=f"{prefix}{int(driver.conditions.clock())}", **values)
    drivers.remove_stored(driver, kind, lambda record: record.id == made.id)
    with driver.store.transaction() as tx:
        tx.put(stamped)
    return stamped


def _move_volume(driver: Any, ask: Act, caller: Any, id_: str, **arguments: Any) -> Any:
    """N10: a volume that is attached is attached elsewhere."""
    free = {"instance_id": None, "device": None}
    if drivers.find(driver, "instances", caller, arguments["instance_id"]):
        drivers.change_stored(
            driver, StorageVolume, lambda v: replace(v, **free) if v.id == id_ else v
        )
    return ask(caller, id_, **arguments)


def _needs_subnet(_driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """B63: an interface cannot be created without an undeclared parameter."""
    if not arguments.get("subnet"):
        raise ValidationError("subnet")
    return ask(caller, **arguments)


def _image_or_crash(_driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """N6 and N12: crashes without a name, and where the state does not allow it."""
    if not arguments.get("name"):
        raise Crash("Why not? (RuntimeError)")
    try:
        return ask(caller, **arguments)
    except (ValidationError, NotFoundError):
        raise
    except ApiError as error:
        raise Crash(NIL) from error


def _any_metric(_driver: Any, ask: Act, caller: Any, filters: Any) -> Any:
    """B56: whatever id is asked for, the first is shown."""
    return ask(caller, {})[:1] if filters.get("id") else ask(caller, filters)


def _in_any_bucket(driver: Any, ask: Act, caller: Any, bucket: str, blob: str, *more: Any) -> Any:
    """B59: finds a blob by its name, whatever the bucket."""
    with driver.store.transaction() as tx:
        if tx.get(BlobRecord, blob_key(bucket, blob)) is None:
            found = [r.blob.bucket_id for r in tx.all(BlobRecord) if r.blob.id == blob]
            bucket = found[0] if found else bucket
    return ask(caller, bucket, blob, *more)


def _sizes(asked: Asked, answer: Answer) -> None:
    """B59, B60: sizes count each PUT, and creating a bucket again begins anew."""
    sizes = asked.memory.setdefault("sizes", {})
    if asked.operation in ("blobs.put", "blobs.create"):
        sizes[asked.ids[0]] = sizes.get(asked.ids[0], 0) + 1
    elif asked.operation == "blobs.destroy":
        sizes[asked.ids[0]] = sizes.get(asked.ids[0], 1) - 1
    elif asked.operation == "buckets.create":
        sizes[asked.memory["name"]] = 0
    if asked.operation.startswith("buckets.") and answer.format == "xml" and answer.body:
        root = etree.fromstring(answer.body)
        for bucket in root.iter("bucket"):
            if (size := bucket.find("size")) is not None and bucket.get("id") in sizes:
                size.text = str(sizes[bucket.get("id")])
        answer.body = xml.serialised(root)


def _note_name(asked: Asked) -> None:
    asked.memory["name"] = (asked.query | asked.form).get("name", "")


def _disassociate_or_crash(driver: Any, ask: Act, caller: Any, id_: str) -> Any:
    """N9: crashes at an address that names an instance which is gone."""
    address = drivers.find(driver, "addresses", caller, id_)
    if address.instance_id:
        try:
            drivers.find(driver, "instances", caller, address.instance_id)
        except NotFoundError as error:
            raise Crash(NIL) from error
    return ask(caller, id_)


def _destroy_any_volume(driver: Any, _ask: Act, _caller: Any, id_: str) -> None:
    """A volume is destroyed although it is mounted, and although there is none."""
    drivers.remove_stored(driver, StorageVolume, lambda volume: volume.id == id_)


def _around(method: str, act: Act) -> Change:
    return drivers.around("*", (act.__doc__ or method).strip(), method, act)


_OF_A_BLOB = ["blob", "blob_content", "blob_metadata", "update_blob_metadata", "delete_blob"]
DRIVER = (
    _around("create_instance", _take_any),
    _around("create_storage_volume", _any_volume),
    _around("create_storage_snapshot", _any_snapshot),
    _around("attach_storage_volume", _move_volume),
    _around("destroy_storage_volume", _destroy_any_volume),
    _around("disassociate_address", _disassociate_or_crash),
    _around("create_network_interface", _needs_subnet),
    _around("create_image", _image_or_crash),
    _around("metrics", _any_metric),
    *(_around(method, _in_any_bucket) for method in _OF_A_BLOB),
    in_request("buckets.create", "notes the name", _note_name),
    in_document("buckets.* blobs.*", "counts wrongly", _sizes),
    drivers.keep_after_destroy("addresses go on naming destroyed instances", Address),
    drivers.keep_after_destroy("volumes go on naming destroyed instances", StorageVolume),
)
