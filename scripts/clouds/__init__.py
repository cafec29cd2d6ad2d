"""Real provider software on loopback, to prove bridges against: `scripts/prove-cloud`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


class Missing(Exception):
    """Software that the provider needs is not installed; the message says which."""


@dataclass(frozen=True)
class Provider:
    """A running provider, with resources in it that the run must not touch.

    `inventory` asks it directly for everything that it holds: name to all properties.
    """

    driver: str
    provider: str
    user: str
    password: str
    inventory: Callable[[], Mapping[str, object]]
