"""The inventory of an account: what its collections list, before the run's first write and after.

The lists before the run are custody's evidence of what is not the run's own; those at the end show
what the run left behind (`leftovers`), and what of others has gone or changed meanwhile. That is
told and blames nobody: others use the account, too.
"""

from __future__ import annotations

import fcntl
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.safety.custody import Sighting

# GETs the list of a collection
List = Callable[[str], Exchange]
_SHOWN = ("name", "state")
_MOST_UNANSWERED = 2  # lists; after that no more are asked for
_MOST_LOOKS = 20  # at single objects that are no longer listed
_LONGEST = 200  # characters of a name or state, and of what is said of an id
# Bytes of all members in sum, those of each and what holding it takes; no account comes near it.
_MOST_BYTES, _EACH = 16 << 20, 150


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a collection as its list shows it; what it does not show is empty."""

    id: str
    name: str = ""
    state: str = ""

    def __str__(self) -> str:
        """`inst0 (web, RUNNING)`."""
        shown = [part for part in (self.name, self.state) if part not in ("", self.id)]
        return self.id[:_LONGEST] + (f" ({', '.join(shown)})" if shown else "")

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return _EACH + len(self.id) + len(self.name) + len(self.state)


_IDS = re.compile(r"""\bid\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_WHOLE = re.compile(rb"\A(?:<\?xml[^>]*>)?\s*<([a-z_]+)[\s>].*</\1>\s*\Z", re.DOTALL)

# Members by collection and id. A collection whose list could not be read is absent.
Inventory = Mapping[str, Mapping[str, Item]]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that this run did not make is gone, or shown otherwise than before."""

    collection: str
    item: Item
    text: str


def read(collections: Iterable[str], get: List) -> Inventory:
    """The members of collections now, by one list each; so many that memory stays bounded."""
    members: dict[str, Mapping[str, Item]] = {}
    unanswered, room = 0, _MOST_BYTES
    for collection in collections:
        if unanswered < _MOST_UNANSWERED:
            x = get(collection)
            unanswered += not x.status
            if x.ok and x.xml is not None:
                members[collection] = found = {}
                for item in items_of(x):
                    room -= item.size
                    if room > 0:
                        found[item.id] = item
    return members


def of_all_processes(folder: Path, take: Callable[[], Inventory]) -> Inventory:
    """The inventory that the first process of a run takes; the others wait for it.

    None of them has written anything before, so what one makes is in the inventory of no other.
    `folder`: shared by them.
    """
    file = folder / "inventory.json"
    with (folder / "inventory.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            taken = take()
            file.write_text(json.dumps(taken, default=asdict), "utf-8")
            return taken
    found = json.loads(file.read_text("utf-8"))
    return {
        collection: {id_: Item(**item) for id_, item in items.items()}
        for collection, items in found.items()
    }


def items_of(x: Exchange) -> Iterator[Item]:
    """Members of an XML list that have an id; none if the answer is not a list."""
    for child in x.xml.iterchildren(etree.Element) if x.ok and x.xml is not None else ():
        if id_ := child.get("id"):
            texts = ((child.findtext(tag) or "")[: 2 * _LONGEST] for tag in _SHOWN)
            name, state = (" ".join(text.split())[:_LONGEST] for text in texts)
            yield Item(id_, name, state)


def ids_in(x: Exchange) -> frozenset[str] | None:
    """The ids of the members of an XML list; None if they cannot be known.

    Of a document that is not well-formed (a name that was not escaped), but whole, all that stands
    in attributes `id`, also of what is inside the members.
    """
    if not x.ok or x.beyond:
        return None
    if x.xml is not None:
        return frozenset(item.id for item in items_of(x))
    if not _WHOLE.search(x.body):
        return None
    found = (one or other for one, other in _IDS.findall(x.body.decode("utf-8", "replace")))
    return frozenset(map(html.unescape, found))


def changes(
    before: Inventory, after: Inventory, is_gone: Callable[[str, str], bool]
) -> Iterator[Change]:
    """What is gone or shown otherwise. `is_gone` looks at one object by collection and id."""
    looks = 0
    for collection, items in before.items():
        if collection not in after:
            if items:
                text = f"{len(items)} {collection} were there, and the list cannot be read any more"
                yield Change(collection, Item(""), text)
            continue
        now = after[collection]
        for item in items.values():
            if other := now.get(item.id):
                if (other.name, other.state) != (item.name, item.state):
                    text = f"{collection} {item} is now {other}"
                    yield Change(collection, item, text)
            elif item.state != "FINISH":
                looks += 1
                if looks > _MOST_LOOKS or is_gone(collection, item.id):
                    yield Change(collection, item, f"{collection} {item} is gone")


def sighting(x: Exchange, id_: str, mark: str) -> Sighting:
    """What a GET of a resource shows of it: whether it is there, and its names.

    In a document that is not well-formed the mark counts wherever it stands as a word. What has no
    mark is there if the document has its id.
    """
    if not x.ok:
        return Sighting(False)
    if x.xml is not None:
        names = {x.xml.get("id") or "", (x.xml.findtext("name") or "").strip()}
        return Sighting(x.xml.get("id") == id_, frozenset(names))
    if not mark:
        return Sighting(id_ in (ids_in(x) or ()))
    found = re.search(rb"(?<![0-9a-z])%b(?![0-9a-z])" % mark.encode(), x.body)
    return Sighting(bool(found), frozenset({mark}) if found else frozenset())
