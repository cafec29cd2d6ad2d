"""Disks to launch from, sizes, and the one realm of a hypervisor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml.builder import E

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.libvirt.hypervisor import (
    Hypervisor,
    Part,
    parsed,
    translated,
    translating,
    written,
)
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import HardwareProfile, HardwareProperty, Image, Realm

DISK = "dc-disk-"  # volumes of instances; all others in the pool are images
SMALLEST = 64  # MB


class Images(Part):
    """Images are the volumes of the pool; their names are the ids."""

    def realms(self, caller: Caller, filters: Filters) -> Sequence[Realm]:
        host = self.connection(caller).host
        return [Realm(host, host)] if filters.get("id") in (None, host) else []

    @translated
    def hardware_profiles(self, caller: Caller, filters: Filters) -> Sequence[HardwareProfile]:
        profiles = _profiles(self.connection(caller))
        architecture = filters.get("architecture")
        return [
            profile
            for profile in profiles
            if filters.get("id") in (None, profile.id)
            and architecture in (None, *_values(profile, "architecture"))
        ]

    @translated
    def images(self, caller: Caller, filters: Filters) -> Sequence[Image]:
        node = self.connection(caller)
        owner = filters.get("owner_id")
        wanted = {
            "id": filters.get("id"),
            "architecture": filters.get("architecture"),
            "owner_id": caller.user if owner == "self" else owner,
        }
        profiles = tuple(profile.id for profile in _profiles(node))
        names = (volume.name() for volume in node.pool.listAllVolumes())
        found = [
            Image(
                name,
                name,
                caller.user,
                node.architecture,
                root_type="persistent",
                hardware_profiles=profiles,
            )
            for name in sorted(names)
            if not name.startswith(DISK)
        ]
        return [i for i in found if all(v is None or getattr(i, n) == v for n, v in wanted.items())]

    def image(self, caller: Caller, image_id: str) -> Image | None:
        return next(iter(self.images(caller, {"id": image_id})), None)

    def destroy_image(self, caller: Caller, image_id: str) -> None:
        """Instances have copies of it, which stay."""
        if self.image(caller, image_id) is None:
            raise NotFoundError
        with translating():
            self.connection(caller).pool.storageVolLookupByName(image_id).delete()

    def image_of_disk(self, caller: Caller, disk: str, name: str | None) -> Image:
        """A new image that is a copy of a disk of the pool."""
        node = self.connection(caller)
        now = datetime.now(UTC)
        wanted = name or f"image-{now:%Y%m%d-%H%M%S-%f}"
        if wanted.startswith(DISK) or "/" in wanted:
            raise ValidationError(f"{wanted!r} cannot be the name of an image.")
        if self.image(caller, wanted) is not None:
            raise ConflictError(f"There is an image {wanted!r} already.")
        with translating():
            clone(node, disk, wanted)
        created = self.image(caller, wanted)
        if created is None:
            raise NotFoundError(f"The image {wanted!r} does not appear.")
        return created


def clone(node: Hypervisor, source: str, name: str) -> Any:
    """A copy of a volume, under another name in the same pool."""
    original = node.pool.storageVolLookupByName(source)
    described = parsed(original.XMLDesc())
    format_ = described.find("target/format")
    kind = "raw" if format_ is None else format_.get("type", "raw")
    wanted = E.volume(
        E.name(name),
        E.capacity(described.findtext("capacity") or "0", unit="bytes"),
        E.target(E.format(type=kind)),
    )
    return node.pool.createXMLFrom(written(wanted), original)


def _profiles(node: Hypervisor) -> list[HardwareProfile]:
    """Two fixed sizes, and one that can be any size up to that of the host."""
    most_memory = max(SMALLEST, int(node.virt.getInfo()[1]))
    most_cpus = max(1, min(int(node.virt.getMaxVcpus(node.kind)), int(node.virt.getInfo()[2])))
    architecture = HardwareProperty("architecture", "fixed", node.architecture)

    def fixed(id_: str, cpu: int, memory: int) -> HardwareProfile:
        sizes = {"cpu": min(cpu, most_cpus), "memory": min(memory, most_memory)}
        properties = (HardwareProperty(name, "fixed", str(value)) for name, value in sizes.items())
        return HardwareProfile(id_, id_, (*properties, architecture))

    cpu = HardwareProperty("cpu", "range", "1", "1", str(most_cpus))
    half = str(min(512, most_memory))
    memory = HardwareProperty("memory", "range", half, str(SMALLEST), str(most_memory))
    custom = HardwareProfile("custom", "custom", (cpu, memory, architecture))
    return [fixed("small", 1, 512), fixed("medium", 2, 2048), custom]


def _values(profile: HardwareProfile, name: str) -> tuple[str, ...]:
    found = profile.property(name)
    return () if found is None else (found.value,)
