"""Custody: deciding, from evidence only, whether a resource is the run's own and may be removed.

An endpoint under test may be wrong in any way, and an account may hold other people's machines.
So what the answer to a create says was created is a claim, not a proof. A resource is in the run's
custody when four things hold:

1. It was not there before: neither in the inventory (the ids of every listed collection, read
   before the run's first write), nor in a list read immediately before the create, where there is
   one, nor seen since under a name that the run did not give. Ids that differ only in case, in
   percent-encoding or in slashes at the end may be one object to an endpoint, and count as one.
   An id that this run itself had in custody and saw gone may come again.
2. It is there now: the endpoint shows it under its own address.
3. It bears the run's mark, as the endpoint shows it: the name given out for this very create, with
   more than 64 random bits. Where a collection has no names, or a check chose the name, a list read
   immediately before the create takes the place of the mark; without such a list nothing is proven.
4. Its address is built from collection and id, and stays below the endpoint's base. Addresses that
   an answer gives are never used (`address`).

What fails 1 existed before: it is never written to again, and that is a finding if its very id was
there (others may have released an address that the run then got, or made what was seen). What else
fails is unproven: it is never removed, and reported as perhaps left behind. What remains possible:
an endpoint that hides an old resource from every list and then shows it under a new name of the run
cannot be told from one that created it.

Nothing here sends a request: `tck.checks.support.resources` collects the evidence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, unquote, urlsplit

from tck.endpoint.redaction import GATE

# Right endpoints may show the id in place of the name of these, or no name, as ec2 does. Then a
# list read immediately before the create takes the place of the mark.
MAY_HIDE_NAMES = frozenset({"network_interfaces"})
_MOST_SEEN = 100_000
NOT_SHOWN = "the endpoint does not show it"


class Title(Enum):
    """Whose a resource is, as far as the evidence shows."""

    OWN = "own"
    EXISTED = "existed before"
    UNPROVEN = "unproven"
    AWAITING = "awaiting evidence"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known before a create is sent.

    `mark`: the name given out for this create, empty if it has none. `before`: ids listed
    immediately before, None if that was not asked or could not be read.
    """

    collection: str
    mark: str = ""
    before: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the endpoint shows at a resource's own address after the create.

    `present`: there is a resource of this id; `names`: its id and name as shown.
    """

    present: bool
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whose a resource is, and the reason in a sentence for the report."""

    title: Title
    reason: str


