"""The shapes of the original's drivers: each with its own collections, machine and sizes."""

from __future__ import annotations

from tck.prove.variants.variant import Variants
from tck.reference_server.drivers import registry

_SOURCE = "the driver as 1.1.3 declares it"

variant = Variants()

for name in registry.personas():
    # Where there is no collection of profiles, images cannot name any.
    warns = "" if registry.shape(name).has("hardware_profiles") else "DC-IMG-004"
    variant(f"persona-{name}", _SOURCE, persona=name, warns=warns)
