"""What a fault is, and how the modules beside this one write theirs.

A fault that a change of `tck.prove.altered` makes is a call. One that needs code is a function:

    fault = Faults()

    fault("volume-without-name", "DC-VOL-001", xml.drop("storage_volumes.*", "//name"))

    @fault.does("DC-VOL-006", drivers.listed, "storage_volumes.index", "storage_volumes")
    def volume_not_listed(volumes: list[Any]) -> list[Any]:
        "Lists only the first three volumes."  # its docstring
        return volumes[:3]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tck.prove.altered.alteration import Alteration, Alterations
from tck.prove.altered.change import Change


@dataclass(frozen=True)
class Fault(Alteration):
    """An alteration that is wrong; `violates` are the requirements that it breaks."""

    violates: tuple[str, ...] = ()


class Faults(Alterations[Fault]):
    """The faults of one module."""

    def __call__(
        self,
        name: str,
        basis: str,
        *changes: Change,
        text: str = "",
        persona: str = "full",
        **options: Any,
    ) -> None:
        """Add a fault; `basis` holds the ids of what it violates, separated by blanks."""
        violates = tuple(basis.split())
        self.append(Fault(name, changes, persona, options, text=text, violates=violates))
