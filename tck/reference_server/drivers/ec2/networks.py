"""Elastic addresses, VPCs, subnets and network interfaces."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import (
    exactly,
    matching,
    not_found_as_invalid,
    tag,
    tagged,
)
from tck.reference_server.drivers.ec2.instances import Instances
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import Address, Instance, Network, NetworkInterface, Subnet

_BLOCK = "10.0.0.0/16"


class Networks(Instances):
    """A network is a VPC; names are kept as tags."""

    def addresses(self, caller: Caller, filters: Filters) -> Sequence[Address]:
        return [
            Address(raw["PublicIp"], raw.get("InstanceId") or None)
            for raw in self._addresses(caller, filters.get("id"))
        ]

    def create_address(self, caller: Caller) -> Address:
        created = self.connection(caller).ec2.allocate_address(Domain="vpc")
        self.backoff.wait_for(lambda: self._addresses(caller, created["PublicIp"]), bool)
        return Address(created["PublicIp"])

    def destroy_address(self, caller: Caller, address_id: str) -> None:
        raw = self._address(caller, address_id)
        if raw.get("AssociationId"):
            raise ConflictError(f"The address {address_id} is in use.")
        self.connection(caller).ec2.release_address(AllocationId=raw["AllocationId"])

    def associate_address(self, caller: Caller, address_id: str, *, instance_id: str) -> None:
        raw = self._address(caller, address_id)
        if raw.get("AssociationId"):
            raise ConflictError(f"The address {address_id} is in use.")
        with not_found_as_invalid():
            self.connection(caller).ec2.associate_address(
                AllocationId=raw["AllocationId"], InstanceId=instance_id, AllowReassociation=False
            )

    def disassociate_address(self, caller: Caller, address_id: str) -> None:
        association = self._address(caller, address_id).get("AssociationId")
        if not association:
            raise ConflictError(f"The address {address_id} is not in use.")
        self.connection(caller).ec2.disassociate_address(AssociationId=association)

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        """Take its addresses from it as well: until it has ended they would refer to it."""
        super().destroy_instance(caller, instance_id)
        ec2 = self.connection(caller).ec2
        held = ec2.describe_addresses(Filters=matching(instance_id=instance_id))["Addresses"]
        for raw in held:
            with contextlib.suppress(NotFoundError):  # EC2 has done it
                ec2.disassociate_address(AssociationId=raw["AssociationId"])

    def _addresses(self, caller: Caller, address_id: str | None) -> list[dict[str, Any]]:
        ec2, criteria = self.connection(caller).ec2, matching(public_ip=address_id, domain="vpc")
        return exactly(
            ec2.describe_addresses(Filters=criteria)["Addresses"], "PublicIp", address_id
        )

    def _address(self, caller: Caller, address_id: str) -> dict[str, Any]:
        found = self._addresses(caller, address_id)
        if not found:
            raise NotFoundError(f"There is no address {address_id!r}.")
        return found[0]

    # -- networks and subnets --------------------------------------------------------------

    def networks(self, caller: Caller, filters: Filters) -> Sequence[Network]:
        """The default network first: instances are launched there."""
        ec2, wanted = self.connection(caller).ec2, filters.get("id")
        found = ec2.pages("describe_vpcs", "Vpcs", Filters=matching(vpc_id=wanted))
        raws = exactly(found, "VpcId", wanted)
        subnets = self.subnets(caller, {"network": wanted} if wanted else {}) if raws else ()
        return [
            Network(
                raw["VpcId"],
                tag(raw, "Name") or raw["VpcId"],
                tuple(b["CidrBlock"] for b in raw.get("CidrBlockAssociationSet") or ())
                or (raw["CidrBlock"],),
                _state(raw),
                tuple(s.id for s in subnets if s.network_id == raw["VpcId"]),
            )
            for raw in sorted(raws, key=lambda raw: not raw.get("IsDefault"))
        ]

    def create_network(
        self, caller: Caller, *, address_block: str | None = None, name: str | None = None
    ) -> Network:
        created = self.connection(caller).ec2.create_vpc(
            CidrBlock=address_block or _BLOCK, TagSpecifications=tagged("vpc", Name=name)
        )
        wanted = {"id": created["Vpc"]["VpcId"]}
        seen = self.backoff.wait_for(lambda: self.networks(caller, wanted), bool)
        return seen[0]

    def destroy_network(self, caller: Caller, network_id: str) -> None:
        if not self.networks(caller, {"id": network_id}):
            raise NotFoundError
        self.connection(caller).ec2.delete_vpc(VpcId=network_id)

    def subnets(self, caller: Caller, filters: Filters) -> Sequence[Subnet]:
        ec2 = self.connection(caller).ec2
        criteria = matching(subnet_id=filters.get("id"), vpc_id=filters.get("network"))
        found = ec2.pages("describe_subnets", "Subnets", Filters=criteria)
        return [
            Subnet(
                raw["SubnetId"],
                tag(raw, "Name") or raw["SubnetId"],
                raw["VpcId"],
                raw["CidrBlock"],
                _state(raw),
            )
            for raw in exactly(found, "SubnetId", filters.get("id"))
        ]

    def create_subnet(
        self, caller: Caller, *, network_id: str, address_block: str, name: str | None = None
    ) -> Subnet:
        with not_found_as_invalid():
            created = self.connection(caller).ec2.create_subnet(
                VpcId=network_id,
                CidrBlock=address_block,
                TagSpecifications=tagged("subnet", Name=name),
            )
        wanted = {"id": created["Subnet"]["SubnetId"]}
        seen = self.backoff.wait_for(lambda: self.subnets(caller, wanted), bool)
        return seen[0]

    def destroy_subnet(self, caller: Caller, subnet_id: str) -> None:
        if not self.subnets(caller, {"id": subnet_id}):
            raise NotFoundError
        self.connection(caller).ec2.delete_subnet(SubnetId=subnet_id)

    # -- interfaces ------------------------------------------------------------------------

    def network_interfaces(self, caller: Caller, filters: Filters) -> Sequence[NetworkInterface]:
        """Interfaces of instances; the API has no others."""
        raws = self._interfaces(caller, filters.get("id"))
        holders = {instance.id for instance in self.instances(caller, {})} if raws else ()
        return [
            NetworkInterface(
                raw["NetworkInterfaceId"],
                tag(raw, "Name") or raw["NetworkInterfaceId"],
                raw["Attachment"]["InstanceId"],
                raw["VpcId"],
                raw.get("PrivateIpAddress", ""),
                raw["SubnetId"],
            )
            for raw in raws
            if (raw.get("Attachment") or {}).get("InstanceId") in holders
        ]

    def create_network_interface(
        self,
        caller: Caller,
        *,
        instance: str,
        network: str,
        subnet: str | None = None,
        name: str | None = None,
    ) -> NetworkInterface:
        """In a subnet of the network, or the subnet itself, in the realm of the instance."""
        ec2 = self.connection(caller).ec2
        with not_found_as_invalid():
            holder = self.instance(caller, instance)
        place = self._place(caller, holder, subnet or network)
        created = ec2.create_network_interface(
            SubnetId=place, TagSpecifications=tagged("network-interface", Name=name)
        )
        id_ = created["NetworkInterface"]["NetworkInterfaceId"]
        self.backoff.wait_for(lambda: self._interfaces(caller, id_), bool)
        number = len(holder.network_interfaces)
        try:
            ec2.attach_network_interface(
                NetworkInterfaceId=id_, InstanceId=instance, DeviceIndex=number
            )
        except Exception:
            ec2.delete_network_interface(NetworkInterfaceId=id_)  # leave nothing half done
            raise
        wanted = {"id": id_}
        seen = self.backoff.wait_for(lambda: self.network_interfaces(caller, wanted), bool)
        return seen[0]

    def destroy_network_interface(self, caller: Caller, interface_id: str) -> None:
        """Detach the interface, wait, and delete it: EC2 deletes only what is detached."""
        ec2, raws = self.connection(caller).ec2, self._interfaces(caller, interface_id)
        if not raws:
            raise NotFoundError
        attachment = (raws[0].get("Attachment") or {}).get("AttachmentId")
        if attachment:
            ec2.detach_network_interface(AttachmentId=attachment)
            self.backoff.wait_for(
                lambda: self._interfaces(caller, interface_id),
                lambda seen: not seen or seen[0]["Status"] == "available",
            )
        ec2.delete_network_interface(NetworkInterfaceId=interface_id)

    def _interfaces(self, caller: Caller, interface_id: str | None) -> list[dict[str, Any]]:
        ec2, criteria = self.connection(caller).ec2, matching(network_interface_id=interface_id)
        found = ec2.pages("describe_network_interfaces", "NetworkInterfaces", Filters=criteria)
        return exactly(found, "NetworkInterfaceId", interface_id)

    def _place(self, caller: Caller, holder: Instance, wanted: str) -> str:
        """Id of the subnet that a request names, or of one in the network that it names."""
        kind = "subnet_id" if wanted.startswith("subnet-") else "vpc_id"
        criteria = matching(**{kind: wanted, "availability_zone": holder.realm_id})
        found = self.connection(caller).ec2.pages("describe_subnets", "Subnets", Filters=criteria)
        for raw in exactly(found, "SubnetId" if kind == "subnet_id" else "VpcId", wanted):
            return str(raw["SubnetId"])
        raise ValidationError(f"{wanted!r} has no subnet in the realm {holder.realm_id}.")


def _state(raw: dict[str, Any]) -> str:
    return "UP" if raw.get("State") == "available" else "DOWN"
