"""Buckets and blobs of the mock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tck.reference_server.content import Content
from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.mock.backend import Backend, by_id, matching, usable_id
from tck.reference_server.drivers.mock.records import (
    BlobRecord,
    SegmentRecord,
    UploadRecord,
    blob_key,
)
from tck.reference_server.errors import ForbiddenError, NotFoundError, ValidationError
from tck.reference_server.resources import Blob, Bucket
from tck.reference_server.storage.store import Transaction


class Blobs(Backend):
    """Blobs belong to their bucket: the same name in two buckets is two blobs (B59)."""

    def buckets(self, caller: Caller, filters: Filters) -> Sequence[Bucket]:
        with self.objects_of(caller) as tx:
            held: dict[str, list[str]] = {}
            for record in tx.all(BlobRecord):
                held.setdefault(record.blob.bucket_id, []).append(record.id)
            return [
                replace(bucket, blobs=tuple(held.get(bucket.id, ())))
                for bucket in by_id(tx.all(Bucket), filters)
            ]

    def create_bucket(self, caller: Caller, *, name: str, location: str | None = None) -> Bucket:
        """A bucket that exists is returned as it is, with its blobs (B60)."""
        with self.objects_of(caller) as tx:
            if tx.get(Bucket, usable_id(name)) is None:
                tx.put(Bucket(name, name))
            return self.buckets(caller, {"id": name})[0]

    def delete_bucket(self, caller: Caller, bucket_id: str) -> None:
        with self.objects_of(caller) as tx:
            if any(record.blob.bucket_id == bucket_id for record in tx.all(BlobRecord)):
                raise ForbiddenError("Delete operation not valid for non-empty bucket")
            if tx.remove(Bucket, bucket_id) is None:
                raise NotFoundError("BucketNotExist")

    def blob(self, caller: Caller, bucket_id: str, blob_id: str) -> Blob:
        return self._record(caller, bucket_id, blob_id).blob

    def blob_content(self, caller: Caller, bucket_id: str, blob_id: str) -> Content:
        return self._record(caller, bucket_id, blob_id).content

    def blob_metadata(self, caller: Caller, bucket_id: str, blob_id: str) -> Mapping[str, str]:
        return self._record(caller, bucket_id, blob_id).blob.user_metadata

    def update_blob_metadata(
        self, caller: Caller, bucket_id: str, blob_id: str, metadata: Mapping[str, str]
    ) -> None:
        """The new pairs replace all old ones (A171)."""
        with self.objects_of(caller) as tx:
            record = self._record(caller, bucket_id, blob_id)
            tx.put(replace(record, blob=replace(record.blob, user_metadata=metadata)))

    def create_blob(
        self,
        caller: Caller,
        bucket_id: str,
        blob_id: str,
        content: Content,
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> Blob:
        """Store a blob, or overwrite it together with its metadata."""
        with self.objects_of(caller) as tx:
            _require_bucket(tx, bucket_id)
            blob = Blob(
                usable_id(blob_id),
                bucket_id,
                content.length,
                content_type,
                self.now(),
                metadata,
                content.text,
            )
            tx.put(BlobRecord(blob_id, blob, content))
            return blob

    def delete_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> None:
        with self.objects_of(caller) as tx:
            if tx.remove(BlobRecord, blob_key(bucket_id, blob_id)) is None:
                raise NotFoundError

    # -- part-wise upload ------------------------------------------------------------------

    def init_segmented_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> str:
        with self.objects_of(caller) as tx:
            _require_bucket(tx, bucket_id)
            upload = UploadRecord(self.conditions.chance(16).hex(), bucket_id, usable_id(blob_id))
            tx.put(upload)
            return upload.id

    def blob_segment(
        self, caller: Caller, bucket_id: str, blob_id: str, upload: str, order: int, part: Content
    ) -> str:
        with self.objects_of(caller) as tx:
            _require_upload(tx, bucket_id, blob_id, upload)
            segment = SegmentRecord(self.conditions.chance(16).hex(), upload, order, part)
            tx.put(segment)
            return segment.id

    def create_blob_from_segments(
        self,
        caller: Caller,
        bucket_id: str,
        blob_id: str,
        upload: str,
        segments: Mapping[int, str],
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> Blob:
        """Join the named parts in the order of their numbers; the upload is then over."""
        parts = []
        with self.objects_of(caller) as tx:
            _require_upload(tx, bucket_id, blob_id, upload)
            for order, name in sorted(segments.items()):
                segment = tx.get(SegmentRecord, name)
                if segment is None or (segment.upload_id, segment.order) != (upload, order):
                    raise ValidationError(f"Part {order} of the upload is not {name!r}.")
                parts.append(segment.content)
        content = self.shelf.join(parts)  # others need not wait for it
        with self.objects_of(caller) as tx:
            _require_upload(tx, bucket_id, blob_id, upload)
            blob = self.create_blob(
                caller, bucket_id, blob_id, content, content_type=content_type, metadata=metadata
            )
            for segment in matching(tx.all(SegmentRecord), {"u": upload}, u="upload_id"):
                tx.remove(SegmentRecord, segment.id)
            tx.remove(UploadRecord, upload)
            return blob

    def _record(self, caller: Caller, bucket_id: str, blob_id: str) -> BlobRecord:
        with self.objects_of(caller) as tx:
            record = tx.get(BlobRecord, blob_key(bucket_id, blob_id))
        if record is None:
            raise NotFoundError
        return record


def _require_bucket(tx: Transaction, bucket_id: str) -> None:
    if tx.get(Bucket, bucket_id) is None:
        raise NotFoundError("BucketNotExist")


def _require_upload(tx: Transaction, bucket_id: str, blob_id: str, upload: str) -> None:
    record = tx.get(UploadRecord, upload)
    if record is None or (record.bucket_id, record.blob_id) != (bucket_id, blob_id):
        raise ValidationError(f"There is no upload {upload!r} of this blob.")
