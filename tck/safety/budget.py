"""Limits on what a run may use: requests, time, instances at once, money.

A limit that is reached, except `live` and those of one check, which only end the check, ends the
run in order: nothing new is created or examined, clean-up still runs, and what was not examined is
reported as inconclusive.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tck.endpoint import input_file
from tck.endpoint.members import is_amount, member
from tck.safety.slots import Slots

_SHIPPED = Path(__file__).parent / "prices.toml"


class BudgetSpent(Exception):
    """A limit is reached; the message says which. Nothing was sent."""


class BadPrices(Exception):
    """A price table cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a run; None means no limit.

    `requests`: number sent; `seconds` since the first; `live`: instances at once; `cost`: in the
    currency of the price table; `rate`: requests per second; `check_requests`, `check_seconds`: of
    one check.
    """

    requests: int | None = None
    seconds: float | None = None
    live: int | None = None
    cost: float | None = None
    rate: float | None = None
    check_requests: int | None = None
    check_seconds: float | None = None

    def share(self, processes: int, number: int = 0) -> Budget:
        """The budget of one of several processes, by its number from 0; together they are this one.

        They share `live` through `Slots`. What cannot be divided goes to the first of them.
        """
        requests = self.requests
        if requests is not None:
            requests = requests // processes + (number < requests % processes)
        return replace(
            self,
            requests=requests,
            cost=None if self.cost is None else self.cost / processes,
            rate=None if self.rate is None else self.rate / processes,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """What resources cost: list prices of a `date`, for an estimate from above, not an invoice.

    All are for one hour, the least that is charged, in `currency`. `hour`: by collection;
    `profiles`: of an instance, by hardware profile id; `gigabyte`: by collection, per GB.
    """

    date: str
    source: str
    currency: str
    hour: Mapping[str, float]
    profiles: Mapping[str, float]
    gigabyte: Mapping[str, float]

    def cost_of(self, collection: str, form: Mapping[str, str]) -> float:
        """Cost of creating a resource with this form and keeping it for up to an hour."""
        if collection == "instances":
            default = self.hour.get("instances", 0.0)
            return self.profiles.get(form.get("hwp_id", ""), default) * count_of(form)
        size = _number(form.get("capacity", "1"))
        return self.hour.get(collection, 0.0) + self.gigabyte.get(collection, 0.0) * size


def count_of(form: Mapping[str, str]) -> int:
    """The number of instances that a launch requests; 1 if unreadable."""
    return _number(form.get("instance_count", "1"))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1


def load_prices(path: Path | None = None) -> Prices:
    """The price table from a TOML file, by default the shipped one. Raises BadPrices."""
    try:
        return _prices(input_file.toml(path or _SHIPPED))
    except OSError as error:
        raise BadPrices(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadPrices(f"{path}: not a price table ({error})") from error


def _prices(table: Mapping[str, Any]) -> Prices:
    for name in ("date", "source", "currency"):
        member(table, name, str)
    for name in ("hour", "profiles", "gigabyte"):
        for of, price in member(table, name, dict).items():
            if not is_amount(price):
                raise ValueError(f"{name}.{of} is not a number from 0")
    if unknown := sorted(table.keys() - {f.name for f in fields(Prices)}):
        raise ValueError(f"unknown members: {', '.join(unknown)}")
    return Prices(**table)


@dataclass(slots=True)
class Meter:
    """Counts what a process of a run uses against its budget.

    `creates`: by collection; `live` and `peak_live`: instances now, and at most; `stop_reason`:
    which limit ended the run, empty if none did. `clock` and `pause` are in seconds.
    """

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
    _check_began: float = 0.0
    _check_requests: int = 0
    _last: float = 0.0
    _exempt: bool = False

    @contextmanager
    def exempt(self) -> Iterator[None]:
        """Let clean-up send requests whatever the budget says, but still at its rate."""
        before, self._exempt = self._exempt, True
        try:
            yield
        finally:
            self._exempt = before

    def begin_check(self) -> None:
        """Count for another check from here on."""
        self._check_began, self._check_requests = self.clock(), self.requests

    def count_request(self) -> None:
        """Count a request that is about to be sent; may sleep for `rate`. Raises BudgetSpent."""
        now = self.clock()
        self._began = now if self._began is None else self._began
        limit = self.budget
        if not self._exempt:
            if limit.requests is not None and self.requests >= limit.requests:
                self._stop(f"{limit.requests} requests were sent (--max-requests)")
            if limit.seconds is not None and now - self._began >= limit.seconds:
                self._stop(f"{limit.seconds:g} seconds have passed (--max-seconds)")
            self._limit_check(now)
        if limit.rate:
            wait = self._last + 1 / limit.rate - now
            if wait > 0:
                self.pause(wait)
            self._last = self.clock()
        self.requests += 1

    def _limit_check(self, now: float) -> None:
        sent, most = self.requests - self._check_requests, self.budget.check_requests
        if most is not None and sent >= most:
            raise BudgetSpent(f"the check sent {most} requests (--check-requests)")
        seconds = self.budget.check_seconds
        if self._check_began and seconds is not None and now - self._check_began >= seconds:
            raise BudgetSpent(f"the check took {seconds:g} seconds (--check-seconds)")

    @property
    def overtime(self) -> float:
        """Seconds since the run should have ended (--max-seconds); 0 before that."""
        if self._began is None or self.budget.seconds is None:
            return 0.0
        return max(0.0, self.clock() - self._began - self.budget.seconds)

    def reserve(self, collection: str, *forms: Mapping[str, str]) -> None:
        """Count resources that are about to be created, one by each form. Raises BudgetSpent.

        Too many instances at once do not end the run: a check that needs fewer may still run.
        """
        prices = self.prices
        cost = sum(prices.cost_of(collection, form) for form in forms) if prices else 0.0
        limit = self.budget
        if limit.cost is not None and self.cost + cost > limit.cost:
            currency = self.prices.currency if self.prices else ""
            self._stop(f"more than {limit.cost:g} {currency} would be spent (--max-cost)")
        if collection == "instances":
            self._reserve_instances(sum(map(count_of, forms)))
        self.cost += cost
        self.creates[collection] += len(forms)

    def _reserve_instances(self, count: int) -> None:
        limit = self.budget.live
        slots = self.slots
        if limit is not None and (self.live + count > limit or (slots and not slots.take(count))):
            raise BudgetSpent(f"needs more than {limit} instances at once (--max-live)")
        self.live += count
        self.peak_live = max(self.peak_live, self.live)

    def release(self, collection: str, count: int = 1) -> None:
        """Count resources that are gone, or that were not created after all."""
        if collection == "instances":
            self.live -= count
            if self.slots:
                self.slots.release(count)

    def to_json(self) -> dict[str, Any]:
        """Limits and use, for reports (`budget` in results.json)."""
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

    def stop(self, reason: str) -> None:
        """End the run; the first reason is kept."""
        self.stop_reason = self.stop_reason or reason

    def _stop(self, reason: str) -> None:
        self.stop(reason)
        raise BudgetSpent(reason)


def merge_usage(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The sum of what several processes used (`Meter.to_json` of each); limits of the first."""
    total = dict(parts[0])
    for part in parts[1:]:
        total["created"] = dict(Counter(total["created"]) + Counter(part["created"]))
        total["requests"] += part["requests"]
        total["cost"] = round(total["cost"] + part["cost"], 4)
        # an upper bound: the peaks need not have been at the same time
        total["instances_at_once"] += part["instances_at_once"]
        total["stopped"] = total["stopped"] or part["stopped"]
    return total
