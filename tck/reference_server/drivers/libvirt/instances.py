"""Domains as instances: only those that this driver made; it shows and touches no others.

What libvirt has no attribute for (image, profile, owner, name) is kept in the domain's metadata.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import libvirt
from lxml import etree
from lxml.builder import E

from tck.reference_server.drivers import sizes
from tck.reference_server.drivers.base import Caller, Family, Filters
from tck.reference_server.drivers.libvirt.hypervisor import (
    Hypervisor,
    parsed,
    translated,
    translating,
    written,
)
from tck.reference_server.drivers.libvirt.images import DISK, Images, clone
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import HardwareProfile, Image, Instance, InstanceAddress

NAMESPACE = "urn:deltacloud-tck:instance"
_NOTE = f"{{{NAMESPACE}}}instance"

_STATES = {
    libvirt.VIR_DOMAIN_RUNNING: "RUNNING",
    libvirt.VIR_DOMAIN_BLOCKED: "RUNNING",
    libvirt.VIR_DOMAIN_SHUTDOWN: "STOPPING",
    libvirt.VIR_DOMAIN_SHUTOFF: "STOPPED",
    libvirt.VIR_DOMAIN_CRASHED: "ERROR",
}


class Instances(Images):
    """Each has a copy of its image as disk, which is deleted with it."""

    @translated
    def instances(self, caller: Caller, filters: Filters) -> Sequence[Instance]:
        node = self.connection(caller)
        shown = (_instance(node, domain) for domain in node.virt.listAllDomains())
        return [
            instance
            for instance in shown
            if instance is not None
            and filters.get("id") in (None, instance.id)
            and filters.get("state") in (None, instance.state)
            and filters.get("realm_id") in (None, instance.realm_id)
        ]

    def instance(self, caller: Caller, instance_id: str) -> Instance:
        """One instance; NotFoundError if there is none."""
        found = self.instances(caller, {"id": instance_id})
        if not found:
            raise NotFoundError(f"There is no instance {instance_id!r}.")
        return found[0]

    def create_instance(
        self,
        caller: Caller,
        *,
        image_id: str,
        realm_id: str | None = None,
        hwp_id: str | None = None,
        hwp: Family | None = None,
        firewalls: Family | None = None,
        **features: str,
    ) -> Instance:
        node = self.connection(caller)
        if self.image(caller, image_id) is None:
            raise ValidationError(f"There is no image {image_id!r}.")
        if realm_id not in (None, node.host):
            raise ValidationError(f"There is no realm {realm_id!r}.")
        profile = self._profile(caller, hwp_id)
        chosen = sizes.overrides(profile, hwp or {})
        note = {
            "image": image_id,
            "profile": profile.id,
            "owner": caller.user,
            "launched": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "name": features.get("name") or "",
            **{f"hwp_{name}": value for name, value in chosen.items()},
        }
        if len(note["name"]) > 200:
            raise ValidationError("The name is longer than 200 characters.")
        id_ = str(uuid.uuid4())
        with translating():
            self._launch(node, id_, profile, note)
        return self.instance(caller, id_)

    def _launch(
        self, node: Hypervisor, id_: str, profile: HardwareProfile, note: Mapping[str, str]
    ) -> None:
        """Copy the disk, define the domain, start it; undo all if a step fails."""
        disk = clone(node, note["image"], DISK + id_)
        try:
            domain = node.virt.defineXML(written(_described(node, id_, disk, profile, note)))
            try:
                domain.create()
            except libvirt.libvirtError:
                domain.undefine()
                raise
        except libvirt.libvirtError:
            disk.delete()
            raise

    def start_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "start", "create")

    def stop_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "stop", "shutdown")

    def reboot_instance(self, caller: Caller, instance_id: str) -> Instance:
        return self._act(caller, instance_id, "reboot", "reboot")

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        domain = self._allowed(caller, instance_id, "destroy")
        node = self.connection(caller)
        with translating():
            if domain.isActive():
                domain.destroy()
            domain.undefine()
            with suppress(libvirt.libvirtError):  # already deleted
                node.pool.storageVolLookupByName(DISK + instance_id).delete()

    def _act(self, caller: Caller, instance_id: str, action: str, method: str) -> Instance:
        domain = self._allowed(caller, instance_id, action)
        with translating():
            getattr(domain, method)()
        return self.instance(caller, instance_id)

    def _allowed(self, caller: Caller, instance_id: str, action: str) -> Any:
        self.require_action(self.instance(caller, instance_id).state, action)
        with translating():
            return self.connection(caller).virt.lookupByUUIDString(instance_id)

    def _profile(self, caller: Caller, hwp_id: str | None) -> HardwareProfile:
        for profile in self.hardware_profiles(caller, {}):
            if hwp_id in (None, profile.id):
                return profile
        raise ValidationError(f"Hardware profile '{hwp_id}' does not exist.")

    def create_image(
        self,
        caller: Caller,
        *,
        instance_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> Image:
        """ConflictError unless it is stopped: a running machine is writing to its disk."""
        if self.instance(caller, instance_id).state != "STOPPED":
            raise ConflictError("An image can be made of a stopped instance only.")
        return self.image_of_disk(caller, DISK + instance_id, name)


def _size(profile: HardwareProfile, note: Mapping[str, str], name: str) -> str:
    found = profile.property(name)
    return note.get(f"hwp_{name}") or (found.value if found else "1")


def _described(
    node: Hypervisor, id_: str, disk: Any, profile: HardwareProfile, note: Mapping[str, str]
) -> etree._Element:
    """The domain of an instance; notes are percent-encoded, so that white space is kept."""
    held = etree.Element(_NOTE, nsmap={"dc": NAMESPACE})
    for name, value in note.items():
        held.set(name, quote(value, safe=""))
    kind = parsed(disk.XMLDesc()).find("target/format")
    described: etree._Element = E.domain(
        E.name(f"dc-{id_}"),
        E.uuid(id_),
        E.metadata(held),
        E.memory(str(int(float(_size(profile, note, "memory")))), unit="MiB"),
        E.vcpu(str(int(float(_size(profile, note, "cpu"))))),
        E.os(E.type("hvm", arch=node.arch)),
        E.devices(
            E.disk(
                E.driver(type="raw" if kind is None else kind.get("type", "raw")),
                E.source(file=disk.path()),
                E.target(dev="vda", bus="virtio"),
                type="file",
                device="disk",
            ),
        ),
        type=node.kind,
    )
    return described


def _instance(node: Hypervisor, domain: Any) -> Instance | None:
    """An instance; None if this driver did not make the domain, or it has gone meanwhile."""
    try:
        note = parsed(domain.XMLDesc()).find(f"metadata/{_NOTE}")
        state = _STATES.get(domain.state()[0], "STOPPED")
    except libvirt.libvirtError:
        return None
    if note is None:
        return None
    kept = {str(name): unquote(str(value)) for name, value in note.items()}
    id_ = str(domain.UUIDString())
    return Instance(
        id_,
        name=kept.get("name") or id_,
        owner_id=kept.get("owner", ""),
        image_id=kept.get("image", ""),
        realm_id=node.host,
        state=state,
        hardware_profile=kept.get("profile"),
        overrides={n[4:]: value for n, value in kept.items() if n.startswith("hwp_")},
        launch_time=kept.get("launched"),
        private_addresses=_addresses(domain) if state == "RUNNING" else (),
        create_image=state == "STOPPED",
    )


def _addresses(domain: Any) -> tuple[InstanceAddress, ...]:
    with suppress(libvirt.libvirtError):
        leases = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
        found = [entry for nic in leases.values() for entry in nic["addrs"] or ()]
        six = libvirt.VIR_IP_ADDR_TYPE_IPV6
        return tuple(
            InstanceAddress(entry["addr"], "ipv6" if entry["type"] == six else "ipv4")
            for entry in found
        )
    return ()
