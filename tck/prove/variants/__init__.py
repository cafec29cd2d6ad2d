"""Variants: named ways in which the server differs and is still right."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from tck.prove.altered.alteration import collect
from tck.prove.variants.variant import Variant

__all__ = ["Variant", "variants"]


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its name."""
    return collect(sys.modules[__name__], "variant")
