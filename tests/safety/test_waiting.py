"""Waiting polls with back-off, sees the end, and ends."""

from __future__ import annotations

import itertools
import time

import pytest

from tck.safety.waiting import Change, Patience, Waiting, eventually


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
    monkeypatch.setattr(time, "monotonic", made.monotonic)
    monkeypatch.setattr(time, "sleep", made.sleep)
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
    assert clock.now - 100 == PATIENCE.deadline, "the last poll is when patience ends"


def test_an_end_at_the_last_moment_is_seen(clock: Clock) -> None:
    waited = eventually(lambda: clock.now, lambda now: now >= 107.5, PATIENCE)
    assert waited.arrived


def test_without_patience_there_is_one_poll(clock: Clock) -> None:
    waited = eventually(lambda: 1, lambda value: False, Patience(deadline=0.0))
    assert (waited.polls, clock.pauses) == (1, [])


def test_errors_of_the_probe_are_not_swallowed(clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 / 0, bool, PATIENCE)


def test_what_is_polled_is_told_before_each_pause(clock: Clock) -> None:
    told: list[tuple[float, float]] = []
    eventually(
        lambda: clock.now, lambda now: now > 101, PATIENCE, lambda *told_: told.append(told_)
    )
    assert told == [(100.0, 0.0), (100.5, 0.5)]


# ---------------------------------------------------------------- what waiting teaches

ATTACH: Change[str] = Change("storage_volumes", "attach", "vol1", lambda value: f"leave {value}")
DETACH: Change[str] = Change("storage_volumes", "detach", "vol1", lambda value: f"leave {value}")


class Endpoint:
    """Something that comes so many seconds after it was asked for; never, if they are infinite."""

    def __init__(self, clock: Clock, patience: float = 300.0) -> None:
        self.clock = clock
        self.waiting = Waiting(Patience(patience, 0.5, 0.5))

    def wait(self, seconds: float, change: Change[str] = ATTACH) -> tuple[bool, float]:
        """Whether it was waited for until it came, and how long."""
        began = self.clock.now
        due = began + seconds
        waited = self.waiting.until(
            change, lambda: "THERE" if self.clock.now >= due else "CREATING", "THERE".__eq__
        )
        return waited.arrived, self.clock.now - began


NEVER = float("inf")


def test_what_never_comes_is_waited_for_in_full_once(clock: Clock) -> None:
    endpoint = Endpoint(clock)
    waits = [endpoint.wait(NEVER)[1] for _ in range(20)]
    assert waits == [300.0, 30.0, 3.0] + [0.0] * 17


def test_another_kind_of_change_has_its_own_patience(clock: Clock) -> None:
    endpoint = Endpoint(clock)
    endpoint.wait(NEVER)
    assert endpoint.wait(299.0, DETACH) == (True, 299.0)


def test_a_deadline_is_made_of_what_was_seen(clock: Clock) -> None:
    """Ten times as long as ever; and never less than a tenth of patience."""
    endpoint = Endpoint(clock)
    assert [endpoint.wait(4.5)[0] for _ in range(3)] == [True] * 3
    assert endpoint.wait(44.0) == (True, 44.0), "ten times as long may be right"
    assert endpoint.wait(NEVER) == (False, 300.0), "ten times 44, but no more than patience"
    fast = Endpoint(clock)
    for _ in range(3):
        fast.wait(0.0)
    assert fast.wait(NEVER) == (False, 30.0)


def test_two_of_a_kind_are_not_enough_to_know(clock: Clock) -> None:
    endpoint = Endpoint(clock)
    for _ in range(2):
        endpoint.wait(0.0)
    assert endpoint.wait(250.0) == (True, 250.0)


def test_nothing_takes_much_longer_than_machines(clock: Clock) -> None:
    endpoint = Endpoint(clock)
    for _ in range(3):
        endpoint.waiting.note("instances", "launch", 0.1)
    assert endpoint.wait(100.0)[0], "machines came up at once, but may go slowly"
    endpoint = Endpoint(clock)
    for _ in range(3):
        endpoint.waiting.note("instances", "launch", 0.1)
        endpoint.waiting.note("instances", "removal", 4.0)
    assert endpoint.wait(NEVER) == (False, 40.0)


def test_an_arrival_makes_up_for_waits_in_vain(clock: Clock) -> None:
    """An endpoint may be disturbed for a while."""
    endpoint = Endpoint(clock)
    endpoint.wait(NEVER)
    endpoint.wait(NEVER, DETACH)
    assert endpoint.waiting.is_stuck("storage_volumes"), "detached volumes come before removed ones"
    assert endpoint.wait(20.0) == (True, 20.0)
    assert endpoint.wait(20.0, DETACH) == (True, 20.0)
    assert not endpoint.waiting.is_stuck("storage_volumes")
    assert endpoint.wait(NEVER) == (False, 300.0)


def test_after_a_wait_in_vain_what_came_before_is_a_measure(clock: Clock) -> None:
    endpoint = Endpoint(clock)
    endpoint.wait(70.0)
    endpoint.wait(NEVER)
    assert endpoint.wait(139.0) == (True, 139.0), "twice as long as ever"


def test_what_was_given_up_is_polled_once_and_may_still_come(clock: Clock) -> None:
    endpoint = Endpoint(clock)
    endpoint.wait(NEVER)
    reason = endpoint.waiting.give_up(ATTACH, "CREATING", "DC-VOL-011")
    assert reason == "storage volumes do not leave CREATING after attach (DC-VOL-011)"
    assert endpoint.waiting.why_not("storage_volumes", "attach") == reason
    assert endpoint.wait(NEVER) == (False, 0.0)
    assert endpoint.wait(0.0) == (True, 0.0)
    assert endpoint.waiting.why_not("storage_volumes", "attach") == ""


def test_a_wait_tells_what_for_and_how_long_and_when_it_is_over(clock: Clock) -> None:
    endpoint, told = Endpoint(clock), list[str]()
    endpoint.waiting.told = told.append
    endpoint.wait(1.0)
    what = "waiting for storage volume vol1 to leave CREATING"
    assert told == [f"{what}, 0 of 300 s", f"{what}, 0 of 300 s", ""]
