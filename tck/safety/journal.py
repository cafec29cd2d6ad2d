"""The journal: what a run creates at an endpoint, written down before it is created.

A process may be killed at any moment, and the answer to a create may be lost. What was created
must still be found and removed, and nothing else. So each process of a run has a file of JSON
objects, one a line, each synced to disk before the next request is sent:

    run      first: run id, endpoint, driver, provider, cloud; again when a clean-up resumes
    inventory  before the first write: the ids that every collection has
    intent   before a create: number, collection, the name it will have, else the ids there are
    created  after a success: number of the intent, collection, id, href
    refused  after a 4xx: number of the intent; nothing was created
    gone     the resource at this href is known to be gone
    disowned  the resource at this href could not be proven the run's own: it is not touched

What is `created` and not `gone` is live. An `intent` without an outcome is unanswered: the
process was killed, the connection broke, or the answer was a 5xx (after which the original may
have created it, B5). It may exist or not; `leftovers` looks for it. The intent comes first
because the reverse order could leave a resource that nothing knows of, while an intent whose
request was never sent only costs a search that finds nothing.

A kill may cut the last line: a last line without its newline is ignored, and cut off when a
clean-up resumes. Any other broken line makes the file unreadable, since deleting by it would be
guessing. The file is created exclusively and locked (flock) by its process, so a clean-up cannot
take the journal of a run that still goes on; the lock ends with the process, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TextIO


class UnreadableJournal(Exception):
    """A file is not a journal, or its run is still going on; the message says which."""


@dataclass(slots=True)
class Resource:
    """Something this run created: its collection, id and absolute address.

    `mark`: the name that was given out for it, empty if it could not be named.
    """

    collection: str
    id: str
    href: str
    mark: str = ""


@dataclass(slots=True)
class Intent:
    """A create that was about to be requested.

    `number` is unique in the journal. `name` is empty if the resource could not be named; then
    `before` holds the sorted ids that the collection had.
    """

    number: int
    collection: str
    name: str
    before: list[str] = field(default_factory=list)


class Journal:
    """A run's resources: `live` in the order of their creation, and `unanswered` intents.

    `path` is the file, None if the journal is in memory only. `before`: the inventory.
    `names`: those of all intents whose resource is not known to be gone.
    """

    def __init__(self, path: Path | None = None, **run: str) -> None:
        """Begin a journal. `path` must not exist (FileExistsError); None writes no file.

        `run` is the first line: run (its id), endpoint (base URL), driver, provider, cloud.
        """
        self.live: list[Resource] = []
        self.before: Mapping[str, Collection[str]] = {}
        self.names: set[str] = set()
        self.path = path
        self._open: dict[int, Intent] = {}
        self._count = 0
        self._file: TextIO | None = None
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("x", encoding="utf-8")
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._write({"event": "run", **run})

    @classmethod
    def in_memory(cls, past: PastRun) -> Self:
        """A journal in memory with what a file says."""
        journal = cls()
        journal.live = list(past.live)
        journal.before, journal.names = past.inventory, past.names
        journal._open = {intent.number: intent for intent in past.unanswered}
        return journal

    @classmethod
    def resume(cls, path: Path, endpoint: str) -> Self:
        """Go on with the journal of a run that ended early; `endpoint` is its base URL now.

        Raises UnreadableJournal, also if the run is still going on.
        """
        past = read(path, endpoint)
        journal = cls.in_memory(past)
        try:
            file = path.open("r+", encoding="utf-8")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnreadableJournal(f"{path}: its run is still going on") from error
        except OSError as error:
            raise UnreadableJournal(f"{path}: {error.strerror}") from error
        whole = path.read_bytes().rpartition(b"\n")[0]
        file.seek(file.truncate(len(whole) + 1))
        journal.path, journal._file = path, file
        journal._write({"event": "run", **past.run})
        return journal

    def inventory(self, listed: Mapping[str, Collection[str]]) -> None:
        """Record what was there before the run's first write: ids by collection."""
        self.before = listed
        self._write(
            {"event": "inventory", "ids": {name: list(ids) for name, ids in listed.items()}}
        )

    def intent(self, collection: str, name: str, before: Collection[str] = ()) -> int:
        """Record that a resource is about to be created. Returns the number of the intent."""
        self._count += 1
        intent = Intent(self._count, collection, name, sorted(before))
        self._open[intent.number] = intent
        self.names.add(name)
        self._write({"event": "intent", **asdict(intent)})
        return intent.number

    def created(self, resource: Resource, intent: int | None = None) -> Resource:
        """Record that a resource was created, by a request with an intent or without one."""
        self.live.append(resource)
        self._open.pop(intent or 0, None)
        self._write({"event": "created", "intent": intent, **asdict(resource)})
        return resource

    def refused(self, intent: int) -> None:
        """Record that the endpoint refused, so that nothing was created."""
        self._open.pop(intent, None)
        self._write({"event": "refused", "intent": intent})

    def gone(self, resource: Resource) -> None:
        """Record that a live resource is gone. Raises ValueError if it is not live."""
        self.live.remove(resource)
        self.names.discard(resource.mark)
        self._write({"event": "gone", "href": resource.href})

    def disown(self, resource: Resource) -> None:
        """Record that a resource could not be proven the run's own: it is not touched."""
        self.live.remove(resource)
        self._write({"event": "disowned", "href": resource.href})

    def owns(self, href: str) -> bool:
        """True if what is at an href is a live resource of this run: only that may be deleted."""
        return any(resource.href == href for resource in self.live)

    @property
    def unanswered(self) -> list[Intent]:
        """Intents without a known outcome, oldest first."""
        return list(self._open.values())

    def close(self, *, keep: bool) -> None:
        """Close the file, and delete it unless `keep` (a later clean-up needs it)."""
        if self._file and self.path:
            self._file.close()
            self._file = None
            if not keep:
                self.path.unlink(missing_ok=True)

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