class Custody:
    """The inventory of one run, what it has in custody, and what awaits evidence."""

    def __init__(self) -> None:
        """Without an inventory yet, and with nothing in custody."""
        self._inventory: dict[str, frozenset[str]] = {}
        self._spellings: set[tuple[str, str]] = set()
        self._seen: set[tuple[str, str]] = set()
        self._owned: set[tuple[str, str]] = set()
        self._gone: set[tuple[str, str]] = set()
        self._awaiting: dict[tuple[str, str], str] = {}

    def take_inventory(self, listed: Mapping[str, Collection[str]]) -> None:
        """What was there before the run's first write: ids by collection."""
        self._inventory = {name: frozenset(ids) for name, ids in listed.items()}
        self._spellings = {(name, spelling(id_)) for name, ids in listed.items() for id_ in ids}

    def see_another(self, collection: str, id_: str) -> None:
        """A list shows something under a name that the run did not give.

        After a hundred thousand of them no more are remembered: other evidence has to do.
        """
        key = collection, id_
        if (
            len(self._seen) < _MOST_SEEN
            and key not in self._owned | self._gone
            and key not in self._awaiting
        ):
            self._seen.add((collection, spelling(id_)))

    def existed(self, collection: str, id_: str) -> bool:
        """True if the inventory has it, and the run did not own it and see it gone since."""
        before = self._inventory.get(collection, ())
        # an inventory from a journal has ids without secrets
        there = id_ in before or GATE.text(id_) in before
        return there and (collection, id_) not in self._gone

    def has(self, collection: str, id_: str) -> bool:
        """True if the run may write to it: it is proven its own, and not gone."""
        return (collection, id_) in self._owned

    def was_own(self, collection: str, id_: str) -> bool:
        """True if the run had it in custody, and it was gone."""
        return (collection, id_) in self._gone

    def release(self, collection: str, id_: str) -> None:
        """A resource that was in custody is gone; its id may come again."""
        self._awaiting.pop((collection, id_), None)
        if self.has(collection, id_):
            self._owned.remove((collection, id_))
            self._gone.add((collection, id_))

    def claim(self, claim: Claim, id_: str) -> Decision:
        """What the lists say of a resource that a create is said to have made (1).

        If they do not speak against it, it awaits evidence: what the endpoint shows (`see`).
        """
        if not is_id(id_):
            return Decision(Title.UNPROVEN, "this cannot be the id of a resource")
        if against := self._before(claim, id_) or self._alike(claim, id_):
            return against
        if not claim.mark and claim.before is None:
            return Decision(Title.UNPROVEN, "the list before the create could not be read")
        self._awaiting[claim.collection, id_] = claim.mark
        return Decision(Title.AWAITING, "the endpoint did not show it yet")

    def _before(self, claim: Claim, id_: str) -> Decision | None:
        """That this very id was there; others may have released one that a later list lacks."""
        key = claim.collection, id_
        if self.has(*key) or key in self._awaiting or id_ in (claim.before or ()):
            return Decision(Title.EXISTED, "it was there immediately before the create")
        if self.existed(*key) and claim.before is None:
            return Decision(Title.EXISTED, "it was there before this run wrote anything")
        return None

    def _alike(self, claim: Claim, id_: str) -> Decision | None:
        """That it, or what an endpoint may take for the same, was there or was seen."""
        if (claim.collection, id_) in self._gone:
            return None
        alike = claim.collection, spelling(id_)
        if alike in self._spellings or alike[1] in map(spelling, claim.before or ()):
            return Decision(Title.UNPROVEN, "its id, or one spelled alike, was there before")
        if claim.before is None and alike in self._seen:
            return Decision(Title.UNPROVEN, "it was seen before under another name")
        return None

    def awaited(self, collection: str, id_: str) -> str | None:
        """The mark that a resource must show (empty: none) if it awaits evidence, else None."""
        return self._awaiting.get((collection, id_))

    def see(self, collection: str, id_: str, seen: Sighting) -> Decision:
        """What the endpoint shows of a resource that awaits evidence (2, 3)."""
        mark = self._awaiting[collection, id_]
        if not seen.present:
            return Decision(Title.UNPROVEN, NOT_SHOWN)
        hidden = collection in MAY_HIDE_NAMES and seen.names <= {id_, ""}
        if mark and mark not in seen.names and not hidden:
            return Decision(Title.UNPROVEN, f"it does not show the name {mark}, given to it")
        del self._awaiting[collection, id_]
        self._owned.add((collection, id_))
        return Decision(Title.OWN, "it is new")


def spelling(id_: str) -> str:
    """What an id has in common with others that an endpoint may take for the same."""
    return unicodedata.normalize("NFKC", unquote(unquote(id_))).casefold().strip("/ ")


def is_id(id_: str) -> bool:
    """True for what can be the last segment of a path and lead to one resource."""
    return bool(id_.strip()) and id_ not in (".", "..") and id_.isprintable()


def address(collection: str, *ids: str) -> str:
    """The path of a resource below the base, whatever the ids are.

    Raises ValueError for an id that would lead elsewhere.
    """
    for id_ in ids:
        if not is_id(id_):
            raise ValueError(f"{id_!r} cannot be the id of a resource")
    return "/" + "/".join((collection, *(quote(id_, safe="") for id_ in ids)))


def subject_of(base: str, url: str) -> tuple[str, str] | None:
    """Collection and id of the resource that a URL is about; None if it is not about one."""
    path, root = urlsplit(url).path, urlsplit(base).path.rstrip("/")
    segments = [unquote(part.partition(";")[0]) for part in path.split("/")]
    above = [unquote(part) for part in root.split("/")]
    below = segments[len(above) :] if segments[: len(above)] == above else []
    below = [part for part in below if part]
    return (below[0], below[1]) if len(below) > 1 else None


def is_below(base: str, url: str) -> bool:
    """True if a URL has the origin of the base and a path below it."""
    try:
        one, other = urlsplit(base), urlsplit(url)
        same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
    except ValueError:
        return False
    return same and other.path.startswith(one.path.rstrip("/") + "/")
