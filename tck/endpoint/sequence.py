"""The requests that lead to an exchange: as few as are needed to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

from tck.endpoint.disturbance import SAFE
from tck.endpoint.exchange import Exchange
from tck.endpoint.references import is_about

_SHORT = 8
_LONGEST = 25
_MOST = 2_000
_MOST_SHOWN = 3  # of what an answer shows, how much is created before


class Trail(list[Exchange]):
    """Exchanges without the content of the answers, the first 2,000 since it was cleared.

    So a long check does not take all memory. Nothing leads to an exchange that is not in it.
    `creates`: the last 2,000 that created something, also those before it was cleared.
    """

    def __init__(self) -> None:
        """Nothing was exchanged yet."""
        super().__init__()
        self.creates: list[Exchange] = []

    def append(self, x: Exchange) -> None:
        """Add an exchange, as a copy."""
        response = x.response and replace(x.response, body=None, omitted="not kept")
        kept = replace(x, response=response, made=made_by(x))
        if len(self) < _MOST:
            super().append(kept)
        if kept.made:
            self.creates.append(kept)
            del self.creates[:-_MOST]


def made_by(x: Exchange) -> str:
    """The id of what an exchange created, by its document or else by Location; empty if nothing."""
    if x.made or not x.ok or x.request.method != "POST":
        return x.made
    if x.operation is None or x.operation.name != "create":
        return ""
    if x.xml is not None and x.xml.get("id"):
        return str(x.xml.get("id"))
    if isinstance(x.json, dict) and len(x.json) == 1:
        [value] = x.json.values()
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            return str(value["id"])
    return unquote(x.headers.get("Location").rstrip("/").rpartition("/")[2])


def leading_to(last: Exchange, trail: Sequence[Exchange]) -> list[Exchange]:
    """Exchanges of a trail up to and including `last`; empty if it is the first, or too many.

    So it is also for what was sent as bytes, on a connection of its own: nothing leads to it.
    If there are more than a few, reads are dropped that cannot matter: reads of other URLs than
    the last, and all but the last of several reads in a row (a generated sequence reads everything
    after each step). What an earlier check created, and these are about, comes first.
    """
    if last.request.octets:
        return []
    end = next((number for number, x in enumerate(trail, 1) if x.id == last.id), 0)
    leading = list(trail[:end])
    if end > _SHORT:
        leading = [x for x in leading if not _reads(x) or x.request.url == last.request.url]
        pairs = zip(leading, [*leading[1:], None], strict=True)
        leading = [x for x, y in pairs if y is None or not (_reads(x) and _reads(y))]
    leading = _with_creates(leading, trail.creates if isinstance(trail, Trail) else ())
    return leading if 1 < len(leading) <= _LONGEST else []


def needed_for(last: Exchange, trail: Trail) -> list[Exchange]:
    """What must be sent before `last`, which may not be in the trail yet, and `last` itself.

    That is what created, and since changed, what its request is about, or its answer shows. Empty
    if nothing is, or too much.
    """
    shown = [made for made in trail.creates if _is_shown(made.made, last.body)][-_MOST_SHOWN:]
    needed = _with_creates([*shown, last], trail.creates)
    ids = [x.made for x in needed if x.made]
    needed += [
        x
        for x in trail
        if not _reads(x) and x.ok and any(is_about(x.request.url, None, id_) for id_ in ids)
    ]
    before = {x.id: x for x in needed if x.id != last.id}
    leading = [*sorted(before.values(), key=lambda x: x.started or 0.0), last]
    return leading if 1 < len(leading) <= _LONGEST else []


def _is_shown(id_: str, content: bytes) -> bool:
    return any(f"{mark}{id_}{mark}".encode() in content for mark in "\"'")


def _with_creates(leading: list[Exchange], creates: Sequence[Exchange]) -> list[Exchange]:
    """With what created the objects that requests are about, and what those creates are about."""
    there = {x.id for x in leading}
    before: list[Exchange] = []
    for create in reversed(creates):
        sent = [x.request for x in (*before, *leading)]
        if create.id not in there and any(is_about(r.url, r.body, create.made) for r in sent):
            before.insert(0, create)
    return [*before, *leading]


def _reads(x: Exchange) -> bool:
    return x.request.method in SAFE