@dataclass(slots=True)
class PastRun:
    """What a journal file says: its `run` line, live resources, unanswered intents.

    `inventory`: the ids that were there before the run's first write, by collection.
    """

    run: dict[str, str]
    live: list[Resource]
    unanswered: list[Intent]
    inventory: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def read(path: Path, endpoint: str | None = None) -> PastRun:
    """Read a journal file. Raises UnreadableJournal.

    `endpoint`: the endpoint's base URL now, if it moved; hrefs below the old one follow it.
    """
    try:
        lines = path.read_text("utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableJournal(f"{path}: {error}") from error
    run: dict[str, str] = {}
    live: dict[str, Resource] = {}
    unanswered: dict[int, Intent] = {}
    inventory: dict[str, list[str]] = {}
    names: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            event = entry.pop("event")
            if event == "run":
                live = _moved(live.values(), run.get("endpoint", ""), entry.get("endpoint", ""))
                run = entry
            elif event == "intent":
                unanswered[entry["number"]] = Intent(**entry)
                names.add(str(entry["name"]))
            elif event == "inventory":
                inventory = {str(name): list(map(str, ids)) for name, ids in entry["ids"].items()}
            elif event == "refused":
                unanswered.pop(entry["intent"], None)
            elif event == "created":
                unanswered.pop(entry.pop("intent") or 0, None)
                live[entry["href"]] = Resource(**entry)
            elif event in ("gone", "disowned"):
                ended = live.pop(entry["href"], None)
                names -= {ended.mark} if ended and event == "gone" else set()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if number == len(lines) and not line.endswith("\n"):
                break
            raise UnreadableJournal(f"{path}:{number}: not a line of a journal") from error
    if not run:
        raise UnreadableJournal(f"{path}: not a journal (its first line should describe a run)")
    if endpoint:
        live = _moved(live.values(), run.get("endpoint", ""), endpoint)
        run["endpoint"] = endpoint
    return PastRun(run, list(live.values()), list(unanswered.values()), inventory, names)


def _moved(live: Iterable[Resource], old: str, new: str) -> dict[str, Resource]:
    """Resources by their hrefs, with the endpoint's old base URL replaced by its new one."""
    moved = {}
    for resource in live:
        is_below = old and resource.href.startswith(old + "/")
        href = new + resource.href[len(old) :] if is_below else resource.href
        moved[href] = replace(resource, href=href)
    return moved
