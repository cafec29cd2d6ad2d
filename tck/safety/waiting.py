"""Waiting for an endpoint: polling until something comes true, and delays after writes.

`eventually` polls with pauses that double up to a limit: most of what a check waits for comes
within milliseconds on a mock and within minutes on a cloud, and each poll may cost money. It polls
at least once, even without patience, and a last time when patience ends. It never judges: the
caller gets the last value, whether it was the expected one or not.

`Waiting` remembers what it waited for. A change is known by its collection and what it comes after
(volumes, attach). What came in time is no reason to wait long for the next of its kind, and what
never came is not waited for in full again, so that a fault costs its deadline once:

- After three arrivals the deadline is ten times the longest, but a tenth of patience at least.
  Where nothing is known of a kind, three instances that came up and went stand for it.
- After a wait in vain it is a tenth, then a hundredth of patience, or twice the longest arrival if
  that is more. After three in a row, and once the endpoint was blamed (`give_up`), what does not
  show at once is not waited for.

An arrival makes up for earlier waits in vain: an endpoint may have been disturbed.

`ReadAfterWriteDelay` is for endpoints whose reads may lag behind their writes. Waiting before every
read would make a run many times longer, so checks first run without; only if one finds something
wrong is it run again with the delay enabled, and that attempt counts (`checks.support.attempts`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from tck.schemas.operations import API

T = TypeVar("T")
_USUAL = 3  # arrivals, before what they took is taken for what it takes
_MOST_IN_VAIN = 3
# Nothing takes longer than machines that come up and go.
_SLOWEST = (("instances", "launch"), ("instances", "removal"))
_BEFORE = {"buckets": ("blobs",)}  # collections that are to be emptied before


class Clock(Protocol):
    """What waiting goes by: the module `time`, or time that passes only while it sleeps."""

    def monotonic(self) -> float:
        """Seconds since some moment."""

    def sleep(self, seconds: float, /) -> None:
        """Let some seconds pass."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for one change (`deadline`), and between polls.

    The pause between polls starts at `first_pause` and doubles up to `longest_pause`.
    """

    deadline: float = 300.0
    first_pause: float = 0.05
    longest_pause: float = 10.0
    clock: Clock = time


@dataclass(frozen=True, slots=True)
class PollResult(Generic[T]):
    """The value of the last poll, whether it had `arrived`, and how long it took in `seconds`."""

    value: T
    arrived: bool
    polls: int
    seconds: float


def eventually(
    probe: Callable[[], T],
    arrived: Callable[[T], bool],
    patience: Patience,
    tell: Callable[[T, float], object] = lambda _value, _seconds: None,
) -> PollResult[T]:
    """Poll `probe` until `arrived` accepts its value or patience ends. Errors of both propagate.

    `tell` is called before each pause, with the value and the seconds waited so far.
    """
    clock = patience.clock
    began, pause, polls = clock.monotonic(), patience.first_pause, 0
    while True:
        value = probe()
        polls += 1
        waited = clock.monotonic() - began
        left = patience.deadline - waited
        if (done := arrived(value)) or left <= 0:
            return PollResult(value, done, polls, waited)
        tell(value, waited)
        clock.sleep(min(pause, left))
        pause = min(pause * 2, patience.longest_pause)


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What is waited for: that `id` of a collection does what it should after an action.

    `awaited` says it in words, as in "waiting for ... to leave PENDING", given the value of a poll.
    """

    collection: str
    action: str
    id: str
    awaited: Callable[[T], str]

    @property
    def kind(self) -> tuple[str, str]:
        """What it has in common with others, from which it is known how long it takes."""
        return self.collection, self.action


@dataclass(slots=True)
class _Past:
    """How changes of a kind went: how many came, after at most how long; in vain since then."""

    came: int = 0
    longest: float = 0.0
    in_vain: int = 0


