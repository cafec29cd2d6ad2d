"""Real provider software on loopback, to prove bridges against: `scripts/prove-cloud`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


class Missing(Exception):
    """What a provider needs is not installed; the message says what."""


@dataclass(frozen=True)
class Provider:
    """A running provider in which somebody else's things lie.

    `inventory` asks it directly, past bridge and kit: everything that it holds, each with all
    that could be changed about it, by a name.
    """

    driver: str
    provider: str
    user: str
    password: str
    inventory: Callable[[], Mapping[str, object]]
