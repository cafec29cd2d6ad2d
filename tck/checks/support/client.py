"""Sending a check's requests: what may be sent, when, and what was exchanged.

Every request of a run, from a check or from clean-up, goes through `Client`: it is the place for
whatever must hold for all of them (read-only runs, the budget, pauses after writes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from tck.checks.support import purposes
from tck.checks.support.permission import Permission
from tck.checks.support.policy import RunPolicy
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.disk import Unwritable
from tck.endpoint.disturbance import SAFE, Disturbed
from tck.endpoint.exchange import Exchange, Request
from tck.endpoint.flight import Landed
from tck.endpoint.sequence import Trail
from tck.endpoint.transport import Credentials, ForeignOrigin, Transport, Unreachable
from tck.safety.budget import BudgetSpent, Meter
from tck.safety.custody import Custody, subject_of
from tck.safety.shield import SHIELD
from tck.safety.standstill import Standstill
from tck.safety.waiting import ReadAfterWriteDelay, Waiting
from tck.schemas.operations import API

TYPES = {"xml": "application/xml", "json": "application/json", "html": "text/html"}


class OverBudget(pytest.skip.Exception):  # type: ignore[name-defined, misc]
    """A check needs more than the run may use; it ends without having examined anything."""


class TooLarge(OverBudget):
    """An answer is larger than what the kit takes in (limits.py): nothing is said about it."""


class ReadOnly(Exception):
    """A check tried to write in a read-only run: a defect of the kit. Nothing was sent."""


class PastCustody(Exception):
    """A check tried to create past `RunResources`: a defect of the kit. Nothing was sent."""


class NoPermission(OverBudget):
    """The credentials of the run may only read; the check ends, as it needs a write."""


class NotOurs(pytest.skip.Exception):  # type: ignore[name-defined, misc]
    """A check would have written to what this run did not create; it ends, nothing was sent."""


@contextmanager
def skip_if_over_budget() -> Iterator[None]:
    """End the check as skipped (OverBudget) if the meter refuses what is done inside."""
    try:
        yield
    except BudgetSpent as spent:
        raise OverBudget(str(spent)) from spent


@contextmanager
def skip_if_unjournalled() -> Iterator[None]:
    """End the check as skipped (OverBudget) if what it would create cannot be written down."""
    try:
        yield
    except Unwritable as error:
        raise OverBudget(f"nothing more is created: {error}") from error


@dataclass(frozen=True, slots=True)
class Call:
    """One of several requests that are sent at once; the members are arguments of `request`."""

    method: str
    target: str
    form: Mapping[str, str] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    format: str | None = "xml"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a collection as its list shows it."""

    id: str
    href: str
    element: etree._Element


