"""Instance types as hardware profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import Account, Ec2Part, matching
from tck.reference_server.errors import ValidationError
from tck.reference_server.resources import HardwareProfile, HardwareProperty

# Families that are listed, smallest first; any other type is shown and launched by its id.
LISTED = ["t3.*", "m6i.*", "c6i.*", "r6i.*"]
# Architectures that the API knows (A59); images and types of others can be named by id.
ARCHITECTURES = ("x86_64", "i386")
# The type that is launched if the request names none, by architecture.
DEFAULT = {"arm64": "t4g.micro"}


class Sizes(Ec2Part):
    """Each type is shown with one architecture; that of an instance is its image's."""

    def hardware_profiles(self, caller: Caller, filters: Filters) -> Sequence[HardwareProfile]:
        account, wanted = self.connection(caller), filters.get("id")
        found = account.cached("types", lambda: _types(account, LISTED))
        if wanted is not None and all(wanted != p.id for p in found):
            found = _types(account, [wanted])
        architecture = filters.get("architecture")
        shown = (
            p
            for p in found
            if wanted in (None, p.id) and architecture in (None, architecture_of(p))
        )
        return sorted(shown, key=lambda p: (_number(p, "cpu"), _number(p, "memory"), p.id))

    def profile(self, caller: Caller, hwp_id: str) -> HardwareProfile:
        """The profile that a launch names; ValidationError if there is none (stance 35)."""
        found = self.hardware_profiles(caller, {"id": hwp_id}) if hwp_id else ()
        for profile in found:
            return profile
        raise ValidationError(f"Hardware profile '{hwp_id}' does not exist.")


def _types(account: Account, wanted: list[str]) -> list[HardwareProfile]:
    criteria = matching(instance_type=wanted)
    found = account.ec2.pages("describe_instance_types", "InstanceTypes", Filters=criteria)
    return [_profile(raw) for raw in found]


def architecture_of(profile: HardwareProfile) -> str | None:
    """The architecture of a type, if EC2 tells it."""
    found = profile.property("architecture")
    return found.value if found else None


def _profile(raw: dict[str, Any]) -> HardwareProfile:
    supported = raw.get("ProcessorInfo", {}).get("SupportedArchitectures", ())
    architecture = next((a for a in supported if a != "i386"), "i386")
    values = {
        "cpu": raw["VCpuInfo"]["DefaultVCpus"],
        "memory": raw["MemoryInfo"]["SizeInMiB"],
        "storage": raw.get("InstanceStorageInfo", {}).get("TotalSizeInGB"),
        "architecture": architecture,
    }
    properties = (HardwareProperty(n, "fixed", str(v)) for n, v in values.items() if v is not None)
    return HardwareProfile(raw["InstanceType"], raw["InstanceType"], tuple(properties))


def _number(profile: HardwareProfile, name: str) -> float:
    found = profile.property(name)
    return float(found.value) if found else 0.0
