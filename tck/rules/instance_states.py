"""Rules on the state machine of instances (A74, C21, C22, M1, M2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, contains, distinct, equal, holds, one_of
from tck.rules.places import brief
from tck.rules.reading import document_of, listed

_STATES = ("start", "pending", "running", "stopping", "stopped", "finish", "error")
_ACTIONS = ("create", "reboot", "stop", "start", "destroy")


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition as the document has it; absent parts are None."""

    source: str
    to: str | None
    action: str | None
    auto: str | None


def read(x: Exchange) -> tuple[list[str], list[Transition]] | None:
    """(names of states, transitions) of a states document; None for any other.

    No more of either than members of a list are looked at.
    """
    most = x.limits.members
    if document_of(x) != "states":
        return None
    if x.xml is not None:
        states: list[tuple[str, Any]] = [
            (s.get("name", ""), s.iterchildren("transition"))
            for s in islice(x.xml.iter("state"), most)
        ]
    elif isinstance(x.json, list):
        entries = [s for s in x.json[:most] if isinstance(s, dict)]
        states = [(str(s.get("name", "")), listed(s.get("transitions"))) for s in entries]
    else:
        return None
    names = [name for name, _ in states]
    transitions = (
        Transition(name, _text(t.get("to")), t.get("action"), t.get("auto"))
        for name, outgoing in states
        for t in outgoing
        if hasattr(t, "get")
    )
    return names, list(islice(transitions, most))


def _text(value: object) -> str | None:
    """What should be a text, as one: JSON may have an object or a list in its place."""
    return None if value is None else str(value)


@rule("DC-IST-003", "DC-IST-004", "DC-IST-009", evidence="document", of=["state"])
def names(x: Exchange) -> Iterator[Judgement]:
    """States have the names that clients know, in lower case, each once."""
    machine = read(x)
    if machine is None:
        return
    for name in machine[0]:
        place = f"state {brief(name)!r}"
        yield equal("DC-IST-003", place, name.lower(), name)
        yield one_of("DC-IST-004", place, _STATES, name.lower())
    yield distinct("DC-IST-009", "states", "every state once", machine[0])


@rule("DC-IST-005", "DC-IST-006", "DC-IST-007", evidence="document", of=["state"])
def transitions(x: Exchange) -> Iterator[Judgement]:
    """A transition is either an action or automatic, and leads to a state of the machine."""
    machine = read(x)
    if machine is None:
        return
    for t in machine[1]:
        place = f"transition {brief(t.source)} → {brief(t.to)}"
        either = (t.action is None) != (t.auto is None) and t.auto in (None, "true", True)
        got = {"action": t.action, "auto": t.auto}
        yield holds("DC-IST-005", place, "an action, or auto = true", got, either)
        if t.action is not None:
            yield one_of("DC-IST-006", place, _ACTIONS, t.action)
        yield one_of("DC-IST-007", place, machine[0], t.to)


@rule("DC-IST-008", "DC-IST-010", evidence="document", of=["state"])
def beginning(x: Exchange) -> Iterator[Judgement]:
    """The machine begins at `start`, by create or automatically, and comes to `running`."""
    machine = read(x)
    if machine is None:
        return
    first = {t.to: t.action or "auto" for t in machine[1] if t.source == "start"}
    begins = any(t.action == "create" or t.auto for t in machine[1] if t.source == "start")
    expected = "a state `start` that create or an automatic transition leaves"
    got = {"states": machine[0], "from start": first}
    yield holds("DC-IST-008", "states", expected, got, begins)
    ahead: dict[str, set[str]] = {}
    for t in machine[1]:
        if t.to is not None:
            ahead.setdefault(t.source, set()).add(t.to)
    reached, frontier = {"start"}, ["start"]
    while frontier:
        new = ahead.get(frontier.pop(), set()) - reached
        reached |= new
        frontier += new
    why = "reached from start"
    yield contains("DC-IST-010", "states", "running", reached, why=why)
