"""Generated sequences: the same choices lead to the same requests, whatever ids are given."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis.errors import FlakyStrategyDefinition

from tck.checks.interleavings import Possessions
from tck.checks.lifecycle import Lives
from tck.checks.support import attempts
from tck.checks.support.cloud import Cloud
from tck.safety.journal import Journal
from tck.safety.waiting import Settling

IDS = "i9", "i10"  # as launched; by name they would be the other way round


class Drawn(Exception):
    """What was to be drawn from."""


class Draws:
    def draw(self, strategy: object, label: str) -> None:
        raise Drawn(repr(strategy))


def steps() -> Iterator[tuple[Any, str]]:
    cloud = SimpleNamespace(trail=[], journal=Journal())
    for kind, name, owner in (
        (Lives, "act_against_the_machine", None),
        (Possessions, "give_away", None),
        (Possessions, "destroy", None),
        (Possessions, "take_back", "somebody"),
    ):
        machine = type("Machine", (kind,), {"cloud": cloud})()
        machine.states = dict.fromkeys(IDS, "running")
        machine.owner = dict.fromkeys(IDS, owner)
        yield machine, name


@pytest.mark.parametrize(("machine", "step"), list(steps()))
def test_members_are_drawn_in_the_order_of_their_making(machine: Any, step: str) -> None:
    with pytest.raises(Drawn, match=r"\['i9', 'i10'\]"):
        getattr(machine, step)(data=Draws())


def attempted(*, alone: bool) -> list[int]:
    """Attempts at a check that cannot be generated, until it ends."""
    made: list[int] = []
    cloud: Any = SimpleNamespace(journal=Journal(), trail=[], known={}, settling=Settling(0.0))
    cloud.tidy = lambda before: None

    def check() -> None:
        made.append(1)
        raise FlakyStrategyDefinition("drew something else")

    def inconclusive(reason: str) -> None:
        raise Drawn(reason)

    verify: Any = SimpleNamespace(final=True, inconclusive=inconclusive)
    with pytest.raises(FlakyStrategyDefinition if alone else Drawn):
        attempts.run(check, cloud, verify, alone=alone)
    return made


def test_an_endpoint_that_does_something_else_each_time_is_tried_again() -> None:
    assert len(attempted(alone=False)) > 1


def test_an_embedded_server_does_the_same_each_time() -> None:
    assert attempted(alone=True) == [1]


def test_what_was_known_is_read_again_after_an_attempt_that_did_not_count() -> None:
    cloud = Cloud.__new__(Cloud)
    cloud.known = {}
    found = iter(("", "a", "b"))
    assert [cloud.once("x", lambda: next(found)) for _ in range(3)] == ["", "a", "a"]
    cloud.known.clear()
    assert cloud.once("x", lambda: next(found)) == "b"
