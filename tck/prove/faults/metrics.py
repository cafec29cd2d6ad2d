"""Measurements of instances."""

from __future__ import annotations

from dataclasses import replace

from tck.prove.altered import drivers, json, xml
from tck.prove.altered.drivers import around
from tck.prove.faults.fault import fault
from tck.reference_server.resources import Metric

_ALL = "metrics.*"

FAULTS = [
    fault("metric-without-entity", "DC-MTR-001", xml.drop(_ALL, "//metric/entity")),
    fault("metric-without-properties", "DC-MTR-001", xml.drop(_ALL, "//metric/properties")),
    fault(
        "json-metric-properties-as-object",
        "DC-MTR-002",
        json.put(_ALL, "properties", lambda v: {p["name"]: p["values"] for p in v}),
    ),
    fault("json-metric-property-without-name", "DC-MTR-002", json.drop(_ALL, "properties.name")),
    fault(
        "sample-without-names", "DC-MTR-003", xml.drop("metrics.show", "//sample/property/@name")
    ),
    fault(
        "sample-without-values", "DC-MTR-003", xml.drop("metrics.show", "//sample/property/@value")
    ),
    fault("sample-empty", "DC-MTR-003", xml.drop("metrics.show", "//sample/property")),
    fault(
        "average-above-maximum",
        "DC-MTR-004",
        xml.put("metrics.show", "//property[@name='average']/@value", "1000"),
    ),
    fault(
        "average-below-minimum",
        "DC-MTR-004",
        xml.put("metrics.show", "//property[@name='average']/@value", "-1"),
    ),
    fault(
        "minimum-in-words",
        "DC-MTR-004",
        xml.put("metrics.show", "//property[@name='minimum']/@value", "none"),
    ),
    fault(
        "extremes-swapped",
        "DC-MTR-004",
        xml.put(
            "metrics.show",
            "//property[@name='minimum' or @name='maximum']/@name",
            lambda n: "minimum" if n == "maximum" else "maximum",
        ),
    ),
    fault(
        "metric-of-another-instance",
        "DC-MTR-005",
        around(
            "metrics.show",
            "shows the metric of another instance",
            "metrics",
            lambda _d, ask, caller, f: (
                [replace(m, id="inst0") for m in ask(caller, f)] if "id" in f else ask(caller, f)
            ),
        ),
    ),
    fault(
        "metric-of-unknown-instance",
        "DC-MTR-005",
        around(
            "metrics.show",
            "invents metrics",
            "metrics",
            lambda _d, ask, caller, f: ask(caller, f) or [Metric(f["id"], "unknown")],
        ),
    ),
    fault(
        "metric-of-another-entity",
        "DC-MTR-005",
        drivers.around(
            "metrics.show",
            "names another entity",
            "metrics",
            lambda _d, ask, caller, f: (
                [replace(m, entity="server") for m in ask(caller, f)]
                if "id" in f
                else ask(caller, f)
            ),
        ),
    ),
]
