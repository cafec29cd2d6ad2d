"""Realms whose documents are incomplete."""

from __future__ import annotations

from tck.prove.altered import json, xml
from tck.prove.faults.fault import Faults

fault = Faults()

fault("realm-without-name", "DC-RLM-001", xml.drop("realms.*", "//realm/name"))
fault("realm-without-state", "DC-RLM-001", xml.drop("realms.*", "//realm/state"))
fault(
    "realm-state-as-attribute",
    "DC-RLM-001",
    xml.drop("realms.*", "//realm/state"),
    xml.attribute("realms.*", "//realm", "state", "AVAILABLE"),
    text="writes the state of realms as an attribute",
)
fault("json-realm-without-limit", "DC-RLM-002", json.drop("realms.*", "limit"))
fault("json-realm-without-state", "DC-RLM-002", json.drop("realms.*", "state"))
fault("json-realm-state-boolean", "DC-RLM-002", json.put("realms.*", "state", True))
fault("realm-state-empty", "DC-RLM-003", xml.put("realms.*", "//realm/state", ""))
fault("realm-name-empty", "DC-RLM-004", xml.put("realms.*", "//realm/name", ""))
