"""The journal: what a run creates at an endpoint, written down before it is created.

A process may be killed at any moment, and the answer to a create may be lost. What was created
must still be found and removed, and nothing else. So each process of a run has a file of JSON
objects, one a line, each synced to disk before the next request is sent:

    run      first: run id, endpoint, driver, provider, cloud; again when a clean-up resumes
    inventory  before the first write: the ids that every collection has
    intent   before a create: number, collection, the name it will have, else the ids there are
             beside those of the inventory
    created  after a success: number of the intent, collection, id, href
    refused  after a 4xx: number of the intent; nothing was created
    removing  before a DELETE of the resource at this href; it was in custody then
    stays    after the DELETE was refused
    gone     the resource at this href is known to be gone
    disowned  the resource at this href could not be proven the run's own, and why: it is not
             touched, but told

What is `created` and not `gone` is live. If a kill comes while it is `removing` and it bears no
mark, nobody knows whose is what has its id now: that is only told. An `intent` without an
outcome is unanswered: the process was killed, the connection broke, or the answer was a 5xx (after
which the original may have created it, B5). It may exist or not; `leftovers` looks for it. The
intent comes first because the reverse order could leave a resource that nothing knows of, while an
intent whose request was never sent only costs a search that finds nothing.

Secrets of the run are hidden here, too. An id that an endpoint made of the password is of no use
then: such a create stays unanswered, and is found by its name; `refused` says that it is gone. Ids
that were listed before are compared as they are written.

A kill may cut the last line: what cannot be read of it is ignored, and cut off when a clean-up
resumes. Any other broken line, or an event that is not in the table, is told, and weakens the rest,
as a `gone` may be missing: what bears a name of the run can still be proven its own; what bears
none is only `doubtful`: it is listed, and removed only if the user says so. The file is created
exclusively and locked (flock) by its process, so a clean-up cannot take the journal of a run that
still goes on; the lock ends with the process, however it ends.
"""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any, Self

from tck.endpoint import disk
from tck.endpoint.disk import Unwritable
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import GATE
from tck.safety.past_run import PastRun, UnreadableJournal, read
from tck.safety.resource import Intent, Resource

_MOST_EVIDENCE = 16 << 20  # bytes of a journal with all that was listed


