"""What a variant is; variants are written as faults are (`tck.prove.faults.fault`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tck.prove.altered.alteration import Alteration, Alterations
from tck.prove.altered.change import Change


@dataclass(frozen=True)
class Variant(Alteration):
    """An alteration that is right; `source` says what admits it.

    `warns` are the recommendations (SHOULD) that it does not follow.
    """

    source: str = ""
    warns: tuple[str, ...] = ()


class Variants(Alterations[Variant]):
    """The variants of one module."""

    def __call__(
        self,
        name: str,
        tie: str,
        *changes: Change,
        warns: str = "",
        persona: str = "full",
        base: str = "/api",
        **options: Any,
    ) -> None:
        """Add a variant; `tie` says what admits it, `warns` holds ids with blanks between."""
        self.append(
            Variant(
                name, changes, persona, options, "", base, source=tie, warns=tuple(warns.split())
            )
        )
