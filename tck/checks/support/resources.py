"""Creating and removing what checks need at the endpoint: journalled before and after.

Whatever a run creates passes through `RunResources`. It writes an intent into the journal before
the create request and the outcome after it, so that clean-up can find the resource even if the
answer is lost or the process is killed (`tck.safety.journal` explains the protocol).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from tck.checks.support.client import (
    Call,
    Client,
    NoPermission,
    OverBudget,
    skip_if_over_budget,
    skip_if_unjournalled,
)
from tck.checks.support.permission import tries
from tck.endpoint.exchange import Exchange
from tck.endpoint.flight import Landed
from tck.rules.http import created_ids
from tck.rules.reading import document_of
from tck.safety import inventory
from tck.safety.budget import count_of
from tck.safety.cleanup import Cleaner
from tck.safety.custody import MAY_HIDE_NAMES, Claim, Sighting, Title, address, is_id, subject_of
from tck.safety.inventory import Inventory
from tck.safety.journal import Journal, is_refusal
from tck.safety.leftovers import CREATABLE, Leftover, adopt
from tck.safety.naming import Names
from tck.safety.resource import Resource
from tck.safety.shield import SHIELD
from tck.safety.spacing import Spacing
from tck.safety.waiting import eventually
from tck.schemas.operations import API

_LISTS = {f"{collection}.index" for collection in CREATABLE}
_GONE = (404, 410)
_SHORTEST_ANSWER = 5.0  # seconds that an answer in clean-up may always take


class RunResources:
    """What this run has created at the endpoint and not yet removed.

    `kept`: resources that several checks share; they stay until the end of the run. `existed` and
    `unproven`: what was said to be created and is not in custody, with the reason; `answers`: those
    to creates that gave no id, by address. `made`: collection and id of all that was said to be
    created. `before`: the inventory, once taken; `other`: what the second user has created, whose
    inventory is taken with it.
    """

    def __init__(self, client: Client, journal: Journal, names: Names) -> None:
        """`names` gives the names under which lost creates are found again."""
        self._client = client
        self._meter = client.meter
        self._names = names
        self._spacing = Spacing(client.policy.shared)
        self.journal = journal
        self.custody = client.custody
        self.kept: list[Resource] = []
        self.unproven: list[tuple[Resource, str]] = []
        self.existed: list[tuple[Resource, str]] = []
        self.answers: dict[str, Exchange] = {}
        self.made: set[tuple[str, str]] = set()
        self.before: Inventory | None = None
        self.other: RunResources | None = None
        self._last_reason = ""
        self.custody.take_inventory(journal.before)
        for resource in journal.live:  # of a run that is cleaned up
            self.custody.claim(Claim(resource.collection, resource.mark, frozenset()), resource.id)
        client.transport.observers.append(self._observe)
        client.before_removal = self._before_removal
        client.ensure_own = self.ensure_own
        client.in_doubt = self._settle_permission
        self.cleaner = Cleaner(
            journal,
            self.send_for_cleanup,
            client.patience,
            self._on_gone,
            is_own=self._is_own,
            is_hopeless=client.waiting.is_stuck,
            verify_gone=client.policy.outlives_run,
            seconds=client.policy.cleanup_seconds,
            overtime=lambda: client.meter.overtime,
        )

    def send_for_cleanup(self, method: str, href: str) -> Exchange:
        """A request of clean-up; near the end of its time an answer may not take long, either."""
        seconds = max(self.cleaner.seconds_left, _SHORTEST_ANSWER)
        return self._client.request_for_cleanup(method, href, seconds)

    def create(
        self,
        collection: str,
        form: Mapping[str, str],
        *,
        target: str | None = None,
        unnamed: bool = False,
        **options: Any,
    ) -> tuple[Exchange, Resource | None]:
        """Create something; the resource is None if the endpoint refused or its id is unknown.

        Unless `unnamed`, the form gets a name of this run if the collection takes names.
        `target`: where to POST if not at the collection. `options` are those of `Client.request`;
        with `params` or `files` among them the form is not sent. Raises OverBudget, also where what
        was created before cannot be removed.
        """
        form = form if unnamed else self._with_name(collection, form)
        if "params" not in options and "files" not in options:
            options["form"] = form
        client, to = self._client, target or f"/{collection}"
        return self._create(collection, [form], lambda: [client.request("POST", to, **options)])[0]

    def create_at_once(
        self, collection: str, forms: Sequence[Mapping[str, str]]
    ) -> list[tuple[Landed, Resource | None]]:
        """Create something by requests at the same time; otherwise as `create` does."""
        forms = [self._with_name(collection, form) for form in forms]
        landed: list[Landed] = []

        def send() -> list[Exchange]:
            landed.extend(self._client.at_once([Call("POST", f"/{collection}", f) for f in forms]))
            return [one.exchange for one in landed]

        made = self._create(collection, forms, send)
        return [(one, resource) for one, (_, resource) in zip(landed, made, strict=True)]

    def _create(
        self,
        collection: str,
        forms: Sequence[Mapping[str, str]],
        send: Callable[[], list[Exchange]],
    ) -> list[tuple[Exchange, Resource | None]]:
        """Send a create for each form, by `send`, between what is written down of them."""
        self.take_inventory()
        free = self._client.policy.free
        if reason := "" if free else self.cleaner.why_not_create(collection):
            raise OverBudget(f"nothing more is created: {reason}")
        if collection == "instances":
            self._make_room(sum(map(count_of, forms)))
        with skip_if_over_budget():
            self._meter.reserve(collection, *forms)
        with SHIELD():
            claims = [self._claim(collection, form.get("name", "")) for form in forms]
            with skip_if_unjournalled():
                intents = [
                    self.journal.intent(collection, form.get("name", ""), claim.before or ())
                    for form, claim in zip(forms, claims, strict=True)
                ]
            alone = all(other.collection != collection for other in self.journal.live)
            with self._client.creates(), self._spacing.apart(collection, alone=alone):
                exchanges = send()
            outcomes = []
            for form, claim, intent, x in zip(forms, claims, intents, exchanges, strict=True):
                if is_refusal(x):
                    self._meter.release(collection, count_of(form))
                outcomes.append((x, self._record_outcome(claim, x, intent)))
        if self._client.permission.in_doubt:
            self._settle_permission(exchanges[-1])
        return outcomes

    def _settle_permission(self, x: Exchange) -> None:
        """Find out whether the run may write at all, where that is in doubt after `x`.

        Raises NoPermission.
        """

        def create(collection: str, form: Mapping[str, str]) -> Exchange:
            answer, resource = self.create(collection, form)
            if resource is not None:
                self.cleaner.remove(resource)
            return answer

        def launch_form() -> Mapping[str, str]:
            declared = self._client.capabilities.declares("images")
            images = self._client.members("images") if declared else []
            image = {"image_id": images[0].id} if images else {}
            return image | dict(self._client.policy.launch_defaults)

        permission = self._client.permission
        permission.settle(x, tries(self._client.capabilities.declares, create, launch_form))
        if permission.reason:
            raise NoPermission(permission.reason)

    def take_inventory(self) -> None:
        """Before the first write: what every collection has in which this run may create."""
        if self.before is None:
            self.before = {}
            shared = self._client.policy.shared
            take = self._take_inventory
            self.before = inventory.of_all_processes(shared, take) if shared else take()
            self.custody.take_inventory(self.before)
            with skip_if_unjournalled():
                self.journal.inventory(self.before)
            if self.other:
                self.other.take_inventory()

    def _take_inventory(self) -> Inventory:
        return inventory.read(self._creatable(), lambda name: self._client.index(name, whole=False))

    def list_again(self) -> Inventory:
        """What the same collections have now; for clean-up."""
        index_of = self._client.index_target
        return inventory.read(
            self._creatable(), lambda name: self.send_for_cleanup("GET", index_of(name))
        )

    def is_gone(self, target: str) -> bool:
        """True if the endpoint says that there is nothing at a path or URL; for clean-up."""
        return self.send_for_cleanup("GET", target).status in _GONE

    def adopt_leftovers(
        self, listed: Inventory, *, exclusive: bool, journal_lost: bool = False
    ) -> list[Leftover]:
        """Take leftovers of the run into the journal (`leftovers.adopt`).

        Returns those that may be somebody else's.
        """
        return adopt(
            self.journal,
            self.custody,
            self._names.run_id,
            self._client.transport.base,
            listed,
            lambda path: self.send_for_cleanup("GET", path),
            exclusive=exclusive,
            journal_lost=journal_lost,
        )

    def _creatable(self) -> list[str]:
        return [name for name in CREATABLE if name in self._client.capabilities.collections]

    def _make_room(self, count: int) -> None:
        """Remove kept instances if there is no room for `count` more at once."""
        limit = self._meter.budget.live
        if limit is not None and self._meter.live + count > limit:
            for resource in self.kept:
                if resource.collection == "instances" and resource in self.journal.live:
                    self.cleaner.remove(resource)

    def _with_name(self, collection: str, form: Mapping[str, str]) -> Mapping[str, str]:
        names = {param.name for param in API.collections[collection].operations["create"].params}
        by_feature = self._client.capabilities.declares(feature="instances.user_name")
        nameable = "name" in names or (collection == "instances" and by_feature)
        return form if "name" in form or not nameable else {**form, "name": self._names.new()}

    def _claim(self, collection: str, name: str) -> Claim:
        """What custody needs to know before a create: its mark, or else what is there now."""
        if mark := self._names.take(name):
            hidden = collection in MAY_HIDE_NAMES or collection not in (self.before or {})
            before = self.claim_unnamed(collection).before if hidden else None
            return Claim(collection, mark, before)
        return self.claim_unnamed(collection)

    def claim_unnamed(self, collection: str) -> Claim:
        """Evidence for what cannot be given a name, taken now: the ids that are there."""
        x = self._client.index(collection)
        return Claim(collection, "", inventory.ids_in(x))

    def _record_outcome(self, claim: Claim, x: Exchange, intent: int) -> Resource | None:
        """Take a created resource into custody, by its id in the document or else in Location.

        An answer that is neither success nor refusal leaves the intent open: the endpoint may
        have created something all the same (B5).
        """
        if is_refusal(x):
            self.journal.refused(intent)
        if not x.ok:
            return None
        ids = created_ids(x) if document_of(x) else []
        above, _, tail = x.headers.get("Location").rstrip("/").rpartition("/")
        # a Location that is the collection itself names nothing
        at_collection = tail == claim.collection and not above.endswith(f"/{claim.collection}")
        if id_ := (ids and ids[0]) or ("" if at_collection else unquote(tail)):
            return self.adopt(claim, id_, intent)
        href = self._client.transport.url(f"/{claim.collection}")
        nameless = Resource(claim.collection, "", href, claim.mark)
        self.unproven.append((nameless, "the answer to its create gives no id"))
        self.answers[href] = x
        return None

    def adopt(self, claim: Claim, id_: str, intent: int | None = None) -> Resource:
        """A resource that a create is said to have made, journalled unless it existed before.

        Whether it is the run's own is decided when the endpoint shows it, at the latest before
        anything is written to it (`ensure_own`).
        """
        path = address(claim.collection, id_) if is_id(id_) else f"/{claim.collection}"
        resource = Resource(claim.collection, id_, self._client.transport.url(path), claim.mark)
        self.cleaner.forget_past(resource)
        decision = self.custody.claim(claim, id_)
        again = (claim.collection, id_) in self.made
        if again and decision.title is Title.EXISTED and not self._client.policy.free:
            self._spacing.need(claim.collection)
        self.made.add((claim.collection, id_))
        if decision.title is Title.AWAITING:
            return self.journal.created(resource, intent)
        if decision.title is Title.EXISTED:
            self.existed.append((resource, decision.reason))
        else:
            self.unproven.append((resource, decision.reason))
        return resource

    def ensure_own(self, collection: str, id_: str) -> bool:
        """True if the run may write to a resource; if it still awaits evidence, look at it now.

        What the endpoint does not show to be the run's own leaves the journal and is reported.
        """
        if self.custody.awaited(collection, id_) is None:
            return self.custody.has(collection, id_)
        key = collection, id_
        href = self._client.transport.url(address(collection, id_))
        delay = self._client.policy.read_after_write_delay
        patience = replace(self._client.patience, deadline=delay)
        shown = eventually(
            lambda: self.send_for_cleanup("GET", href),
            lambda _: self.custody.has(*key),
            patience,
        ).value
        if not self.custody.has(*key):  # lists may show what cannot be shown alone
            self.send_for_cleanup("GET", self._client.index_target(collection))
        if self.custody.has(*key):
            return True
        self.custody.release(*key)
        for resource in [r for r in self.journal.live if (r.collection, r.id) == key]:
            if shown.status in _GONE and self.journal.is_removing(resource):
                self.mark_destroyed(resource)
                continue
            self.journal.disown(resource, self._last_reason)
            self.unproven.append((resource, self._last_reason))
            self._meter.release(collection)
        return False

    def _is_own(self, resource: Resource) -> bool:
        """Custody of a resource; a blob is in custody with its bucket."""
        subject = subject_of(self._client.transport.base, resource.href)
        return subject is not None and self.ensure_own(*subject)

    def _observe(self, x: Exchange) -> None:
        """Take the evidence from whatever resource or list the endpoint shows, or keeps."""
        subject = subject_of(x.base, x.request.url) if x.request.method == "GET" else None
        if subject is not None and (mark := self.custody.awaited(*subject)) is not None:
            self._last_reason = self.custody.see(
                *subject, inventory.sighting(x, subject[1], mark)
            ).reason
        operation = x.operation.id if x.operation is not None else ""
        if x.request.method == "DELETE" and x.status >= 400 and x.status not in _GONE:
            for resource in self.live_at(x.request.url):
                self.journal.stays(resource)
        if x.operation is not None and operation in _LISTS:
            for item in inventory.items_of(x):
                if self.custody.awaited(x.operation.collection, item.id) is not None:
                    shown = Sighting(True, frozenset({item.id, item.name}))
                    self.custody.see(x.operation.collection, item.id, shown)
                elif not any(map(self._names.is_mark, (item.id, item.name))):
                    self.custody.see_another(x.operation.collection, item.id)

    def _before_removal(self, url: str) -> None:
        for resource in self.live_at(url):
            self.journal.removing(resource)

    def live_at(self, url: str) -> list[Resource]:
        """What the run made, and has not removed, at a URL."""
        path = unquote(urlsplit(url).path)
        return [r for r in self.journal.live if unquote(urlsplit(r.href).path) == path]

    def mark_destroyed(self, resource: Resource) -> None:
        """Journal that a check itself removed a resource."""
        if resource in self.journal.live:
            self.journal.gone(resource)
            self._on_gone(resource)

    def _on_gone(self, resource: Resource) -> None:
        self.custody.release(resource.collection, resource.id)
        self._meter.release(resource.collection)

    def remove_others(self, before: Collection[Resource]) -> None:
        """Remove everything except what was live `before`, and the kept."""
        clock = self._client.policy.patience.clock
        keep, began = [*self.kept, *before], clock.monotonic()
        instances = [r for r in self.journal.live if r.collection == "instances" and r not in keep]
        left = self.cleaner.remove_all(keep)
        if instances and not left:
            self._client.waiting.note("instances", "removal", clock.monotonic() - began)
