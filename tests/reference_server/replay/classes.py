"""Why the answers differ: the checked-in table, and which difference each of its rows explains."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .replaying import Difference

FILE = Path(__file__).with_name("differences.toml")


@dataclass(frozen=True)
class Row:
    """One reason why answers differ, and the patterns of what it explains; `*` is anything.

    `why` is a defect of the original (B or N number), a stance, or "free", for what no
    requirement speaks of.
    """

    why: str
    reason: str
    exchanges: tuple[str, ...] = ("*",)
    places: tuple[str, ...] = ("*",)
    original: str = "*"
    ours: str = "*"

    @property
    def kind(self) -> str:
        """`original` for a defect of the original, `freedom` where both are right."""
        return "original" if re.fullmatch(r"[BN]\d+", self.why) else "freedom"

    def explains(self, difference: Difference) -> bool:
        return (
            _any(self.exchanges, difference.exchange)
            and _any(self.places, difference.place)
            and _any((self.original,), difference.original)
            and _any((self.ours,), difference.ours)
        )


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(_pattern(pattern).fullmatch(text) for pattern in patterns)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, glob.split("*"))), re.DOTALL)


def table() -> tuple[Row, ...]:
    rows = tomllib.loads(FILE.read_text("utf-8"))["differences"]
    return tuple(
        Row(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})
        for row in rows
    )


@dataclass(frozen=True)
class Classified:
    """Differences by the first row that explains them, and those that none does."""

    rows: Sequence[tuple[Row, Sequence[Difference]]]
    unexplained: Sequence[Difference]


def classify(differences: Iterable[Difference], rows: Sequence[Row]) -> Classified:
    explained: list[list[Difference]] = [[] for _ in rows]
    unexplained = []
    for difference in differences:
        place = next((n for n, row in enumerate(rows) if row.explains(difference)), None)
        (unexplained if place is None else explained[place]).append(difference)
    return Classified(list(zip(rows, explained, strict=True)), unexplained)
