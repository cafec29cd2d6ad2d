"""Hardware profiles that contradict themselves."""

from __future__ import annotations

from typing import Any

from tck.prove.altered import drivers, json, requests, xml
from tck.prove.faults.fault import Faults

_ALL, _P = "hardware_profiles.*", "//hardware_profile"


def _has(profile: Any, architecture: str) -> bool:
    found = profile.property("architecture")
    return found is not None and architecture in (found.values or (found.value,))


fault = Faults()

fault("profile-without-name", "DC-HWP-001", xml.drop(_ALL, f"{_P}/name"))
fault("property-without-value", "DC-HWP-001", xml.drop(_ALL, f"{_P}/property/@value"))
fault("property-without-name", "DC-HWP-001", xml.drop(_ALL, f"{_P}/property/@name"))
fault("json-profile-without-name", "DC-HWP-002", json.drop(_ALL, "name"))
fault(
    "json-properties-as-list",
    "DC-HWP-002",
    json.alter(
        _ALL,
        "writes properties as a list",
        "properties",
        lambda v: [{"name": k, "value": x} for k, x in v.items()],
    ),
)
fault("property-kind-unknown", "DC-HWP-003", xml.put(_ALL, f"{_P}/property/@kind", "free"))
fault(
    "property-kind-in-capitals",
    "DC-HWP-003",
    xml.alter(
        _ALL, "writes the kind of properties in upper case", f"{_P}/property/@kind", str.upper
    ),
)
fault("property-unknown", "DC-HWP-004", xml.put(_ALL, f"{_P}/property[@name='cpu']/@name", "cores"))
fault(
    "unit-of-memory-gb", "DC-HWP-005", xml.put(_ALL, f"{_P}/property[@name='memory']/@unit", "GB")
)
fault(
    "unit-of-storage-missing", "DC-HWP-005", xml.drop(_ALL, f"{_P}/property[@name='storage']/@unit")
)
fault("unit-of-cpu-ghz", "DC-HWP-005", xml.put(_ALL, f"{_P}/property[@name='cpu']/@unit", "GHz"))
fault("range-inverted", "DC-HWP-006", xml.put(_ALL, f"{_P}/property/range/@last", "1"))
fault("range-without-last", "DC-HWP-006", xml.drop(_ALL, f"{_P}/property/range/@last"))
fault("range-missing", "DC-HWP-006", xml.drop(_ALL, f"{_P}/property/range"))
fault("range-twice", "DC-HWP-006", xml.repeat(_ALL, f"{_P}/property/range"))
fault(
    "default-below-range",
    "DC-HWP-007",
    xml.put(_ALL, f"{_P}/property[@kind='range']/@value", "0.5"),
)
fault(
    "default-above-range",
    "DC-HWP-007",
    xml.alter(
        _ALL,
        "writes a default that is above the range",
        f"{_P}/property[@kind='range']/@value",
        lambda v: v + "0000",
    ),
)
fault("enum-empty", "DC-HWP-008", xml.drop(_ALL, f"{_P}/property/enum/entry"))
fault("enum-missing", "DC-HWP-008", xml.drop(_ALL, f"{_P}/property/enum"))
fault(
    "enum-entry-without-value", "DC-HWP-008", xml.drop(_ALL, f"{_P}/property/enum/entry[1]/@value")
)
fault(
    "default-not-in-enum", "DC-HWP-009", xml.put(_ALL, f"{_P}/property[@kind='enum']/@value", "7")
)
fault("param-missing", "DC-HWP-010", xml.drop(_ALL, f"{_P}/property/param"))
fault(
    "param-named-otherwise",
    "DC-HWP-010",
    xml.alter(
        _ALL,
        "writes dashes for underscores in the names of parameters",
        f"{_P}/property/param/@name",
        lambda n: n.replace("_", "-"),
    ),
)
fault("param-by-get", "DC-HWP-010", xml.put(_ALL, f"{_P}/property/param/@method", "get"))
fault(
    "param-of-images",
    "DC-HWP-010",
    xml.alter(
        _ALL,
        "names the URL of images for parameters of instances",
        f"{_P}/property/param/@href",
        lambda h: h.replace("instances", "images"),
    ),
)
fault(
    "param-of-another-operation",
    "DC-HWP-010",
    xml.put(_ALL, f"{_P}/property/param/@operation", "update"),
)
fault(
    "param-of-fixed-property",
    "DC-HWP-011",
    xml.add(
        _ALL,
        f"{_P}/property[@kind='fixed']",
        '<param name="hwp_cpu" method="post" operation="create" href="http://endpoint.test/api/instances"/>',
    ),
)
fault(
    "memory-with-unit",
    "DC-HWP-012",
    xml.alter(
        _ALL,
        "writes a unit into the value of the memory",
        f"{_P}/property[@name='memory']/@value",
        lambda v: v + " MB",
    ),
)
fault(
    "memory-nought",
    "DC-HWP-012",
    xml.put(_ALL, f"{_P}/property[@name='memory'][@kind='fixed']/@value", "0"),
)
fault(
    "storage-negative", "DC-HWP-012", xml.put(_ALL, f"{_P}/property[@name='storage']/@value", "-1")
)
fault(
    "cpu-in-words",
    "DC-HWP-012",
    xml.put(_ALL, f"{_P}/property[@name='cpu'][@kind='fixed']/@value", "two"),
)
fault(
    "memory-with-comma",
    "DC-HWP-012",
    xml.alter(
        _ALL,
        "writes a decimal comma into the value of the memory",
        f"{_P}/property[@name='memory']/@value",
        lambda v: v.replace(".", ","),
    ),
)
fault(
    "inner-id-differs",
    "DC-HWP-013",
    xml.alter(_ALL, "writes the inner id in upper case", f"{_P}/id", lambda i: i.upper()),
)
fault(
    "architecture-of-profiles-ignored",
    "DC-HWP-014",
    requests.ignore("hardware_profiles.index", "architecture"),
)


@fault.does("DC-HWP-014", drivers.around, "hardware_profiles.index", "hardware_profiles")
def architecture_of_profiles_inverted(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists the profiles that do not have the requested architecture."""
    architecture = filters.get("architecture")
    if not architecture:
        return ask(caller, filters)
    return [profile for profile in ask(caller, {}) if not _has(profile, architecture)]


@fault.does("DC-HWP-014", drivers.around, "hardware_profiles.index", "hardware_profiles")
def architecture_of_profiles_lenient(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists profiles without an architecture whatever architecture is requested."""
    architecture = filters.get("architecture")
    if not architecture:
        return ask(caller, filters)
    return [
        profile
        for profile in ask(caller, {})
        if _has(profile, architecture) or profile.property("architecture") is None
    ]


fault("json-defaults-are-bounds", "DC-HWP-015", json.put(_ALL, "properties.cpu", "6"))
fault("property-twice", "DC-HWP-016", xml.repeat(_ALL, f"{_P}/property[@name='memory']"))
