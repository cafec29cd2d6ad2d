"""EBS volumes and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import (
    Ec2Part,
    Service,
    exactly,
    matching,
    not_found_as_invalid,
    stamp,
    tag,
    tagged,
)
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import StorageSnapshot, StorageVolume

# Where EC2 recommends to attach volumes to instances of Linux.
_DEVICES = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")
_HELD = ("attaching", "attached", "busy", "detaching")


class Storage(Ec2Part):
    """Names are kept as tags, and descriptions of volumes."""

    def storage_volumes(self, caller: Caller, filters: Filters) -> Sequence[StorageVolume]:
        ec2 = self.connection(caller).ec2
        criteria = matching(volume_id=filters.get("id"))
        found = ec2.pages("describe_volumes", "Volumes", Filters=criteria)
        kept = exactly(found, "VolumeId", filters.get("id"))
        return [_volume(raw) for raw in kept if raw["State"] not in ("deleting", "deleted")]

    def create_storage_volume(
        self,
        caller: Caller,
        *,
        capacity: str | None = None,
        snapshot_id: str | None = None,
        realm_id: str | None = None,
        name: str | None = None,
        description: str | None = None,
    ) -> StorageVolume:
        """Without parameters, of 1 GB in the first realm (A144)."""
        account = self.connection(caller)
        wanted: dict[str, Any] = {"AvailabilityZone": self.realm(account, realm_id)}
        if snapshot_id:
            wanted["SnapshotId"] = snapshot_id
        if capacity or not snapshot_id:
            wanted["Size"] = _gigabytes(capacity or "1")
        wanted["TagSpecifications"] = tagged("volume", Name=name, Description=description)
        with not_found_as_invalid():
            created = account.ec2.create_volume(**wanted)
        return self._volume_when(caller, created["VolumeId"], lambda _: True)

    def destroy_storage_volume(self, caller: Caller, volume_id: str) -> None:
        if self._volume(caller, volume_id).instance_id is not None:
            raise ConflictError(f"The volume {volume_id!r} is attached.")
        self.connection(caller).ec2.delete_volume(VolumeId=volume_id)

    def attach_storage_volume(
        self, caller: Caller, volume_id: str, *, instance_id: str, device: str
    ) -> StorageVolume:
        if self._volume(caller, volume_id).instance_id is not None:
            raise ConflictError(f"The volume {volume_id!r} is attached already.")
        ec2 = self.connection(caller).ec2
        device = self._device(ec2, instance_id, device)
        with not_found_as_invalid():
            ec2.attach_volume(VolumeId=volume_id, InstanceId=instance_id, Device=device)
        return self._volume_when(caller, volume_id, lambda v: v.instance_id is not None)

    def _device(self, ec2: Service, instance_id: str, wanted: str) -> str:
        """The device that is named, or the first free one; ConflictError if it is taken."""
        criteria = matching(attachment__instance_id=instance_id)
        held = ec2.pages("describe_volumes", "Volumes", Filters=criteria)
        taken = {a.get("Device") for raw in held for a in raw.get("Attachments") or ()}
        for device in (wanted,) if wanted else _DEVICES:
            if device not in taken:
                return device
        raise ConflictError(f"The instance {instance_id!r} has a volume at {wanted or 'all'}.")

    def detach_storage_volume(self, caller: Caller, volume_id: str) -> StorageVolume:
        volume = self._volume(caller, volume_id)
        if volume.instance_id is None:
            raise ConflictError(f"The volume {volume_id!r} is not attached.")
        self.connection(caller).ec2.detach_volume(
            VolumeId=volume_id, InstanceId=volume.instance_id, Device=volume.device
        )
        return self._volume(caller, volume_id)

    def _volume(self, caller: Caller, volume_id: str) -> StorageVolume:
        found = self.storage_volumes(caller, {"id": volume_id})
        if not found:
            raise NotFoundError(f"There is no volume {volume_id!r}.")
        return found[0]

    def _volume_when(
        self, caller: Caller, volume_id: str, arrived: Callable[[StorageVolume], bool]
    ) -> StorageVolume:
        found = self.backoff.wait_for(
            lambda: self.storage_volumes(caller, {"id": volume_id}),
            lambda seen: bool(seen) and arrived(seen[0]),
        )
        return found[0] if found else self._volume(caller, volume_id)

    # -- snapshots -------------------------------------------------------------------------

    def storage_snapshots(self, caller: Caller, filters: Filters) -> Sequence[StorageSnapshot]:
        """The caller's own: there are too many public ones."""
        criteria = matching(snapshot_id=filters.get("id"))
        account = self.connection(caller)
        found = account.ec2.pages(
            "describe_snapshots", "Snapshots", OwnerIds=["self"], Filters=criteria
        )
        return [
            StorageSnapshot(
                raw["SnapshotId"],
                created=stamp(raw.get("StartTime")),
                storage_volume_id=raw.get("VolumeId", ""),
                state=str(raw.get("State", "")).upper(),
                name=tag(raw, "Name"),
                description=raw.get("Description") or None,
            )
            for raw in exactly(found, "SnapshotId", filters.get("id"))
            if raw.get("OwnerId") == account.id
        ]

    def create_storage_snapshot(
        self,
        caller: Caller,
        *,
        volume_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> StorageSnapshot:
        with not_found_as_invalid():
            created = self.connection(caller).ec2.create_snapshot(
                VolumeId=volume_id,
                Description=description or "",
                TagSpecifications=tagged("snapshot", Name=name),
            )
        wanted = {"id": created["SnapshotId"]}
        seen = self.backoff.wait_for(lambda: self.storage_snapshots(caller, wanted), bool)
        if not seen:
            raise NotFoundError(f"The snapshot {wanted['id']!r} does not appear.")
        return seen[0]

    def destroy_storage_snapshot(self, caller: Caller, snapshot_id: str) -> None:
        if not self.storage_snapshots(caller, {"id": snapshot_id}):
            raise NotFoundError
        self.connection(caller).ec2.delete_snapshot(SnapshotId=snapshot_id)


def _volume(raw: dict[str, Any]) -> StorageVolume:
    held = [a for a in raw.get("Attachments") or () if a.get("State") in _HELD]
    return StorageVolume(
        raw["VolumeId"],
        created=stamp(raw.get("CreateTime")),
        capacity=str(raw["Size"]),
        state=str(raw["State"]).upper(),
        name=tag(raw, "Name"),
        description=tag(raw, "Description"),
        realm_id=raw.get("AvailabilityZone"),
        kind=raw.get("VolumeType"),
        instance_id=held[0]["InstanceId"] if held else None,
        device=held[0].get("Device") if held else None,
    )


def _gigabytes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 9 and int(text)):
        raise ValidationError(f"{text!r} is not a capacity: it must be a positive number of GB.")
    return int(text)
