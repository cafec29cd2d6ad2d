"""Whether what requests that overlap were answered can come of some order of them, one at a time.

A history is linearizable if every operation can be given a moment between its invocation and its
response such that a sequential model, asked at these moments, gives the same answers. The search is
that of Wing and Gong (1993), with Lowe's memory: an operation may come next if no other that is
still to come had ended before it began; a set of operations in a state of the model that led
nowhere once is not entered again. It is exponential in the number of operations that overlap, and
there are few of them.

An operation whose answer was lost may have taken effect at any moment after its invocation, or
never: it ends at no time, and an order need not have it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, Generic, TypeVar

S = TypeVar("S", bound=Hashable)
A = TypeVar("A")

LOST: Final = object()  # the answer to an operation of which nobody knows whether it took effect


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """What a client asked for, and what it was answered (LOST if that is not known).

    `began`, `ended`: seconds by one clock; for a lost answer `ended` does not count.
    """

    asked: A
    answer: object
    began: float = 0.0
    ended: float = 0.0

    @property
    def latest(self) -> float:
        """The last moment at which it can have taken effect."""
        return inf if self.answer is LOST else self.ended


# The states in which a model may be after what was asked in a state was answered so; none if it
# cannot be answered so. To what is LOST, those after it took effect.
Model = Callable[[S, A, object], Iterable[S]]


def some_order(
    history: Sequence[Operation[A]], initial: S, model: Model[S, A]
) -> list[Operation[A]] | None:
    """An order of operations that explains a history; None if there is none.

    It has every operation that was answered, and of the lost ones those that must have happened.
    """
    dead: set[tuple[frozenset[int], S]] = set()

    def search(left: frozenset[int], state: S) -> list[int] | None:
        if all(history[n].answer is LOST for n in left):
            return []
        if (left, state) in dead:
            return None
        first_end = min(history[n].latest for n in left)
        # those that were answered first: a lost operation is needed only if nothing else explains
        for n in sorted(left, key=lambda n: (history[n].answer is LOST, n)):
            if history[n].began > first_end:
                continue
            for after in model(state, history[n].asked, history[n].answer):
                if (rest := search(left - {n}, after)) is not None:
                    return [n, *rest]
        dead.add((left, state))
        return None

    order = search(frozenset(range(len(history))), initial)
    return None if order is None else [history[n] for n in order]
