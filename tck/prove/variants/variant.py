"""What a variant is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tck.prove.altered.alteration import Alteration
from tck.prove.altered.change import Change


@dataclass(frozen=True)
class Variant(Alteration):
    """An alteration that is right; `source` says what admits it.

    `warns` are the recommendations (SHOULD) that it does not follow.
    """

    source: str = ""
    warns: tuple[str, ...] = ()


def variant(
    name: str,
    source: str,
    *changes: Change,
    warns: str = "",
    persona: str = "full",
    base: str = "/api",
    **options: Any,
) -> Variant:
    """A variant; `warns` holds requirement ids with blanks between."""
    return Variant(
        name, changes, persona, options, source=source, warns=tuple(warns.split()), base=base
    )
