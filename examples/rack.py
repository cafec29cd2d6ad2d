"""A driver for a rack of machines, kept in a dictionary: docs/write-a-driver.md explains it."""

from __future__ import annotations

import hmac
import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from tck.reference_server import Server, create_app, resources
from tck.reference_server.drivers import sizes
from tck.reference_server.drivers.base import Caller, Driver, Family, Filters
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import AuthenticationError, NotFoundError, ValidationError

R = TypeVar("R", bound=resources.Resource)

SHAPE = Shape.parse(
    "rack",
    {
        "name": "Rack",
        "collections": ["hardware_profiles", "images", "instance_states", "instances", "realms"],
        "without": ["create_image", "destroy_image", "reboot_instance", "run_on_instance"],
        "features": {"instances": ["user_name"]},
        "states": {
            "start": ["create running"],
            "running": ["stop stopped"],
            "stopped": ["start running", "destroy finish"],
            "finish": [],
        },
        "hardware_profiles": [
            {"id": "blade", "cpu": 8, "memory": {"enum": [8192, 16384]}, "architecture": "x86_64"}
        ],
    },
)
REALMS = [resources.Realm("attic", "The attic"), resources.Realm("cellar", "The cellar")]
IMAGES = [
    resources.Image(id_, name, "rack", "x86_64", hardware_profiles=("blade",))
    for id_, name in {"debian": "Debian 13", "fedora": "Fedora 43"}.items()
]


class Rack(Driver):
    """Machines that are switched on and off."""

    def __init__(self, user: str, password: str) -> None:
        """`user` and `password`: of the one caller that is let in."""
        super().__init__(SHAPE)
        self._credentials = user, password
        self._machines: dict[str, resources.Instance] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()  # the server calls from several threads

    def authenticate(self, caller: Caller) -> None:
        """A driver of a real provider asks the provider."""
        pairs = zip((caller.user, caller.password), self._credentials, strict=True)
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in pairs):
            raise AuthenticationError

    def realms(self, caller: Caller, filters: Filters) -> Sequence[resources.Realm]:
        """Where there are racks."""
        return matching(REALMS, filters, "id")

    def hardware_profiles(
        self, caller: Caller, filters: Filters
    ) -> Sequence[resources.HardwareProfile]:
        """The sizes that the shape declares, which all have one architecture."""
        profiles = matching(self.shape.hardware_profiles, filters, "id")
        return profiles if filters.get("architecture") in (None, "x86_64") else []

    def images(self, caller: Caller, filters: Filters) -> Sequence[resources.Image]:
        """What machines can run."""
        return matching(IMAGES, filters, "id", "architecture", "owner_id")

    def image(self, caller: Caller, image_id: str) -> resources.Image | None:
        """One of them."""
        return next(iter(self.images(caller, {"id": image_id})), None)

    def instances(self, caller: Caller, filters: Filters) -> Sequence[resources.Instance]:
        """The machines in use."""
        return matching(list(self._machines.values()), filters, "id", "state", "realm_id")

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
    ) -> resources.Instance:
        """Take a machine into use."""
        if self.image(caller, image_id) is None:
            raise ValidationError(f"There is no image {image_id!r}.")
        if realm_id is not None and not self.realms(caller, {"id": realm_id}):
            raise ValidationError(f"There is no realm {realm_id!r}.")
        if hwp_id not in (None, "blade"):
            raise ValidationError(f"There is no hardware profile {hwp_id!r}.")
        with self._lock:
            id_ = f"machine-{next(self._numbers)}"
            machine = resources.Instance(
                id_,
                name=features.get("name", id_),
                owner_id=caller.user,
                image_id=image_id,
                realm_id=realm_id or REALMS[0].id,
                state="RUNNING",
                hardware_profile="blade",
                overrides=sizes.overrides(self.shape.hardware_profiles[0], hwp or {}),
                create_image=False,
            )
            self._machines[id_] = machine
        return machine

    def start_instance(self, caller: Caller, instance_id: str) -> resources.Instance:
        """Switch a machine on."""
        return self._act(instance_id, "start")

    def stop_instance(self, caller: Caller, instance_id: str) -> resources.Instance:
        """Switch a machine off."""
        return self._act(instance_id, "stop")

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        """Give a machine back."""
        self._act(instance_id, "destroy")

    def _act(self, instance_id: str, action: str) -> resources.Instance:
        with self._lock:
            machine = self._machines.get(instance_id)
            if machine is None:
                raise NotFoundError(f"There is no machine {instance_id!r}.")
            state = self.require_action(machine.state, action)
            machine = replace(machine, state=state.upper())
            if action == "destroy":
                del self._machines[instance_id]
            else:
                self._machines[instance_id] = machine
        return machine


def matching(items: Sequence[R], filters: Filters, *attributes: str) -> list[R]:
    """Items whose attributes have the values that filters of their names ask for."""

    def fits(item: Any, name: str) -> bool:
        return name not in filters or getattr(item, name) == filters[name]

    return [item for item in items if all(fits(item, name) for name in attributes)]


if __name__ == "__main__":
    app = create_app(Rack("me", "a-secret"))
    Server(app, port=3001).serve_forever(ready=print)
