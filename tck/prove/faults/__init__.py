"""Faults: named ways in which the server is made wrong, each tied to what it violates.

One module an area. Requirement ids are plain words here: the server knows nothing of the
side that judges it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from tck.prove.altered.alteration import collect
from tck.prove.faults.fault import Fault

__all__ = ["Fault", "faults"]


@cache
def faults() -> Mapping[str, Fault]:
    """Every fault by its name."""
    return collect(sys.modules[__name__], "fault")
