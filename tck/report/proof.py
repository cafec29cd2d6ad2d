"""The kit's own figures: what share of wrong servers it found when it was last proven."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tck.report import kit

# What ships with the kit; `deltacloud-tck prove --ship` writes it.
SHIPPED = Path(__file__).parent / "proof.json"
_BESIDE = Path("proof/proof.json")
_COUNTS = ("faults", "detected", "variants", "false_alarms")
_OF_CLIENTS = ("broken", "found", "right", "blamed")  # the same of clients
# The parts of the kit that decide whether a fault is found or a right server blamed.
_JUDGING = ("checks", "endpoint", "requirements", "rules", "safety", "schemas")
_JUDGED = ("prove", "reference_server")

Figures = Mapping[str, int | str | bool]


def digest() -> str:
    """SHA-256 of everything in the kit on which the figures depend."""
    return kit.digest(*_JUDGING, *_JUDGED)


def read(folder: Path | None = None, side: str = "server") -> Figures | None:
    """Figures of `deltacloud-tck prove`: beside a report, in reports/, or those that ship.

    {"faults", "detected", "variants", "false_alarms", "date", "current"}; `current` is False
    where the kit has changed since. Current figures are preferred; None if there are none at all.
    For the `side` client, of clients instead of servers.
    """
    paths = [*([folder / _BESIDE] if folder else []), "reports" / _BESIDE, SHIPPED]
    figures = list(_readable(paths, side))
    return next((f for f in figures if f["current"]), figures[-1] if figures else None)


def _readable(paths: list[Path], side: str) -> Iterator[Figures]:
    for path in paths:
        try:
            value: Any = json.loads(path.read_text("utf-8"))
            summary, names = value["summary"], _COUNTS
            if side == "client":
                summary, names = summary["clients"], _OF_CLIENTS
            counts = {kept: int(summary[n]) for kept, n in zip(_COUNTS, names, strict=True)}
            origin = {"date": str(value["date"]), "current": value["digest"] == digest()}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        yield counts | origin
