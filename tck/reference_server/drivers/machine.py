"""The life of an instance as a driver declares it (facts 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# States in which an instance does not rest: it leaves them by itself if it can.
TRANSIENT = frozenset({"pending", "stopping"})


@dataclass(frozen=True, slots=True)
class Transition:
    """A way out of a state; `action` None stands for an automatic transition."""

    to: str
    action: str | None


@dataclass(frozen=True)
class StateMachine:
    """States in document order, each with its transitions in document order."""

    states: Mapping[str, tuple[Transition, ...]]

    @classmethod
    def parse(cls, table: Mapping[str, Sequence[str]]) -> StateMachine:
        """From the form of the persona files: state -> ["stop stopping", "auto error"]."""
        states = {}
        for state, lines in table.items():
            pairs = (line.split() for line in lines)
            states[state] = tuple(Transition(to, None if by == "auto" else by) for by, to in pairs)
        return cls(states)

    def actions(self, state: str) -> tuple[str, ...]:
        """Actions that leave a state, as in `STOPPED` or `stopped` (facts 7.2)."""
        leaving = self.states.get(state.lower(), ())
        return tuple(t.action for t in leaving if t.action is not None)

    def after(self, state: str, action: str) -> str | None:
        """The state that an action leads to, or None if it is not allowed."""
        leaving = self.states.get(state.lower(), ())
        return next((t.to for t in leaving if t.action == action), None)

    def drift(self, state: str, goal: str | None = None) -> str | None:
        """Where an instance goes next by itself, or None if it stays.

        A state is left automatically when it is transient, or when no action leads out of
        it (openstack: stopped, which can only finish). Of several ways the goal wins, then
        the first that is not a failure.
        """
        leaving = self.states.get(state.lower(), ())
        ways = [t.to for t in leaving if t.action is None]
        if state.lower() not in TRANSIENT and len(ways) < len(leaving):
            return None
        if goal in ways:
            return goal
        return next((to for to in ways if to != "error"), None)
