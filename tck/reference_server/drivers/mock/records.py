"""What the mock stores where it is more than what the wire shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tck.reference_server.content import Content
from tck.reference_server.resources import Blob, Listener, Resource


@dataclass(frozen=True)
class InstanceRecord(Resource):
    """An instance without what follows from other records (volumes, interfaces, addresses).

    While `due` is set the instance is on its way: it moves on when the clock has passed
    `due` and `polls` more readers have seen it. `goal` is the state it was sent to.
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


@dataclass(frozen=True)
class IssuedRecord(Resource):
    """The last number that an id was made of; `id` is what such ids begin with."""

    last: int


def blob_key(bucket_id: str, blob_id: str) -> str:
    """Blobs are named within their bucket; a control character is in no id."""
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
    """A part-wise upload that has begun (facts 10.4)."""

    bucket_id: str
    blob_id: str


@dataclass(frozen=True)
class SegmentRecord(Resource):
    upload_id: str
    order: int
    content: Content
