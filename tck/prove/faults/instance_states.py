"""State machines that make no sense."""

from __future__ import annotations

from typing import Any

from tck.prove.altered import http, json, xml
from tck.prove.altered.change import Change
from tck.prove.faults.fault import Faults

_S = "instance_states.index"


def _json_without(state: str) -> Change:
    """Leave a state out of the machine in JSON."""
    return json.edit(
        _S, f"leaves {state} out in JSON", lambda states: [s for s in states if s["name"] != state]
    )


fault = Faults()

fault("state-without-name", "DC-IST-001", xml.drop(_S, "//state/@name"))
fault("transition-without-to", "DC-IST-001", xml.drop(_S, "//transition/@to"))
fault("states-empty", "DC-IST-001", xml.drop(_S, "/states/*"))


@fault.does("DC-IST-002", json.edit, _S)
def json_states_wrapped(states: Any) -> Any:
    """Puts the list of states into an object."""
    return {"states": states}


@fault.does("DC-IST-002", json.edit, _S)
def json_states_empty(_states: Any) -> Any:
    """Returns an empty list of states."""
    return []


fault("json-state-without-transitions", "DC-IST-002", json.drop(_S, "transitions"))
fault("json-state-without-name", "DC-IST-002", json.drop(_S, "name"))
fault(
    "states-in-upper-case",
    "DC-IST-003",
    xml.alter(
        _S,
        "writes the states of the machine in upper case",
        "//state/@name | //transition/@to",
        str.upper,
    ),
)
fault(
    "json-states-in-upper-case",
    "DC-IST-003",
    json.alter(_S, "writes the names of states in upper case", "name", str.upper),
    json.alter(_S, "writes where transitions lead in upper case", "to", str.upper),
    text="writes the states of the machine in upper case in JSON",
)
fault("state-unknown", "DC-IST-004", xml.put(_S, "//@*[.='stopped']", "suspended"))
fault("transition-of-nobody", "DC-IST-005", xml.drop(_S, "//transition/@auto"))
fault(
    "transition-of-both", "DC-IST-005", xml.attribute(_S, "//transition[@action]", "auto", "true")
)
fault("transition-auto-false", "DC-IST-005", xml.put(_S, "//transition/@auto", "false"))
fault("json-transition-of-nobody", "DC-IST-005", json.drop(_S, "auto"))
fault("action-unknown", "DC-IST-006", xml.put(_S, "//transition/@action[.='reboot']", "restart"))
fault("transition-to-nowhere", "DC-IST-007", xml.drop(_S, "//state[@name='finish']"))
fault("json-transition-to-nowhere", "DC-IST-007", _json_without("finish"))
fault("transition-misspelt", "DC-IST-007", xml.put(_S, "//transition/@to[.='running']", "runing"))
fault("no-start", "DC-IST-008", xml.drop(_S, "//state[@name='start']"))
fault("start-cannot-be-left", "DC-IST-008", xml.drop(_S, "//state[@name='start']/transition"))
fault(
    "start-left-by-start",
    "DC-IST-008",
    xml.put(_S, "//state[@name='start']/transition/@action", "start"),
)
fault("state-twice", "DC-IST-009", xml.repeat(_S, "//state[@name='running']"))


@fault.does("DC-IST-009", json.edit, _S)
def json_state_twice(states: Any) -> Any:
    """Lists the first state twice."""
    return [*states, states[0]]


fault("running-out-of-reach", "DC-IST-010", xml.drop(_S, "//state[@name='pending']/transition"))
fault("json-other-machine", "DC-IST-011", _json_without("error"))


@fault.does("DC-IST-011", json.alter, _S, "action")
def json_other_transitions(action: Any) -> Any:
    """Writes start in place of reboot in the machine."""
    return "start" if action == "reboot" else action


fault(
    "picture-is-text",
    "DC-IST-012",
    http.answer_parameter(_S, "format", "png", "image/svg+xml", "<svg/>"),
)
