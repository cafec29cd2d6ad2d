"""A run that has ended, as its journal tells (`tck.safety.journal` explains the lines)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tck.endpoint import input_file
from tck.safety.custody import address, is_below
from tck.safety.resource import Intent, Resource

_BEGINNING = '{"event": "run"'


class UnreadableJournal(Exception):
    """A file is not a journal, or its run is still going on; the message says which."""


class NothingBegun(UnreadableJournal):
    """A journal without a whole line: its run was killed before it sent anything."""


@dataclass(slots=True)
class PastRun:
    """What a journal file says: its `run` line, live resources, unanswered intents.

    `inventory`: the ids that were there before the run's first write, by collection. `names`: as in
    `Journal`. `broken`: what is wrong with the file, a line each. `doubtful`: resources that cannot
    be told from others by a name, and why a name would be needed. `disowned`: what could not be
    proven the run's own, and why; both by address. `removing`: addresses to which DELETE was sent.
    `unnamed`: by collection, what the first create without a name found there beside the inventory.
    `cut`: a kill cut the last line.
    """

    run: dict[str, str] = field(default_factory=dict)
    inventory: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    cut: bool = False
    disowned: dict[str, tuple[Resource, str]] = field(default_factory=dict)
    unnamed: dict[str, list[str]] = field(default_factory=dict)
    removing: set[str] = field(default_factory=set)
    _live: dict[str, Resource] = field(default_factory=dict)
    _open: dict[int, Intent] = field(default_factory=dict)

    @property
    def live(self) -> list[Resource]:
        """What is known to be there, in the order of its creation."""
        return [r for href, r in self._live.items() if href not in self.doubtful]

    @property
    def doubtful(self) -> dict[str, tuple[Resource, str]]:
        """What was there, and may be somebody else's now."""
        unnamed = ((href, r) for href, r in self._live.items() if not r.marked)
        return {href: (r, why) for href, r in unnamed if (why := self._doubt(href))}

    def _doubt(self, href: str) -> str:
        if href in self.removing:
            return "its removal was asked for; what has its id now may be somebody else's"
        return "the journal is damaged, and it has no name" if self.broken else ""

    @property
    def unanswered(self) -> list[Intent]:
        """Intents without a known outcome, oldest first."""
        return list(self._open.values())

    def move(self, endpoint: str) -> None:
        """Replace the endpoint's base URL; addresses below the old one follow it."""
        old = self.run.get("endpoint", "")

        def new(href: str) -> str:
            return endpoint + href[len(old) :] if old and href.startswith(old + "/") else href

        self._live = {new(h): replace(r, href=new(h)) for h, r in self._live.items()}
        self.removing = set(map(new, self.removing))
        disowned = self.disowned.items()
        self.disowned = {new(h): (replace(r, href=new(h)), why) for h, (r, why) in disowned}
        self.run["endpoint"] = endpoint

    def _is_address(self, collection: str, id_: str, href: str) -> bool:
        """Whether an address is that of a resource at the run's endpoint. May raise ValueError."""
        base = self.run.get("endpoint", "")
        if collection == "blobs":
            return is_below(f"{base}/buckets", href)
        return href == base + address(collection, id_)

    def _intend(self, intent: Intent) -> None:
        self._open[intent.number] = intent
        self.names.add(intent.name)
        if not intent.name:
            self.unnamed.setdefault(intent.collection, intent.before)

    def take(self, entry: Any) -> None:
        """Take one line in. Raises ValueError if it is not one of a journal."""
        match entry:
            case {"event": "run", **run} if all(isinstance(value, str) for value in run.values()):
                self.move(str(run.get("endpoint", "")))
                self.run = {str(name): str(value) for name, value in run.items()}
            case {"event": "inventory", "ids": dict() as listed}:
                self.inventory = {name: [str(id_) for id_ in ids] for name, ids in listed.items()}
            case {
                "event": "intent",
                "number": int() as number,
                "collection": str() as collection,
                "name": str() as name,
                "before": list() as before,
            }:
                self._intend(Intent(number, collection, name, [str(id_) for id_ in before]))
            case {"event": "refused", "intent": int() as number}:
                self._open.pop(number, None)
            case {
                "event": "created",
                "intent": int() | None as number,
                "collection": str() as collection,
                "id": str() as id_,
                "href": str() as href,
            } if self._is_address(collection, id_, href):
                mark = str(entry.get("mark", ""))
                self._live[href] = Resource(collection, id_, href, mark)
                self._open.pop(number or 0, None)
                self.removing.discard(href)
                self.disowned.pop(href, None)
            case {"event": "removing", "href": str() as href}:
                self.removing.add(href)
            case {"event": "stays", "href": str() as href}:
                self.removing.discard(href)
            case {"event": "gone" | "disowned" as event, "href": str() as href}:
                if ended := self._live.pop(href, None):
                    if event == "gone":
                        self.names.discard(ended.mark)
                    else:
                        self.disowned[href] = ended, str(entry.get("reason", ""))
            case _:
                raise ValueError("not a line of a journal")


def read(path: Path, endpoint: str | None = None) -> PastRun:
    """Read a journal file. Raises UnreadableJournal.

    `endpoint`: the endpoint's base URL now, if it moved; hrefs below the old one follow it.
    """
    try:
        lines = input_file.text(path, input_file.MOST).split("\n")
    except OSError as error:
        raise UnreadableJournal(f"{path}: {error.strerror}") from error
    past = PastRun()
    if len(lines) == 1 and _BEGINNING.startswith(lines[0][: len(_BEGINNING)]):
        raise NothingBegun(f"{path}: its run was killed before it sent anything")
    for number, line in enumerate(lines, 1):
        try:
            past.take(json.loads(line))
        except (ValueError, TypeError, RecursionError) as error:
            if number == len(lines):
                past.cut = bool(line)
                break
            message = f"{path}:{number}: not a line of a journal"
            if not past.run:
                raise UnreadableJournal(message) from error
            past.broken.append(message)
    if not past.run:
        raise UnreadableJournal(f"{path}: not a journal (its first line should describe a run)")
    if endpoint:
        past.move(endpoint)
    return past
