"""Rules on the state machine of instances (A74, C21, C22, M1, M2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tck.endpoint.exchange import Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import document_of, listed, repeated, shown

_STATES = ("start", "pending", "running", "stopping", "stopped", "finish", "error")
_ACTIONS = ("create", "reboot", "stop", "start", "destroy")


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition as the document tells it; absent parts are None."""

    source: str
    to: str | None
    action: str | None
    auto: str | None


def read(x: Exchange) -> tuple[list[str], list[Transition]] | None:
    """(names of states, transitions) of a states document; None if it is none."""
    if document_of(x) != "states":
        return None
    if x.xml is not None:
        states: list[tuple[str, Any]] = [
            (s.get("name", ""), s.iterchildren("transition")) for s in x.xml.iter("state")
        ]
    elif isinstance(x.json, list):
        entries = [s for s in x.json if isinstance(s, dict)]
        states = [(str(s.get("name", "")), listed(s.get("transitions"))) for s in entries]
    else:
        return None
    names = [name for name, _ in states]
    transitions = [
        Transition(name, t.get("to"), t.get("action"), t.get("auto"))
        for name, leaving in states
        for t in leaving
        if hasattr(t, "get")
    ]
    return names, transitions


@rule("DC-IST-003", "DC-IST-004", "DC-IST-009", evidence="document", of=["state"])
def names(x: Exchange) -> Iterator[Judgement]:
    """States have the names that clients know, in lower case, once each."""
    machine = read(x)
    if machine is None:
        return
    for name in machine[0]:
        place = f"state {name!r}"
        yield Judgement("DC-IST-003", name == name.lower(), place, name.lower(), shown(name))
        expected = "one of " + ", ".join(_STATES)
        yield Judgement("DC-IST-004", name.lower() in _STATES, place, expected, shown(name))
    twice = repeated(machine[0])
    yield Judgement("DC-IST-009", not twice, "states", "every state once", shown(twice))


@rule("DC-IST-005", "DC-IST-006", "DC-IST-007", evidence="document", of=["state"])
def transitions(x: Exchange) -> Iterator[Judgement]:
    """A transition is either an action or automatic, and leads to a known state."""
    machine = read(x)
    if machine is None:
        return
    known, found = machine
    for t in found:
        place = f"transition {t.source} → {t.to}"
        one = (t.action is None) != (t.auto is None) and t.auto in (None, "true", True)
        got = f"action {t.action!r}, auto {t.auto!r}"
        yield Judgement("DC-IST-005", one, place, "an action, or auto = true", got)
        if t.action is not None:
            expected = "one of " + ", ".join(_ACTIONS)
            yield Judgement("DC-IST-006", t.action in _ACTIONS, place, expected, shown(t.action))
        right = t.to in known
        yield Judgement("DC-IST-007", right, place, "a state of the machine", shown(t.to))


@rule("DC-IST-008", "DC-IST-010", evidence="document", of=["state"])
def beginning(x: Exchange) -> Iterator[Judgement]:
    """The machine begins at `start`, by create or automatically, and comes to `running`."""
    machine = read(x)
    if machine is None:
        return
    leaving = [t for t in machine[1] if t.source == "start"]
    right = any(t.action == "create" or t.auto for t in leaving)
    expected = "a state `start` that create or an automatic transition leaves"
    got = f"states {machine[0]}, from start: {[(t.action or 'auto', t.to) for t in leaving]}"
    yield Judgement("DC-IST-008", right, "states", expected, shown(got))
    reached, frontier = {"start"}, ["start"]
    while frontier:
        here = frontier.pop()
        ahead = {t.to for t in machine[1] if t.source == here and t.to is not None} - reached
        reached |= ahead
        frontier += ahead
    got = f"from start: {sorted(reached)}"
    yield Judgement("DC-IST-010", "running" in reached, "states", "a way to running", shown(got))
