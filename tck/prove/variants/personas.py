"""The shapes of the original's drivers: each with its own collections, machine and sizes."""

from __future__ import annotations

from tck.prove.variants.variant import variant
from tck.reference_server.drivers import shape

_SOURCE = "facts 7.3, 8.1 and 12: the driver as 1.1.3 declares it"

VARIANTS = [
    variant(
        f"persona-{name}",
        _SOURCE,
        persona=name,
        # Where there is no collection of profiles, images cannot name any.
        warns="" if shape.load(name).has("hardware_profiles") else "DC-IMG-004",
    )
    for name in shape.names()
]
