"""The endpoint's own state machine as the oracle of what its instances may do.

/instance_states gives states, and transitions by an action or automatic ("auto"). Checks act on
instances and predict from it where they come to rest. The prediction must be wide enough for every
machine there is, or a right endpoint is blamed, and no wider, or a wrong one is not noticed:

- After an action an instance passes through states on its own ("stopping", "pending"), and a poll
  may miss any of them. So `outcomes` follows automatic transitions from the action's targets to
  the states where it may stay, and accepts any of those.
- Machines leave out what their drivers do: rhevm defines the way out of "stopping" as the action
  stop (M4), so it seems to stay there for ever. From a state that is not one of RESTING by its
  name, transitions by an action are therefore followed as well, and the state itself is
  accepted, too, since no automatic transition leaves it.
- "error" is reachable automatically from almost everywhere, but is never a success of an action.
- Once "finish" may be the outcome, the instance may be gone instead (404): callers accept both.
"""

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
        """Actions of the transitions that leave a state; none for an unknown state (M3)."""
        return {t.action for t in self.transitions if t.source == state and t.action}

    def rests(self, state: str) -> bool:
        """True if an instance may stay in a state: by its name, or as nothing leads out of it."""
        leaves = any(t.auto for t in self.transitions if t.source == state)
        return state in RESTING or not leaves

    def outcomes(self, state: str, action: str) -> set[str]:
        """States in which an instance may rest after an action in a state (see the module)."""
        frontier = {t.to for t in self.transitions if t.source == state and t.action == action}
        reached: set[str | None] = set()
        while frontier:
            reached |= frontier
            transient = frontier - RESTING
            ahead = {
                t.to
                for t in self.transitions
                if t.source in transient or (t.source in frontier and t.auto)
            }
            frontier = ahead - reached
        return {s for s in reached if s is not None and self.rests(s)} - {"error"}


def parse(x: Exchange) -> Machine | None:
    """The machine of an /instance_states document in XML or JSON, None if it cannot be read."""
    content = read(x)
    return Machine(tuple(content[0]), tuple(content[1])) if content else None
