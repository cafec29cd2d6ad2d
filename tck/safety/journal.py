"""What a run created at the endpoint: written down before it is created.

One JSON object a line, each synced to disk: `intent` before the request, `created` with the
href after it, `gone` when it is known to be gone. A run that is killed leaves a file from
which clean-up can go on.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Resource:
    """Something this run created: its collection, id and href."""

    collection: str
    id: str
    href: str


class Journal:
    """The list of a run's resources, in the order of their creation."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: the file; None keeps the list in memory only (embedded server)."""
        self.live: list[Resource] = []
        self._file = path.open("a", encoding="utf-8") if path else None

    def intent(self, collection: str, name: str) -> None:
        """A resource is about to be created."""
        self._write({"event": "intent", "collection": collection, "name": name})

    def created(self, resource: Resource) -> Resource:
        """It was created."""
        self.live.append(resource)
        self._write({"event": "created", **_plain(resource)})
        return resource

    def gone(self, resource: Resource) -> None:
        """It is known to be gone."""
        self.live.remove(resource)
        self._write({"event": "gone", **_plain(resource)})

    def owns(self, href: str) -> bool:
        """True if this run created what stands at an href; nothing else is ever deleted."""
        return any(resource.href == href for resource in self.live)

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def _plain(resource: Resource) -> dict[str, str]:
    return {"collection": resource.collection, "id": resource.id, "href": resource.href}
