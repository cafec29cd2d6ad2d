"""Blobs: bytes, types, metadata, and whose they are."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.drivers import around, change_stored, do_nothing
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.content import Content
from tck.reference_server.drivers.mock.records import BlobRecord, blob_key
from tck.reference_server.resources import Blob, Bucket

_PUT, _GET, _ALL = "blobs.put", "blobs.content", "blobs.*"
_STORE = "blobs.put blobs.create"


def _bytes(text: str, change: Callable[[bytes], bytes]) -> Change:
    """Store other content than was sent."""

    def act(
        driver: Any, ask: Any, caller: Any, bucket: str, blob: str, content: Any, **given: Any
    ) -> Any:
        changed = io.BytesIO(change(b"".join(content.chunks())))
        return ask(caller, bucket, blob, driver.store.shelf.receive(changed), **given)

    return around(_STORE, text, "create_blob", act)


def _with(text: str, **values: Any) -> Change:
    """Store blobs with another type or with other metadata."""
    return drivers.with_arguments(_STORE, text, "create_blob", **values)


def _stored(driver: Any, bucket: str, blob: str) -> Blob | None:
    """A blob, if there is one of that name."""
    with driver.store.transaction() as tx:
        record = tx.get(BlobRecord, blob_key(bucket, blob))
    return record.blob if record else None


def _from_any_bucket(driver: Any, ask: Any, caller: Any, bucket: str, *named: Any) -> Any:
    """Take a blob of that name from whatever bucket has one."""
    with driver.store.transaction() as tx:
        buckets = (b.blob.bucket_id for b in tx.all(BlobRecord) if b.id == named[0])
        return ask(caller, next(buckets, bucket), *named)


def _without_metadata(_asked: Asked, answer: Answer) -> None:
    answer.headers = [(n, v) for n, v in answer.headers if "Blobmeta" not in n]


fault = Faults()

fault("blob-without-bucket", "DC-BLB-001", xml.drop(_ALL, "//blob/bucket"))
fault("blob-without-content-type", "DC-BLB-001", xml.drop(_ALL, "//blob/content_type"))
fault("blob-without-metadata", "DC-BLB-001", xml.drop(_ALL, "//blob/user_metadata"))
fault("blob-without-content", "DC-BLB-023", xml.drop(_ALL, "//blob/content"))
fault("json-blob-without-length", "DC-BLB-002", json.drop(_ALL, "content_length"))


@fault.does("DC-BLB-002", json.alter, _ALL, "user_metadata")
def json_blob_metadata_as_list(user_metadata: Any) -> Any:
    """Writes metadata as a list of keys and values."""
    return [{"key": k, "value": x} for k, x in user_metadata.items()]


@fault.does("DC-BLB-003", xml.alter, _ALL, "//content_length")
def blob_length_with_unit(content_length: str) -> str:
    """Writes the length of a blob with a unit."""
    return f"{content_length} bytes"


fault("blob-length-empty", "DC-BLB-003", xml.put(_ALL, "//content_length", ""))


@fault.does("DC-BLB-003", xml.alter, _ALL, "//content_length")
def blob_length_one_off(content_length: str) -> str:
    """Writes a length of a blob that is too large by one."""
    return str(int(content_length) + 1)


fault("blob-content-with-other-rel", "DC-BLB-004", xml.put(_ALL, "//content/@rel", "content"))


@fault.does("DC-BLB-004", xml.alter, _ALL, "//content/@href")
def blob_content_href_of_blob(href: str) -> str:
    """Writes the URL of the blob in place of that of its content."""
    return href.removesuffix("/content")


for name, text, act in (
    ("blob-loses-last-byte", "stores content without its last byte", lambda d: d[:-1]),
    ("blob-gets-newline", "stores content with a newline at its end", lambda d: d + b"\n"),
    ("blob-newlines-converted", "stores CRLF for LF", lambda d: d.replace(b"\n", b"\r\n")),
    ("blob-carriage-returns-lost", "stores LF for CRLF", lambda d: d.replace(b"\r\n", b"\n")),
    ("blob-ends-at-nul", "stores content up to its first zero byte", lambda d: d.split(b"\0")[0]),
    (
        "blob-as-utf-8",
        "replaces bytes that are not UTF-8",
        lambda d: d.decode("utf-8", "replace").encode(),
    ),
    ("blob-stripped", "strips white space from content", bytes.strip),
    ("blob-high-bit-lost", "stores seven bits of every byte", lambda d: bytes(b & 0x7F for b in d)),
    ("blob-cut-at-64k", "stores the first 65,536 bytes", lambda d: d[:65536]),
):
    fault(name, "DC-BLB-005", _bytes(text, act))
fault(
    "blob-content-off-by-one",
    "DC-BLB-005",
    http.body(_GET, "sends content without its first byte", None, lambda d: d[1:]),
)
fault(
    "blob-type-lost",
    "DC-BLB-005",
    _with("stores every blob as octet-stream", content_type="application/octet-stream"),
)
fault("blob-type-guessed", "DC-BLB-005", http.field(_GET, "Content-Type", "text/plain"))
fault("blob-without-disposition", "DC-BLB-006", http.field(_GET, "Content-Disposition", None))
fault("blob-inline", "DC-BLB-006", http.field(_GET, "Content-Disposition", "inline"))
fault(
    "blob-disposition-without-name",
    "DC-BLB-006",
    http.field(_GET, "Content-Disposition", "attachment"),
)


@fault.does("DC-BLB-007", around, _PUT, "create_blob")
def overwrite_keeps_content(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, *rest: Any, **given: Any
) -> Any:
    """Answers as if it had overwritten a blob, and keeps the old one."""
    old = _stored(driver, bucket, blob)
    return old or ask(caller, bucket, blob, *rest, **given)


@fault.does("DC-BLB-007", around, _PUT, "create_blob")
def overwrite_keeps_type(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, *rest: Any, **given: Any
) -> Any:
    """Overwrites the content of a blob, and keeps the old type."""
    if old := _stored(driver, bucket, blob):
        given["content_type"] = old.content_type
    return ask(caller, bucket, blob, *rest, **given)


@fault.does("DC-BLB-007", around, _PUT, "create_blob")
def overwrite_keeps_metadata(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, *rest: Any, **given: Any
) -> Any:
    """Overwrites the content of a blob, and adds to its old metadata."""
    if old := _stored(driver, bucket, blob):
        given["metadata"] = {**old.user_metadata, **given["metadata"]}
    return ask(caller, bucket, blob, *rest, **given)


@fault.does("DC-BLB-007", drivers.shown, "buckets.*", Bucket)
def overwrite_counts_twice(bucket: Any) -> Any:
    """Lists every blob of a bucket twice."""
    return replace(bucket, blobs=(*bucket.blobs, *bucket.blobs))


fault("metadata-lost", "DC-BLB-008", _with("stores no metadata", metadata={}))
fault(
    "metadata-first-pair-only",
    "DC-BLB-008",
    _with("stores the first pair of metadata only", metadata=lambda m: dict(list(m.items())[:1])),
)
fault(
    "metadata-values-in-lower-case",
    "DC-BLB-008",
    _with("stores metadata in lower case", metadata=lambda m: {k: v.lower() for k, v in m.items()}),
)
fault(
    "metadata-not-in-head",
    "DC-BLB-008",
    in_document("blobs.head", "sends no metadata in answer to HEAD", _without_metadata),
)
fault("metadata-not-in-document", "DC-BLB-008", xml.drop("blobs.show", "//user_metadata/entry"))


@fault.does("DC-BLB-009", around, "blobs.update", "update_blob_metadata")
def metadata_merged(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, metadata: Any
) -> None:
    """Keeps old metadata that an update does not name."""
    ask(caller, bucket, blob, {**driver.blob_metadata(caller, bucket, blob), **metadata})


fault("metadata-update-ignored", "DC-BLB-009", do_nothing("blobs.update", "update_blob_metadata"))


@fault.does("DC-BLB-009", around, "blobs.update", "update_blob_metadata")
def metadata_update_empties_content(
    driver: Any, ask: Any, caller: Any, bucket: str, blob: str, metadata: Any
) -> None:
    """Empties the content of a blob when its metadata are updated."""
    ask(caller, bucket, blob, metadata)
    empty, key = Content.receive(io.BytesIO(b"")), blob_key(bucket, blob)
    change_stored(driver, BlobRecord, lambda b: replace(b, content=empty) if b.key == key else b)


fault(
    "metadata-update-not-echoed",
    "DC-BLB-009",
    in_document("blobs.update", "does not send the new metadata back", _without_metadata),
)
fault("form-upload-refused", "DC-BLB-010", http.answer_with("blobs.create", 415))
fault(
    "form-upload-loses-metadata",
    "DC-BLB-010",
    drivers.with_arguments(
        "blobs.create", "stores a blob from a form without metadata", "create_blob", metadata={}
    ),
)


@fault.does("DC-BLB-011", in_request, "blobs.create")
def form_upload_of_query_refused(asked: Asked) -> None:
    """Ignores parameters in the query of an upload by form."""
    asked.query = {}


fault("form-without-blob-id", "DC-BLB-012", requests.supply("blobs.create", blob_id="blob"))
fault("form-without-data", "DC-BLB-012", requests.supply("blobs.create", blob_data="x"))
fault("form-without-500", "DC-BLB-012", http.on_status("!blobs.create", 400, 500))


@fault.does("DC-BLB-013", around, _PUT, "create_blob")
def unknown_bucket_made(
    driver: Any, ask: Any, caller: Any, bucket: str, *rest: Any, **given: Any
) -> Any:
    """Creates a bucket that does not exist when a blob is put into it."""
    driver.create_bucket(caller, name=bucket)
    return ask(caller, bucket, *rest, **given)


fault("unknown-bucket-500", "DC-BLB-013", http.on_status("!blobs.put", 404, 500))
fault(
    "blob-shown-in-other-bucket",
    "DC-BLB-014",
    around("blobs.show", "shows blobs of other buckets", "blob", _from_any_bucket),
)
fault(
    "blob-content-of-other-bucket",
    "DC-BLB-014",
    around(_GET, "sends content of other buckets", "blob_content", _from_any_bucket),
    around(_GET, "and finds their blobs", "blob", _from_any_bucket),
)
fault(
    "blob-metadata-of-other-bucket",
    "DC-BLB-014",
    around("blobs.head", "sends metadata of other buckets", "blob_metadata", _from_any_bucket),
)
fault(
    "blob-deleted-from-other-bucket",
    "DC-BLB-014",
    around("blobs.destroy", "deletes blobs of other buckets", "delete_blob", _from_any_bucket),
)


@fault.does("DC-BLB-015", around, "blobs.show", "blob")
def unknown_blob_shown_empty(driver: Any, ask: Any, caller: Any, bucket: str, blob: str) -> Any:
    """Shows an empty blob in place of one that does not exist."""
    exists = _stored(driver, bucket, blob)
    return ask(caller, bucket, blob) if exists else Blob(blob, bucket, 0, "text/plain", "today")


fault("unknown-blob-head-204", "DC-BLB-015", http.on_status("!blobs.head", 404, 204))
fault("unknown-blob-content-200", "DC-BLB-015", http.on_status("!blobs.content", 404, 200))
fault("unknown-blob-update-204", "DC-BLB-015", http.on_status("!blobs.update", 404, 204))


fault("blob-not-deleted", "DC-BLB-016", do_nothing("blobs.destroy", "delete_blob"))


def _note_deleted(driver: Any, ask: Any, caller: Any, bucket: str, blob: str) -> None:
    ask(caller, bucket, blob)
    driver.deleted = [*getattr(driver, "deleted", []), (bucket, blob)]


def _with_deleted(driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    deleted = getattr(driver, "deleted", [])
    return [
        replace(b, blobs=(*b.blobs, *(blob for bucket, blob in deleted if bucket == b.id)))
        for b in ask(caller, filters)
    ]


fault(
    "deleted-blob-still-listed",
    "DC-BLB-016",
    around("blobs.destroy", "notes deleted blobs", "delete_blob", _note_deleted),
    around("buckets.*", "lists them", "buckets", _with_deleted),
    text="goes on listing a blob in its bucket after it was deleted",
)


@fault.does("DC-BLB-017", in_request, _GET)
def range_one_byte_more(asked: Asked) -> None:
    """Sends one byte more than the range that was requested."""
    first, _, last = (asked.header("Range") or "").removeprefix("bytes=").partition("-")
    if last.isdigit() and first.isdigit():
        asked.set_header("Range", f"bytes={first}-{int(last) + 1}")


def _ignore_range(asked: Asked) -> None:
    if asked.header("Range"):
        asked.set_header("Range", None)
        asked.memory["range"] = True


def _answer_206(asked: Asked, answer: Answer) -> None:
    if asked.memory.pop("range", False) and answer.status == 200:
        answer.status = 206


fault(
    "range-in-full-called-part",
    "DC-BLB-017",
    in_request(_GET, "ignores ranges", _ignore_range),
    in_document(_GET, "answers 206", _answer_206),
    text="answers a range with the whole content and 206",
)


@fault.does("DC-BLB-017", requests.reply, _GET)
def range_416(asked: Asked) -> Answer | None:
    """Answers 416 to every range."""
    return http.failure(416) if asked.header("Range") else None


fault("metadata-entry-without-key", "DC-BLB-018", xml.drop(_ALL, "//entry/@key"))


@fault.does("DC-BLB-019", requests.reply, _PUT)
def empty_blob_refused(asked: Asked) -> Answer | None:
    """Refuses blobs without content."""
    return None if asked.body else http.failure(400)


@fault.does("DC-BLB-019", requests.reply, _PUT)
def binary_blob_500(asked: Asked) -> Answer | None:
    """Fails with 500 on content that is not UTF-8."""
    try:
        asked.body.decode()
    except UnicodeDecodeError:
        return http.failure(500, "source sequence is illegal/malformed utf-8")
    return None


@fault.does("DC-BLB-020", requests.reply, _GET)
def content_negotiated(asked: Asked) -> Answer | None:
    """Answers 406 where Accept does not name the type of the blob."""
    return http.failure(406) if asked.header("Accept") == "application/json" else None
