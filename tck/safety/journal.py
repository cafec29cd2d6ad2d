"""What a run created at the endpoint: written down before it is created.

One JSON object a line, each synced to disk: `run` first; then `intent` before every create
request, and after it `created` with the href or `refused`; `gone` when something is known to
be gone. A run that is killed leaves a file from which clean-up can go on; an intent without
an outcome is a create whose answer was lost. The file is locked while its run goes on.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self, TextIO


class UnreadableJournal(Exception):
    """A file is no journal, or one of a run that goes on; the message says which."""


@dataclass(slots=True)
class Resource:
    """Something this run created: its collection, id and href."""

    collection: str
    id: str
    href: str


@dataclass(slots=True)
class Intent:
    """A create that was about to be asked for.

    `name` is what it was to be called, empty if it could not be named; then `before` holds
    the ids that were there.
    """

    number: int
    collection: str
    name: str
    before: list[str] = field(default_factory=list)


class Journal:
    """The list of a run's resources, in the order of their creation."""

    def __init__(self, path: Path | None = None, **run: str) -> None:
        """`path`: the file; None keeps the list in memory only (embedded server).

        `run` describes the run in the first line: run, endpoint, driver, provider.
        """
        self.live: list[Resource] = []
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
        """In memory, what a file says."""
        journal = cls()
        journal.live = list(past.live)
        journal._open = {intent.number: intent for intent in past.unanswered}
        return journal

    @classmethod
    def resume(cls, path: Path, endpoint: str) -> Self:
        """The journal of a run that ended early, to go on with; the endpoint's base as it is now.

        Raises UnreadableJournal, if the run goes on among others.
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

    def intent(self, collection: str, name: str, before: Collection[str] = ()) -> int:
        """A resource is about to be created; the number under which its outcome is told."""
        self._count += 1
        intent = Intent(self._count, collection, name, sorted(before))
        self._open[intent.number] = intent
        self._write({"event": "intent", **asdict(intent)})
        return intent.number

    def created(self, resource: Resource, intent: int | None = None) -> Resource:
        """It was created."""
        self.live.append(resource)
        self._open.pop(intent or 0, None)
        self._write({"event": "created", "intent": intent, **asdict(resource)})
        return resource

    def refused(self, intent: int) -> None:
        """It was answered with a refusal: nothing was created."""
        self._open.pop(intent, None)
        self._write({"event": "refused", "intent": intent})

    def gone(self, resource: Resource) -> None:
        """It is known to be gone."""
        self.live.remove(resource)
        self._write({"event": "gone", "href": resource.href})

    def owns(self, href: str) -> bool:
        """True if this run created what stands at an href; nothing else is ever deleted."""
        return any(resource.href == href for resource in self.live)

    @property
    def unanswered(self) -> list[Intent]:
        """Creates of which it is not known what became of them."""
        return list(self._open.values())

    def close(self, *, keep: bool) -> None:
        """Close the file, and remove it unless it is to be kept for a later clean-up."""
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
    """What a journal file says: the run, what it left alive, creates without an answer."""

    run: dict[str, str]
    live: list[Resource]
    unanswered: list[Intent]


def read(path: Path, endpoint: str | None = None) -> PastRun:
    """Read a journal of a run that ended early. Raises UnreadableJournal.

    `endpoint` is where its resources are now, if not where they were. A last line that breaks
    off is what a crash leaves, and is passed over.
    """
    try:
        lines = path.read_text("utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableJournal(f"{path}: {error}") from error
    run: dict[str, str] = {}
    live: dict[str, Resource] = {}
    unanswered: dict[int, Intent] = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            event = entry.pop("event")
            if event == "run":
                live = _moved(live.values(), run.get("endpoint", ""), entry.get("endpoint", ""))
                run = entry
            elif event == "intent":
                unanswered[entry["number"]] = Intent(**entry)
            elif event == "refused":
                unanswered.pop(entry["intent"], None)
            elif event == "created":
                unanswered.pop(entry.pop("intent") or 0, None)
                live[entry["href"]] = Resource(**entry)
            elif event == "gone":
                live.pop(entry["href"], None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if number == len(lines) and not line.endswith("\n"):
                break
            raise UnreadableJournal(f"{path}:{number}: not a line of a journal") from error
    if not run:
        raise UnreadableJournal(f"{path}: not a journal (its first line tells the run)")
    if endpoint:
        live = _moved(live.values(), run.get("endpoint", ""), endpoint)
        run["endpoint"] = endpoint
    return PastRun(run, list(live.values()), list(unanswered.values()))


def _moved(live: Iterable[Resource], old: str, new: str) -> dict[str, Resource]:
    """Resources by their hrefs at the endpoint's new place (an embedded server has many)."""
    moved = {}
    for resource in live:
        below = old and resource.href.startswith(old + "/")
        href = new + resource.href[len(old) :] if below else resource.href
        moved[href] = Resource(resource.collection, resource.id, href)
    return moved
