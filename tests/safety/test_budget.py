"""Budgets: what a run may use, and what it reports to have used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tck.safety.budget import (
    BadPrices,
    Budget,
    BudgetSpent,
    Meter,
    Prices,
    load_prices,
    merge_usage,
)
from tck.safety.slots import Slots

TABLE = Prices(
    "2026-11-22",
    "list",
    "USD",
    hour={"instances": 0.1, "addresses": 0.01},
    profiles={"large": 1.0},
    gigabyte={"storage_volumes": 0.001},
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def meter(clock: Clock | None = None, **limits: float) -> Meter:
    clock = clock or Clock()
    return Meter(Budget(**limits), TABLE, clock=clock, pause=clock.pause)  # type: ignore[arg-type]


def test_without_limits_everything_is_counted() -> None:
    used = meter()
    for _ in range(3):
        used.count_request()
    used.reserve("instances", {"instance_count": "2"})
    used.reserve("keys", {})
    usage = used.to_json()
    assert (usage["requests"], usage["created"]) == (3, {"instances": 1, "keys": 1})
    assert usage["instances_at_once"] == 2
    assert usage["cost"] == 0.2
    assert usage["limits"] == {}


def test_requests_end_at_their_limit() -> None:
    used = meter(requests=2)
    used.count_request()
    used.count_request()
    with pytest.raises(BudgetSpent, match="2 requests"):
        used.count_request()
    assert used.requests == 2
    assert used.to_json()["stopped"]


def test_time_runs_from_the_first_request() -> None:
    clock = Clock()
    used = meter(clock, seconds=10)
    clock.now = 100.0
    used.count_request()
    clock.now = 109.0
    used.count_request()
    clock.now = 110.0
    with pytest.raises(BudgetSpent, match="10 seconds"):
        used.count_request()


def test_clean_up_goes_on() -> None:
    used = meter(requests=0)
    with pytest.raises(BudgetSpent):
        used.count_request()
    with used.exempt():
        used.count_request()
    with pytest.raises(BudgetSpent):
        used.count_request()


def test_the_rate_limit_holds_even_in_clean_up() -> None:
    clock = Clock()
    used = meter(clock, rate=2)
    began = clock.now
    for _ in range(5):
        used.count_request()
    with used.exempt():
        used.count_request()
    assert clock.now - began >= 2.0


@pytest.mark.parametrize(
    ("collection", "form", "cost"),
    [
        ("keys", {}, 0.0),
        ("instances", {}, 0.1),
        ("instances", {"hwp_id": "large"}, 1.0),
        ("instances", {"hwp_id": "large", "instance_count": "3"}, 3.0),
        ("instances", {"instance_count": "many"}, 0.1),
        ("instances", {"instance_count": "9" * 400}, 0.1),
        ("storage_volumes", {"capacity": "100"}, 0.1),
        ("addresses", {}, 0.01),
    ],
)
def test_prices(collection: str, form: dict[str, str], cost: float) -> None:
    assert TABLE.cost_of(collection, form) == pytest.approx(cost)


def test_money_is_not_spent_beyond_the_limit() -> None:
    used = meter(cost=0.25)
    used.reserve("instances", {})
    used.reserve("instances", {})
    with pytest.raises(BudgetSpent, match="USD"):
        used.reserve("instances", {})
    assert used.cost == pytest.approx(0.2)
    used.reserve("addresses", {})


def test_too_many_instances_at_once_are_refused_until_some_are_gone() -> None:
    used = meter(live=2)
    used.reserve("instances", {})
    used.reserve("instances", {})
    with pytest.raises(BudgetSpent, match="at once"):
        used.reserve("instances", {})
    assert used.stop_reason == "", "this does not end the run"
    used.release("instances")
    used.reserve("instances", {})
    assert used.peak_live == 2


def test_processes_share_a_budget() -> None:
    share = Budget(requests=100, seconds=60, live=4, cost=1.0, rate=10).share(4)
    assert (share.requests, share.cost, share.rate) == (25, 0.25, 2.5)
    assert (share.seconds, share.live) == (60, 4)
    assert Budget(requests=5).share(1) == Budget(requests=5)
    assert Budget().share(4).requests is None


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 7])
def test_processes_send_no_more_requests_than_one_would(limit: int) -> None:
    shares = [Budget(requests=limit).share(4, number).requests for number in range(4)]
    assert sum(share or 0 for share in shares) == limit
    assert None not in shares


def test_what_processes_used_adds_up() -> None:
    parts = []
    for _ in range(2):
        used = meter()
        used.count_request()
        used.reserve("instances", {})
        parts.append(used.to_json())
    whole = merge_usage(parts)
    assert (whole["requests"], whole["created"], whole["cost"]) == (2, {"instances": 2}, 0.2)


def test_the_shipped_price_table_is_one() -> None:
    table = load_prices()
    assert table.currency
    assert table.cost_of("instances", {}) > 0


@pytest.mark.parametrize("text", ["", "x = 1", "date = ", 'date = "2026"'])
def test_a_wrong_price_table_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(BadPrices, match=r"prices\.toml"):
        load_prices(path)


# ---------------------------------------------------------------- slots for instances


def test_slots_are_shared_through_a_folder(tmp_path: Path) -> None:
    one, other = Slots(tmp_path, 2), Slots(tmp_path, 2)
    assert one.take()
    assert other.take()
    assert len(list(tmp_path.iterdir())) == 2
    one.release(1)
    assert other.take()
    assert not other.take(), "it holds them all: nobody else could release one"
    other.release(2)
    assert list(tmp_path.iterdir()) == []


def test_a_launch_of_several_takes_all_its_slots_or_none(tmp_path: Path) -> None:
    used = Meter(Budget(live=2), slots=Slots(tmp_path, 2))
    with pytest.raises(BudgetSpent):
        used.reserve("instances", {"instance_count": "3"})
    assert list(tmp_path.iterdir()) == []
    used.reserve("instances", {"instance_count": "2"})
    used.release("instances", 2)
    assert list(tmp_path.iterdir()) == []


def test_requests_of_one_check_end_that_check_and_not_the_run() -> None:
    used = meter(check_requests=2)
    used.begin_check()
    used.count_request()
    used.count_request()
    with pytest.raises(BudgetSpent, match="the check sent 2 requests"):
        used.count_request()
    with used.exempt():
        used.count_request()
    used.begin_check()
    used.count_request()
    assert used.stop_reason == ""


def test_seconds_of_one_check_end_that_check_and_not_the_run() -> None:
    clock = Clock()
    clock.now = 1000.0
    used = meter(clock, check_seconds=10.0)
    used.begin_check()
    clock.now += 9.9
    used.count_request()
    clock.now += 0.1
    with pytest.raises(BudgetSpent, match="the check took 10 seconds"):
        used.count_request()
    used.begin_check()
    used.count_request()
    assert used.stop_reason == ""


def test_a_run_that_is_stopped_keeps_the_first_reason() -> None:
    used = meter()
    used.stop("the endpoint answers nothing any more")
    used.stop("another reason")
    assert used.to_json()["stopped"] == "the endpoint answers nothing any more"
