"""How instances move through the state machine, by action and by themselves (facts 7)."""

from __future__ import annotations

from dataclasses import replace

from tck.reference_server.drivers.machine import StateMachine
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.drivers.mock.records import InstanceRecord

GONE = "finish"

# The state that an action is meant to lead to in the end.
GOALS = {"create": "running", "start": "running", "stop": "stopped", "destroy": GONE}


class Lifecycle:
    """The moves that a machine and the mock's conditions allow."""

    def __init__(self, machine: StateMachine, conditions: Conditions) -> None:
        self._machine = machine
        self._conditions = conditions

    def launch(self, record: InstanceRecord) -> InstanceRecord:
        """A new instance in its first state; `start` is only where the machine begins."""
        first = self._machine.after("start", "create") or self._machine.drift("start", "pending")
        return self._arrive(record, first or "running", "running", self._conditions.clock())

    def act(self, record: InstanceRecord, action: str, to: str) -> InstanceRecord:
        """The instance right after an action that leads to the state `to`."""
        return self._arrive(record, to, GOALS.get(action), self._conditions.clock())

    def settle(self, record: InstanceRecord, *, polled: bool = False) -> InstanceRecord | None:
        """The instance as it is now, or None if it is gone; `polled` if a reader sees it."""
        while record.due is not None and record.due <= self._conditions.clock():
            if record.polls:
                return replace(record, polls=record.polls - 1) if polled else record
            to = self._next(record)
            if to is None or to == GONE:
                return None
            record = self._arrive(record, to, record.goal, record.due)
        return record

    def _next(self, record: InstanceRecord) -> str | None:
        return self._machine.drift(record.state, record.goal)

    def _arrive(
        self, record: InstanceRecord, state: str, goal: str | None, at: float
    ) -> InstanceRecord:
        moved = replace(record, state=state.upper(), goal=goal, due=None, polls=0)
        # A machine may know no way on from where a destroyed instance is (condor: stopping).
        if self._next(moved) is None and goal != GONE:
            return moved
        return replace(moved, due=at + self._conditions.seconds, polls=self._conditions.polls)
