"""The second user: of another account, by whose requests it shows whether accounts are apart.

All requests of the second user go through the doors that those of the first go through: its own
`Cloud` has a transport, custody, a journal and clean-up with the credentials of its account, and
shares names, budget and trail with the first. To what the first made it may write, too, since such
a write is to be refused. If it is not, that is the finding, and what was lost was the run's own.

Ids of two accounts may be the same: what the first made as `inst3`, the second may have, too, and a
DELETE of it would destroy what is not the run's. So nothing is written before the second user's own
view shows that the id means nothing to it, or what the first made, by its mark; and nothing if it
was in the inventory of the second account, which is taken before the first user's first write
(`tck.safety.custody`).
"""

from __future__ import annotations

from dataclasses import replace

from tck.checks.support.client import NotOurs, ReadOnly
from tck.checks.support.cloud import Cloud
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Transport
from tck.safety.custody import address, subject_of
from tck.safety.inventory import sighting
from tck.safety.journal import Journal


class OtherUser(Cloud):
    """The endpoint as the second user sees it."""

    def __init__(
        self, first: Cloud, transport: Transport, capabilities: Capabilities, journal: Journal
    ) -> None:
        """`transport`: with the second user's credentials."""
        shared = first.policy.shared
        if shared is not None:
            shared = shared / "other"
            shared.mkdir(exist_ok=True)
        policy = replace(first.policy, shared=shared)
        super().__init__(transport, capabilities, journal, first.run_id, policy, first.meter, first)
        self.cleaner.wait_less_than(first.cleaner)
        first.resources.other = self.resources
        self._first = first
        first.other = self
        own = self.before_removal

        def removing(url: str) -> None:
            own(url)
            first.before_removal(url)

        self.before_removal = removing
        transport.observers.append(self._note_refusal)

    def _note_refusal(self, x: Exchange) -> None:
        """What the second user could not remove, whatever it was answered, is there still."""
        if x.request.method == "DELETE" and x.status >= 400:
            for resource in self._first.resources.live_at(x.request.url):
                self._first.journal.stays(resource)

    def _admit(self, method: str, target: str) -> None:
        """Also writes to what the first user made; raises as `Client` does."""
        url = self.transport.url(target)
        subject = subject_of(self.transport.base, url)
        if subject is None or self.custody.has(*subject) or not self._first.ensure_own(*subject):
            super()._admit(method, target)
        elif self.policy.read_only:
            raise ReadOnly(f"{method} {target} in a read-only run")
        elif not means_the_same(self._first, self, *subject):
            raise NotOurs(f"not sent: {method} {url} may be about what the second user has")


def means_the_same(first: Cloud, other: Cloud, collection: str, id_: str) -> bool:
    """Whether an id of what the first user made means nothing to the second, or the same."""
    if other.custody.existed(collection, id_):
        return False
    live = (r for r in first.journal.live if (r.collection, r.id) == (collection, id_))
    mark = next((resource.mark for resource in live), "")
    x = other.request_for_cleanup("GET", address(collection, id_))
    if not x.ok:
        return bool(x.status)
    seen = sighting(x, id_, mark)
    return seen.present and (not mark or mark in seen.names)
