"""URLs and action links of one response: the server's address, and what the driver can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from tck.reference_server.drivers.shape import Shape
from tck.reference_server.resources import (
    Address,
    Image,
    Instance,
    LoadBalancer,
    NetworkInterface,
    StorageVolume,
)
from tck.schemas.operations import API

# Not encoded in a path segment: pchar of RFC 3986, without the `;` of matrix parameters.
_SAFE = "!$&'()*+,=:@~"

REMEMBERED = 256  # characters

# Name of a resource to that of the collection its URL leads through.
COLLECTION_OF = {collection.singular: name for name, collection in API.collections.items()}


def _quoted(text: str) -> str:
    """The text in a path segment; only what is short is remembered, for clients choose it."""
    return _remembered(text) if len(text) <= REMEMBERED else quote(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    return quote(text, safe=_SAFE)


@dataclass(frozen=True, slots=True)
class Link:
    """An action link: relation, HTTP method in lower case, absolute URL."""

    rel: str
    method: str
    href: str


@dataclass(frozen=True, slots=True)
class Site:
    """The links of one response.

    `base` is scheme, authority and mount point; `shape` says which links the driver can serve.
    `matrix` is what pages insert after `/api` in every URL, such as `;driver=ec2`, so that the
    driver stays chosen when a person follows links.
    """

    base: str
    shape: Shape
    provider: str | None = None
    matrix: str = ""

    def url(self, *segments: str, **hint: str) -> str:
        """The absolute URL of segments under the API, percent-encoded (stance 47).

        `hint` becomes a matrix parameter of the last segment, as in action links (B28).
        """
        path = "/".join(map(_quoted, segments))
        hints = "".join([f";{name}={_quoted(value)}" for name, value in hint.items()])
        return f"{self.base}{API.base}{self.matrix}/{path}{hints}"

    def switched(self, driver: str | None = None, provider: str | None = None) -> str:
        """The entry point of another driver or provider, as matrix parameters."""
        chosen = {"driver": driver, "provider": provider}
        pairs = (f";{n}={_quoted(v)}" for n, v in chosen.items() if v is not None)
        return f"{self.base}{API.base}{''.join(pairs)}"

    def has(self, capability: str) -> bool:
        """Whether the driver has a capability or collection."""
        return self.shape.has(capability)

    def instance_actions(self, instance: Instance) -> Iterator[Link]:
        """The state machine's actions for the state, then what any state allows."""
        machine = self.shape.machine
        for action in machine.actions(instance.state) if machine else ():
            if not self.has(f"{action}_instance"):
                continue
            if action == "destroy":
                yield Link(action, "delete", self.url("instances", instance.id))
            else:
                yield Link(action, "post", self.url("instances", instance.id, action))
        if self.has("run_on_instance"):
            href = self.url("instances", instance.id, "run", id=instance.id)
            yield Link("run", "post", href)
        if instance.create_image and self.has("create_image"):
            href = self.url("images", instance_id=instance.id)
            yield Link("create_image", "post", href)

    def image_actions(self, image: Image) -> Iterator[Link]:
        if self.has("create_instance"):
            yield Link("create_instance", "post", self.url("instances", image_id=image.id))
        if self.has("destroy_image"):
            yield Link("destroy_image", "delete", self.url("images", image.id))

    def address_actions(self, address: Address) -> Iterator[Link]:
        yield from self.destroy("destroy_address", "addresses", address.id)
        if self.has("associate_address"):
            rel = "associate" if address.instance_id is None else "disassociate"
            yield Link(rel, "post", self.url("addresses", address.id, rel))

    def volume_actions(self, volume: StorageVolume) -> Iterator[Link]:
        rel = "attach" if volume.instance_id is None else "detach"
        if self.has(f"{rel}_storage_volume"):
            yield Link(rel, "post", self.url("storage_volumes", volume.id, rel))
        yield from self.destroy("destroy_storage_volume", "storage_volumes", volume.id)

    def firewall_actions(self, firewall_id: str) -> Iterator[Link]:
        """Adding a rule has two relations: the original's index and show differ (B36)."""
        yield from self.destroy("delete_firewall", "firewalls", firewall_id)
        if self.has("create_firewall_rule"):
            for rel in ("add_rule", "update"):
                yield Link(rel, "post", self.url("firewalls", firewall_id, "rules"))

    def balancer_actions(self, balancer: LoadBalancer) -> Iterator[Link]:
        yield from self.destroy("destroy_load_balancer", "load_balancers", balancer.id)
        if self.has("lb_register_instance"):
            yield Link("register", "post", self.url("load_balancers", balancer.id, "register"))

    def destroy(self, capability: str, *segments: str) -> Iterator[Link]:
        """The link to destroy an object, if the driver has the capability."""
        if self.has(capability):
            yield Link("destroy", "delete", self.url(*segments))

    def attachment(self, interface: NetworkInterface) -> tuple[str, str, str]:
        """Relation, id and URL of an interface's subnet, or of its network if it has none (B40)."""
        if interface.subnet_id is not None and self.has("subnets"):
            return "subnet", interface.subnet_id, self.url("subnets", interface.subnet_id)
        return "network", interface.network_id, self.url("networks", interface.network_id)
