"""Methods of a driver: addresses, networks, firewalls and load balancers."""

from __future__ import annotations

from collections.abc import Sequence

from tck.reference_server import resources as r
from tck.reference_server.drivers.interface.caller import Caller, Family, Filters
from tck.reference_server.errors import CapabilityError


class Network:
    """Methods for addresses, networks, firewalls and load balancers."""

    def addresses(self, caller: Caller, filters: Filters) -> Sequence[r.Address]:
        """The caller's addresses, in use or not (A121). Filter: id."""
        raise CapabilityError

    def create_address(self, caller: Caller) -> r.Address:
        """Reserve an address, of the driver's choice. ConflictError: none is left."""
        raise CapabilityError

    def destroy_address(self, caller: Caller, address_id: str) -> None:
        """Release an address.

        NotFoundError; ForbiddenError or ConflictError: it is in use (stance 54).
        """
        raise CapabilityError

    def associate_address(self, caller: Caller, address_id: str, *, instance_id: str) -> None:
        """Make it the public address of an instance (A126, A127).

        NotFoundError: the address; ValidationError: the instance; ForbiddenError or
        ConflictError: the address is in use (stance 54).
        """
        raise CapabilityError

    def disassociate_address(self, caller: Caller, address_id: str) -> None:
        """Take it from its instance (A128); part of the capability `associate_address` (B47).

        NotFoundError; ForbiddenError or ConflictError: it is not in use.
        """
        raise CapabilityError

    def networks(self, caller: Caller, filters: Filters) -> Sequence[r.Network]:
        """The caller's networks with the ids of their subnets. Filter: id."""
        raise CapabilityError

    def create_network(
        self, caller: Caller, *, address_block: str | None = None, name: str | None = None
    ) -> r.Network:
        """A new network; `address_block` in CIDR form (RFC 4632), else the driver chooses.

        ValidationError: not an address range; ConflictError: the name is taken (stance 59).
        """
        raise CapabilityError

    def destroy_network(self, caller: Caller, network_id: str) -> None:
        """Remove a network with its subnets. NotFoundError; ConflictError: it is in use."""
        raise CapabilityError

    def subnets(self, caller: Caller, filters: Filters) -> Sequence[r.Subnet]:
        """The subnets of the caller's networks. Filter: id."""
        raise CapabilityError

    def create_subnet(
        self, caller: Caller, *, network_id: str, address_block: str, name: str | None = None
    ) -> r.Subnet:
        """A new subnet with the addresses of `address_block`, in CIDR form (RFC 4632).

        ValidationError: no such network, or not an address range of it; ConflictError.
        """
        raise CapabilityError

    def destroy_subnet(self, caller: Caller, subnet_id: str) -> None:
        """Remove a subnet. NotFoundError; ConflictError: it is in use."""
        raise CapabilityError

    def network_interfaces(self, caller: Caller, filters: Filters) -> Sequence[r.NetworkInterface]:
        """The interfaces of the caller's instances. Filter: id."""
        raise CapabilityError

    def create_network_interface(
        self,
        caller: Caller,
        *,
        instance: str,
        network: str,
        subnet: str | None = None,
        name: str | None = None,
    ) -> r.NetworkInterface:
        """Connect an instance to a network; `network` may also be the id of a subnet (B40).

        `subnet` is not declared by the API, but sent by clients of the original (B63).
        ValidationError: one of them does not exist; ConflictError: no address is free.
        """
        raise CapabilityError

    def destroy_network_interface(self, caller: Caller, interface_id: str) -> None:
        """Disconnect and remove an interface. NotFoundError."""
        raise CapabilityError

    def firewalls(self, caller: Caller, filters: Filters) -> Sequence[r.Firewall]:
        """The caller's firewalls with their rules (A110). Filter: id."""
        raise CapabilityError

    def create_firewall(self, caller: Caller, *, name: str, description: str) -> r.Firewall:
        """A new firewall, without rules (A112, A113). ConflictError: taken (stance 59)."""
        raise CapabilityError

    def delete_firewall(self, caller: Caller, firewall_id: str) -> None:
        """Remove a firewall. NotFoundError; ConflictError: instances are in it (A115)."""
        raise CapabilityError

    def create_firewall_rule(
        self,
        caller: Caller,
        firewall_id: str,
        *,
        protocol: str,
        port_from: str,
        port_to: str,
        ip_address: Family | None = None,
        group: Family | None = None,
        groupowner: Family | None = None,
    ) -> r.Firewall:
        """Let traffic in, and return the firewall with the new rule (A116 to A119).

        `ip_address` holds ranges in CIDR form, `group` firewalls, both by number; `groupowner`
        the owner of the firewall of that number. NotFoundError: the firewall; ValidationError:
        protocol (V37), ports, a source, or no source at all; ConflictError: it has the rule.
        """
        raise CapabilityError

    def delete_firewall_rule(self, caller: Caller, firewall_id: str, rule_id: str) -> None:
        """Remove a rule (A120). NotFoundError: the firewall or the rule."""
        raise CapabilityError

    def load_balancers(self, caller: Caller, filters: Filters) -> Sequence[r.LoadBalancer]:
        """The caller's balancers (A132). No filters: one alone is asked for by `load_balancer`."""
        raise CapabilityError

    def load_balancer(self, caller: Caller, balancer_id: str) -> r.LoadBalancer | None:
        """One balancer; None or NotFoundError if there is none."""
        raise CapabilityError

    def create_load_balancer(
        self,
        caller: Caller,
        *,
        name: str,
        realm_id: str,
        listener_protocol: str,
        listener_balancer_port: str,
        listener_instance_port: str,
    ) -> r.LoadBalancer:
        """A new balancer with one listener (A135).

        ValidationError: protocol (V42), a port outside 0 to 65535, or no such realm;
        ConflictError: the name is taken (stance 59).
        """
        raise CapabilityError

    def destroy_load_balancer(self, caller: Caller, balancer_id: str) -> None:
        """Remove a balancer; its instances stay. NotFoundError."""
        raise CapabilityError

    def lb_register_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> r.LoadBalancer:
        """Let an instance serve, and return the balancer (A137, stance 23).

        NotFoundError: the balancer; ValidationError: the instance.
        """
        raise CapabilityError

    def lb_unregister_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> r.LoadBalancer:
        """Take an instance out, and return the balancer (A138).

        NotFoundError: the balancer; ValidationError: the instance is not registered.
        """
        raise CapabilityError
