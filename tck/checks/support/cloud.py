"""The endpoint as checks see it: collections, members, and what the run creates there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lxml import etree

from tck.endpoint.capabilities import Capabilities
from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Credentials, ForeignOrigin, Transport
from tck.rules.http import created_ids
from tck.rules.reading import document_of
from tck.safety.cleanup import Cleaner
from tck.safety.journal import Journal, Resource
from tck.safety.waiting import Patience
from tck.schemas.operations import API, Operation

TYPES = {"xml": "application/xml", "json": "application/json", "html": "text/html"}
_SAFE = ("GET", "HEAD", "OPTIONS")


class ReadOnly(Exception):
    """A check wanted to write in a read-only run: a defect of the kit, nothing was sent."""


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
        patience: Patience,
        read_only: bool = False,
    ) -> None:
        """`run_id` is part of every name this run gives.

        `trail` is what was exchanged since it was last cleared: the request sequence of one
        check, or of one generated example.
        """
        self.transport = transport
        self.capabilities = capabilities
        self.journal = journal
        self.run_id = run_id
        self.patience = patience
        self.read_only = read_only
        self.cleaner = Cleaner(journal, self._clean, patience)
        self.trail: list[Exchange] = []
        self._numbers = itertools.count(1)
        transport.observers.append(self.trail.append)

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
        if self.read_only and method not in _SAFE:
            raise ReadOnly(f"{method} {target} in a read-only run")
        sent = {"Accept": TYPES[format]} if format else {}
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
        return self.transport.send(method, href, headers={"Accept": TYPES["xml"]})

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
        self, collection: str, form: Mapping[str, str], *, target: str | None = None, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """Create something, journalled before and after; the resource is None if refused.

        `options` may put the parameters elsewhere than into a form (`params=`, `files=`).
        """
        self.journal.intent(collection, str(form.get("name", "")))
        if "params" not in options and "files" not in options:
            options["form"] = form
        x = self.request("POST", target or self.path(collection), **options)
        return x, self._adopt(collection, x)

    def store(
        self, bucket: Resource, name: str, content: bytes, **options: Any
    ) -> tuple[Exchange, Resource | None]:
        """PUT a blob into a bucket of this run, journalled once however often it is stored."""
        target = self.path("buckets", bucket.id, name)
        href = self.transport.url(target)
        if not self.journal.owns(href):
            self.journal.intent("blobs", name)
        x = self.request("PUT", target, body=content, **options)
        if not x.ok:
            return x, None
        kept = next((r for r in self.journal.live if r.href == href), None)
        return x, kept or self.journal.created(Resource("blobs", name, href))

    def adopt(self, collection: str, id_: str) -> Resource:
        """Take charge of something that a request of this run created besides its answer."""
        href = self.transport.url(self.path(collection, id_))
        return self.journal.created(Resource(collection, id_, href))

    def _adopt(self, collection: str, x: Exchange) -> Resource | None:
        """Write a created resource down; from Location if the document does not tell its id."""
        if not 200 <= x.status < 300:
            return None
        ids = created_ids(x) if document_of(x) else []
        tail = x.headers.get("Location").rstrip("/").rsplit("/", 1)[-1]
        id_ = (ids and ids[0]) or tail
        if not id_:
            return None
        return self.adopt(collection, id_)

    def destroyed(self, resource: Resource) -> None:
        """The check itself removed a resource."""
        if resource in self.journal.live:
            self.journal.gone(resource)


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
