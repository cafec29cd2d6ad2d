"""The endpoint as checks see it: collections, members, and what the run creates there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from urllib.parse import quote

import hypothesis
from _pytest.outcomes import Skipped
from lxml import etree

from tck.endpoint.capabilities import Capabilities
from tck.endpoint.disturbance import SAFE, Disturbed
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Credentials, ForeignOrigin, Transport
from tck.rules.http import created_ids
from tck.rules.reading import document_of
from tck.safety.budget import BudgetSpent, Meter, count_of
from tck.safety.cleanup import Cleaner
from tck.safety.journal import Journal, Resource
from tck.safety.shield import SHIELD
from tck.safety.waiting import Patience, Settling
from tck.schemas.operations import API, Operation

T = TypeVar("T")
TYPES = {"xml": "application/xml", "json": "application/json", "html": "text/html"}


class OverBudget(Skipped):
    """A check needs more than the run may use; it ends without having examined anything."""


class ReadOnly(Exception):
    """A check wanted to write in a read-only run: a defect of the kit, nothing was sent."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a run works with an endpoint.

    `preferred`: what launches use, by parameter (image_id, hwp_id, realm_id). `largest_blob` is
    in bytes; the original's mock driver cannot take 112 KiB (B64). `one_each`: of several things
    that could be tried, one is enough. `lasting`: what is not removed outlives the run.
    """

    patience: Patience = field(default_factory=Patience)
    read_only: bool = False
    settles: float = 0.0
    preferred: Mapping[str, str] = field(default_factory=dict)
    largest_blob: int = 111 * 1024
    one_each: bool = False
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a collection as its list shows it."""

    id: str
    href: str
    element: etree._Element


