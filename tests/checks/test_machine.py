"""The endpoint's state machine as an oracle."""

from __future__ import annotations

import pytest
from endpoint.exchanges import exchange, recorded

from tck.checks.support import machine
from tck.checks.support.machine import Machine
from tck.rules.instance_states import Transition

MOCK = """<states>
  <state name="start"><transition action="create" to="pending"/></state>
  <state name="pending"><transition auto="true" to="running"/></state>
  <state name="running"><transition action="reboot" to="running"/>
    <transition action="stop" to="stopped"/><transition auto="true" to="error"/></state>
  <state name="stopped"><transition action="start" to="running"/>
    <transition action="destroy" to="finish"/></state>
  <state name="finish"/><state name="error"/>
</states>"""


def built(*transitions: tuple[str, str, str | None]) -> Machine:
    """A machine of (source, target, action or None for automatic)."""
    found = tuple(
        Transition(source, to, action, None if action else "true")
        for source, to, action in transitions
    )
    states = {name for t in found for name in (t.source, str(t.to))}
    return Machine(tuple(sorted(states)), found)


def read(text: str) -> Machine:
    found = machine.parse(exchange("/instance_states", text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("start", {"create"}),
        ("pending", set()),
        ("running", {"reboot", "stop"}),
        ("stopped", {"start", "destroy"}),
        ("finish", set()),
        ("unknown", set()),
    ],
)
def test_actions_of_a_state(state: str, actions: set[str]) -> None:
    assert read(MOCK).actions(state) == actions


@pytest.mark.parametrize(
    ("state", "action", "outcomes"),
    [
        ("start", "create", {"running"}),  # by way of pending
        ("running", "stop", {"stopped"}),
        ("running", "reboot", {"running"}),
        ("stopped", "start", {"running"}),
        ("stopped", "destroy", {"finish"}),
        ("stopped", "reboot", set()),
        ("finish", "destroy", set()),
    ],
)
def test_outcomes_of_an_action(state: str, action: str, outcomes: set[str]) -> None:
    assert read(MOCK).outcomes(state, action) == outcomes


def test_an_outcome_may_be_one_of_several() -> None:
    model = built(
        ("start", "pending", "create"), ("pending", "running", None), ("pending", "stopped", None)
    )
    assert model.outcomes("start", "create") == {"running", "stopped"}


def test_error_is_not_a_success() -> None:
    model = built(
        ("running", "stopping", "stop"), ("stopping", "stopped", None), ("stopping", "error", None)
    )
    assert model.outcomes("running", "stop") == {"stopped"}
    assert built(("running", "error", "stop")).outcomes("running", "stop") == set()


def test_cycles_end() -> None:
    model = built(("a", "b", "go"), ("b", "c", None), ("c", "b", None), ("c", "running", None))
    assert model.outcomes("a", "go") == {"running"}


def test_a_state_without_a_way_out_of_itself_is_a_place_to_rest() -> None:
    """The `stopping` of rhevm is left by start and destroy only (M4)."""
    model = built(("running", "stopping", "stop"), ("stopping", "finish", "destroy"))
    assert "stopping" in model.outcomes("running", "stop")


def test_json_and_xml_give_the_same_machine() -> None:
    xml, json = (
        next(
            x
            for x in recorded()
            if x.operation
            and x.operation.collection == "instance_states"
            and x.format == f
            and x.ok
        )
        for f in ("xml", "json")
    )
    one, other = machine.parse(xml), machine.parse(json)
    assert one is not None
    assert other is not None
    assert set(one.states) == set(other.states)
    for state in one.states:
        assert one.actions(state) == other.actions(state)
        for action in one.actions(state):
            assert one.outcomes(state, action) == other.outcomes(state, action)


@pytest.mark.parametrize("body", ["", "<states", "<keys/>", "<html/>"])
def test_what_is_not_a_machine(body: str) -> None:
    found = machine.parse(exchange("/instance_states", body))
    assert found is None or found.states == ()
