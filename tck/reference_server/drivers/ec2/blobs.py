"""Buckets and blobs in S3, streamed in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from boto3.s3.transfer import TransferConfig

from tck.reference_server.content import CHUNK, Content
from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.content_file import Reader
from tck.reference_server.drivers.ec2.account import Ec2Part, Service, stamp, translating
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import Blob, Bucket

# One part at a time: what is in memory of a blob is one part, however large the blob is.
_TRANSFER = TransferConfig(use_threads=False)
_HOME = "us-east-1"  # S3 refuses to be told this region


class Blobs(Ec2Part):
    """Names of metadata are sent with - for _, which S3 takes; in the API they are the same."""

    def buckets(self, caller: Caller, filters: Filters) -> Sequence[Bucket]:
        s3, wanted = self.connection(caller).s3, filters.get("id")
        if wanted is not None:
            with suppress(NotFoundError, ValidationError):
                s3.head_bucket(Bucket=wanted)
                return [Bucket(wanted, wanted, _keys(s3, wanted))]
            return []
        names = [raw["Name"] for raw in s3.list_buckets()["Buckets"]]
        return [Bucket(name, name, _keys(s3, name)) for name in names]

    def create_bucket(self, caller: Caller, *, name: str, location: str | None = None) -> Bucket:
        """A bucket that the caller has already is returned as it is."""
        account = self.connection(caller)
        place = location or account.region
        where = {} if place == _HOME else {"LocationConstraint": place}
        options = {"CreateBucketConfiguration": where} if where else {}
        try:
            account.s3.create_bucket(Bucket=name, **options)
        except ConflictError:
            if all(raw["Name"] != name for raw in account.s3.list_buckets()["Buckets"]):
                raise
        seen = self.backoff.wait_for(lambda: self.buckets(caller, {"id": name}), bool)
        return seen[0] if seen else Bucket(name, name)

    def delete_bucket(self, caller: Caller, bucket_id: str) -> None:
        self.connection(caller).s3.delete_bucket(Bucket=bucket_id)

    def blob(self, caller: Caller, bucket_id: str, blob_id: str) -> Blob:
        head = self._head(caller, bucket_id, blob_id)
        return Blob(
            blob_id,
            bucket_id,
            int(head["ContentLength"]),
            head.get("ContentType", ""),
            stamp(head.get("LastModified")),
            {name.replace("-", "_"): value for name, value in head.get("Metadata", {}).items()},
        )

    def blob_content(self, caller: Caller, bucket_id: str, blob_id: str) -> Content:
        head = self._head(caller, bucket_id, blob_id)
        s3 = self.connection(caller).s3
        return _Remote(s3, bucket_id, blob_id, head["ETag"], int(head["ContentLength"]))

    def blob_metadata(self, caller: Caller, bucket_id: str, blob_id: str) -> Mapping[str, str]:
        return self.blob(caller, bucket_id, blob_id).user_metadata

    def update_blob_metadata(
        self, caller: Caller, bucket_id: str, blob_id: str, metadata: Mapping[str, str]
    ) -> None:
        """S3 changes metadata only by copying the object onto itself (A171)."""
        head = self._head(caller, bucket_id, blob_id)
        self.connection(caller).s3.copy_object(
            Bucket=bucket_id,
            Key=blob_id,
            CopySource={"Bucket": bucket_id, "Key": blob_id},
            CopySourceIfMatch=head["ETag"],
            ContentType=head.get("ContentType", ""),
            Metadata=_sent(metadata),
            MetadataDirective="REPLACE",
        )

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
        """A large blob is stored in parts, one request each."""
        extra = {"Metadata": _sent(metadata)}
        if content_type:
            extra["ContentType"] = content_type  # type: ignore[assignment]
        with translating():
            self.connection(caller).s3.client.upload_fileobj(
                Reader(content), bucket_id, blob_id, ExtraArgs=extra, Config=_TRANSFER
            )
        return self.blob(caller, bucket_id, blob_id)

    def delete_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> None:
        """S3 does not say whether the object existed; this API does (stance 15)."""
        self._head(caller, bucket_id, blob_id)
        self.connection(caller).s3.delete_object(Bucket=bucket_id, Key=blob_id)

    def _head(self, caller: Caller, bucket_id: str, blob_id: str) -> dict[str, Any]:
        head: dict[str, Any] = self.connection(caller).s3.head_object(Bucket=bucket_id, Key=blob_id)
        return head

    # -- part-wise upload ------------------------------------------------------------------

    def init_segmented_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> str:
        created = self.connection(caller).s3.create_multipart_upload(Bucket=bucket_id, Key=blob_id)
        return str(created["UploadId"])

    def blob_segment(
        self, caller: Caller, bucket_id: str, blob_id: str, upload: str, order: int, part: Content
    ) -> str:
        """A part is named by its entity-tag, without the quotes."""
        taken = self.connection(caller).s3.upload_part(
            Bucket=bucket_id,
            Key=blob_id,
            UploadId=upload,
            PartNumber=order,
            Body=Reader(part),
            ContentLength=part.length,
        )
        return str(taken["ETag"]).strip('"')

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
        parts = [{"PartNumber": n, "ETag": f'"{name}"'} for n, name in sorted(segments.items())]
        self.connection(caller).s3.complete_multipart_upload(
            Bucket=bucket_id, Key=blob_id, UploadId=upload, MultipartUpload={"Parts": parts}
        )
        return self.blob(caller, bucket_id, blob_id)


class _Remote(Content):
    """Bytes that are read from S3; If-Match makes sure that they are of the same version."""

    def __init__(self, s3: Service, bucket: str, key: str, etag: str, length: int) -> None:
        super().__init__(b"", length, etag.strip('"'))
        self._s3, self._object = s3, {"Bucket": bucket, "Key": key, "IfMatch": etag}

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Asks at once, so that an error is raised before the answer has begun."""
        stop = self.length if stop is None else stop
        if start >= stop:
            return iter(())
        part = {} if (start, stop) == (0, self.length) else {"Range": f"bytes={start}-{stop - 1}"}
        body = self._s3.get_object(**self._object, **part)["Body"]
        return iter(body.iter_chunks(CHUNK))

    @property
    def text(self) -> str | None:
        return None


def _keys(s3: Service, bucket: str) -> tuple[str, ...]:
    found = s3.pages("list_objects_v2", "Contents", token="ContinuationToken", Bucket=bucket)
    return tuple(raw["Key"] for raw in found)


def _sent(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in metadata.items()}