class Client:
    """Requests to one endpoint under the policy and the budget of a run.

    `trail`: the exchanges since it was last cleared, which is at the start of each check and of
    each generated example. `in_doubt` is called with writes that are refused so that the run may
    have no permission to write; it may end the check. `delay.enabled` makes reads wait until
    earlier writes show.
    """

    def __init__(
        self,
        transport: Transport,
        capabilities: Capabilities,
        policy: RunPolicy,
        meter: Meter,
        first: Client | None = None,
    ) -> None:
        """Register with `transport`, so that `meter` and `trail` see every request.

        `first`: the client of the first user, if this is the second: they have one trail, what
        one waited for in vain the other does not wait for, and writes of one delay reads of the
        other.
        """
        self.transport = transport
        self.capabilities = capabilities
        self.policy = policy
        self.patience = policy.patience
        self.waiting: Waiting = first.waiting if first else Waiting(policy.patience)
        self.meter = meter
        self.delay: ReadAfterWriteDelay = (
            first.delay if first else ReadAfterWriteDelay(policy.read_after_write_delay)
        )
        self.custody = Custody()
        self._creating = False
        self.ensure_own: Callable[[str, str], bool] = self.custody.has
        self.is_unknown_id: Callable[[str], bool] = lambda _: False
        self.before_removal: Callable[[str], object] = lambda _: None
        self.permission = Permission()
        self.in_doubt: Callable[[Exchange], object] = lambda _: None
        self.trail: Trail = first.trail if first else Trail()
        transport.observers.append(self.trail.append)
        transport.before_each = self._before_each
        self._standstill: Standstill = first._standstill if first else Standstill(meter.clock)
        transport.observers.append(self._standstill.observe)

    def begin_check(self, name: str) -> None:
        """Count, keep the exchanges and say the purpose for another check from here on."""
        self.say_purpose(name)
        self.trail.clear()
        self.meter.begin_check()
        self._standstill.begin_check()

    def say_purpose(self, check: str) -> None:
        """Have requests say which client requirements they violate on purpose in this check."""
        wrong = purposes.of(check)
        self.transport.marks = {purposes.FIELD: wrong} if wrong else {}

    def end_check(self) -> None:
        """End the run if the endpoint answers nothing any more."""
        if reason := self._standstill.end_check():
            self.meter.stop(reason)

    def why_not_run(self, *, writes: bool) -> str:
        """Why a check need not be begun any more, empty if it may; `writes`: it needs to."""
        return self.meter.stop_reason or (self.permission.reason if writes else "")

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
        whole: bool = True,
    ) -> Exchange:
        """Send a request. `format` ("xml", "json", "html") sets Accept unless `headers` has one.

        With `format=None` no Accept is sent; the other options are those of `Transport.send`.
        `whole`: what a GET gets must be small enough to be judged. Raises ReadOnly, OverBudget,
        TooLarge, and what `Transport.send` raises.
        """
        safe = method in SAFE
        if safe:
            self.delay.before_read()
        else:
            self._admit(method, target)
        accept = {"Accept": TYPES[format]} if format else {}
        try:
            with skip_if_over_budget():
                x = self.transport.send(
                    method,
                    target,
                    headers=accept | dict(headers or {}),
                    params=params,
                    form=form,
                    files=files,
                    body=body,
                    credentials=credentials,
                )
        finally:
            if not safe:
                self.delay.after_write()
        if not safe and credentials is True:
            self.permission.note(x)
            if self.permission.in_doubt and not self._creating:
                self.in_doubt(x)
        if safe and whole and x.beyond:
            raise TooLarge(f"{method} {x.request.path}: {x.beyond}")
        return x

    def at_once(self, calls: Sequence[Call]) -> list[Landed]:
        """Send requests at the same time; what came of them, in their order.

        The answer to one that met "not now" is marked as disturbed: nobody knows what it did.
        Raises ReadOnly, OverBudget, and what `Transport.send_at_once` raises.
        """
        self.delay.before_read()
        for call in calls:
            if call.method not in SAFE:
                self._admit(call.method, call.target)
        prepared = [
            self.transport.prepare(
                call.method,
                call.target,
                headers=({"Accept": TYPES[call.format]} if call.format else {}) | {**call.headers},
                form=call.form,
                body=call.body,
            )
            for call in calls
        ]
        with SHIELD(), skip_if_over_budget():
            landed = self.transport.send_at_once(prepared)
        self.delay.after_write()
        written = [one.exchange for one in landed if one.exchange.request.method not in SAFE]
        for x in written:
            self.permission.note(x)
        if self.permission.in_doubt and not self._creating:
            self.in_doubt(written[-1])
        return landed

    def _before_each(self, method: str, url: str) -> None:
        """Every request of a check or of clean-up, and each attempt at it. Raises BudgetSpent."""
        self.meter.count_request()
        if method == "DELETE":
            self.before_removal(url)

    @contextmanager
    def provoking(self) -> Iterator[None]:
        """Inside, nonsense is sent: documents that repeat it are not the endpoint's fault."""
        self.transport.provoking = True
        try:
            yield
        finally:
            self.transport.provoking = False

    @contextmanager
    def creates(self) -> Iterator[None]:
        """Inside, creates are admitted: for `RunResources`, which keeps custody."""
        self._creating = True
        try:
            yield
        finally:
            self._creating = False

    def _admit(self, method: str, target: str) -> None:
        """The one door of a run's writes: only to what is in custody, or to ids that nothing has.

        Raises ReadOnly, PastCustody, NotOurs, ForeignOrigin.
        """
        if self.policy.read_only:
            raise ReadOnly(f"{method} {target} in a read-only run")
        url = self.transport.url(target)
        subject = subject_of(self.transport.base, url)
        if subject is None:
            path = "/" + url.removeprefix(self.transport.base).partition("?")[0].strip("/")
            found = API.match(method, path)
            if found and found[0].name == "create" and not self._creating:
                raise PastCustody(f"{method} {target}: creates go through RunResources.create")
        elif not self.is_unknown_id(subject[1]) and not self.ensure_own(*subject):
            what = " ".join(subject)
            raise NotOurs(f"not sent: {method} {url} is about {what}, not created by this run")

    def request_for_cleanup(self, method: str, href: str, seconds: float = inf) -> Exchange:
        """Send a request of clean-up: no budget holds it back, and a disturbed answer counts.

        `seconds`: the longest time for its answer, if shorter than that of others. What cannot be
        sent is an exchange with a failure.
        """
        limits = self.transport.limits
        self.transport.limits = replace(limits, seconds=min(limits.seconds, seconds))
        try:
            with self.meter.exempt():
                return self.transport.send(method, href, headers={"Accept": TYPES["xml"]})
        except Disturbed as disturbed:
            return disturbed.exchange
        except (ForeignOrigin, Unreachable) as error:
            base = self.transport.base
            return Exchange("", Request(method, href), None, base, failure=str(error))
        finally:
            self.transport.limits = limits

    def get(self, target: str, **options: Any) -> Exchange:
        """GET; options as for `request`."""
        return self.request("GET", target, **options)

    def post(self, target: str, form: Mapping[str, str] | None = None, **options: Any) -> Exchange:
        """POST, by default with an urlencoded body."""
        return self.request("POST", target, form=form or {}, **options)

    def delete(self, target: str, **options: Any) -> Exchange:
        """DELETE."""
        return self.request("DELETE", target, **options)

    def path(self, collection: str, *ids: str, action: str = "") -> str:
        """Path below the base: `/instances/inst1/stop`."""
        parts = [collection, *(quote(id_, safe="") for id_ in ids), *([action] if action else [])]
        return "/" + "/".join(parts)

    def index(self, collection: str, **options: Any) -> Exchange:
        """GET a collection at the href that the entry point gives."""
        return self.get(self.index_target(collection), **options)

    def index_target(self, collection: str) -> str:
        """Where a collection is listed."""
        try:
            return self.transport.url(self.capabilities.collections[collection])
        except ForeignOrigin:
            return self.path(collection)  # judged elsewhere: DC-DOC-008

    def show(self, collection: str, id_: str, **options: Any) -> Exchange:
        """GET a member by its id."""
        return self.get(self.path(collection, id_), **options)

    def members(self, collection: str, **options: Any) -> list[Member]:
        """Members of a collection that have id and href, from its XML list."""
        return members_of(self.index(collection, **options))

    def declared_collections(self) -> Iterator[str]:
        """Names of the API's top-level collections that the entry point lists."""
        return (name for name in API.top_level if name in self.capabilities.collections)


def members_of(x: Exchange) -> list[Member]:
    """Members of an XML list, those with id and href; empty if the answer is not a list."""
    if x.xml is None or not x.ok:
        return []
    children = x.xml.iterchildren(etree.Element)
    return [
        Member(str(child.get("id")), str(child.get("href")), child)
        for child in children
        if child.get("id") and child.get("href")
    ]
