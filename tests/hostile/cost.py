"""What the runs against hostile endpoints cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from .trial import Outcome


class Cost(NamedTuple):
    """Of one behaviour: seconds of the run, of them of processor time, peak memory, requests."""

    name: str
    code: int | None
    seconds: float
    processor: float
    mebibytes: float
    requests: int

    def __str__(self) -> str:
        time = f"{self.seconds:6.1f} s ({self.processor:4.1f} of processor)"
        cost = f"{time} {self.mebibytes:5.0f} MiB {self.requests:6} requests"
        return f"{self.name:44} exit {self.code!s:>4} {cost}"


def cost(name: str, outcome: Outcome) -> Cost:
    run = outcome.run
    return Cost(name, run.code, run.seconds, run.processor, outcome.mebibytes, outcome.requests)


def worst(costs: Collection[Cost], count: int) -> Iterator[str]:
    """Lines about those that cost most memory, and most time."""
    for what in ("mebibytes", "seconds"):
        yield f"most {'memory' if what == 'mebibytes' else 'time'}:"
        costly = sorted(costs, key=lambda each: getattr(each, what), reverse=True)
        yield from map(str, costly[:count])
