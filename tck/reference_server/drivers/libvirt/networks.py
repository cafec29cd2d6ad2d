"""Virtual networks of a hypervisor."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

import libvirt
from lxml import etree
from lxml.builder import E

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.libvirt.hypervisor import (
    Part,
    parsed,
    translated,
    translating,
    written,
)
from tck.reference_server.errors import ConflictError, NotFoundError, ValidationError
from tck.reference_server.resources import Network

Block = ipaddress.IPv4Network | ipaddress.IPv6Network


class Networks(Part):
    """The id of a network is its UUID; its name is unique on the host."""

    @translated
    def networks(self, caller: Caller, filters: Filters) -> Sequence[Network]:
        found = map(_network, self.connection(caller).virt.listAllNetworks())
        return [n for n in found if filters.get("id") in (None, n.id)]

    def create_network(
        self, caller: Caller, *, address_block: str | None = None, name: str | None = None
    ) -> Network:
        virt, known = self.connection(caller).virt, self.networks(caller, {})
        blocks = (block for network in known for block in network.address_blocks)
        block = _block(address_block) if address_block else _free(blocks)
        if any(network.name == name for network in known):
            raise ConflictError(f"There is a network {name!r} already.")
        if block.num_addresses < 4:
            raise ValidationError(f"{block} has no room for a gateway and a machine.")
        gateway = str(block.network_address + 1)
        described = E.network(
            E.name(name or f"dc-{block.network_address}-{block.prefixlen}".replace(":", "-")),
            E.forward(mode="nat"),
            E.ip(address=gateway, prefix=str(block.prefixlen), family=f"ipv{block.version}"),
        )
        with translating():
            created = virt.networkDefineXML(written(described))
            try:
                created.create()
            except libvirt.libvirtError:
                created.undefine()
                raise
            return _network(created)

    def destroy_network(self, caller: Caller, network_id: str) -> None:
        if not self.networks(caller, {"id": network_id}):
            raise NotFoundError
        with translating():
            network = self.connection(caller).virt.networkLookupByUUIDString(network_id)
            if network.isActive():
                network.destroy()
            network.undefine()


def _network(network: Any) -> Network:
    found = parsed(network.XMLDesc())
    state = "UP" if network.isActive() else "DOWN"
    blocks = tuple(map(_block_of, found.iterfind("ip")))
    return Network(str(network.UUIDString()), str(network.name()), blocks, state)


def _block_of(ip: etree._Element) -> str:
    mask = ip.get("prefix") or ip.get("netmask") or ""
    return str(
        ipaddress.ip_network(
            f"{ip.get('address')}/{mask}" if mask else str(ip.get("address")), strict=False
        )
    )


def _block(text: str) -> Block:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValidationError(f"{text!r} is not an address range.") from None


def _free(taken: Iterable[str]) -> Block:
    """A range of private addresses that no network of the host uses."""
    used = [ipaddress.ip_network(block) for block in taken]
    for number in range(100, 255):
        block = ipaddress.ip_network(f"192.168.{number}.0/24")
        if not any(isinstance(u, ipaddress.IPv4Network) and u.overlaps(block) for u in used):
            return block
    raise ConflictError("The host has no free range of addresses.")
