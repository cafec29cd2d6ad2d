"""Whether the hwp_* values of a launch fit the hardware profile (stances 36 to 38)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from tck.reference_server.errors import ValidationError
from tck.reference_server.resources import HardwareProfile, HardwareProperty

_NUMBER = re.compile(r"\d{1,18}(\.\d{1,18})?")


def overrides(profile: HardwareProfile | None, hwp: Mapping[str, str]) -> dict[str, str]:
    """The sizes that a launch asks for, property to value, as `Instance.overrides` takes them.

    Empty values count as not sent. ValidationError if the profile lacks the property, or the value
    is outside of it: a fixed property takes its own value alone.
    """
    sizes = {}
    for name, value in hwp.items():
        if not value:  # an empty field of a form
            continue
        dimension = profile.property(name) if profile else None
        if profile is None or dimension is None:
            raise ValidationError(f"The hardware profile has no property {name!r} to set.")
        if not _fits(dimension, value):
            raise ValidationError(
                f"{value!r} is not possible for {name} of the hardware profile {profile.id!r}."
            )
        if name != "root_type":  # never shown in an instance
            sizes[name] = value
    return sizes


def _fits(dimension: HardwareProperty, value: str) -> bool:
    if dimension.kind == "enum":
        return any(_same(value, entry) for entry in dimension.values)
    if dimension.kind == "fixed" or dimension.first is None or dimension.last is None:
        return _same(value, dimension.value)
    if not _NUMBER.fullmatch(value) or ("." in value and "." not in dimension.first):
        return False
    return Decimal(dimension.first) <= Decimal(value) <= Decimal(dimension.last)


def _same(one: str, other: str) -> bool:
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return Decimal(one) == Decimal(other)
    return one == other
