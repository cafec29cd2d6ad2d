"""Sequential models of what clients do to one thing: what each request may be answered in a state.

They are the models of `tck.checks.interleavings` (who has which, the bytes under a name, the state
machine), as steps: the states that are possible after a request was answered so. An answer is True
for success, False for a refusal, LOST, or what was read. A refusal never changes anything, and is
admitted in every state: an endpoint may refuse whoever comes while it is busy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tck.checks.support.linearizability import LOST
from tck.checks.support.machine import Machine

Asked = tuple[str, ...]  # the verb, and what it is about


def holder(state: str | None, asked: Asked, answer: object) -> Iterator[str | None]:
    """A thing that one at a time has, the state being who: `give WHO`, `take`, `read`."""
    verb, *who = asked
    if verb == "read":
        yield from [state] if answer == state else ()
    elif answer is False:
        yield state
    elif verb == "give" and state in (None, who[0]):
        yield who[0]
    elif verb == "take" and state is not None:
        yield None
    elif answer is LOST:  # refused, presumably
        yield state


def cell(state: str, asked: Asked, answer: object) -> Iterator[str]:
    """What is stored under a name: `put VALUE` takes the place of what was there.

    `read` is answered by the values that what was read may be: none if it is torn.
    """
    verb, *value = asked
    if verb == "read":
        yield from [state] if isinstance(answer, frozenset) and state in answer else ()
    else:
        yield state if answer is False else value[0]


def lagging_cell(state: tuple[str, ...], asked: Asked, answer: object) -> Iterator[tuple[str, ...]]:
    """A cell of which `glance` reads any value that it ever had, and `read` the last."""
    if asked[0] == "glance":
        seen = isinstance(answer, frozenset) and not answer.isdisjoint(state)
        yield from [state] if seen else ()
    else:
        for new in cell(state[-1], asked, answer):
            yield (*(old for old in state if old != new), new)


def collection(state: frozenset[str], asked: Asked, answer: object) -> Iterator[frozenset[str]]:
    """A set: `add MEMBER`, `drop MEMBER`, and `read`, answered by all members."""
    verb, *member = asked
    if verb == "read":
        yield from [state] if answer == state else ()
    elif answer is False:
        yield state
    else:
        yield state | set(member) if verb == "add" else state - set(member)


def once(state: bool, _asked: Asked, answer: object) -> Iterator[bool]:
    """A name that is taken or not: `create` takes it, and succeeds only for the first."""
    if answer is False:
        yield state
    elif not state or answer is LOST:
        yield True


class Life:
    """The state in which an instance rests: actions lead to where the machine says, `read`.

    What the machine does not have for a state may be answered with success if it changes nothing,
    or leads to where the action leads elsewhere: the instance may have been on its way there.
    """

    def __init__(self, machine: Machine) -> None:
        """`machine`: of the endpoint."""
        self._goals: Mapping[str, frozenset[str]] = {
            action: frozenset(
                goal for state in machine.states for goal in machine.outcomes(state, action)
            )
            for action in ("start", "stop")
        }
        self._machine = machine

    def __call__(self, state: str, asked: Asked, answer: object) -> Iterator[str]:
        """The model."""
        verb = asked[0]
        if verb == "read":
            yield from [state] if answer == state else ()
        elif answer is False:
            yield state
        elif verb in self._machine.actions(state):
            yield from self._machine.outcomes(state, verb)
        else:
            yield from {state} & self._goals[verb]
