"""Waiting polls with back-off, sees the end, and ends."""

from __future__ import annotations

import itertools

import pytest

from tck.safety import waiting
from tck.safety.waiting import Patience, eventually


class Clock:
    """Time that passes only by pauses."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(waiting, "time", made)
    return made


PATIENCE = Patience(deadline=10.0, first_pause=0.5, longest_pause=4.0)


def test_what_is_there_is_not_waited_for(clock: Clock) -> None:
    waited = eventually(lambda: "there", lambda value: value == "there", PATIENCE)
    assert (waited.value, waited.arrived, waited.polls) == ("there", True, 1)
    assert clock.pauses == []


def test_pauses_grow_to_the_longest(clock: Clock) -> None:
    values = itertools.count(1)
    waited = eventually(lambda: next(values), lambda value: value == 5, PATIENCE)
    assert (waited.value, waited.arrived, waited.polls) == (5, True, 5)
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0]


def test_patience_ends_at_the_deadline_with_the_last_value(clock: Clock) -> None:
    values = itertools.count(1)
    waited = eventually(lambda: next(values), lambda value: False, PATIENCE)
    assert not waited.arrived
    assert waited.value == waited.polls
    assert clock.now - 100 <= PATIENCE.deadline
    assert clock.now - 100 + clock.pauses[-1] > PATIENCE.deadline, "it did not give up early"


def test_an_end_at_the_last_moment_is_seen(clock: Clock) -> None:
    waited = eventually(lambda: clock.now, lambda now: now >= 107.5, PATIENCE)
    assert waited.arrived


def test_without_patience_there_is_one_poll(clock: Clock) -> None:
    waited = eventually(lambda: 1, lambda value: False, Patience(deadline=0.0))
    assert (waited.polls, clock.pauses) == (1, [])


def test_errors_of_the_probe_are_not_swallowed(clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 / 0, bool, PATIENCE)
