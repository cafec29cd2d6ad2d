"""Creating and removing what checks need at the endpoint: journalled before and after.

Whatever a run creates passes through `RunResources`. It writes an intent into the journal before
the create request and the outcome after it, so that clean-up can find the resource even if the
answer is lost or the process is killed (`tck.safety.journal` explains the protocol).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tck.checks.support.client import Client, skip_if_over_budget
from tck.endpoint.exchange import Exchange
from tck.rules.http import created_ids
from tck.rules.reading import document_of
from tck.safety.budget import count_of
from tck.safety.cleanup import Cleaner
from tck.safety.journal import Journal, Resource
from tck.safety.naming import Names
from tck.safety.shield import SHIELD
from tck.schemas.operations import API


class RunResources:
    """What this run has created at the endpoint and not yet removed.

    `kept`: resources that several checks share; they stay until the end of the run.
    """

    def __init__(self, client: Client, journal: Journal, names: Names) -> None:
        """`names` gives the names under which lost creates are found again."""
        self._client = client
        self._meter = client.meter
        self._names = names
        self.journal = journal
        self.kept: list[Resource] = []
        self.cleaner = Cleaner(
            journal,
            client.request_for_cleanup,
            client.patience,
            self._meter.release,
            verify_gone=client.policy.outlives_run,
        )

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
        with `params` or `files` among them the form is not sent. Raises OverBudget.
        """
        form = form if unnamed else self._with_name(collection, form)
        if "params" not in options and "files" not in options:
            options["form"] = form
        if collection == "instances":
            self._make_room()
        with skip_if_over_budget():
            self._meter.reserve(collection, form)
        with SHIELD():
            intent = self._declare_intent(collection, form.get("name", ""))
            x = self._client.request("POST", target or self._client.path(collection), **options)
            if 400 <= x.status < 500:
                self._meter.release(collection, count_of(form))
            return x, self._record_outcome(collection, x, intent)

    def _make_room(self) -> None:
        """Remove kept instances if no more may be alive at once."""
        limit = self._meter.budget.live
        if limit is not None and self._meter.live >= limit:
            for resource in self.kept:
                if resource.collection == "instances" and resource in self.journal.live:
                    self.cleaner.remove(resource)

    def _with_name(self, collection: str, form: Mapping[str, str]) -> Mapping[str, str]:
        names = {param.name for param in API.collections[collection].operations["create"].params}
        by_feature = self._client.capabilities.declares(feature="instances.user_name")
        nameable = "name" in names or (collection == "instances" and by_feature)
        return form if "name" in form or not nameable else {**form, "name": self._names.new()}

    def _declare_intent(self, collection: str, name: str) -> int:
        """Journal an intent; without a name, with the ids present, to recognise a new one by."""
        before: list[str] = []
        if not name and self.journal.path is not None:
            before = [member.id for member in self._client.members(collection)]
        return self.journal.intent(collection, name, before)

    def _record_outcome(self, collection: str, x: Exchange, intent: int) -> Resource | None:
        """Journal a created resource, by its id in the document or else in Location.

        An answer that is neither success nor refusal leaves the intent open: the endpoint may
        have created something all the same (B5).
        """
        if 400 <= x.status < 500:
            self.journal.refused(intent)
        if not x.ok:
            return None
        ids = created_ids(x) if document_of(x) else []
        tail = x.headers.get("Location").rstrip("/").rsplit("/", 1)[-1]
        id_ = (ids and ids[0]) or tail
        return self.adopt(collection, id_, intent) if id_ else None

    def store_blob(
        self, bucket: Resource, name: str, content: bytes, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """PUT a blob into a bucket of this run, journalled once however often it is stored."""
        target = self._client.path("buckets", bucket.id, name)
        return self._write_blob(name, target, "PUT", target, body=content, **options)

    def post_blob(
        self, bucket: Resource, name: str, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """POST a blob to a bucket of this run; `options` say how its parameters are sent."""
        path = self._client.path("buckets", bucket.id, name)
        return self._write_blob(name, path, "POST", bucket.href, **options)

    def _write_blob(
        self, name: str, path: str, method: str, target: str, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        href = self._client.transport.url(path)
        existing = next((r for r in self.journal.live if r.href == href), None)
        intent = 0 if existing else self.journal.intent("blobs", name)
        x = self._client.request(method, target, **options)
        if existing or not x.ok:
            if intent and 400 <= x.status < 500:
                self.journal.refused(intent)
            return x, existing if x.ok else None
        return x, self.journal.created(Resource("blobs", name, href), intent)

    def adopt(self, collection: str, id_: str, intent: int | None = None) -> Resource:
        """Journal something that a request of this run created, so that it will be removed."""
        href = self._client.transport.url(self._client.path(collection, id_))
        return self.journal.created(Resource(collection, id_, href), intent)

    def mark_destroyed(self, resource: Resource) -> None:
        """Journal that a check itself removed a resource."""
        if resource in self.journal.live:
            self.journal.gone(resource)
            self._meter.release(resource.collection)

    def remove_since(self, count: int) -> None:
        """Remove what was created after the first `count` live resources, except the kept."""
        self.cleaner.remove_all(count, keep=self.kept)
