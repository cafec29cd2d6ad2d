"""What drivers hand to the frontend: plain values, one class a kind of object (facts 2 and 3).

Everything is immutable, so that a list handed out by a store can be rendered without a lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Unit of each hardware property (facts 8); root_type has none.
UNITS: Mapping[str, str | None] = {
    "cpu": "count",
    "memory": "MB",
    "storage": "GB",
    "architecture": "label",
    "root_type": None,
}


@dataclass(frozen=True)
class Resource:
    """Anything that has an id within its collection."""

    id: str

    @property
    def key(self) -> str:
        """What the object is stored under; unique within its class."""
        return self.id


@dataclass(frozen=True)
class Realm(Resource):
    name: str
    state: str = "AVAILABLE"
    limit: str = "unlimited"


@dataclass(frozen=True)
class HardwareProperty:
    """One dimension of a profile; `first`..`last` for a range, `values` for an enumeration."""

    name: str
    kind: str
    value: str
    first: str | None = None
    last: str | None = None
    values: tuple[str, ...] = ()

    @property
    def unit(self) -> str | None:
        return UNITS[self.name]


@dataclass(frozen=True)
class HardwareProfile(Resource):
    name: str
    properties: tuple[HardwareProperty, ...] = ()

    def property(self, name: str) -> HardwareProperty | None:
        return next((p for p in self.properties if p.name == name), None)


@dataclass(frozen=True)
class Image(Resource):
    name: str
    owner_id: str
    architecture: str
    description: str | None = None
    state: str | None = "AVAILABLE"
    creation_time: str | None = None
    root_type: str = "transient"
    hardware_profiles: tuple[str, ...] = ()


@dataclass(frozen=True)
class InstanceAddress:
    """An address of an instance; types: ipv4, ipv6, hostname, mac, vnc, unavailable."""

    address: str
    type: str = "ipv4"
    port: str | None = None


@dataclass(frozen=True)
class Instance(Resource):
    """A machine. `overrides` are the sizes that differ from the profile, name to value."""

    name: str | None
    owner_id: str
    image_id: str
    realm_id: str
    state: str
    hardware_profile: str | None
    overrides: Mapping[str, str] = field(default_factory=dict)
    launch_time: str | None = None
    public_addresses: tuple[InstanceAddress, ...] = ()
    private_addresses: tuple[InstanceAddress, ...] = ()
    firewalls: tuple[str, ...] = ()
    storage_volumes: tuple[tuple[str, str], ...] = ()  # (volume id, device)
    network_interfaces: tuple[str, ...] = ()
    keyname: str | None = None
    username: str | None = None
    password: str | None = None
    create_image: bool = True


@dataclass(frozen=True)
class Key(Resource):
    """A credential; `type` is key (fingerprint, pem) or password (username, password)."""

    type: str = "key"
    fingerprint: str | None = None
    pem: str | None = None
    username: str | None = None
    password: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Address(Resource):
    instance_id: str | None = None


@dataclass(frozen=True)
class StorageVolume(Resource):
    created: str
    capacity: str
    state: str
    name: str | None = None
    description: str | None = None
    realm_id: str | None = None
    kind: str | None = None
    instance_id: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class StorageSnapshot(Resource):
    created: str
    storage_volume_id: str
    state: str = "COMPLETED"
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Bucket(Resource):
    name: str
    blobs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blob(Resource):
    """An object in a bucket, without its bytes; `text` is a small text content."""

    bucket_id: str
    content_length: int
    content_type: str
    last_modified: str
    user_metadata: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class Sample:
    """One measurement of one metric."""

    minimum: float
    maximum: float
    average: float
    timestamp: int
    unit: str


@dataclass(frozen=True)
class Metric(Resource):
    """The measurements of one instance: metric name to samples (none in a list)."""

    entity: str | None
    properties: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Network(Resource):
    name: str
    address_blocks: tuple[str, ...]
    state: str = "UP"
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet(Resource):
    name: str
    network_id: str
    address_block: str
    state: str = "UP"
    type: str | None = None


@dataclass(frozen=True)
class NetworkInterface(Resource):
    name: str
    instance_id: str
    network_id: str
    ip_address: str
    subnet_id: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a firewall rule lets traffic in from: type `address` or `group`."""

    type: str
    address: str | None = None
    family: str | None = None
    prefix: str | None = None
    name: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Rule(Resource):
    allow_protocol: str
    port_from: int
    port_to: int
    sources: tuple[Source, ...]
    direction: str = "ingress"


@dataclass(frozen=True)
class Firewall(Resource):
    name: str
    description: str
    owner_id: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Listener:
    protocol: str
    load_balancer_port: str
    instance_port: str


@dataclass(frozen=True)
class LoadBalancer(Resource):
    name: str
    realm_id: str
    created_at: str
    public_addresses: tuple[str, ...]
    listeners: tuple[Listener, ...]
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True)
class RunResult(Resource):
    """What a command gave that was run in the instance `id`."""

    public_address: str
    command: str
    output: str
