"""The driver interface: what a driver of a real cloud implements, method by method.

A method's name is the operation's capability in operations.toml (where the two differ,
`handlers.METHODS` says so). The frontend calls it as

    method(caller, *ids from the path, **parameters)

with the declared parameters that the request carries; a family such as hwp_* arrives as one
mapping, suffix to value. An index gets its filters as one mapping. Refusals are raised as
`errors.ApiError`s. A method that is not overridden is a capability that the driver lacks.
"""

# ruff: noqa: ARG002 - the driver interface says what a method is given
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from tck.reference_server import resources as r
from tck.reference_server.content import Content, Shelf
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import CapabilityError, MethodNotAllowedError

Filters = Mapping[str, str]
Family = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the credentials of one request and the provider it names."""

    user: str
    password: str
    provider: str | None = None


def _missing() -> NoReturn:
    raise CapabilityError


class Driver:
    """A driver without abilities; subclasses override what they can do.

    `shelf` is where the bytes of blobs are put on their way to it.
    """

    shelf = Shelf()

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def authenticate(self, caller: Caller) -> None:
        """Raise AuthenticationError if the backend would refuse the credentials."""

    def require_action(self, state: str, action: str) -> str:
        """The state that the action leads to; refused if the machine lacks it (stance 13)."""
        to = self.shape.machine.after(state, action) if self.shape.machine else None
        if to is None:
            raise MethodNotAllowedError
        return to

    # -- compute -------------------------------------------------------------------------

    def realms(self, caller: Caller, filters: Filters) -> Sequence[r.Realm]:
        _missing()

    def hardware_profiles(self, caller: Caller, filters: Filters) -> Sequence[r.HardwareProfile]:
        _missing()

    def images(self, caller: Caller, filters: Filters) -> Sequence[r.Image]:
        _missing()

    def image(self, caller: Caller, image_id: str) -> r.Image | None:
        _missing()

    def create_image(
        self,
        caller: Caller,
        *,
        instance_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> r.Image:
        _missing()

    def destroy_image(self, caller: Caller, image_id: str) -> None:
        _missing()

    def instances(self, caller: Caller, filters: Filters) -> Sequence[r.Instance]:
        _missing()

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
    ) -> r.Instance | Sequence[r.Instance]:
        """Launch; `features` are the parameters of features, announced or not."""
        _missing()

    def start_instance(self, caller: Caller, instance_id: str) -> r.Instance:
        _missing()

    def stop_instance(self, caller: Caller, instance_id: str) -> r.Instance:
        _missing()

    def reboot_instance(self, caller: Caller, instance_id: str) -> r.Instance:
        _missing()

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        _missing()

    def run_on_instance(
        self,
        caller: Caller,
        instance_id: str,
        *,
        cmd: str,
        private_key: str | None = None,
        password: str | None = None,
        ip: str | None = None,
        port: str | None = None,
    ) -> r.RunResult:
        _missing()

    def keys(self, caller: Caller, filters: Filters) -> Sequence[r.Key]:
        _missing()

    def create_key(self, caller: Caller, *, name: str, public_key: str | None = None) -> r.Key:
        _missing()

    def destroy_key(self, caller: Caller, key_id: str) -> None:
        _missing()

    def metrics(self, caller: Caller, filters: Filters) -> Sequence[r.Metric]:
        """With the filter `id`, the one metric with its samples; else names only."""
        _missing()

    # -- storage -------------------------------------------------------------------------

    def storage_volumes(self, caller: Caller, filters: Filters) -> Sequence[r.StorageVolume]:
        _missing()

    def create_storage_volume(
        self,
        caller: Caller,
        *,
        capacity: str | None = None,
        snapshot_id: str | None = None,
        realm_id: str | None = None,
        name: str | None = None,
        description: str | None = None,
    ) -> r.StorageVolume:
        _missing()

    def destroy_storage_volume(self, caller: Caller, volume_id: str) -> None:
        _missing()

    def attach_storage_volume(
        self, caller: Caller, volume_id: str, *, instance_id: str, device: str
    ) -> r.StorageVolume:
        """An empty `device` leaves the choice to the driver."""
        _missing()

    def detach_storage_volume(self, caller: Caller, volume_id: str) -> r.StorageVolume:
        _missing()

    def storage_snapshots(self, caller: Caller, filters: Filters) -> Sequence[r.StorageSnapshot]:
        _missing()

    def create_storage_snapshot(
        self,
        caller: Caller,
        *,
        volume_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> r.StorageSnapshot:
        _missing()

    def destroy_storage_snapshot(self, caller: Caller, snapshot_id: str) -> None:
        _missing()

    # -- blobs ---------------------------------------------------------------------------

    def buckets(self, caller: Caller, filters: Filters) -> Sequence[r.Bucket]:
        _missing()

    def create_bucket(self, caller: Caller, *, name: str, location: str | None = None) -> r.Bucket:
        _missing()

    def delete_bucket(self, caller: Caller, bucket_id: str) -> None:
        _missing()

    def blob(self, caller: Caller, bucket_id: str, blob_id: str) -> r.Blob | None:
        _missing()

    def blob_content(self, caller: Caller, bucket_id: str, blob_id: str) -> Content:
        _missing()

    def blob_metadata(self, caller: Caller, bucket_id: str, blob_id: str) -> Mapping[str, str]:
        _missing()

    def update_blob_metadata(
        self, caller: Caller, bucket_id: str, blob_id: str, metadata: Mapping[str, str]
    ) -> None:
        _missing()

    def create_blob(
        self,
        caller: Caller,
        bucket_id: str,
        blob_id: str,
        content: Content,
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> r.Blob:
        _missing()

    def delete_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> None:
        _missing()

    def init_segmented_blob(self, caller: Caller, bucket_id: str, blob_id: str) -> str:
        """Start a part-wise upload and name it (facts 10.4)."""
        _missing()

    def blob_segment(
        self, caller: Caller, bucket_id: str, blob_id: str, upload: str, order: int, part: Content
    ) -> str:
        """Take one part and name it."""
        _missing()

    def create_blob_from_segments(
        self,
        caller: Caller,
        bucket_id: str,
        blob_id: str,
        upload: str,
        segments: Mapping[int, str],
        *,
        content_type: str,
        metadata: Mapping[str, str],
    ) -> r.Blob:
        """Finish a part-wise upload: number of the part to its name."""
        _missing()

    # -- network -------------------------------------------------------------------------

    def addresses(self, caller: Caller, filters: Filters) -> Sequence[r.Address]:
        _missing()

    def create_address(self, caller: Caller) -> r.Address:
        _missing()

    def destroy_address(self, caller: Caller, address_id: str) -> None:
        _missing()

    def associate_address(self, caller: Caller, address_id: str, *, instance_id: str) -> None:
        _missing()

    def disassociate_address(self, caller: Caller, address_id: str) -> None:
        _missing()

    def networks(self, caller: Caller, filters: Filters) -> Sequence[r.Network]:
        _missing()

    def create_network(
        self, caller: Caller, *, address_block: str | None = None, name: str | None = None
    ) -> r.Network:
        _missing()

    def destroy_network(self, caller: Caller, network_id: str) -> None:
        _missing()

    def subnets(self, caller: Caller, filters: Filters) -> Sequence[r.Subnet]:
        _missing()

    def create_subnet(
        self, caller: Caller, *, network_id: str, address_block: str, name: str | None = None
    ) -> r.Subnet:
        _missing()

    def destroy_subnet(self, caller: Caller, subnet_id: str) -> None:
        _missing()

    def network_interfaces(self, caller: Caller, filters: Filters) -> Sequence[r.NetworkInterface]:
        _missing()

    def create_network_interface(
        self,
        caller: Caller,
        *,
        instance: str,
        network: str,
        subnet: str | None = None,
        name: str | None = None,
    ) -> r.NetworkInterface:
        _missing()

    def destroy_network_interface(self, caller: Caller, interface_id: str) -> None:
        _missing()

    def firewalls(self, caller: Caller, filters: Filters) -> Sequence[r.Firewall]:
        _missing()

    def create_firewall(self, caller: Caller, *, name: str, description: str) -> r.Firewall:
        _missing()

    def delete_firewall(self, caller: Caller, firewall_id: str) -> None:
        _missing()

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
        _missing()

    def delete_firewall_rule(self, caller: Caller, firewall_id: str, rule_id: str) -> None:
        _missing()

    def load_balancers(self, caller: Caller, filters: Filters) -> Sequence[r.LoadBalancer]:
        _missing()

    def load_balancer(self, caller: Caller, balancer_id: str) -> r.LoadBalancer | None:
        _missing()

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
        _missing()

    def destroy_load_balancer(self, caller: Caller, balancer_id: str) -> None:
        _missing()

    def lb_register_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> r.LoadBalancer:
        _missing()

    def lb_unregister_instance(
        self, caller: Caller, balancer_id: str, *, instance_id: str
    ) -> r.LoadBalancer:
        _missing()
