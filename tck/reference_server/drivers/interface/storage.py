"""Methods of a driver: volumes, snapshots, buckets and blobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tck.reference_server import resources as r
from tck.reference_server.content import Content
from tck.reference_server.drivers.interface.caller import Caller, Filters
from tck.reference_server.errors import CapabilityError


class Storage:
    """Methods for volumes, snapshots, buckets and blobs."""

    def storage_volumes(self, caller: Caller, filters: Filters) -> Sequence[r.StorageVolume]:
        """The caller's volumes (A141). Filter: id."""
        raise CapabilityError

    def create_storage_volume(
        self,
        caller: Caller,
        *,
        capacity: str | None = None,
        snapshot_id: str | None = None,
        realm_id: str | None = None,
        name: str | None = None,
        description: str | None = None,
    ) -> r.StorageVolume:
        """A new volume of `capacity` GB, else 1 (or the snapshot's), in the first realm (A144).

        ValidationError: not a positive whole number, or a realm or snapshot that does not exist
        (stance 61). Name and description are features.
        """
        raise CapabilityError

    def destroy_storage_volume(self, caller: Caller, volume_id: str) -> None:
        """Remove a volume. NotFoundError; ConflictError: it is attached (stance 53)."""
        raise CapabilityError

    def attach_storage_volume(
        self, caller: Caller, volume_id: str, *, instance_id: str, device: str
    ) -> r.StorageVolume:
        """Attach, and return the volume (A147); with `device` "" the driver chooses (stance 8).

        NotFoundError: the volume; ValidationError: the instance; ConflictError: the volume is
        attached already (stance 53), or the device is taken.
        """
        raise CapabilityError

    def detach_storage_volume(self, caller: Caller, volume_id: str) -> r.StorageVolume:
        """Detach, and return the volume. NotFoundError; ConflictError: it is not attached."""
        raise CapabilityError

    def storage_snapshots(self, caller: Caller, filters: Filters) -> Sequence[r.StorageSnapshot]:
        """The snapshots that the caller may see (A154). Filter: id."""
        raise CapabilityError

    def create_storage_snapshot(
        self,
        caller: Caller,
        *,
        volume_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> r.StorageSnapshot:
        """A copy of a volume as it is (A152). ValidationError: no such volume."""
        raise CapabilityError

    def destroy_storage_snapshot(self, caller: Caller, snapshot_id: str) -> None:
        """Remove a snapshot. NotFoundError."""
        raise CapabilityError

    def buckets(self, caller: Caller, filters: Filters) -> Sequence[r.Bucket]:
        """The caller's buckets with the names of their blobs (A158). Filter: id."""
        raise CapabilityError

    def create_bucket(self, caller: Caller, *, name: str, location: str | None = None) -> r.Bucket:
        """A new bucket with the id `name` (A159); the caller's own of that name as it is.

        `location` (feature bucket_location) is the provider's name of a place; ignored without
        the feature (A160). ValidationError; ConflictError: the name is somebody else's.
        """
        raise CapabilityError

    def delete_bucket(self, caller: Caller, bucket_id: str) -> None:
        """Remove a bucket.

        NotFoundError; ForbiddenError or ConflictError: it is not empty (stance 54).
        """
        raise CapabilityError

    def blob(self, caller: Caller, bucket_id: str, blob_id: str) -> r.Blob | None:
        """A blob without its bytes; None or NotFoundError if there is none in this bucket."""
        raise CapabilityError

    def blob_content(self, caller: Caller, bucket_id: str, blob_id: str) -> Content:
        """The bytes of a blob. NotFoundError.

        A driver that streams them from its provider returns a subclass of Content whose
        `chunks` raises before the first chunk if the provider refuses.
        """
        raise CapabilityError

    def blob_metadata(self, caller: Caller, bucket_id: str, blob_id: str) -> Mapping[str, str]:
        """The metadata of a blob: name, in lower case and with `_` for `-`, to value (A170).

        NotFoundError.
        """
        raise CapabilityError

    def update_blob_metadata(
        self, caller: Caller, bucket_id: str, blob_id: str, metadata: Mapping[str, str]
    ) -> None:
        """Replace all metadata of a blob, and nothing else (A171). NotFoundError."""
        raise CapabilityError

    def create_blob(
        self,
        caller: Caller,
        bucket_id: str,
        blob_id: str,
        content: Content,
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> r.Blob:
        """Store a blob, or overwrite it with its metadata (A165); all of it or nothing.

        `content_type` is "" where the request has none. NotFoundError: the bucket.
        """
        raise CapabilityError

    def delete_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> None:
        """Remove a blob. NotFoundError."""
        raise CapabilityError

    def init_segmented_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> str:
        """Start a part-wise upload, and return its id (stance 62). NotFoundError: the bucket."""
        raise CapabilityError

    def blob_segment(
        self, caller: Caller, bucket_id: str, blob_id: str, upload: str, order: int, part: Content
    ) -> str:
        """Take part number `order` of an upload, and return the part's id.

        ValidationError: there is no such upload of this blob.
        """
        raise CapabilityError

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
    ) -> r.Blob:
        """Join the parts, number to id, in the order of their numbers; the upload is over then.

        ValidationError: there is no such upload of this blob, or a part is not one of its own.
        """
        raise CapabilityError
