"""What the mock stores where resources do not suffice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tck.reference_server.content import Content
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
    Resource,
    StorageSnapshot,
    StorageVolume,
    Subnet,
)


@dataclass(frozen=True)
class InstanceRecord(Resource):
    """An instance, without what follows from other records (volumes, interfaces, addresses).

    While `due` is set the instance moves on by itself: when the clock has passed `due` and `polls`
    more answers have shown it. `goal` is the state to which its last action leads in the end.
    """

    name: str | None
    owner_id: str
    image_id: str
    realm_id: str
    state: str
    hardware_profile: str | None
    host: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    launch_time: str | None = None
    firewalls: tuple[str, ...] = ()
    keyname: str | None = None
    username: str | None = None
    password: str | None = None
    user_data: str | None = None
    create_image: bool = True
    goal: str | None = None
    due: float | None = None
    polls: int = 0


@dataclass(frozen=True)
class BalancerRecord(Resource):
    name: str
    realm_id: str
    created_at: str
    public_addresses: tuple[str, ...]
    listener: Listener
    instances: tuple[str, ...] = ()


def blob_key(bucket_id: str, blob_id: str) -> str:
    """Key of a blob in its bucket; no id holds the control character."""
    return f"{bucket_id}\x1f{blob_id}"


@dataclass(frozen=True)
class BlobRecord(Resource):
    """A blob with its bytes; `blob.id` is the name on the wire."""

    blob: Blob
    content: Content

    @property
    def key(self) -> str:
        return blob_key(self.blob.bucket_id, self.blob.id)


@dataclass(frozen=True)
class UploadRecord(Resource):
    """A part-wise upload that has begun."""

    bucket_id: str
    blob_id: str


@dataclass(frozen=True)
class SegmentRecord(Resource):
    upload_id: str
    order: int
    content: Content


# What a store can hold.
KINDS = (
    Realm, Image, InstanceRecord, Key, Address, StorageVolume, StorageSnapshot, Bucket, BlobRecord,
    UploadRecord, SegmentRecord, Network, Subnet, NetworkInterface, Firewall, BalancerRecord,
)  # fmt: skip
