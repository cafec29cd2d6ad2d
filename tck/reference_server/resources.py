"""What drivers return: plain values, one class for each kind of object of the API.

The frontend makes XML and JSON of them (`representations/`); J1 to J22 of docs/sources.md say
where the two differ. Unless a class says otherwise:

- Texts may hold all that XML 1.0 can carry. None means that the driver does not know: the element
  is left out or empty in XML, and null or left out in JSON.
- Ids and references (`image_id` ...) are ids as the driver's methods take them, and a reference
  leads to an object that can be shown (A14).
- Dates (`created` ...) are texts that clients do not interpret; ISO 8601 is usual (stance 52).

Everything is immutable, so that it can be rendered while other threads go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

UNITS: Mapping[str, str | None] = {
    "cpu": "count",
    "memory": "MB",
    "storage": "GB",
    "architecture": "label",
    "root_type": None,
}
"""Unit of each hardware property, in the order in which profiles show them (A54, V30, V31)."""


@dataclass(frozen=True)
class Resource:
    """Anything that has an id: not empty, unique within its collection (A15; a blob's: bucket).

    It becomes the last segment of the object's URL, percent-encoded; it is not `.` or `..`.
    """

    id: str

    @property
    def key(self) -> str:
        """What `storage` keeps the object under; unique within its class."""
        return self.id


@dataclass(frozen=True)
class Realm(Resource):
    """A place: data centre, region or cluster (A43).

    `state` is AVAILABLE or UNAVAILABLE (A44, V22). `limit` says how much may be created there,
    in the provider's words; JSON alone shows "unlimited" (J5).
    """

    name: str
    state: str = "AVAILABLE"
    limit: str = "unlimited"


@dataclass(frozen=True)
class HardwareProperty:
    """One dimension of a profile (A47, A48).

    `name` is one of `UNITS`. `kind` is fixed, range (from `first` to `last`, both included) or enum
    (one of `values`). `value` is the fixed value, or the default of the others (A51). Numbers
    are decimal texts, without the unit.
    """

    name: str
    kind: str
    value: str
    first: str | None = None
    last: str | None = None
    values: tuple[str, ...] = ()

    @property
    def unit(self) -> str | None:
        """Unit of the values; KeyError if the name is not one of `UNITS`."""
        return UNITS[self.name]


@dataclass(frozen=True)
class HardwareProfile(Resource):
    """A size in which instances come; without properties if only the provider knows them."""

    name: str
    properties: tuple[HardwareProperty, ...] = ()

    def property(self, name: str) -> HardwareProperty | None:
        """The property of that name; None if the profile has none."""
        return next((p for p in self.properties if p.name == name), None)


@dataclass(frozen=True)
class Image(Resource):
    """What instances are launched from (A58).

    `owner_id` is a user as in `Caller.user`, or the provider's own. `architecture` is i386 or
    x86_64, others are unusual (A59, V28). `state` is the provider's word (A60). `root_type` is
    transient or persistent (V27). `hardware_profiles` are the ids of those that it fits.
    """

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
    """An address of an instance; type: ipv4, ipv6, hostname, mac, vnc, unavailable (V33).

    `port` is that of a vnc address.
    """

    address: str
    type: str = "ipv4"
    port: str | None = None


@dataclass(frozen=True)
class Instance(Resource):
    """A machine (A76).

    `state` is a state of the shape's machine in upper case (stance 41, V21). `overrides` are the
    sizes that differ from the profile's, property to value. `storage_volumes` are pairs of a
    volume's id and its device. `keyname`, or `username` and `password`, say how to log in (A79);
    they are shown if the shape announces authentication_key or authentication_password.
    `create_image` is False if no image can be made of it as it is now (A66).
    """

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
    """A credential; `type` is key (fingerprint, pem) or password (username, password) (A94, V35).

    `pem` is the private key; only `create_key` returns it (stance 39).
    """

    type: str = "key"
    fingerprint: str | None = None
    pem: str | None = None
    username: str | None = None
    password: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Address(Resource):
    """An IP address, which is its id (A123); `instance_id` is None while no instance has it."""

    instance_id: str | None = None


@dataclass(frozen=True)
class StorageVolume(Resource):
    """A disk for instances (A139, A140).

    `capacity` is a whole number of GB, as text. `state` is AVAILABLE, IN-USE or the provider's word
    (V24). `kind` is the provider's type of disk. `instance_id` and `device` are None while it is
    not attached. Without a name the id is shown.
    """

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
    """A copy of a volume, which may be gone since (A150, stance 57).

    `state` is COMPLETED or the provider's word (V25). Without a name the id is shown.
    """

    created: str
    storage_volume_id: str
    state: str = "COMPLETED"
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Bucket(Resource):
    """A container of blobs; `blobs` are the ids of all of them (A155, A158)."""

    name: str
    blobs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blob(Resource):
    """An object in a bucket, without its bytes (A156).

    `content_length` counts bytes; `content_type` is "" if nobody said. Names in `user_metadata` are
    in lower case with `_` for `-`. `text` is the content if it is known, small and UTF-8: JSON
    shows it (J17, A162).
    """

    bucket_id: str
    content_length: int
    content_type: str
    last_modified: str
    user_metadata: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class Sample:
    """One measurement of one metric; `timestamp` in seconds since the epoch, `unit` as in V43."""

    minimum: float
    maximum: float
    average: float
    timestamp: int
    unit: str


@dataclass(frozen=True)
class Metric(Resource):
    """The measurements of one instance, whose id it has.

    `entity` is a name for people; None: the id. `properties` is the name of each metric, which
    must be a name of XML, to its samples; an index has the names alone.
    """

    entity: str | None
    properties: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Network(Resource):
    """Address space, divided into subnets.

    `address_blocks` are in CIDR form (RFC 4632). `state` is UP or DOWN (V26). `subnets` are ids.
    """

    name: str
    address_blocks: tuple[str, ...]
    state: str = "UP"
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet(Resource):
    """Part of a network; `state` is UP or DOWN (V26), `type` the provider's word, JSON only."""

    name: str
    network_id: str
    address_block: str
    state: str = "UP"
    type: str | None = None


@dataclass(frozen=True)
class NetworkInterface(Resource):
    """Where an instance meets a network, or a subnet of it if `subnet_id` is not None (V47)."""

    name: str
    instance_id: str
    network_id: str
    ip_address: str
    subnet_id: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a firewall rule lets traffic in from (A106, V41).

    Type `address`: address, family (ipv4 or ipv6) and prefix, the length of the block as text.
    Type `group`: name and owner of a firewall, for what its instances send.
    """

    type: str
    address: str | None = None
    family: str | None = None
    prefix: str | None = None
    name: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Rule(Resource):
    """A rule of a firewall (A105, A107).

    `allow_protocol` is tcp, udp or icmp (V37). Ports are both included; those of icmp are its type
    and code, and -1 stands for any. `direction` is ingress or egress (V38).
    """

    allow_protocol: str
    port_from: int
    port_to: int
    sources: tuple[Source, ...]
    direction: str = "ingress"


@dataclass(frozen=True)
class Firewall(Resource):
    """Rules about traffic to the instances that are in it (A103)."""

    name: str
    description: str
    owner_id: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Listener:
    """What a balancer passes on: protocol HTTP or TCP (V42), ports from 0 to 65535 as texts."""

    protocol: str
    load_balancer_port: str
    instance_port: str


@dataclass(frozen=True)
class LoadBalancer(Resource):
    """Spreads traffic over instances of one realm (A129, A130).

    `public_addresses` are IP addresses or host names; `instances` those registered, as they are.
    """

    name: str
    realm_id: str
    created_at: str
    public_addresses: tuple[str, ...]
    listeners: tuple[Listener, ...]
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True)
class RunResult(Resource):
    """What a command printed that was run in the instance `id` at `public_address` (A85)."""

    public_address: str
    command: str
    output: str
