"""The states of an instance and the ways between them, as a driver declares them (A74, A75)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TRANSIENT = frozenset({"pending", "stopping"})
"""States in which an instance does not rest: it leaves them by itself if there is a way."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A way out of a state, to the state `to`.

    `action` is create, start, stop, reboot or destroy (V19); None: the transition is automatic.
    """

    to: str
    action: str | None


@dataclass(frozen=True)
class StateMachine:
    """States, each with its transitions, both in the order in which documents show them.

    States are start, pending, running, stopping, stopped, finish and error (V18). `start` is before
    the creation of an instance, `finish` after its destruction. Every state that a transition
    leads to is there (M1).
    """

    states: Mapping[str, tuple[Transition, ...]]

    @classmethod
    def parse(cls, table: Mapping[str, Sequence[str]]) -> StateMachine:
        """From the form of a shape's file: `{"running": ["stop stopping", "auto error"]}`.

        ValueError if an entry is not an action, or `auto`, and a state.
        """
        states = {}
        for state, lines in table.items():
            pairs = (line.split() for line in lines)
            states[state] = tuple(Transition(to, None if by == "auto" else by) for by, to in pairs)
        return cls(states)

    def actions(self, state: str) -> tuple[str, ...]:
        """Actions that leave a state, written `STOPPED` or `stopped`; none if it is unknown."""
        leaving = self.states.get(state.lower(), ())
        return tuple(t.action for t in leaving if t.action is not None)

    def after(self, state: str, action: str) -> str | None:
        """The state, in lower case, that an action leads to; None if it is not allowed."""
        leaving = self.states.get(state.lower(), ())
        return next((t.to for t in leaving if t.action == action), None)

    def drift(self, state: str, goal: str | None = None) -> str | None:
        """The state to which an instance goes next by itself; None if it stays.

        A state is left automatically if it is transient, or if no action leads out of it
        (openstack: stopped, which can only finish). Of several automatic transitions the one to
        `goal` is taken, else the first that does not lead to `error`.
        """
        leaving = self.states.get(state.lower(), ())
        automatic = [t.to for t in leaving if t.action is None]
        if state.lower() not in TRANSIENT and len(automatic) < len(leaving):
            return None
        if goal in automatic:
            return goal
        return next((to for to in automatic if to != "error"), None)