class Waiting:
    """Waits for changes at one endpoint. `told` is called with what is waited for, and "" after."""

    def __init__(self, patience: Patience) -> None:
        """`patience`: for a change of which nothing is known."""
        self.patience = patience
        self.told: Callable[[str], object] = lambda _: None
        self.in_vain: dict[tuple[str, str], float] = {}
        self._past: dict[tuple[str, str], _Past] = {}
        self._never: dict[tuple[str, str], str] = {}

    def until(
        self, change: Change[T], probe: Callable[[], T], arrived: Callable[[T], bool]
    ) -> PollResult[T]:
        """Poll as `eventually` does, with the patience that is left for this kind of change."""
        past = self._past.setdefault(change.kind, _Past())
        patience = replace(self.patience, deadline=self._deadline(change.kind))
        singular = API.collections[change.collection].singular.replace("_", " ")
        what = f"waiting for {singular} {change.id} to "

        def tell(value: T, seconds: float) -> None:
            self.told(f"{what}{change.awaited(value)}, {seconds:.0f} of {patience.deadline:.0f} s")

        try:
            waited = eventually(probe, arrived, patience, tell)
        finally:
            self.told("")
        if waited.arrived:
            self.note(*change.kind, waited.seconds)
        else:
            past.in_vain += 1
            self.in_vain[change.kind] = self.in_vain.get(change.kind, 0.0) + waited.seconds
        return waited

    def note(self, collection: str, action: str, seconds: float) -> None:
        """Note that a change of this kind came, and how long it took."""
        kind = collection, action
        past = self._past.setdefault(kind, _Past())
        past.came, past.longest, past.in_vain = past.came + 1, max(past.longest, seconds), 0
        self._never.pop(kind, None)

    def give_up(self, change: Change[T], value: T, requirement: str) -> str:
        """Wait no more for changes of this kind: the endpoint was blamed. The reason, in words."""
        things = change.collection.replace("_", " ")
        reason = f"{things} do not {change.awaited(value)} after {change.action} ({requirement})"
        return self._never.setdefault(change.kind, reason)

    def is_stuck(self, collection: str) -> bool:
        """Whether what comes before a removal from a collection, or itself, was not seen to come.

        A bucket may not be removed before its blobs.
        """
        kinds = {(name, "destroy") for name in (collection, *_BEFORE.get(collection, ()))}
        kinds |= {(collection, action) for action in ("stop", "disassociate", "detach")}
        return any((past := self._past.get(kind)) and past.in_vain for kind in kinds)

    def why_not(self, collection: str, action: str) -> str:
        """Why a change of this kind is not to be expected; empty if it is."""
        return self._never.get((collection, action), "")

    def _deadline(self, kind: tuple[str, str]) -> float:
        whole, past = self.patience.deadline, self._past[kind]
        if kind in self._never or past.in_vain >= _MOST_IN_VAIN:
            return 0.0
        shown = [past] if past.came >= _USUAL else [self._past.get(k, _Past()) for k in _SLOWEST]
        known = all(one.came >= _USUAL for one in shown)
        usual = max(whole / 10, *(one.longest * 10 for one in shown)) if known else whole
        if past.in_vain:
            usual = min(usual, max(whole / 10**past.in_vain, past.longest * 2))
        return min(whole, usual)


class ReadAfterWriteDelay:
    """Delays reads, while `enabled`, until the last write is visible to every reader."""

    def __init__(self, seconds: float) -> None:
        """`seconds` that a write takes to show (`settles` in clouds.toml); 0: it shows at once."""
        self.seconds = seconds
        self.enabled = False
        self._visible_at = 0.0

    def after_write(self) -> None:
        """Note that a write was just sent, whatever its outcome."""
        self._visible_at = time.monotonic() + self.seconds

    def before_read(self) -> None:
        """Sleep until the last write shows, if enabled."""
        pause = self._visible_at - time.monotonic()
        if self.enabled and pause > 0:
            time.sleep(pause)
