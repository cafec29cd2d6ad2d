"""Buckets, which hold blobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, pretend, stored
from tck.prove.faults.fault import fault
from tck.reference_server.drivers.mock.records import BlobRecord
from tck.reference_server.errors import BackendError
from tck.reference_server.resources import Bucket

_ALL = "buckets.*"


def _lost(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    made = ask(caller, **given)
    stored(Bucket, lambda b: None if b.id == made.id else b)(driver)
    return made


def _emptied(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Creating a bucket again throws its blobs away."""
    stored(BlobRecord, lambda b: None if b.blob.bucket_id == given["name"] else b)(driver)
    return ask(caller, **given)


def _fails_on_known(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    if driver.buckets(caller, {"id": given["name"]}):
        raise BackendError("BucketExists")
    return ask(caller, **given)


def _with_blobs(driver: Any, _ask: Any, _caller: Any, id_: str) -> None:
    stored(BlobRecord, lambda b: None if b.blob.bucket_id == id_ else b)(driver)
    stored(Bucket, lambda b: None if b.id == id_ else b)(driver)


def _refuses_but_empties(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    try:
        ask(caller, id_)
    finally:
        stored(BlobRecord, lambda b: None if b.blob.bucket_id == id_ else b)(driver)


FAULTS = [
    fault("bucket-without-name", "DC-BKT-001", xml.drop(_ALL, "//bucket/name")),
    fault("bucket-without-size", "DC-BKT-001", xml.drop(_ALL, "//bucket/size")),
    fault("json-bucket-without-blobs", "DC-BKT-002", json.drop(_ALL, "blob_list")),
    fault("json-bucket-size-as-text", "DC-BKT-002", json.put(_ALL, "size", lambda v: f"{v} blobs")),
    fault("blob-of-bucket-without-id", "DC-BKT-003", xml.drop(_ALL, "//bucket/blob/@id")),
    fault(
        "blob-href-without-bucket",
        "DC-BKT-003",
        xml.put(
            _ALL, "//bucket/blob/@href", lambda h: h.rsplit("/", 2)[0] + "/" + h.rsplit("/", 1)[1]
        ),
    ),
    fault(
        "bucket-counts-one-more",
        "DC-BKT-004",
        xml.put(_ALL, "//bucket/size", lambda s: str(int(s or 0) + 1)),
    ),
    fault(
        "bucket-size-in-bytes",
        "DC-BKT-004",
        xml.put(_ALL, "//bucket/size", lambda s: str(int(s or 0) * 17)),
    ),
    fault("bucket-lists-no-blobs", "DC-BKT-004", xml.drop(_ALL, "//bucket/blob")),
    fault("bucket-lists-first-blob", "DC-BKT-004", xml.drop(_ALL, "//bucket/blob[position()>1]")),
    fault(
        "bucket-lists-blobs-of-others",
        "DC-BKT-004",
        drivers.shown(
            _ALL,
            "lists blob1 in every bucket",
            Bucket,
            lambda b: replace(b, blobs=tuple(dict.fromkeys((*b.blobs, "blob1")))),
        ),
    ),
    fault(
        "bucket-forgotten",
        "DC-BKT-005",
        around("buckets.create", "forgets the new bucket", "create_bucket", _lost),
    ),
    fault(
        "bucket-named-otherwise",
        "DC-BKT-005",
        around(
            "buckets.create",
            "names buckets in upper case",
            "create_bucket",
            lambda _d, ask, caller, **g: ask(caller, **{**g, "name": g["name"].upper()}),
        ),
    ),
    fault(
        "bucket-not-listed",
        "DC-BKT-005",
        drivers.listed("buckets.index", "lists two buckets", "buckets", lambda v: v[:2]),
    ),
    fault(
        "location-500",
        "DC-BKT-006",
        requests.instead(
            "buckets.create",
            "fails on a location",
            lambda a: http.failure(500) if "location" in a.form | a.query else None,
        ),
    ),
    fault(
        "bucket-again-empties-it",
        "DC-BKT-007",
        around("buckets.create", "empties a bucket that exists", "create_bucket", _emptied),
    ),
    fault(
        "bucket-again-500",
        "DC-BKT-007",
        around("buckets.create", "fails on a bucket that exists", "create_bucket", _fails_on_known),
    ),
    fault(
        "full-bucket-destroyed",
        "DC-BKT-008",
        around("buckets.destroy", "destroys buckets with blobs", "delete_bucket", _with_blobs),
    ),
    fault("full-bucket-500", "DC-BKT-008", http.on_status("!buckets.destroy", 403, 500)),
    fault(
        "full-bucket-refused-and-emptied",
        "DC-BKT-008",
        around(
            "buckets.destroy",
            "empties what it does not destroy",
            "delete_bucket",
            _refuses_but_empties,
        ),
    ),
    fault(
        "bucket-not-destroyed", "DC-BKT-009", pretend("buckets.destroy", "delete_bucket", "buckets")
    ),
    fault(
        "destroyed-bucket-listed",
        "DC-BKT-009",
        drivers.listed(
            "buckets.index",
            "lists buckets that are gone",
            "buckets",
            lambda v: [
                *v,
                *(
                    Bucket(f"tckp{n}", "x")
                    for n in range(1, 400)
                    if f"tckp{n}" not in {b.id for b in v}
                ),
            ],
        ),
    ),
]
