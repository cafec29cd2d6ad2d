"""Work that waits for a thread of its own, so that whoever hands it in need not wait for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """Items that are worked off one after the other, in the order in which they came.

    `dropped`: how many found it full. Bounded in items and in bytes, as whoever hands in counts
    them.
    """

    def __init__(
        self, work: Callable[[T], object], most: int = 1_000, most_bytes: int = 64 << 20
    ) -> None:
        """`work` is called with each item, in one thread. What it raises is kept in `failure`."""
        self._work = work
        self._most, self._most_bytes = most, most_bytes
        self._items: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._open = True
        self._changed = threading.Condition()
        self.dropped = 0
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)
        self._thread.start()

    def add(self, item: T, size: int, *, wait: bool = False) -> None:
        """Hand in an item of so many bytes. If there is no room, `wait` for it or drop the item."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._has_room(size) or not self._open)
            if not (self._open and self._has_room(size)):
                self.dropped += 1
                return
            self._items.append((item, size))
            self._bytes += size
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        fits = len(self._items) < self._most and self._bytes + size <= self._most_bytes
        return fits or not self._items

    def settle(self) -> None:
        """Return when all that was handed in has been worked off."""
        with self._changed:
            self._changed.wait_for(lambda: not self._items)

    def close(self) -> None:
        """Take nothing more, and work off what is there."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._items) or not self._open)
                if not self._items:
                    return
                item, size = self._items[0]
            try:
                if self.failure is None:
                    self._work(item)
                else:
                    self.dropped += 1
            except Exception as error:  # noqa: BLE001 - told at the end: this thread has no caller
                self.failure = error
                self.dropped += 1
            finally:
                with self._changed:
                    self._items.popleft()
                    self._bytes -= size
                    self._changed.notify_all()
