"""The endpoint's own state machine as the oracle of what its instances may do."""

from __future__ import annotations

from dataclasses import dataclass

from tck.endpoint.exchange import Exchange
from tck.rules.instance_states import Transition, read

RESTING = frozenset({"running", "stopped", "finish", "error"})


@dataclass(frozen=True, slots=True)
class Machine:
    """States and transitions, by lower-case names."""

    states: tuple[str, ...]
    transitions: tuple[Transition, ...]

    def actions(self, state: str) -> set[str]:
        """Actions that leave a state (facts 7.2)."""
        return {t.action for t in self.transitions if t.source == state and t.action}

    def rests(self, state: str) -> bool:
        """True if an instance need not leave a state by itself.

        rhevm has no automatic way out of `stopping` (M4), so it may stay there.
        """
        leaves = any(t.auto for t in self.transitions if t.source == state)
        return state in RESTING or not leaves

    def outcomes(self, state: str, action: str) -> set[str]:
        """States in which an instance may rest after an action.

        Its targets, and where automatic transitions lead from there, or any from a state
        that is on the way by its name; `error` is left out: it is no success.
        """
        frontier = {t.to for t in self.transitions if t.source == state and t.action == action}
        reached: set[str | None] = set()
        while frontier:
            reached |= frontier
            passed = {s for s in frontier if s not in RESTING}
            ahead = {
                t.to
                for t in self.transitions
                if t.source in frontier and (t.auto or t.source in passed)
            }
            frontier = ahead - reached
        return {s for s in reached if s is not None and self.rests(s)} - {"error"}


def parse(x: Exchange) -> Machine | None:
    """The machine of a states document, None if there is none."""
    found = read(x)
    return Machine(tuple(found[0]), tuple(found[1])) if found else None
