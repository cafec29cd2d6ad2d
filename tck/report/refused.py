"""What an endpoint declares and then refuses always."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tck.endpoint.capabilities import Capabilities
from tck.report.traffic import Traffic
from tck.schemas.operations import API, Operation

# Said of an operation as a whole (stance 9). 405 can be about the state of an instance alone.
_NOT_OFFERED = {405, 412, 501}
_OF_A_STATE = {405}
_DONE = {
    "create": "created",
    "destroy": "destroyed",
    "reboot": "rebooted",
    "start": "started",
    "stop": "stopped",
    "associate": "associated",
    "disassociate": "disassociated",
    "attach": "attached",
    "detach": "detached",
    "register": "given instances",
    "unregister": "freed of instances",
    "rules": "given rules",
    "run": "made to run commands",
    "update": "given other metadata",
    "put": "stored",
    "segmented": "stored in parts",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An operation of a declared collection that was asked for and never answered with success.

    `requests`: how often; `statuses`: with which answers, in ascending order.
    """

    operation: Operation
    requests: int
    statuses: tuple[int, ...]

    @property
    def collection(self) -> str:
        """The collection that the entry point lists: buckets for blobs."""
        own = API.collections[self.operation.collection]
        return own.parent or own.name

    @property
    def words(self) -> str:
        """`addresses cannot be created`."""
        done = _DONE.get(self.operation.name)
        noun = self.operation.collection.replace("_", " ")
        return f"{noun} cannot be {done}" if done else f"{self.operation.id} is refused"

    def __str__(self) -> str:
        """`addresses cannot be created (412, 5 of 5 times)`."""
        return f"{self.words} ({_list(self.statuses)}, {self.requests} of {self.requests} times)"


def _list(statuses: tuple[int, ...]) -> str:
    return " or ".join(map(str, statuses))


def refused(capabilities: Capabilities | None, traffic: Traffic) -> Iterator[Refused]:
    """Such operations, in the order of operations.toml.

    A create counts whatever it was refused with; another operation only where an answer says that
    it is not there, since a run sends some only to see them refused.
    """
    for operation in API.operations.values():
        asked = traffic.get(operation.id)
        if not operation.collection or asked is None or asked.succeeded:
            continue
        found = Refused(operation, asked.requests, tuple(sorted(s for s in asked.statuses if s)))
        if not capabilities or not capabilities.declares(found.collection) or not found.statuses:
            continue
        not_there = _NOT_OFFERED - (_OF_A_STATE if operation.collection == "instances" else set())
        if operation.name == "create" or not not_there.isdisjoint(found.statuses):
            yield found
