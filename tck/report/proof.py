"""The kit's own figures: what share of wrong servers it found when it was last proven."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import tck

# What ships with the kit; `deltacloud-tck prove --ship` writes it.
SHIPPED = Path(__file__).parent / "proof.json"
_BESIDE = Path("proof/proof.json")
_COUNTS = ("faults", "detected", "variants", "false_alarms")
# What decides whether a fault is found or a right server blamed.
_JUDGING = ("checks", "endpoint", "requirements", "rules", "safety", "schemas")
_JUDGED = ("prove", "reference_server")


@cache
def digest() -> str:
    """SHA-256 of everything in the kit on which the figures depend."""
    root, whole = Path(tck.__path__[0]), hashlib.sha256()
    paths = [path for part in (*_JUDGING, *_JUDGED) for path in (root / part).rglob("*.*")]
    for path in sorted(paths):
        if path.is_file() and path.suffix != ".pyc":
            name = path.relative_to(root).as_posix().encode()
            whole.update(name + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def read(folder: Path | None = None) -> Mapping[str, int | str | bool] | None:
    """Figures of `deltacloud-tck prove`: beside a report, in reports/, or those that ship.

    {"faults", "detected", "variants", "false_alarms", "date", "current"}; `current` is False
    where the kit has changed since. Figures of the kit as it is win; None without any.
    """
    found = list(_found([*([folder / _BESIDE] if folder else []), "reports" / _BESIDE, SHIPPED]))
    return next((f for f in found if f["current"]), found[-1] if found else None)


def _found(paths: list[Path]) -> Iterator[Mapping[str, int | str | bool]]:
    for path in paths:
        try:
            value: Any = json.loads(path.read_text("utf-8"))
            counts = {name: int(value["summary"][name]) for name in _COUNTS}
            told = {"date": str(value["date"]), "current": value["digest"] == digest()}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        yield counts | told
