"""Checks of hardware profiles: JSON, and the architecture filter."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from tck.checks.support import life
from tck.checks.support.answers import object_in
from tck.checks.support.check import check
from tck.checks.support.client import members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify


def architectures(profile: etree._Element) -> set[str]:
    """Architectures that a profile comes in."""
    for prop in profile.iterfind("property"):
        if prop.get("name") == "architecture":
            entries = {entry.get("value", "") for entry in prop.iterfind("enum/entry")}
            return entries or {prop.get("value", "")}
    return set()


@check("DC-HWP-015", needs="hardware_profiles")
def test_json_gives_the_defaults(cloud: Cloud, verify: Verify) -> None:
    """JSON shows of a property only its default, which is the one of the XML (J6)."""
    for profile in life.some_members(cloud, verify, "hardware_profiles"):
        x = cloud.show("hardware_profiles", profile.id, format="json")
        properties = object_in(x, "hardware_profile").get("properties")
        shown = verify.need(cloud.show("hardware_profiles", profile.id).xml, "no XML is shown")
        expected = {p.get("name"): p.get("value") for p in shown.iterfind("property")}
        defaults = properties if isinstance(properties, Mapping) else {}
        got = {name: str(default) for name, default in defaults.items()}
        verify.equal("DC-HWP-015", "hardware_profile.properties", expected, got, x=x)


@check("DC-HWP-014", needs="hardware_profiles")
def test_filter_by_architecture(cloud: Cloud, verify: Verify) -> None:
    """`?architecture=A` gives exactly the profiles that come in A (A187)."""
    profiles = cloud.members("hardware_profiles")
    offered = {a for profile in profiles for a in architectures(profile.element)}
    if not offered:
        verify.inconclusive("no profile shows its architecture")
    for architecture in (*sorted(offered), "tck-none"):
        expected = sorted(p.id for p in profiles if architecture in architectures(p.element))
        x = cloud.index("hardware_profiles", params={"architecture": architecture})
        verify.accepted("DC-HWP-014", x)
        got = sorted(m.id for m in members_of(x))
        verify.equal("DC-HWP-014", f"architecture={architecture}", expected, got, x=x)
