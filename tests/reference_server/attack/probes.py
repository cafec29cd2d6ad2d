"""All probes."""

from __future__ import annotations

from collections.abc import Iterator

from . import bodies, heads
from .probe import AREAS, AUTH, BLOB, FORM, Probe, get

__all__ = ["AUTH", "BLOB", "FORM", "Probe", "bodies", "get", "heads", "probes"]


def probes() -> Iterator[Probe]:
    """All of them, by area."""
    for area in AREAS.values():
        yield from area