class Journal:
    """A run's resources: `live` in the order of their creation, and `unanswered` intents.

    `path` is the file, None if the journal is in memory only. `before`: the inventory.
    `names`: those of all intents whose resource is not known to be gone. `failure`: why the file
    cannot be written to any more. Nothing is created then, and what was is still removed.
    """

    def __init__(self, path: Path | None = None, **run: str) -> None:
        """Begin a journal. `path` must not exist; None writes no file. Raises Unwritable.

        `run` is the first line: run (its id), endpoint (base URL), driver, provider, cloud.
        """
        self.live: list[Resource] = []
        self.before: Mapping[str, Collection[str]] = {}
        self.names: set[str] = set()
        self.path = path
        self._open: dict[int, Intent] = {}
        self._count = 0
        self._removing: set[str] = set()
        self._secret: dict[str, int | None] = {}  # intents of what is not written down, by address
        self.failure = ""
        self._size = 0
        self._file: FileIO | None = None
        if path:
            with disk.telling(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = disk.create_new(path)
                fcntl.flock(self._file, fcntl.LOCK_EX)
            self._write_or_raise({"event": "run", **run})

    @classmethod
    def in_memory(cls, past: PastRun) -> Self:
        """A journal in memory with what a file says."""
        journal = cls()
        journal.live = list(past.live)
        journal.before, journal.names = past.inventory, past.names
        journal._open = {intent.number: intent for intent in past.unanswered}
        journal._removing = set(past.removing)
        return journal

    @classmethod
    def resume(cls, path: Path, endpoint: str) -> Self:
        """Go on with the journal of a run that ended early; `endpoint` is its base URL now.

        Raises UnreadableJournal, also if the run is still going on.
        """
        past = read(path, endpoint)
        journal = cls.in_memory(past)
        try:
            file = FileIO(path, "r+")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnreadableJournal(f"{path}: its run is still going on") from error
        except OSError as error:
            raise UnreadableJournal(f"{path}: {error.strerror}") from error
        content = file.readall()
        if past.cut:
            file.truncate(len(content.rpartition(b"\n")[0]) + 1)
        elif not content.endswith(b"\n"):
            file.write(b"\n")
        journal.path, journal._file = path, file
        journal._write({"event": "run", **past.run})
        return journal

    def inventory(self, listed: Mapping[str, Collection[str]]) -> None:
        """Record what was there before the run's first write: ids by collection.

        Raises Unwritable.
        """
        self.before = listed
        self._write_or_raise(
            {"event": "inventory", "ids": {name: list(ids) for name, ids in listed.items()}}
        )

    def intent(self, collection: str, name: str, before: Collection[str] = ()) -> int:
        """Record that a resource is about to be created. Returns the number of the intent.

        Raises Unwritable: then it must not be created.
        """
        listed = self.before.get(collection, ())
        intent = Intent(
            self._count + 1, collection, name, sorted(id_ for id_ in before if id_ not in listed)
        )
        self._write_or_raise({"event": "intent", **asdict(intent)})
        self._count += 1
        self._open[intent.number] = intent
        self.names.add(name)
        return intent.number

    def created(self, resource: Resource, intent: int | None = None) -> Resource:
        """Record that a resource was created, by a request with an intent or without one."""
        self.live.append(resource)
        self._removing.discard(resource.href)
        if intent is not None:
            self._open.pop(intent, None)
        entry = {"event": "created", "intent": intent, **asdict(resource)}
        if GATE.tree(entry) != entry:
            self._secret[resource.href] = intent
        else:
            self._write(entry)
        return resource

    def refused(self, intent: int) -> None:
        """Record that the endpoint refused, so that nothing was created."""
        self._open.pop(intent, None)
        self._write({"event": "refused", "intent": intent})

    def removing(self, resource: Resource) -> None:
        """Record that DELETE is about to be sent."""
        if resource.href not in self._removing:
            self._removing.add(resource.href)
            self._write_about("removing", resource)

    def stays(self, resource: Resource) -> None:
        """Record that DELETE was refused."""
        if resource.href in self._removing:
            self._removing.remove(resource.href)
            self._write_about("stays", resource)

    def is_removing(self, resource: Resource) -> bool:
        """True if DELETE was sent, and is not known to be refused."""
        return resource.href in self._removing

    def may_be_anothers(self, resource: Resource) -> bool:
        """True if what has the id now may be somebody else's, and bears no mark to tell.

        Clouds give released addresses to the next who asks.
        """
        return self.is_removing(resource) and not resource.marked

    def gone(self, resource: Resource) -> None:
        """Record that a live resource is gone. Raises ValueError if it is not live."""
        self.live.remove(resource)
        self.names.discard(resource.mark)
        self._removing.discard(resource.href)
        self._ended("gone", resource)

    def disown(self, resource: Resource, reason: str) -> None:
        """Record that a resource could not be proven the run's own: it is not touched."""
        self.live.remove(resource)
        self._ended("disowned", resource, reason=reason)

    def _ended(self, event: str, resource: Resource, **more: str) -> None:
        if not self._write_about(event, resource, **more) and (
            intent := self._secret.pop(resource.href)
        ):
            self._write({"event": "refused", "intent": intent})

    def _write_about(self, event: str, resource: Resource, **more: str) -> bool:
        """Write a line about a resource; False if it is not written down itself."""
        if resource.href in self._secret:
            return False
        self._write({"event": event, "href": resource.href, **more})
        return True

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

    def _write_or_raise(self, entry: dict[str, Any]) -> None:
        """Write down what must be before anything is created."""
        self._write(entry, _MOST_EVIDENCE)
        if self.failure:
            raise Unwritable(self.failure)

    def _write(self, entry: dict[str, Any], most: float = math.inf) -> None:
        """Write a line, if the file is not longer than `most` bytes then.

        A failure is remembered, so that clean-up goes on; nothing is written after it, since a line
        may be missing.
        """
        if self._file is None or self.failure:
            return
        line = (GATE.json(entry) + "\n").encode()
        self._size += len(line)
        if self._size > most:
            self.failure = f"{self.path}: what the endpoint lists is too long for a journal"
            return
        try:
            disk.append(self._file, line)
            os.fsync(self._file.fileno())
        except OSError as error:
            self.failure = f"{self.path}: {error.strerror or error}"


def is_refusal(x: Exchange) -> bool:
    """Whether the answer to a create says that nothing was made: 4xx, or 501."""
    return 400 <= x.status < 500 or x.status == 501
