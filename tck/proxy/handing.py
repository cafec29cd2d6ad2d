"""Handing what was seen at connections over to whoever judges it, without waiting for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from tck.endpoint.backlog import Backlog
from tck.endpoint.raw import Side
from tck.reference_server.http1 import Seen


@dataclass(frozen=True, slots=True)
class Told:
    """What was seen of one exchange. `id` is as `c3-2`, the rest as of `Seen`."""

    id: str
    received: Side
    sent: Side
    started: float
    ms: float
    gone: bool
    note: str


class Judging(Protocol):
    """Whoever judges, in this process or in another."""

    def begin(self, origin: str, base_path: str) -> None:
        """The proxy is at `origin` now, and the API at it below `base_path`."""

    def take(self, told: Told, lost: int) -> None:
        """The next exchange, after so many in all that found no room. May block."""

    def close(self, lost: int) -> None:
        """There are no more. Raises what failed on the way."""


class Handing:
    """Takes what was seen, in the threads of connections, and hands it on in a thread of its own.

    If so much waits that there is no room, what comes then is lost, and counted.
    """

    def __init__(self, judging: Judging) -> None:
        """`judging` has begun."""
        self._judging = judging
        self._counts = Counter[int]()
        self._backlog = Backlog[Told](lambda told: judging.take(told, self._backlog.dropped))

    def watch(self, seen: Seen) -> None:
        """Take what was seen of an exchange; returns at once."""
        self._counts[seen.connection] += 1
        told = Told(
            f"c{seen.connection}-{self._counts[seen.connection]}",
            Side(bytes(seen.received.data), seen.received.size),
            Side(bytes(seen.sent.data), seen.sent.size),
            seen.started,
            seen.ms,
            seen.gone,
            seen.note,
        )
        self._backlog.add(told, seen.kept)

    def close(self) -> None:
        """Hand all on that waits. Raises what failed on the way."""
        self._backlog.close()
        self._judging.close(self._backlog.dropped)
        if self._backlog.failure is not None:
            raise self._backlog.failure
