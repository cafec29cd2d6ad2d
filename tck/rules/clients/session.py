"""What one client has exchanged so far, as far as it matters for judging what it sends next.

A session only grows by `add`, one exchange after the other. It is bounded: of a client that is told
more than `_MOST` URLs no more is remembered, and what was told is then unknown (`knows_all`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from tck.endpoint import capabilities
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.exchange import Exchange, without_matrix
from tck.rules.clients import sending
from tck.rules.links import RELS, actions
from tck.rules.reading import elements, members, once, unread_members
from tck.schemas.operations import API, Operation

_MOST = 200_000  # URLs, ids and the like, of each kind
_MOST_ASKED = 2_000  # requests that are remembered because of their answers
POLLS, WINDOW = 20, 10.0  # so often in so many seconds may be asked for what stays the same
_HREF = re.compile(
    rb"""(?:href|action)\s*=\s*(?:"([^"]*)"|'([^']*)')|"href"\s*:\s*"((?:[^"\\]|\\.)*)\""""
)
_SAFE = ("GET", "HEAD", "OPTIONS")
# Fields by which a server may decide otherwise about what is otherwise the same request.
_TELLING: tuple[str, ...] = ("Authorization", "Accept", "Content-Type", "X-Deltacloud-Driver")
_TELLING += ("X-Deltacloud-Provider", "If-Match", "If-None-Match", "Cookie")
Signature = tuple[str, str, bytes, tuple[str, ...]]  # method, URL, content, some fields
Member = tuple[str, str]  # collection and id


@dataclass(frozen=True, slots=True)
class Property:
    """A dimension of a hardware profile: `kind` fixed, range or enum, with what is allowed."""

    kind: str
    value: str = ""
    first: str = ""
    last: str = ""
    entries: tuple[str, ...] = ()


@dataclass(slots=True)
class Polled:
    """How one URL was asked for: `times` (seconds) of equal answers in a row, and the last one."""

    times: deque[float] = field(default_factory=lambda: deque(maxlen=POLLS))
    answer: tuple[int, bytes] = (0, b"")


class Redirect(NamedTuple):
    """An answer that led to a path, which was `known` before, and the method of its request."""

    status: int
    path: str
    method: str
    known: bool


class Doubt(NamedTuple):
    """A write whose answer was lost: its collection, and when that was, in seconds if known."""

    collection: str
    when: float | None


@dataclass(slots=True)
class Session:
    """The state of a client.

    `count`: of exchanges; `looked`: it has asked for the entry point; `entry_points`: what each
    driver and provider declared, as the request selected them; `origins` that may be sent
    credentials, and `strangers` to which answers led; `given`: paths that answers gave, and
    `queries` that were given with them; `ids` that were shown by collection, and `whole`
    collections whose list was read without a filter; `actions`: of each object, rel and method;
    `profiles`: hardware profiles by id; `gone`: objects that were removed; `challenges`: schemes
    that 401 named; `refused`: how often in a row a request was refused, and with which status;
    `doubted`: writes that may have been done; `accepted`: actions that were answered with 202 and
    whose object was not looked at since; `redirect`: status, path and method of the last answer
    that redirected; `not_before`: when a request may be sent again (seconds since the epoch);
    `polled`: by URL; `tags`: entity-tags by path.
    """

    count: int = 0
    looked: bool = False
    entry_points: dict[tuple[str, str], Capabilities] = field(default_factory=dict)
    origins: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    queries: dict[str, set[str]] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    actions: dict[Member, dict[str, str]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Property]] = field(default_factory=dict)
    gone: set[Member] = field(default_factory=set)
    challenges: set[str] = field(default_factory=set)
    refused: dict[Signature, tuple[int, int]] = field(default_factory=dict)
    doubted: dict[Signature, Doubt] = field(default_factory=dict)
    accepted: dict[Member, str] = field(default_factory=dict)
    redirect: Redirect | None = None
    not_before: dict[str, float] = field(default_factory=dict)
    polled: dict[str, Polled] = field(default_factory=dict)
    tags: dict[str, set[str]] = field(default_factory=dict)
    knows_all: bool = True

    def declared(self, x: Exchange) -> Capabilities | None:
        """What the entry point declared for the driver and provider that a request selects.

        None if this client has not read it.
        """
        return self.entry_points.get(selection(x))

    def add(self, x: Exchange) -> None:
        """Take in the next exchange."""
        self.count += 1
        here = origin(x.request.url)
        if here not in self.strangers:  # it was told of this one by its user
            self.origins.add(here)
        self.looked = self.looked or (x.api_path == "" and x.request.method == "GET")
        there = set(map(path_of, _absolute(x.request.url, {x.headers.get("Location")} - {""})))
        known = there & self.given
        self._note_declared(x)
        self._note_given(x)
        self._note_shown(x)
        self._note_writes(x)
        self._note_refusal(x)
        self._note_timing(x)
        self.redirect = None
        if x.status in (301, 302, 303, 307, 308):
            for path in there:
                self.redirect = Redirect(x.status, path, x.method, path in known)
        self._forget()

    def _forget(self) -> None:
        """Stay within bounds: what was told to a client that is told more than that is unknown."""
        told = (self.given, self.queries, self.tags, self.actions, self.profiles, self.strangers)
        if max(map(len, (*told, *self.ids.values(), self.gone))) > _MOST:
            self.knows_all = False
            for part in (*told, self.ids, self.whole, self.gone):
                part.clear()
        for asked in (self.refused, self.doubted, self.accepted, self.not_before):
            while len(asked) > _MOST_ASKED:
                asked.pop(next(iter(asked)))  # type: ignore[call-overload]

    # ------------------------------------------------------------ what the answer told

    def _note_declared(self, x: Exchange) -> None:
        if x.api_path != "" or (declared := capabilities.read(x)) is None:
            return
        self.entry_points[selection(x)] = declared
        for href in declared.collections.values():
            for url in _absolute(x.request.url, {href}):
                self.origins.add(origin(url))

    def _note_origin(self, url: str) -> None:
        if url.startswith(("http:", "https:")) and origin(url) not in self.origins:
            self.strangers.add(origin(url))

    def _note_given(self, x: Exchange) -> None:
        if x.format is not None and (x.beyond or x.syntax_error):
            self.knows_all = False
        for url in urls(x):
            path, query = path_of(url), urlsplit(url).query
            self.given |= {path, unquote(urlsplit(url).path)}
            self._note_origin(url)
            if self.gone and (match := API.match("GET", path.removeprefix(path_of(x.base)))):
                self.gone.discard((match[0].collection, match[1].get("id", "")))
            if (query or path in self.queries) and x.format != "html":
                self.queries.setdefault(path, set()).add(query)
        for tag in x.headers.all("ETag"):
            self.tags.setdefault(path_of(x.request.url), set()).add(tag)

    def _note_shown(self, x: Exchange) -> None:
        op = x.operation
        if op and op.writes and 200 <= x.status < 400 and "id" in x.path_params:
            self.actions.pop((op.collection, x.path_params["id"]), None)  # that is over
        if op is None or not x.ok:
            return
        _, shown = members(x)
        if shown or op.name == "index":
            ids = {str(member.get("id")) for _, member in shown}
            self.ids.setdefault(op.collection, set()).update(ids)
            if op.name == "index" and _is_whole(x):
                self.whole.add(op.collection)
            self.gone -= {(op.collection, id_) for id_ in ids}
        for singular, id_, _, links in actions(x):
            if singular in RELS:
                rels = {str(link.get("rel")): str(link.get("method") or "") for link in links}
                self.actions[_COLLECTIONS[singular], id_] = rels
                self.accepted.pop((_COLLECTIONS[singular], id_), None)
        if op.collection == "hardware_profiles":
            self.profiles |= dict(_profiles(x))
        if op.name in ("show", "index") and x.request.method in _SAFE:
            for key in [k for k in self.accepted if k[0] == op.collection]:
                if op.name == "index" or key[1] == x.path_params.get("id"):
                    del self.accepted[key]

    # ------------------------------------------------------------ what became of requests

    def _note_writes(self, x: Exchange) -> None:
        op = x.operation
        if x.method in _SAFE:
            if x.status:  # it has looked at what became of its writes
                seen = top(op) if op else ""
                self.doubted = {s: d for s, d in self.doubted.items() if d.collection != seen}
            return
        known = op is not None and "id" in x.path_params
        member = (op.collection, x.path_params["id"]) if op and known else ("", "")
        if not x.status or x.status in (502, 504):
            if op and _counts_twice(op):
                self.doubted[signature(x)] = Doubt(top(op), x.started)
        elif op and op.name == "destroy" and x.ok and op.collection not in ("blobs", "rules"):
            self.gone.add(member)
            self.actions.pop(member, None)
            self.accepted.pop(member, None)
        elif op and x.status == 202:
            self.accepted[member] = op.name
        if op and x.status and op.name != "destroy":
            self.gone.discard((op.collection, sending.values(x).get("name", "")))

    def _note_refusal(self, x: Exchange) -> None:
        key = signature(x)
        before, times = self.refused.pop(key, (0, 0))
        if x.method not in _SAFE and x.status:  # something may be otherwise now
            self.refused = {k: v for k, v in self.refused.items() if v[0] in (401, 403)}
        elif x.ok and x.api_path:  # it looked, at what may explain the refusal
            self.refused = {k: v for k, v in self.refused.items() if v[0] == 401}
        if 300 <= x.status < 500 or x.status == 501:
            self.refused[key] = (x.status, times + 1 if before == x.status else 1)
        if x.status == 401:
            for value in x.headers.all("WWW-Authenticate"):
                self.challenges |= {
                    word.lower() for word in re.findall(r"([\w-]+)(?=\s+\w+=)", value)
                }

    def _note_timing(self, x: Exchange) -> None:
        if x.started is None:
            return
        url, ended = x.request.url, x.started + x.ms / 1000
        after = x.headers.get("Retry-After").strip()
        if x.status in (429, 503) and after.isdecimal() and len(after) < 7:
            self.not_before[f"{x.method} {url}"] = ended + int(after)
        if x.request.method == "GET":
            polled = self.polled.get(url, Polled())
            self.polled = {url: polled}  # who asks for other things meanwhile does not only wait
            answer = (x.status, x.body if len(x.body) < 1 << 20 else b"")
            if polled.answer != answer:
                polled.times.clear()
            polled.answer = answer
            polled.times.append(x.started)
        elif x.method not in _SAFE:
            self.polled.clear()


# ---------------------------------------------------------------- reading


_COLLECTIONS = {s: n for n, s in (("instances", "instance"), ("images", "image"))}
_COLLECTIONS |= {"address": "addresses", "load_balancer": "load_balancers", "key": "keys"}
_COLLECTIONS |= {"storage_volume": "storage_volumes", "firewall": "firewalls", "rule": "rules"}
_COLLECTIONS |= {"network": "networks", "subnet": "subnets"}
_COLLECTIONS |= {"network_interface": "network_interfaces"}


def top(op: Operation) -> str:
    """The collection that an operation is about, of blobs their bucket's; empty if of none."""
    return API.collections[op.collection].parent or op.collection if op.collection else ""


def _counts_twice(op: Operation) -> bool:
    """Whether doing it twice differs from doing it once.

    A create that gives the id is refused the second time; what stops or attaches is idempotent.
    """
    names_it = any(parameter.type == "id" for parameter in op.params)
    return (op.name == "create" and not names_it) or op.name in ("reboot", "run", "rules")


def origin(url: str) -> str:
    """`http://host:port` in lower case; with the port, without user; loopback has one name."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = "localhost" if host in ("127.0.0.1", "::1") else host
    return f"{parts.scheme}://{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def resolved(x: Exchange, href: str) -> str:
    """The path of a reference in an answer; empty if it is none."""
    return next((path_of(url) for url in _absolute(x.request.url, {href})), "")


def path_of(url: str) -> str:
    """The path of a URL as it is compared: decoded, without matrix parameters and last slash."""
    return unquote(without_matrix(urlsplit(url).path)).rstrip("/")


def signature(x: Exchange) -> Signature:
    """What makes two requests the same."""
    sent = x.request
    fields = tuple(sent.headers.get(name) for name in _TELLING)
    return sent.method, sent.url, sending.content(x), fields


def selection(x: Exchange) -> tuple[str, str]:
    """Driver and provider that a request selects, by fields or matrix parameters (A173, C8)."""
    chosen = dict(sending.matrix(x))
    return tuple(  # type: ignore[return-value]
        (x.request.headers.get(f"X-Deltacloud-{name.title()}") or chosen.get(name, "")).lower()
        for name in ("driver", "provider")
    )


@once
def urls(x: Exchange) -> set[str]:
    """Absolute URLs that an answer gives: every href in XML, JSON and HTML, and Location."""
    found = set(x.headers.all("Location"))
    if x.format is not None:
        for hit in _HREF.finditer(x.body):
            raw = (hit[1] or hit[2] or hit[3] or b"").decode("utf-8", "replace")
            found.add(raw.replace("\\/", "/") if hit[3] is not None else unescape(raw))
    return set(_absolute(x.request.url, found))


def _absolute(base: str, references: set[str]) -> Iterator[str]:
    for reference in references:
        try:
            url = urljoin(base, reference)
            _ = urlsplit(url).port
        except ValueError:  # no URL at all: a matter of the server's
            continue
        yield url


def _is_whole(x: Exchange) -> bool:
    """Whether an index shows all members: asked without a filter, and read to the end."""
    unfiltered = x.request.method == "GET" and not set(sending.values(x)) - {"format", "_"}
    read = x.format in ("xml", "json") and not (x.beyond or x.syntax_error or unread_members(x))
    return unfiltered and read


def _profiles(x: Exchange) -> Iterator[tuple[str, dict[str, Property]]]:
    """Profiles in XML: JSON does not tell a default from a fixed value (J)."""
    for _, profile in elements(x, "hardware_profile"):
        found = {str(p.get("name")): _property(p) for p in profile.iterchildren("property")}
        yield str(profile.get("id")), found


def _property(element: Any) -> Property:
    bounds = element.find("range")
    first, last = ("", "") if bounds is None else (bounds.get("first", ""), bounds.get("last", ""))
    entries = tuple(str(entry.get("value", "")) for entry in element.iterfind("enum/entry"))
    kind, value = (str(element.get(name, "")) for name in ("kind", "value"))
    return Property(kind, value, first, last, entries)
