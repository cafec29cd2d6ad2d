"""Firewall rules: their sources, and the ids made of them (A108)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from tck.reference_server.errors import ValidationError
from tck.reference_server.resources import Rule, Source

_PORTS = {"tcp": (0, 65535), "udp": (0, 65535), "icmp": (-1, 255)}  # icmp: type and code


def address_source(block: str) -> Source:
    """A source from an address range in CIDR form, IPv4 or IPv6."""
    try:
        network = ipaddress.ip_network(block, strict=False)
    except ValueError:
        raise ValidationError(f"{block!r} is not an address range.") from None
    address, prefix = block.partition("/")[0], str(network.prefixlen)
    return Source("address", address=address, family=f"ipv{network.version}", prefix=prefix)


def group_source(name: str, owner: str) -> Source:
    """A source that is a firewall: what its instances send."""
    return Source("group", name=name, owner=owner)


def ports(protocol: str, port_from: str, port_to: str) -> tuple[int, int]:
    """The port range of a rule as numbers; ValidationError if it is not one."""
    if protocol not in _PORTS:
        raise ValidationError(f"{protocol!r} is not one of the protocols tcp, udp, icmp.")
    lowest, highest = _PORTS[protocol]
    try:
        first, last = int(port_from), int(port_to)
    except ValueError:
        raise ValidationError("port_from and port_to must be numbers.") from None
    if not lowest <= first <= last <= highest:
        raise ValidationError(f"{first} to {last} is not a range of ports.")
    return first, last


def rule(
    owner: str, protocol: str, port_from: int, port_to: int, sources: Sequence[Source]
) -> Rule:
    """A rule whose id is made of its content, as on ec2."""
    described = (
        f"@group,{s.owner},{s.name}"
        if s.type == "group"
        else f"@address,{s.family},{s.address},{s.prefix}"
        for s in sources
    )
    id_ = f"{owner}~{protocol}~{port_from}~{port_to}~{','.join(described)}"
    return Rule(id_, protocol, port_from, port_to, tuple(sources))
