"""Hardware profiles that contradict themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tck.prove.altered import drivers, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.faults.fault import Faults

_ALL = "hardware_profiles.*"


# The changes below take a path within a profile.


def _drop(path: str) -> Change:
    return xml.drop(_ALL, f"//hardware_profile/{path}")


def _put(path: str, value: str) -> Change:
    return xml.put(_ALL, f"//hardware_profile/{path}", value)


def _alter(text: str, path: str, act: Callable[[str], str]) -> Change:
    return xml.alter(_ALL, text, f"//hardware_profile/{path}", act)


def _repeat(path: str) -> Change:
    return xml.repeat(_ALL, f"//hardware_profile/{path}")


def _has(profile: Any, architecture: str) -> bool:
    found = profile.property("architecture")
    return found is not None and architecture in (found.values or (found.value,))


fault = Faults()

fault("profile-without-name", "DC-HWP-001", _drop("name"))
fault("property-without-value", "DC-HWP-001", _drop("property/@value"))
fault("property-without-name", "DC-HWP-001", _drop("property/@name"))
fault("json-profile-without-name", "DC-HWP-002", json.drop(_ALL, "name"))


@fault.does("DC-HWP-002", json.alter, _ALL, "properties")
def json_properties_as_list(properties: Any) -> Any:
    """Writes properties as a list."""
    return [{"name": k, "value": x} for k, x in properties.items()]


fault("property-kind-unknown", "DC-HWP-003", _put("property/@kind", "free"))
fault(
    "property-kind-in-capitals",
    "DC-HWP-003",
    _alter("writes the kind of properties in upper case", "property/@kind", str.upper),
)
fault("property-unknown", "DC-HWP-004", _put("property[@name='cpu']/@name", "cores"))
fault("unit-of-memory-gb", "DC-HWP-005", _put("property[@name='memory']/@unit", "GB"))
fault("unit-of-storage-missing", "DC-HWP-005", _drop("property[@name='storage']/@unit"))
fault("unit-of-cpu-ghz", "DC-HWP-005", _put("property[@name='cpu']/@unit", "GHz"))
fault("range-inverted", "DC-HWP-006", _put("property/range/@last", "1"))
fault("range-without-last", "DC-HWP-006", _drop("property/range/@last"))
fault("range-missing", "DC-HWP-006", _drop("property/range"))
fault("range-twice", "DC-HWP-006", _repeat("property/range"))
fault("default-below-range", "DC-HWP-007", _put("property[@kind='range']/@value", "0.5"))
fault(
    "default-above-range",
    "DC-HWP-007",
    _alter(
        "writes a default that is above the range",
        "property[@kind='range']/@value",
        lambda v: v + "0000",
    ),
)
fault("enum-empty", "DC-HWP-008", _drop("property/enum/entry"))
fault("enum-missing", "DC-HWP-008", _drop("property/enum"))
fault("enum-entry-without-value", "DC-HWP-008", _drop("property/enum/entry[1]/@value"))
fault("default-not-in-enum", "DC-HWP-009", _put("property[@kind='enum']/@value", "7"))
fault("param-missing", "DC-HWP-010", _drop("property/param"))
fault(
    "param-named-otherwise",
    "DC-HWP-010",
    _alter(
        "writes dashes for underscores in the names of parameters",
        "property/param/@name",
        lambda n: n.replace("_", "-"),
    ),
)
fault("param-by-get", "DC-HWP-010", _put("property/param/@method", "get"))
fault(
    "param-of-images",
    "DC-HWP-010",
    _alter(
        "names the URL of images for parameters of instances",
        "property/param/@href",
        lambda h: h.replace("instances", "images"),
    ),
)
fault("param-of-another-operation", "DC-HWP-010", _put("property/param/@operation", "update"))
fault(
    "param-of-fixed-property",
    "DC-HWP-011",
    xml.add(
        _ALL,
        "//hardware_profile/property[@kind='fixed']",
        '<param name="hwp_cpu" method="post" operation="create" href="http://endpoint.test/api/instances"/>',
    ),
)
fault(
    "memory-with-unit",
    "DC-HWP-012",
    _alter(
        "writes a unit into the value of the memory",
        "property[@name='memory']/@value",
        lambda v: v + " MB",
    ),
)
for name, path, value in (
    ("memory-nought", "property[@name='memory'][@kind='fixed']/@value", "0"),
    ("storage-negative", "property[@name='storage']/@value", "-1"),
    ("cpu-in-words", "property[@name='cpu'][@kind='fixed']/@value", "two"),
):
    fault(name, "DC-HWP-012", _put(path, value))
fault(
    "memory-with-comma",
    "DC-HWP-012",
    _alter(
        "writes a decimal comma into the value of the memory",
        "property[@name='memory']/@value",
        lambda v: v.replace(".", ","),
    ),
)
fault(
    "inner-id-differs",
    "DC-HWP-013",
    _alter("writes the inner id in upper case", "id", lambda i: i.upper()),
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
fault("property-twice", "DC-HWP-016", _repeat("property[@name='memory']"))