class Cloud:
    """One endpoint during a run."""

    def __init__(
        self,
        transport: Transport,
        capabilities: Capabilities,
        journal: Journal,
        run_id: str,
        terms: Terms,
        meter: Meter | None = None,
    ) -> None:
        """`run_id` is part of every name this run gives; `meter` holds the run's budget.

        `trail` is what was exchanged since it was last cleared: the request sequence of one
        check, or of one generated example. `kept` outlives the check that created it. `known` is
        what was read to prepare checks, not to judge it.
        """
        self.transport = transport
        self.capabilities = capabilities
        self.journal = journal
        self.run_id = run_id
        self.terms = terms
        self.patience = terms.patience
        self.meter = meter or Meter()
        self.settling = Settling(terms.settles)
        self.cleaner = Cleaner(
            journal, self._clean, terms.patience, self.meter.gone, looks=terms.lasting
        )
        self.kept: list[Resource] = []
        self.known: dict[str, object] = {}
        self.trail: list[Exchange] = []
        self._numbers = itertools.count(1)
        transport.observers.append(self.trail.append)
        transport.before_each = self.meter.request

    # ------------------------------------------------------------ requests

    def request(
        self,
        method: str,
        target: str,
        *,
        format: str | None = "xml",  # noqa: A002
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        credentials: Credentials | bool | None = True,
    ) -> Exchange:
        """Send a request. `format` sets Accept; None sends none unless `headers` has one."""
        safe = method in SAFE
        if self.terms.read_only and not safe:
            raise ReadOnly(f"{method} {target} in a read-only run")
        if safe:
            self.settling.before_read()
        sent = {"Accept": TYPES[format]} if format else {}
        try:
            return self.transport.send(
                method,
                target,
                headers=sent | dict(headers or {}),
                params=params,
                form=form,
                files=files,
                body=body,
                credentials=credentials,
            )
        except BudgetSpent as spent:
            raise OverBudget(str(spent)) from spent
        except Disturbed:
            if hypothesis.currently_in_test_context():
                hypothesis.reject()  # another example will do
            raise
        finally:
            if not safe:
                self.settling.wrote()

    def get(self, target: str, **options: Any) -> Exchange:
        """GET; options as for `request`."""
        return self.request("GET", target, **options)

    def post(self, target: str, form: Mapping[str, str] | None = None, **options: Any) -> Exchange:
        """POST, by default with an urlencoded body."""
        return self.request("POST", target, form=form or {}, **options)

    def delete(self, target: str, **options: Any) -> Exchange:
        """DELETE."""
        return self.request("DELETE", target, **options)

    def _clean(self, method: str, href: str) -> Exchange:
        try:
            with self.meter.exempt():
                return self.transport.send(method, href, headers={"Accept": TYPES["xml"]})
        except Disturbed as disturbed:
            return disturbed.exchange

    # ------------------------------------------------------------ collections

    def path(self, collection: str, *ids: str, action: str = "") -> str:
        """Path below the base: `/instances/inst1/stop`."""
        parts = [collection, *(quote(id_, safe="") for id_ in ids), *([action] if action else [])]
        return "/" + "/".join(parts)

    def index(self, collection: str, **options: Any) -> Exchange:
        """GET a collection at the href that the entry point gives."""
        try:
            target = self.transport.url(self.capabilities.collections[collection])
        except ForeignOrigin:
            target = self.path(collection)  # judged elsewhere: DC-DOC-008
        return self.get(target, **options)

    def show(self, collection: str, id_: str, **options: Any) -> Exchange:
        """GET a member by its id."""
        return self.get(self.path(collection, id_), **options)

    def members(self, collection: str, **options: Any) -> list[Member]:
        """Members of a collection that have id and href, from its XML list."""
        return members_of(self.index(collection, **options))

    def once(self, what: str, read: Callable[[], T]) -> T:
        """What `read` finds, the first time; for what checks only need and the run never changes.

        It is read anew when an attempt at a check did not count. Nothing found is not kept.
        """
        found = self.known.get(what) or read()
        self.known[what] = found
        return cast(T, found)

    def some(self, things: Sequence[T], most: int) -> Sequence[T]:
        """The things that are tried, of all that could be: at most so many, in smoke the first."""
        return things[: 1 if self.terms.one_each else most]

    def declared(self) -> Iterator[str]:
        """Collections of the API that the endpoint lists."""
        return (name for name in API.top_level if name in self.capabilities.collections)

    def operation(self, collection: str, name: str) -> Operation:
        """The description of an operation."""
        return API.collections[collection].operations[name]

    def unknown_id(self) -> str:
        """An id that nothing has."""
        return f"tck-none-{self.run_id}-{next(self._numbers)}"

    def new_name(self) -> str:
        """A name that tells this run created it, within 20 characters (facts 1.7.2)."""
        return f"tck{self.run_id}{next(self._numbers)}"

    # ------------------------------------------------------------ what the run creates

    def create(
        self,
        collection: str,
        form: Mapping[str, str],
        *,
        target: str | None = None,
        bare: bool = False,
        **options: Any,
    ) -> tuple[Exchange, Resource | None]:
        """Create something, journalled before and after; the resource is None if refused.

        It is given a name of this run where it can have one, by which it is found if the
        answer is lost, unless `bare`. `options` may put the parameters elsewhere than into a
        form (`params=`, `files=`).
        """
        form = form if bare else self._named(collection, form)
        if "params" not in options and "files" not in options:
            options["form"] = form
        if collection == "instances":
            self._make_room()
        try:
            self.meter.create(collection, form)
        except BudgetSpent as spent:
            raise OverBudget(str(spent)) from spent
        with SHIELD():
            intent = self._intent(collection, form.get("name", ""))
            x = self.request("POST", target or self.path(collection), **options)
            if 400 <= x.status < 500:
                self.meter.gone(collection, count_of(form))
            return x, self._adopt(collection, x, intent)

    def _make_room(self) -> None:
        """What was kept for later gives way if no more may live."""
        limit = self.meter.budget.live
        if limit is not None and self.meter.live >= limit:
            for resource in self.kept:
                if resource.collection == "instances" and resource in self.journal.live:
                    self.cleaner.remove(resource)

    def _named(self, collection: str, form: Mapping[str, str]) -> Mapping[str, str]:
        known = {p.name for p in self.operation(collection, "create").params}
        by_feature = self.capabilities.declares(feature="instances.user_name")
        nameable = "name" in known or (collection == "instances" and by_feature)
        return form if "name" in form or not nameable else {**form, "name": self.new_name()}

    def _intent(self, collection: str, name: str) -> int:
        """Write down what is about to be created; what cannot be named is told by what is new."""
        before: list[str] = []
        if not name and self.journal.path is not None:
            before = [member.id for member in self.members(collection)]
        return self.journal.intent(collection, name, before)

    def store(
        self, bucket: Resource, name: str, content: bytes, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """PUT a blob into a bucket of this run, journalled once however often it is stored."""
        target = self.path("buckets", bucket.id, name)
        return self._blob(name, target, "PUT", target, body=content, **options)

    def post_blob(
        self, bucket: Resource, name: str, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """POST a blob to a bucket of this run; `options` say how its parameters travel."""
        return self._blob(
            name, self.path("buckets", bucket.id, name), "POST", bucket.href, **options
        )

    def _blob(
        self, name: str, place: str, method: str, target: str, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        href = self.transport.url(place)
        kept = next((r for r in self.journal.live if r.href == href), None)
        intent = 0 if kept else self.journal.intent("blobs", name)
        x = self.request(method, target, **options)
        if kept or not x.ok:
            if intent and 400 <= x.status < 500:
                self.journal.refused(intent)
            return x, kept if x.ok else None
        return x, self.journal.created(Resource("blobs", name, href), intent)

    def adopt(self, collection: str, id_: str, intent: int | None = None) -> Resource:
        """Take charge of something that a request of this run created."""
        href = self.transport.url(self.path(collection, id_))
        return self.journal.created(Resource(collection, id_, href), intent)

    def _adopt(self, collection: str, x: Exchange, intent: int) -> Resource | None:
        """Write a created resource down; from Location if the document does not tell its id.

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
        if not id_:
            return None
        return self.adopt(collection, id_, intent)

    def tidy(self, since: int) -> None:
        """Remove what was created after the first `since` resources, but for what is kept."""
        self.cleaner.remove_all(since, keep=self.kept)

    def destroyed(self, resource: Resource) -> None:
        """The check itself removed a resource."""
        if resource in self.journal.live:
            self.journal.gone(resource)
            self.meter.gone(resource.collection)


def members_of(x: Exchange) -> list[Member]:
    """Members of a list, those with id and href."""
    if x.xml is None or not x.ok:
        return []
    children = x.xml.iterchildren(etree.Element)
    return [
        Member(str(child.get("id")), str(child.get("href")), child)
        for child in children
        if child.get("id") and child.get("href")
    ]
