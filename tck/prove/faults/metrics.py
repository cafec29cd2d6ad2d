"""Measurements of instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, json, xml
from tck.prove.altered.drivers import around
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Metric

_ALL = "metrics.*"

fault = Faults()

fault("metric-without-entity", "DC-MTR-001", xml.drop(_ALL, "//metric/entity"))
fault("metric-without-properties", "DC-MTR-001", xml.drop(_ALL, "//metric/properties"))
fault(
    "json-metric-properties-as-object",
    "DC-MTR-002",
    json.put(_ALL, "properties", lambda v: {p["name"]: p["values"] for p in v}),
    text="writes properties as an object instead of a list in JSON",
)
fault("json-metric-property-without-name", "DC-MTR-002", json.drop(_ALL, "properties.name"))
fault("sample-without-names", "DC-MTR-003", xml.drop("metrics.show", "//sample/property/@name"))
fault("sample-without-values", "DC-MTR-003", xml.drop("metrics.show", "//sample/property/@value"))
fault("sample-empty", "DC-MTR-003", xml.drop("metrics.show", "//sample/property"))
fault(
    "average-above-maximum",
    "DC-MTR-004",
    xml.put("metrics.show", "//property[@name='average']/@value", "1000"),
)
fault(
    "average-below-minimum",
    "DC-MTR-004",
    xml.put("metrics.show", "//property[@name='average']/@value", "-1"),
)
fault(
    "minimum-in-words",
    "DC-MTR-004",
    xml.put("metrics.show", "//property[@name='minimum']/@value", "none"),
)
fault(
    "extremes-swapped",
    "DC-MTR-004",
    xml.put(
        "metrics.show",
        "//property[@name='minimum' or @name='maximum']/@name",
        lambda n: "minimum" if n == "maximum" else "maximum",
    ),
    text="swaps the minimum and the maximum of samples",
)


@fault.does("DC-MTR-005", around, "metrics.show", "metrics")
def metric_of_another_instance(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Shows the metric of another instance."""
    return [replace(m, id="inst0") for m in ask(caller, f)] if "id" in f else ask(caller, f)


@fault.does("DC-MTR-005", around, "metrics.show", "metrics")
def metric_of_unknown_instance(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Invents metrics for instances that do not exist."""
    return ask(caller, f) or [Metric(f["id"], "unknown")]


@fault.does("DC-MTR-005", drivers.around, "metrics.show", "metrics")
def metric_of_another_entity(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Names another entity than the one that was measured."""
    return [replace(m, entity="server") for m in ask(caller, f)] if "id" in f else ask(caller, f)
