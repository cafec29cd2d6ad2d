"""Exchanges in the order in which they began, although they are told as they end.

A client that opens a connection for each request may have the next one answered before the thread
of the first has told of it. So each exchange waits a moment for those that began before it.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count

from tck.endpoint.exchange import Exchange

_MOMENT = 0.05  # seconds


class InOrder:
    """Hands exchanges on in the order of `started`, each a moment after it came, in one thread."""

    def __init__(self, observe: Callable[[Exchange], object]) -> None:
        """`observe` is called in a thread of this object; what it raises is kept in `failure`."""
        self._observe = observe
        self._waiting: list[tuple[float, int, float, Exchange]] = []
        self._numbers = count()
        self._open = True
        self._hurry = self._busy = False
        self._changed = threading.Condition()
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="in-order", daemon=True)
        self._thread.start()

    def add(self, x: Exchange) -> None:
        """Take an exchange; returns at once."""
        with self._changed:
            item = (x.started or 0.0, next(self._numbers), time.monotonic() + _MOMENT, x)
            heapq.heappush(self._waiting, item)
            self._changed.notify_all()

    def settle(self) -> None:
        """Hand on all that has come, without waiting a moment; returns when that is done."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._busy)
            self._hurry = False

    def close(self) -> None:
        """Hand on all that is left, and end the thread."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        self._thread.join()

    def _next(self) -> Exchange | None:
        with self._changed:
            while True:
                now = time.monotonic()
                self._busy = False
                self._changed.notify_all()
                at_once = self._hurry or not self._open
                if self._waiting and (at_once or self._waiting[0][2] <= now):
                    self._busy = True
                    return heapq.heappop(self._waiting)[3]
                if not self._open:
                    return None
                due = self._waiting[0][2] - now if self._waiting else None
                self._changed.wait(due)

    def _run(self) -> None:
        while (x := self._next()) is not None:
            if self.failure is None:
                try:
                    self._observe(x)
                except Exception as error:  # noqa: BLE001 - told at the end: nobody called this
                    self.failure = error
