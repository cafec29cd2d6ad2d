"""The search for an order that explains what concurrent requests were answered."""

from __future__ import annotations

import itertools
import random

import pytest

from tck.checks.support import models
from tck.checks.support.linearizability import LOST, Model, Operation, some_order
from tck.checks.support.machine import Machine
from tck.rules.instance_states import Transition

MACHINE = Machine(
    ("running", "stopped"),
    (
        Transition("running", "stopped", "stop", None),
        Transition("stopped", "running", "start", None),
    ),
)


def op(asked: str, answer: object, began: float = 0.0, ended: float = 9.0) -> Operation:
    return Operation(tuple(asked.split()), answer, began, ended)


def rests(state: str) -> Operation:
    return op("read", state, 10, 11)


LIFE = models.Life(MACHINE)
STOP_AND_START = (op("stop", True), op("start", True))
STOP_AND_REFUSED_START = (op("stop", True), op("start", False))


def seen(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("model", "initial", "history", "explained"),
    [
        # nothing, and one after the other
        (models.cell, "0", [], True),
        (models.cell, "0", [op("put 1", True, 0, 1), op("read", seen("1"), 2, 3)], True),
        (models.cell, "0", [op("put 1", True, 0, 1), op("read", seen("0"), 2, 3)], False),
        # at once: a read may see either; after it, no read goes back
        (models.cell, "0", [op("put 1", True), op("read", seen("0"))], True),
        (
            models.cell,
            "0",
            [op("put 1", True), op("read", seen("1"), 1, 2), op("read", seen("0"), 3, 4)],
            False,
        ),
        (
            models.lagging_cell,
            ("0",),
            [op("put 1", True), op("glance", seen("1"), 1, 2), op("glance", seen("0"), 3, 4)],
            True,
        ),
        (models.lagging_cell, ("0",), [op("put 1", True), op("glance", seen("2"), 1, 2)], False),
        (
            models.lagging_cell,
            ("0",),
            [op("put 1", True, 0, 1), op("read", seen("0"), 2, 3)],
            False,
        ),
        # torn: no value fits
        (models.cell, "0", [op("put 1", True), op("read", seen(), 10, 11)], False),
        # a lost put may have happened, even late, or not
        (models.cell, "0", [op("put 1", LOST, 0, 1), op("read", seen("1"), 2, 3)], True),
        (models.cell, "0", [op("put 1", LOST, 0, 1), op("read", seen("0"), 2, 3)], True),
        (
            models.cell,
            "0",
            [
                op("put 1", LOST, 0, 1),
                op("read", seen("0"), 2, 3),
                op("read", seen("1"), 4, 5),
                op("read", seen("0"), 6, 7),
            ],
            False,
        ),
        (models.cell, "0", [op("read", seen("1"), 0, 1), op("put 1", LOST, 2, 3)], False),
        # one of two gets the thing
        (models.holder, None, [op("give a", True), op("give b", False)], True),
        (models.holder, None, [op("give a", True), op("give b", True)], False),
        (
            models.holder,
            None,
            [op("give a", True), op("give b", False), op("read", "b", 10, 11)],
            False,
        ),
        (models.holder, None, [op("give a", False), op("give b", False)], True),
        (models.holder, "a", [op("take", True), op("give b", True), op("read", "b", 10, 11)], True),
        (models.holder, "a", [op("take", True), op("take", True)], False),
        (
            models.holder,
            None,
            [op("give a", LOST), op("give b", True), op("read", "b", 10, 11)],
            True,
        ),
        (
            models.holder,
            None,
            [op("give a", LOST), op("give b", False), op("read", "a", 10, 11)],
            True,
        ),
        # a set loses nothing
        (
            models.collection,
            seen(),
            [op("add a", True), op("add b", True), op("read", seen("a", "b"), 10, 11)],
            True,
        ),
        (
            models.collection,
            seen(),
            [op("add a", True), op("add b", True), op("read", seen("b"), 10, 11)],
            False,
        ),
        (
            models.collection,
            seen("a"),
            [op("add b", LOST), op("drop a", True), op("read", seen(), 10, 11)],
            True,
        ),
        # a name is taken once
        (models.once, False, [op("create", True), op("create", False)], True),
        (models.once, False, [op("create", True), op("create", True)], False),
        (models.once, False, [op("create", True), op("create", LOST)], True),
        # an instance rests where some order of the actions leads
        (LIFE, "running", [*STOP_AND_START, rests("running")], True),
        (LIFE, "running", [*STOP_AND_START, rests("stopped")], True),
        (LIFE, "running", [*STOP_AND_REFUSED_START, rests("stopped")], True),
        (LIFE, "running", [*STOP_AND_REFUSED_START, rests("running")], False),
        (LIFE, "running", [op("stop", True), op("stop", True), rests("stopped")], True),
        (LIFE, "running", [op("stop", False), op("start", True), rests("running")], True),
        (LIFE, "running", [op("stop", LOST), rests("running")], True),
        (
            LIFE,
            "running",
            [op("stop", True, 0, 1), op("start", True, 2, 3), rests("stopped")],
            False,
        ),
        # what is free is read as None, which is no lost answer
        (models.holder, "a", [op("take", False), op("read", None, 10, 11)], False),
    ],
)
def test_histories(
    model: Model, initial: object, history: list[Operation], explained: bool
) -> None:
    for shuffled in itertools.islice(itertools.permutations(history), 24):
        assert (some_order(shuffled, initial, model) is not None) is explained  # type: ignore[arg-type]


def test_the_order_respects_time_and_leaves_out_what_need_not_have_happened() -> None:
    history = [
        op("put 1", True, 0, 4),
        op("put 2", True, 1, 2),
        op("put 3", LOST, 0, 1),
        op("read", seen("1"), 5, 6),
    ]
    found = some_order(history, "0", models.cell)
    assert found == [history[1], history[0], history[3]]


def _by_trying_all(history: list[Operation], initial: object, model: Model) -> bool:
    """The definition: some order of the answered and of some lost operations is right."""
    answered = [o for o in history if o.answer is not LOST]
    lost = [o for o in history if o.answer is LOST]
    for count in range(len(lost) + 1):
        for some in itertools.combinations(lost, count):
            for order in itertools.permutations([*answered, *some]):
                pairs = itertools.combinations(order, 2)
                if any(later.latest < earlier.began for earlier, later in pairs):
                    continue
                states = {initial}
                for o in order:
                    states = {new for old in states for new in model(old, o.asked, o.answer)}
                if states:
                    return True
    return False


def test_it_agrees_with_trying_every_order() -> None:
    chance, verdicts = random.Random(7), set[bool]()
    for _ in range(400):
        history = []
        for _ in range(chance.randint(1, 5)):
            began = chance.uniform(0, 10)
            asked, answers = chance.choice(
                [
                    ("give a", [True, False, LOST]),
                    ("give b", [True, False, LOST]),
                    ("take", [True, False, LOST]),
                    ("read", ["a", "b"]),
                ]
            )
            answer = chance.choice(answers)
            history.append(op(asked, answer, began, began + chance.uniform(0, 5)))
        expected = _by_trying_all(history, None, models.holder)
        verdicts.add(expected)
        assert (some_order(history, None, models.holder) is not None) is expected, history
    assert verdicts == {True, False}


def test_many_at_once_do_not_take_for_ever() -> None:
    history = [op(f"put {n}", True) for n in range(12)]
    assert some_order([*history, op("read", seen("x"), 10, 11)], "0", models.cell) is None
