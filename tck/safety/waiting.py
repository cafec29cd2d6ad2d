"""Waiting for an endpoint: polls with back-off, and pauses where its writes show late."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for one transition, and between polls (growing)."""

    deadline: float = 300.0
    first_pause: float = 0.05
    longest_pause: float = 10.0


@dataclass(frozen=True, slots=True)
class PollResult(Generic[T]):
    """What the last poll saw, and whether it was what was waited for."""

    value: T
    arrived: bool
    polls: int


def eventually(
    probe: Callable[[], T], arrived: Callable[[T], bool], patience: Patience
) -> PollResult[T]:
    """Poll `probe` until `arrived` says yes or patience ends; the last value either way."""
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
    """Reads after writes, where a write takes a while to show everywhere.

    That an endpoint needs `seconds` for it is declared by whoever points the kit at it. Checks
    run without waiting; one that finds something wrong is run again with `enabled` set.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds`: after which every reader sees a write; 0 is at once."""
        self.seconds = seconds
        self.enabled = False
        self._visible_at = 0.0

    def after_write(self) -> None:
        """Something was written."""
        self._visible_at = time.monotonic() + self.seconds

    def before_read(self) -> None:
        """Something is about to be read."""
        pause = self._visible_at - time.monotonic()
        if self.enabled and pause > 0:
            time.sleep(pause)
