"""Waiting for an endpoint: polling until something comes true, and delays after writes.

`eventually` polls with pauses that double up to a limit: most of what a check waits for comes
within milliseconds on a mock and within minutes on a cloud, and each poll may cost money. It polls
at least once, even without patience, and does not begin a pause that would end after the
deadline. It never judges: the caller gets the last value, whether it was the expected one or not.

`ReadAfterWriteDelay` is for endpoints whose reads may lag behind their writes. Waiting before every
read would make a run many times longer, so checks first run without; only if one finds something
wrong is it run again with the delay enabled, and that attempt counts (`checks.support.attempts`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for one change (`deadline`), and between polls.

    The pause between polls starts at `first_pause` and doubles up to `longest_pause`.
    """

    deadline: float = 300.0
    first_pause: float = 0.05
    longest_pause: float = 10.0


@dataclass(frozen=True, slots=True)
class PollResult(Generic[T]):
    """The value of the last poll, whether it had `arrived`, and how many polls it took."""

    value: T
    arrived: bool
    polls: int


def eventually(
    probe: Callable[[], T], arrived: Callable[[T], bool], patience: Patience
) -> PollResult[T]:
    """Poll `probe` until `arrived` accepts its value or patience ends. Errors of both propagate."""
    end, pause, polls = time.monotonic() + patience.deadline, patience.first_pause, 0
    while True:
        value = probe()
        polls += 1
        if arrived(value):
            return PollResult(value, True, polls)
        if time.monotonic() + pause > end:
            return PollResult(value, False, polls)
        time.sleep(pause)
        pause = min(pause * 2, patience.longest_pause)


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
