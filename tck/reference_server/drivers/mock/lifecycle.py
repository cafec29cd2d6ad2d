"""How instances move through the state machine, by actions and by themselves.

There is no thread that moves them. A record notes when it is `due` to move on, and is brought up to
date (`settle`) by whoever reads it next; a record that missed several moves makes all of them then.
So a restart, or a clock that jumps, changes nothing; and reading an instance may write it.
"""

from __future__ import annotations

from dataclasses import replace

from tck.reference_server.drivers.machine import StateMachine
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.drivers.mock.records import InstanceRecord

GONE = "finish"

# The state to which each action leads in the end.
GOALS = {"create": "running", "start": "running", "stop": "stopped", "destroy": GONE}


class Lifecycle:
    """Moves of records through a machine, at the pace of the mock's conditions."""

    def __init__(self, machine: StateMachine, conditions: Conditions) -> None:
        self._machine = machine
        self._conditions = conditions

    def launch(self, record: InstanceRecord) -> InstanceRecord:
        """A new instance in the first state after `start`."""
        first = self._machine.after("start", "create") or self._machine.drift("start", "pending")
        return self._arrive(record, first or "running", "running", self._conditions.clock())

    def act(self, record: InstanceRecord, action: str, to: str) -> InstanceRecord:
        """The instance right after an action that leads to the state `to`."""
        return self._arrive(record, to, GOALS.get(action), self._conditions.clock())

    def settle(self, record: InstanceRecord, *, polled: bool = False) -> InstanceRecord | None:
        """The instance as it is now; None if it is gone. `polled`: an answer shows it."""
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
        # A destroyed instance is gone after a while even if the machine has no way on (condor).
        if self._next(moved) is None and goal != GONE:
            return moved
        return replace(moved, due=at + self._conditions.seconds, polls=self._conditions.polls)
