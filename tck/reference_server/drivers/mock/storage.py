"""Volumes and snapshots of the mock."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.mock.backend import Backend, by_id, require
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import Realm, StorageSnapshot, StorageVolume
from tck.reference_server.storage.store import Transaction

LETTERS = string.ascii_lowercase


class Storage(Backend):
    """Disks of instances, and their copies."""

    def storage_volumes(self, caller: Caller, filters: Filters) -> Sequence[StorageVolume]:
        with self.objects_of(caller) as tx:
            return by_id(tx.all(StorageVolume), filters)

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
        with self.objects_of(caller) as tx:
            if snapshot_id:
                require(tx, StorageSnapshot, snapshot_id, "storage snapshot")
            realm = realm_id or tx.all(Realm)[0].id
            require(tx, Realm, realm, "realm")
            id_ = self.new_id(tx, StorageVolume, "volume_")
            volume = StorageVolume(
                id_,
                created=self.now(),
                capacity=_capacity(capacity),
                state="AVAILABLE",
                name=name if name is not None else f"Volume{id_}",
                description=description,
                realm_id=realm,
            )
            tx.put(volume)
            return volume

    def destroy_storage_volume(self, caller: Caller, volume_id: str) -> None:
        with self.objects_of(caller) as tx:
            if _volume(tx, volume_id).instance_id is not None:
                raise ConflictError(f"The volume {volume_id!r} is attached.")
            tx.remove(StorageVolume, volume_id)

    def attach_storage_volume(
        self, caller: Caller, volume_id: str, *, instance_id: str, device: str
    ) -> StorageVolume:
        with self.objects_of(caller) as tx:
            volume = _volume(tx, volume_id)
            if volume.instance_id is not None:
                raise ConflictError(f"The volume {volume_id!r} is attached already.")
            require(tx, InstanceRecord, instance_id, "instance")
            device = device or _free_device(tx, instance_id)
            attached = replace(volume, instance_id=instance_id, device=device, state="IN-USE")
            tx.put(attached)
            return attached

    def detach_storage_volume(self, caller: Caller, volume_id: str) -> StorageVolume:
        with self.objects_of(caller) as tx:
            volume = _volume(tx, volume_id)
            if volume.instance_id is None:
                raise ConflictError(f"The volume {volume_id!r} is not attached.")
            detached = replace(volume, instance_id=None, device=None, state="AVAILABLE")
            tx.put(detached)
            return detached

    def storage_snapshots(self, caller: Caller, filters: Filters) -> Sequence[StorageSnapshot]:
        with self.objects_of(caller) as tx:
            return by_id(tx.all(StorageSnapshot), filters)

    def create_storage_snapshot(
        self,
        caller: Caller,
        *,
        volume_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> StorageSnapshot:
        with self.objects_of(caller) as tx:
            require(tx, StorageVolume, volume_id, "storage volume")
            snapshot = StorageSnapshot(
                self.new_id(tx, StorageSnapshot, "store_snapshot_"),
                created=self.now(),
                storage_volume_id=volume_id,
                name=name,
                description=description,
            )
            tx.put(snapshot)
            return snapshot

    def destroy_storage_snapshot(self, caller: Caller, snapshot_id: str) -> None:
        with self.objects_of(caller) as tx:
            if tx.remove(StorageSnapshot, snapshot_id) is None:
                raise NotFoundError


def _free_device(tx: Transaction, instance_id: str) -> str:
    """A device that no volume of the instance has."""
    taken = {volume.device for volume in tx.all(StorageVolume) if volume.instance_id == instance_id}
    names = (f"/dev/sd{first}{second}" for first in ("", *LETTERS) for second in LETTERS[1:])
    return next(name for name in names if name not in taken)


def _volume(tx: Transaction, volume_id: str) -> StorageVolume:
    volume = tx.get(StorageVolume, volume_id)
    if volume is None:
        raise NotFoundError
    return volume


def _capacity(text: str | None) -> str:
    if not text:
        return "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text)):
        raise ValidationError(f"{text!r} is not a capacity: it must be a positive number of GB.")
    return str(int(text))
