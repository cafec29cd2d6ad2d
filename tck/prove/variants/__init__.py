"""Variants: named ways in which the server differs and is still right."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from tck.prove.altered.alteration import by_name, collect
from tck.prove.variants.variant import Variant, variant

__all__ = ["Variant", "variant", "variants"]


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its name."""
    found = collect(sys.modules[__name__], "VARIANTS")
    return by_name([replace(entry, area=module.replace("_", " ")) for module, entry in found])
