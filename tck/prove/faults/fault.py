"""What a fault is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tck.prove.altered.alteration import Alteration
from tck.prove.altered.change import Change


@dataclass(frozen=True)
class Fault(Alteration):
    """An alteration that is wrong; `violates` are the requirements that it breaks."""

    violates: tuple[str, ...] = ()


def fault(
    name: str, violates: str, *changes: Change, persona: str = "full", **options: Any
) -> Fault:
    """A fault; `violates` holds requirement ids with blanks between."""
    return Fault(name, changes, persona, options, violates=tuple(violates.split()))
