"""How many requests a run sent and how long answers took, by operation; can be merged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tck.endpoint.exchange import Exchange

UNKNOWN = "none"  # stands for requests that are not an operation of the API
# The histogram: milliseconds of the first step; every second step doubles the time, and the last
# is above four minutes.
_LEAST, _STEPS = 0.25, 40


def bound(step: int) -> float:
    """Upper bound of a step of the histogram, in milliseconds."""
    return _LEAST * 2 ** (step / 2)


def step_of(ms: float) -> int:
    """The step of the histogram that a time falls into."""
    if ms <= _LEAST:
        return 0
    return min(_STEPS, math.ceil(2 * math.log2(ms / _LEAST)))


@dataclass(slots=True)
class OperationTraffic:
    """Exchanges of one operation: count by status code, and count by step of time (`step_of`)."""

    statuses: Counter[int] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        """How many exchanges there were."""
        return self.statuses.total()

    @property
    def succeeded(self) -> int:
        """How many were answered with 2xx or 3xx."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 400)

    def quantile(self, share: float) -> float:
        """The time in milliseconds within which a share (0 to 1) of the answers came, estimated.

        Interpolated within a step of the histogram; 0.0 without answers.
        """
        rank, passed = share * self.times.total(), 0
        for step, count in sorted(self.times.items()):
            if passed + count >= rank and count:
                low = bound(step - 1) if step else 0.0
                return low + (bound(step) - low) * (rank - passed) / count
            passed += count
        return 0.0

    def to_json(self) -> dict[str, Any]:
        """The form in results.json; keys of the histogram are steps, see `bound`."""
        return {
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
            "times": {str(step): n for step, n in sorted(self.times.items())},
        }


class Traffic(Mapping[str, OperationTraffic]):
    """Traffic by operation id (`instances.create`)."""

    def __init__(self, value: Mapping[str, Any] | None = None) -> None:
        """`value`: what `to_json` gave."""
        self._by_operation: dict[str, OperationTraffic] = {}
        self.merge(value or {})

    def __getitem__(self, operation: str) -> OperationTraffic:
        """Raise KeyError for an operation that nothing asked for."""
        return self._by_operation[operation]

    def __iter__(self) -> Iterator[str]:
        """Iterate over operation ids."""
        return iter(sorted(self._by_operation))

    def __len__(self) -> int:
        """How many operations were asked for."""
        return len(self._by_operation)

    def observe(self, x: Exchange) -> None:
        """Count an exchange."""
        known = x.operation is not None and not x.request.malformed
        traffic = self._of(x.operation.id if x.operation and known else UNKNOWN)
        traffic.statuses[x.status] += 1
        traffic.times[step_of(x.ms)] += 1

    def merge(self, value: Mapping[str, Any]) -> None:
        """Add what another process counted, as `to_json` gives it."""
        for operation, counts in value.items():
            traffic = self._of(operation)
            traffic.statuses.update({int(status): n for status, n in counts["statuses"].items()})
            traffic.times.update({int(step): n for step, n in counts["times"].items()})

    def _of(self, operation: str) -> OperationTraffic:
        return self._by_operation.setdefault(operation, OperationTraffic())

    def of_collection(self, collection: str) -> OperationTraffic:
        """All traffic of one collection, its sub-collections not included."""
        total = OperationTraffic()
        for operation, traffic in self.items():
            if operation.partition(".")[0] == collection:
                total.statuses += traffic.statuses
                total.times += traffic.times
        return total

    def to_json(self) -> dict[str, Any]:
        """The form in results.json."""
        return {operation: self[operation].to_json() for operation in self}
