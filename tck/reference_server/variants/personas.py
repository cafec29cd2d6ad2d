"""The shapes of the original's drivers: each with its own collections, machine and sizes."""

from __future__ import annotations

from tck.reference_server.drivers import shape
from tck.reference_server.variants.variant import variant

VARIANTS = [
    variant(
        f"persona-{name}", "facts 7.3, 8.1 and 12: the driver as 1.1.3 declares it", persona=name
    )
    for name in shape.names()
]
