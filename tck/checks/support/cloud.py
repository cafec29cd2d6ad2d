"""The endpoint as checks see it: one object for requests, and for what the run creates there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar, cast

from tck.checks.support.blob_writes import BlobWrites
from tck.checks.support.client import Client
from tck.checks.support.policy import RunPolicy
from tck.checks.support.resources import RunResources
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.transport import Transport
from tck.safety.budget import Meter
from tck.safety.journal import Journal
from tck.safety.naming import Names
from tck.safety.resource import Resource

T = TypeVar("T")


class Memo:
    """What checks read to prepare themselves, not to judge it: images, the state machine.

    Only for what the run never changes. It is cleared when an attempt at a check does not count.
    """

    def __init__(self) -> None:
        """Nothing has been read yet."""
        self._values: dict[str, object] = {}

    def __call__(self, key: str, read: Callable[[], T]) -> T:
        """The value of `key`: from `read` the first time. An empty value is not kept."""
        value = self._values.get(key) or read()
        self._values[key] = value
        return cast(T, value)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()


class Cloud(Client):
    """One endpoint during a run: the methods of `Client`, `Names` and `RunResources` in one object.

    It is there so that checks read like their requirement, and has no logic of its own. `other`:
    the same endpoint as the second user sees it, if there is one (`other_user.py`).
    """

    other: Cloud | None = None
    names: Names

    def __init__(
        self,
        transport: Transport,
        capabilities: Capabilities,
        journal: Journal,
        run_id: str,
        policy: RunPolicy,
        meter: Meter | None = None,
        first: Cloud | None = None,
    ) -> None:
        """`run_id` is part of every name this run gives; `meter` holds the run's budget.

        `first`: as the first user sees it, if this is for the second.
        """
        super().__init__(transport, capabilities, policy, meter or Meter(), first)
        self.run_id = run_id
        self.journal = journal
        self.once = Memo()
        names = self.names = Names(run_id) if first is None else first.names
        self.new_name, self.unknown_id = names.new, names.unknown_id
        self.is_unknown_id = names.is_unknown_id
        self.resources = resources = RunResources(self, journal, names)
        self.cleaner = resources.cleaner
        self.create, self.adopt = resources.create, resources.adopt
        self.create_at_once = resources.create_at_once
        self.claim_unnamed = resources.claim_unnamed
        blobs = BlobWrites(self, journal)
        self.store_blob, self.post_blob = blobs.store_blob, blobs.post_blob
        self.store_blobs_at_once = blobs.store_blobs_at_once
        self.mark_destroyed = resources.mark_destroyed

    @property
    def live(self) -> list[Resource]:
        """What was made and is there still, that of the second user, too."""
        return [*self.journal.live, *(self.other.journal.live if self.other else ())]

    def remove_others(self, before: Collection[Resource]) -> None:
        """Remove what was made since it was `before` that was live, but for what is kept."""
        self.resources.remove_others(before)
        if self.other:
            self.other.resources.remove_others(before)
