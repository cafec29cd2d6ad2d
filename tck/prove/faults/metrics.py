"""Measurements of instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import json, xml
from tck.prove.altered.drivers import around
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Metric

_ALL = "metrics.*"

fault = Faults()

fault("metric-without-entity", "DC-MTR-001", xml.drop(_ALL, "//metric/entity"))
fault("metric-without-properties", "DC-MTR-001", xml.drop(_ALL, "//metric/properties"))


@fault.does("DC-MTR-002", json.alter, _ALL, "properties")
def json_metric_properties_as_object(properties: Any) -> Any:
    """Writes properties as an object instead of a list."""
    return {p["name"]: p["values"] for p in properties}


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


@fault.does(
    "DC-MTR-004", xml.alter, "metrics.show", "//property[@name='minimum' or @name='maximum']/@name"
)
def extremes_swapped(name: str) -> str:
    """Swaps the minimum and the maximum of samples."""
    return "minimum" if name == "maximum" else "maximum"


@fault.does("DC-MTR-005", around, "metrics.show", "metrics")
def metric_of_another_instance(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Shows the metric of another instance."""
    metrics = ask(caller, filters)
    return [replace(metric, id="inst0") for metric in metrics] if "id" in filters else metrics


@fault.does("DC-MTR-005", around, "metrics.show", "metrics")
def metric_of_unknown_instance(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Invents metrics for instances that do not exist."""
    return ask(caller, filters) or [Metric(filters["id"], "unknown")]


@fault.does("DC-MTR-005", around, "metrics.show", "metrics")
def metric_of_another_entity(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Names another entity than the one that was measured."""
    metrics = ask(caller, filters)
    return [replace(metric, entity="server") for metric in metrics] if "id" in filters else metrics
