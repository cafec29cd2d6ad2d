"""What a variant is; variants are written as faults are (`tck.prove.faults.fault`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tck.prove.altered.alteration import Alteration, Alterations
from tck.prove.altered.change import Change


@dataclass(frozen=True)
class Variant(Alteration):
    """An alteration that is right; `source` says what permits it.

    `warns` are the recommendations (SHOULD) that it does not follow, `deviates` the requirements
    that it violates by deviations that are accepted of it (only of the original). `lacks` are those
    that are about what it does not have, so that none may pass; `seen_at` holds patterns of the
    operations at which it differs, empty where that follows from its changes.
    """

    source: str = ""
    warns: tuple[str, ...] = ()
    deviates: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    seen_at: str = ""


class Variants(Alterations[Variant]):
    """The variants of one module."""

    def __call__(
        self,
        name: str,
        basis: str,
        *changes: Change,
        text: str = "",
        warns: str = "",
        deviates: str = "",
        lacks: str = "",
        seen_at: str = "",
        persona: str = "full",
        base: str = "/api",
        **options: Any,
    ) -> None:
        """Add a variant; `basis` says what permits it; `warns`, `deviates`, `lacks` hold ids."""
        self.append(
            Variant(
                name,
                changes,
                persona,
                options,
                "",
                base,
                text=text,
                source=basis,
                warns=tuple(warns.split()),
                deviates=tuple(deviates.split()),
                lacks=tuple(lacks.split()),
                seen_at=seen_at,
            )
        )
