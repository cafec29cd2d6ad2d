"""What a fault is, and how the modules beside this one write theirs.

If a builder of `tck.prove.altered` can make the change from plain values, call `fault(...)`. A
fault that needs code is a function, whose docstring says what the server does wrong and whose name
is the fault's:

    fault = Faults()

    fault("volume-without-name", "DC-VOL-021", xml.drop("storage_volumes.*", "//name"))

    @fault.does("DC-VOL-006", drivers.listed, "storage_volumes.index", "storage_volumes")
    def volume_not_listed(volumes: list[Any]) -> list[Any]:
        "Lists only the first three volumes."  # its docstring
        return volumes[:3]

The text of a fault (that docstring; the text of a builder, or one that it makes of its values) is
printed wherever the fault is listed, so it must be clear without the code.
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

    def __post_init__(self) -> None:
        """Refuse a fault without changes that has no text, either. Raises ValueError."""
        super().__post_init__()
        if not self.text:
            raise ValueError(f"the fault {self.name} has no changes, so it needs a text")


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
