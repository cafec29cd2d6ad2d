"""Waiting for an endpoint to come to a state: polls with back-off, never a bare sleep."""

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
class Waited(Generic[T]):
    """What the last poll saw, and whether it was what was waited for."""

    value: T
    arrived: bool
    polls: int


def eventually(
    probe: Callable[[], T], arrived: Callable[[T], bool], patience: Patience
) -> Waited[T]:
    """Poll `probe` until `arrived` says yes or patience ends; the last value either way."""
    end, pause, polls = time.monotonic() + patience.deadline, patience.first_pause, 0
    while True:
        value = probe()
        polls += 1
        if arrived(value):
            return Waited(value, True, polls)
        if time.monotonic() + pause > end:
            return Waited(value, False, polls)
        time.sleep(pause)
        pause = min(pause * 2, patience.longest_pause)
