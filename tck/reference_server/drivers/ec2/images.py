"""Machine images, and the realms that they are launched in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import Account, exactly, matching, zones
from tck.reference_server.drivers.ec2.sizes import ARCHITECTURES, Sizes, architecture_of
from tck.reference_server.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ValidationError,
)
from tck.reference_server.resources import HardwareProfile, Image, Realm

# Public parameters of AWS that name the current images of Amazon Linux.
_CURRENT = "/aws/service/ami-amazon-linux-latest"


class Images(Sizes):
    """The caller's own images and Amazon's current ones, of the architectures that the API knows.

    Any other image can be shown and launched by its id: there are too many to list.
    """

    def realms(self, caller: Caller, filters: Filters) -> Sequence[Realm]:
        return [
            Realm(zone["ZoneName"], zone["ZoneName"], str(zone.get("State", "")).upper())
            for zone in zones(self.connection(caller))
            if filters.get("id") in (None, zone["ZoneName"])
        ]

    def images(self, caller: Caller, filters: Filters) -> Sequence[Image]:
        account = self.connection(caller)
        profiles = self.hardware_profiles(caller, {})
        shown = [_image(raw, profiles) for raw in _listed(account)]
        owner = filters.get("owner_id")
        wanted = {
            "id": filters.get("id"),
            "architecture": filters.get("architecture"),
            "owner_id": account.id if owner == "self" else owner,
        }
        kept = [i for i in shown if all(v is None or getattr(i, n) == v for n, v in wanted.items())]
        return sorted(kept, key=lambda i: (i.owner_id != account.id, i.architecture != "x86_64"))

    def image(self, caller: Caller, image_id: str) -> Image | None:
        raw = self.raw_image(caller, image_id)
        return None if raw is None else _image(raw, self.hardware_profiles(caller, {}))

    def raw_image(self, caller: Caller, image_id: str) -> dict[str, Any] | None:
        """What EC2 says of an image; None if there is none that the caller may see."""
        ec2 = self.connection(caller).ec2
        known = ec2.pages("describe_images", "Images", Filters=matching(image_id=image_id))
        found = exactly(known, "ImageId", image_id)
        gone = ("deregistered", "invalid")
        return next((raw for raw in found if raw.get("State") not in gone), None)

    def create_image(
        self,
        caller: Caller,
        *,
        instance_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> Image:
        """EC2 requires a name that no other image of the account has; the default has the time."""
        account = self.connection(caller)
        now = datetime.now(UTC)
        try:
            created = account.ec2.create_image(
                InstanceId=instance_id,
                Name=name or f"{instance_id} {now:%Y-%m-%d %H.%M.%S.%f}",
                Description=description or "",
            )
        except ValidationError as refused:  # a malformed id is that of no instance either
            raise NotFoundError(refused.message) from refused
        image_id = created["ImageId"]
        shown = self.backoff.wait_for(lambda: self.image(caller, image_id), bool)
        if shown is None:
            raise NotFoundError(f"The image {image_id!r} does not appear.")
        return shown

    def destroy_image(self, caller: Caller, image_id: str) -> None:
        """Deregister an image, and delete the snapshots that EC2 made for it: they cost money."""
        account = self.connection(caller)
        raw = self.raw_image(caller, image_id)
        if raw is None:
            raise NotFoundError
        if raw.get("OwnerId") != account.id:
            raise ForbiddenError("The image belongs to another account.")
        account.ec2.deregister_image(ImageId=image_id)
        disks = (disk.get("Ebs", {}) for disk in raw.get("BlockDeviceMappings") or ())
        criteria = matching(
            snapshot_id=[d["SnapshotId"] for d in disks if d.get("SnapshotId")] or None
        )
        if not criteria:
            return
        copies = account.ec2.pages(
            "describe_snapshots", "Snapshots", OwnerIds=["self"], Filters=criteria
        )
        for copy in copies:
            if image_id in copy.get("Description", ""):
                with suppress(ConflictError, NotFoundError):  # another image uses it
                    account.ec2.delete_snapshot(SnapshotId=copy["SnapshotId"])


def _listed(account: Account) -> Iterable[dict[str, Any]]:
    """What EC2 says of the images to list, each once."""
    own = account.ec2.pages("describe_images", "Images", Owners=["self"])
    found = {raw["ImageId"]: raw for raw in own}
    found |= {raw["ImageId"]: raw for raw in account.cached("images", lambda: _current(account))}
    return [
        raw
        for raw in found.values()
        if raw.get("State") in ("available", "pending") and raw.get("Architecture") in ARCHITECTURES
    ]


def _current(account: Account) -> list[dict[str, Any]]:
    """Amazon's current images; none if the caller may not ask for them."""
    with suppress(ForbiddenError):
        named = account.service("ssm").pages("get_parameters_by_path", "Parameters", Path=_CURRENT)
        if criteria := matching(
            image_id=sorted({parameter["Value"] for parameter in named}) or None
        ):
            return list(account.ec2.pages("describe_images", "Images", Filters=criteria))
    return []


def _image(raw: dict[str, Any], profiles: Sequence[HardwareProfile]) -> Image:
    architecture = raw.get("Architecture", "")
    return Image(
        raw["ImageId"],
        name=raw.get("Name") or raw["ImageId"],
        owner_id=raw.get("OwnerId", ""),
        architecture=architecture,
        description=raw.get("Description") or None,
        state=str(raw.get("State", "")).upper(),
        creation_time=raw.get("CreationDate"),
        root_type="persistent" if raw.get("RootDeviceType") == "ebs" else "transient",
        hardware_profiles=tuple(p.id for p in profiles if architecture_of(p) == architecture),
    )
