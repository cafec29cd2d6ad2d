"""Addresses, networks, subnets and interfaces of the mock."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.mock.backend import Backend, by_id, require, usable_id
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ValidationError,
)
from tck.reference_server.resources import Address, Network, NetworkInterface, Resource, Subnet
from tck.reference_server.storage.store import Transaction


class Networks(Backend):
    """How instances are reached."""

    def addresses(self, caller: Caller, filters: Filters) -> Sequence[Address]:
        with self.objects_of(caller) as tx:
            return by_id(tx.all(Address), filters)

    def create_address(self, caller: Caller) -> Address:
        """The address after the highest one in use; those of the accounts differ."""
        first = "192.168.128.0" if self.is_other(caller) else "192.168.0.0"
        with self.objects_of(caller) as tx:
            highest = max(
                (ipaddress.IPv4Address(a.id) for a in tx.all(Address)),
                default=ipaddress.IPv4Address(first),
            )
            address = Address(str(highest + 1))
            tx.put(address)
            return address

    def destroy_address(self, caller: Caller, address_id: str) -> None:
        with self.objects_of(caller) as tx:
            if _address(tx, address_id).instance_id is not None:
                raise ForbiddenError("AddressInUse")
            tx.remove(Address, address_id)

    def associate_address(self, caller: Caller, address_id: str, *, instance_id: str) -> None:
        with self.objects_of(caller) as tx:
            address = _address(tx, address_id)
            if address.instance_id is not None:
                raise ForbiddenError("AddressInUse")
            require(tx, InstanceRecord, instance_id, "instance")
            tx.put(replace(address, instance_id=instance_id))

    def disassociate_address(self, caller: Caller, address_id: str) -> None:
        with self.objects_of(caller) as tx:
            address = _address(tx, address_id)
            if address.instance_id is None:
                raise ForbiddenError("AddressNotInUse")
            tx.put(replace(address, instance_id=None))

    # -- networks and subnets --------------------------------------------------------------

    def networks(self, caller: Caller, filters: Filters) -> Sequence[Network]:
        with self.objects_of(caller) as tx:
            subnets = tx.all(Subnet)
            return [
                replace(network, subnets=tuple(s.id for s in subnets if s.network_id == network.id))
                for network in by_id(tx.all(Network), filters)
            ]

    def create_network(
        self, caller: Caller, *, address_block: str | None = None, name: str | None = None
    ) -> Network:
        blocks = (_block(address_block),) if address_block else ()
        with self.objects_of(caller) as tx:
            id_ = self._named_id(tx, Network, name, "net_")
            network = Network(id_, name or id_, blocks)
            tx.put(network)
            return network

    def destroy_network(self, caller: Caller, network_id: str) -> None:
        """Remove its subnets as well; refused while there are interfaces."""
        with self.objects_of(caller) as tx:
            if any(nic.network_id == network_id for nic in tx.all(NetworkInterface)):
                raise ConflictError(f"Network interfaces use the network {network_id!r}.")
            if tx.remove(Network, network_id) is None:
                raise NotFoundError
            for subnet in tx.all(Subnet):
                if subnet.network_id == network_id:
                    tx.remove(Subnet, subnet.id)

    def subnets(self, caller: Caller, filters: Filters) -> Sequence[Subnet]:
        with self.objects_of(caller) as tx:
            return by_id(tx.all(Subnet), filters)

    def create_subnet(
        self, caller: Caller, *, network_id: str, address_block: str, name: str | None = None
    ) -> Subnet:
        block = _block(address_block)
        with self.objects_of(caller) as tx:
            require(tx, Network, network_id, "network")
            id_ = self._named_id(tx, Subnet, name, "subnet_")
            subnet = Subnet(id_, name or id_, network_id, block)
            tx.put(subnet)
            return subnet

    def destroy_subnet(self, caller: Caller, subnet_id: str) -> None:
        with self.objects_of(caller) as tx:
            if any(nic.subnet_id == subnet_id for nic in tx.all(NetworkInterface)):
                raise ConflictError(f"Network interfaces use the subnet {subnet_id!r}.")
            if tx.remove(Subnet, subnet_id) is None:
                raise NotFoundError

    # -- interfaces ------------------------------------------------------------------------

    def network_interfaces(self, caller: Caller, filters: Filters) -> Sequence[NetworkInterface]:
        with self.objects_of(caller) as tx:
            return by_id(tx.all(NetworkInterface), filters)

    def create_network_interface(
        self,
        caller: Caller,
        *,
        instance: str,
        network: str,
        subnet: str | None = None,
        name: str | None = None,
    ) -> NetworkInterface:
        """`network` may name a subnet: interfaces show their subnet as network (B40)."""
        with self.objects_of(caller) as tx:
            require(tx, InstanceRecord, instance, "instance")
            place = self._place(tx, network, subnet)
            id_ = self._named_id(tx, NetworkInterface, name, "nic_")
            if isinstance(place, Subnet):
                network_id, subnet_id, blocks = place.network_id, place.id, [place.address_block]
            else:
                network_id, subnet_id, blocks = place.id, None, list(place.address_blocks)
            interface = NetworkInterface(
                id_, name or id_, instance, network_id, _free_address(tx, blocks), subnet_id
            )
            tx.put(interface)
            return interface

    def destroy_network_interface(self, caller: Caller, interface_id: str) -> None:
        with self.objects_of(caller) as tx:
            if tx.remove(NetworkInterface, interface_id) is None:
                raise NotFoundError

    def _place(self, tx: Transaction, network: str, subnet: str | None) -> Network | Subnet:
        if not self.shape.has("subnets"):
            place: Network | Subnet | None = tx.get(Network, network)
        elif subnet:
            place = tx.get(Subnet, subnet)
        else:
            inside = (s for s in tx.all(Subnet) if s.network_id == network)
            place = tx.get(Subnet, network) or next(inside, None) or tx.get(Network, network)
        if place is None:
            raise ValidationError(f"There is no network {subnet or network!r}.")
        return place

    def _named_id(
        self, tx: Transaction, kind: type[Resource], name: str | None, prefix: str
    ) -> str:
        """The name, which must be free; an empty one counts as not sent."""
        if not name:
            return self.new_id(tx, kind, prefix)
        if tx.get(kind, usable_id(name)) is not None:
            raise ConflictError(f"The name {name!r} is taken.")
        return name


def _address(tx: Transaction, address_id: str) -> Address:
    address = tx.get(Address, address_id)
    if address is None:
        raise NotFoundError
    return address


def _block(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValidationError(f"{text!r} is not an address range.") from None
    return text


def _free_address(tx: Transaction, blocks: Sequence[str]) -> str:
    taken = {interface.ip_address for interface in tx.all(NetworkInterface)}
    for address in itertools.chain.from_iterable(map(_hosts, blocks)):
        if address not in taken:
            return address
    raise ConflictError("The network has no free address.")


def _hosts(block: str) -> Iterator[str]:
    return (str(host) for host in ipaddress.ip_network(block, strict=False).hosts())
