"""Checks of hardware profiles: the architecture filter."""

from __future__ import annotations

from lxml import etree

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
    """JSON knows of a property only its default; it is the one of the XML (J6)."""
    profiles = cloud.members("hardware_profiles")
    if not profiles:
        verify.inconclusive("hardware_profiles has no members")
    for profile in profiles:
        x = cloud.show("hardware_profiles", profile.id, format="json")
        value = x.json.get("hardware_profile", {}) if isinstance(x.json, dict) else {}
        wanted = {p.get("name"): p.get("value") for p in profile.element.iterfind("property")}
        got = {name: str(default) for name, default in (value.get("properties") or {}).items()}
        verify.equal("DC-HWP-015", "hardware_profile.properties", wanted, got, x=x)


@check("DC-HWP-014", needs="hardware_profiles")
def test_filter_by_architecture(cloud: Cloud, verify: Verify) -> None:
    """`?architecture=A` gives exactly the profiles that come in A (A187)."""
    profiles = cloud.members("hardware_profiles")
    known = {a for profile in profiles for a in architectures(profile.element)}
    if not known:
        verify.inconclusive("no profile tells its architecture")
    for architecture in (*sorted(known), "tck-none"):
        wanted = sorted(p.id for p in profiles if architecture in architectures(p.element))
        x = cloud.index("hardware_profiles", params={"architecture": architecture})
        verify.status("DC-HWP-014", x, 200)
        found = sorted(m.id for m in members_of(x))
        verify.equal("DC-HWP-014", f"architecture={architecture}", wanted, found, x=x)
