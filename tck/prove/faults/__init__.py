"""Faults: named ways in which the server is made wrong, each tied to what it violates.

One module an area. Requirement ids are plain words here: the server knows nothing of the
side that judges it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from tck.prove.altered.alteration import by_name, collect
from tck.prove.faults.fault import Fault, fault

__all__ = ["Fault", "fault", "faults"]


@cache
def faults() -> Mapping[str, Fault]:
    """Every fault by its name."""
    found = collect(sys.modules[__name__], "FAULTS")
    return by_name([replace(entry, area=module.replace("_", " ")) for module, entry in found])
