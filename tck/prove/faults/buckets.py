"""Buckets, which hold blobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, do_nothing, remove_stored
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import BlobRecord
from tck.reference_server.errors import BackendError
from tck.reference_server.resources import Bucket

_ALL = "buckets.*"

fault = Faults()

fault("bucket-without-name", "DC-BKT-001", xml.drop(_ALL, "//bucket/name"))
fault("bucket-without-size", "DC-BKT-001", xml.drop(_ALL, "//bucket/size"))
fault("json-bucket-without-blobs", "DC-BKT-002", json.drop(_ALL, "blob_list"))


@fault.does("DC-BKT-002", json.alter, _ALL, "size")
def json_bucket_size_as_text(size: Any) -> Any:
    """Writes the size of a bucket as a string with a unit."""
    return f"{size} blobs"


fault("blob-of-bucket-without-id", "DC-BKT-003", xml.drop(_ALL, "//bucket/blob/@id"))


@fault.does("DC-BKT-003", xml.alter, _ALL, "//bucket/blob/@href")
def blob_href_without_bucket(href: str) -> str:
    """Leaves the bucket out of the URLs of its blobs."""
    return href.rsplit("/", 2)[0] + "/" + href.rsplit("/", 1)[1]


@fault.does("DC-BKT-004", xml.alter, _ALL, "//bucket/size")
def bucket_counts_one_more(size: str) -> str:
    """Writes a size of a bucket that is too large by one."""
    return str(int(size or 0) + 1)


@fault.does("DC-BKT-004", xml.alter, _ALL, "//bucket/size")
def bucket_size_in_bytes(size: str) -> str:
    """Writes the size of a bucket in bytes, not as a number of blobs."""
    return str(int(size or 0) * 17)


fault("bucket-lists-no-blobs", "DC-BKT-004", xml.drop(_ALL, "//bucket/blob"))
fault("bucket-lists-first-blob", "DC-BKT-004", xml.drop(_ALL, "//bucket/blob[position()>1]"))


@fault.does("DC-BKT-004", drivers.shown, _ALL, Bucket)
def bucket_lists_blobs_of_others(bucket: Any) -> Any:
    """Lists blob1 in every bucket."""
    return replace(bucket, blobs=tuple(dict.fromkeys((*bucket.blobs, "blob1"))))


fault("bucket-forgotten", "DC-BKT-005", drivers.forget("buckets.create", "create_bucket", Bucket))
fault(
    "bucket-named-otherwise",
    "DC-BKT-005",
    drivers.with_arguments(
        "buckets.create",
        "creates a bucket with its name in upper case",
        "create_bucket",
        name=str.upper,
    ),
)


@fault.does("DC-BKT-005", drivers.listed, "buckets.index", "buckets")
def bucket_not_listed(buckets: list[Any]) -> list[Any]:
    """Lists the first two buckets only."""
    return buckets[:2]


@fault.does("DC-BKT-006", requests.reply, "buckets.create")
def location_500(asked: Asked) -> Answer | None:
    """Fails with 500 if a location is requested."""
    return http.failure(500) if "location" in asked.form | asked.query else None


@fault.does("DC-BKT-007", around, "buckets.create", "create_bucket")
def bucket_again_empties_it(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Deletes the blobs of a bucket that is created again."""
    remove_stored(driver, BlobRecord, lambda b: b.blob.bucket_id == given["name"])
    return ask(caller, **given)


@fault.does("DC-BKT-007", around, "buckets.create", "create_bucket")
def bucket_again_500(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Fails with 500 if a bucket is created again."""
    if driver.buckets(caller, {"id": given["name"]}):
        raise BackendError("BucketExists")
    return ask(caller, **given)


@fault.does("DC-BKT-008", around, "buckets.destroy", "delete_bucket")
def full_bucket_destroyed(driver: Any, _ask: Any, _caller: Any, id_: str) -> None:
    """Destroys a bucket that has blobs, and the blobs with it."""
    remove_stored(driver, BlobRecord, lambda b: b.blob.bucket_id == id_)
    remove_stored(driver, Bucket, lambda b: b.id == id_)


fault("full-bucket-500", "DC-BKT-008", http.on_status("!buckets.destroy", 403, 500))


@fault.does("DC-BKT-008", around, "buckets.destroy", "delete_bucket")
def full_bucket_refused_and_emptied(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Refuses to destroy a bucket that has blobs, but deletes the blobs."""
    try:
        ask(caller, id_)
    finally:
        remove_stored(driver, BlobRecord, lambda b: b.blob.bucket_id == id_)


fault(
    "bucket-not-destroyed", "DC-BKT-009", do_nothing("buckets.destroy", "delete_bucket", "buckets")
)
fault(
    "destroyed-bucket-listed",
    "DC-BKT-009",
    drivers.list_destroyed("buckets.index", "buckets", "delete_bucket"),
)
