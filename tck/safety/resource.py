"""What a run creates: a resource that is there, and a create that is about to be requested."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Resource:
    """Something this run created: its collection, id and absolute address.

    `mark`: the name that was given out for it, empty if it could not be named.
    """

    collection: str
    id: str
    href: str
    mark: str = ""

    @property
    def marked(self) -> bool:
        """True if it can be told from others: by its name, or as a blob by its bucket's."""
        return bool(self.mark) or self.collection == "blobs"


@dataclass(slots=True)
class Intent:
    """A create that was about to be requested.

    `number` is unique in the journal. `name` is empty if the resource could not be named; then
    `before` holds the sorted ids that the collection had, without those of the inventory.
    """

    number: int
    collection: str
    name: str
    before: list[str] = field(default_factory=list)
