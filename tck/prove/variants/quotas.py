"""Clouds with limits: on how many things an account may have, and on how small a volume may be."""

from __future__ import annotations

from typing import Any

from tck.prove.altered.change import Change
from tck.prove.variants.variant import Variants
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import Bucket, StorageVolume

_MOST = 2  # beside what was there before
variant = Variants()


class _OverQuota(ApiError):
    wire_name = "OverQuota"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _quota(collection: str, method: str, kind: type[Any], status: int, message: str) -> Change:
    """Refuse a create while there are `_MOST` more than there were when the server started."""

    def take(driver: Any) -> None:
        create, before = getattr(driver, method), _count(driver, kind)

        def limited(*positional: Any, **named: Any) -> Any:
            if _count(driver, kind) >= before + _MOST:
                raise _OverQuota(status, message)
            return create(*positional, **named)

        setattr(driver, method, limited)

    text = (
        f"takes no more than {_MOST} {collection.replace('_', ' ')} and refuses the next, {status}"
    )
    return Change(text, f"{collection}.create", driver=take)


def _count(driver: Any, kind: type[Any]) -> int:
    with driver.store.transaction() as tx:
        return len(tx.all(kind))


for _collection, _method, _kind, _status, _message in (
    ("instances", "create_instance", InstanceRecord, 403, "Quota exceeded for cores"),
    ("storage_volumes", "create_storage_volume", StorageVolume, 413, "VolumeLimitExceeded"),
    ("buckets", "create_bucket", Bucket, 409, "You attempted to create more buckets than allowed"),
):
    variant(
        f"quota-of-{_collection.replace('_', '-')}",
        "DC-ERR-003: the message says why; stance 54",
        _quota(_collection, _method, _kind, _status, _message),
        seen_at=f"{_collection}.create",
    )


def _smallest(size: int, status: int) -> Change:
    """Refuse volumes that are smaller than a size, 1 GB by default."""

    def take(driver: Any) -> None:
        create = driver.create_storage_volume

        def limited(caller: Any, **given: Any) -> Any:
            asked = given.get("capacity") or "1"
            if asked.isdecimal() and int(asked) < size:
                raise _OverQuota(status, f"The smallest volume has {size} GB")
            return create(caller, **given)

        driver.create_storage_volume = limited

    text = f"refuses volumes of less than {size} GB, {status}"
    return Change(text, "storage_volumes.create", driver=take)


for _size, _status in ((10, 400), (10, 403), (20, 413), (100, 422)):
    variant(
        f"volumes-from-{_size}-gb-{_status}",
        "DC-VOL-006: a cloud has a smallest size of volumes",
        _smallest(_size, _status),
        seen_at="storage_volumes.create",
    )
