"""Limits on what a run may use: requests, time, things alive at once, money.

Whatever limit is reached ends the run cleanly: nothing new is begun, clean-up goes on, and
what was not examined is reported so.
"""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from tck.safety.slots import Slots


class BudgetSpent(Exception):
    """A limit is reached; the message says which. Nothing was sent."""


class BadPrices(Exception):
    """A price table is not what it should be."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits; None means none. `rate` is requests a second, `cost` in the table's currency."""

    requests: int | None = None
    seconds: float | None = None
    live: int | None = None
    cost: float | None = None
    rate: float | None = None

    def share(self, processes: int) -> Budget:
        """The part of one of several processes; instances at once they share by `Slots`."""
        if processes == 1:
            return self
        return replace(
            self,
            requests=None if self.requests is None else self.requests // processes,
            cost=None if self.cost is None else self.cost / processes,
            rate=None if self.rate is None else self.rate / processes,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """What things cost: dated list prices, a rough upper bound and no invoice.

    `hour`: per collection and hour; `profiles`: of instances, by hardware profile; `gigabyte`:
    of volumes and snapshots, per GB and hour. Everything counts as one hour at least.
    """

    date: str
    source: str
    currency: str
    hour: Mapping[str, float]
    profiles: Mapping[str, float]
    gigabyte: Mapping[str, float]

    def cost_of(self, collection: str, form: Mapping[str, str]) -> float:
        """Cost of creating something and keeping it for up to an hour."""
        if collection == "instances":
            default = self.hour.get("instances", 0.0)
            return self.profiles.get(form.get("hwp_id", ""), default) * count_of(form)
        size = _number(form.get("capacity", "1"))
        return self.hour.get(collection, 0.0) + self.gigabyte.get(collection, 0.0) * size


def count_of(form: Mapping[str, str]) -> int:
    """How many instances a launch asks for."""
    return _number(form.get("instance_count", "1"))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1


def load_prices(path: Path | None = None) -> Prices:
    """The price table, as shipped or from a file. Raises BadPrices."""
    try:
        text = (
            path.read_text("utf-8")
            if path
            else resources.files(__package__).joinpath("prices.toml").read_text("utf-8")
        )
        return Prices(**tomllib.loads(text))
    except (OSError, ValueError, TypeError) as error:
        raise BadPrices(f"{path}: not a price table ({error})") from error


@dataclass(slots=True)
class Meter:
    """Counts what a run uses against its budget."""

    budget: Budget = field(default_factory=Budget)
    prices: Prices | None = None
    slots: Slots | None = None
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    requests: int = 0
    creates: Counter[str] = field(default_factory=Counter)
    live: int = 0
    peak_live: int = 0
    cost: float = 0.0
    stop_reason: str = ""
    _began: float | None = None
    _last: float = 0.0
    _exempt: bool = False

    @contextmanager
    def exempt(self) -> Iterator[None]:
        """Clean-up may go on whatever the budget says."""
        before, self._exempt = self._exempt, True
        try:
            yield
        finally:
            self._exempt = before

    def count_request(self) -> None:
        """One more request is about to be sent. Raises BudgetSpent."""
        now = self.clock()
        self._began = now if self._began is None else self._began
        limit = self.budget
        if not self._exempt:
            if limit.requests is not None and self.requests >= limit.requests:
                self._stop(f"{limit.requests} requests were sent (--max-requests)")
            if limit.seconds is not None and now - self._began >= limit.seconds:
                self._stop(f"{limit.seconds:g} seconds have passed (--max-seconds)")
        if limit.rate:
            wait = self._last + 1 / limit.rate - now
            if wait > 0:
                self.pause(wait)
            self._last = self.clock()
        self.requests += 1

    def reserve(self, collection: str, form: Mapping[str, str]) -> None:
        """Something is about to be created. Raises BudgetSpent."""
        cost = self.prices.cost_of(collection, form) if self.prices else 0.0
        limit = self.budget
        if limit.cost is not None and self.cost + cost > limit.cost:
            currency = self.prices.currency if self.prices else ""
            self._stop(f"more than {limit.cost:g} {currency} would be spent (--max-cost)")
        if collection == "instances":
            self._launch(count_of(form))
        self.cost += cost
        self.creates[collection] += 1

    def _launch(self, count: int) -> None:
        limit = self.budget.live
        if limit is not None and (self.live + count > limit or not self._take(count)):
            # no end of the run: what needs fewer at once can still be examined
            raise BudgetSpent(f"needs more than {limit} instances at once (--max-live)")
        self.live += count
        self.peak_live = max(self.peak_live, self.live)

    def _take(self, count: int) -> bool:
        taken = 0
        while self.slots and taken < count and self.slots.take():
            taken += 1
        if self.slots and taken < count:
            self.slots.release(taken)
            return False
        return True

    def release(self, collection: str, count: int = 1) -> None:
        """So many are gone, or were never made."""
        if collection == "instances":
            self.live -= count
            if self.slots:
                self.slots.release(count)

    def to_json(self) -> dict[str, Any]:
        """What may be used and what was, for reports."""
        return {
            "limits": {k: v for k, v in asdict(self.budget).items() if v is not None},
            "requests": self.requests,
            "created": dict(self.creates),
            "instances_at_once": self.peak_live,
            "cost": round(self.cost, 4),
            "currency": self.prices.currency if self.prices else "",
            "prices": self.prices.date if self.prices else "",
            "stopped": self.stop_reason,
        }

    def _stop(self, why: str) -> None:
        self.stop_reason = why
        raise BudgetSpent(why)


def merge_usage(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What several processes used, of the limits of the first."""
    whole = dict(parts[0])
    for part in parts[1:]:
        whole["created"] = dict(Counter(whole["created"]) + Counter(part["created"]))
        whole["requests"] += part["requests"]
        whole["cost"] = round(whole["cost"] + part["cost"], 4)
        # at most: they need not have been at the same time
        whole["instances_at_once"] += part["instances_at_once"]
        whole["stopped"] = whole["stopped"] or part["stopped"]
    return whole
