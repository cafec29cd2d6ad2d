"""Traffic by operation, and its histograms."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from endpoint.exchanges import exchange
from hypothesis import given
from hypothesis import strategies as st

from tck.report.traffic import OperationTraffic, Traffic, bound, step_of

TIMES = st.floats(0, 1e7, allow_nan=False)


def traffic(*times: float, status: int = 200) -> Traffic:
    found = Traffic()
    for ms in times:
        found.observe(replace(exchange("/keys", "<keys/>", status=status), ms=ms))
    return found


@given(TIMES)
def test_a_time_lies_within_its_step(ms: float) -> None:
    step = step_of(ms)
    assert ms <= bound(step) or step == step_of(1e9)
    assert step == 0 or ms > bound(step - 1)


@given(st.lists(TIMES), st.lists(TIMES))
def test_parts_add_up(one: list[float], other: list[float]) -> None:
    merged = traffic(*one)
    merged.merge(json.loads(json.dumps(traffic(*other).to_json())))
    assert merged.to_json() == traffic(*one, *other).to_json()


@given(st.lists(st.floats(0.3, 1e5), min_size=1), st.floats(0.01, 1))
def test_quantiles_are_as_exact_as_the_steps(times: list[float], share: float) -> None:
    found = traffic(*times)["keys.index"].quantile(share)
    exact = sorted(times)[max(0, -(-len(times) * share // 1).__int__() - 1)]
    assert exact / 1.42 <= found <= exact * 1.42


def test_what_was_asked_for_is_told_by_operation_and_collection() -> None:
    found = traffic(1.0, 2.0)
    found.merge(traffic(3.0, status=500).to_json())
    found.observe(exchange("/nowhere", "", status=404))
    found.observe(exchange("/keys", "", status=204, method="POST"))
    assert list(found) == ["keys.create", "keys.index", "none"]
    assert found["keys.index"].statuses == {200: 2, 500: 1}
    keys = found.of_collection("keys")
    assert (keys.requests, keys.succeeded) == (4, 3)
    assert found.of_collection("images").requests == 0


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_nothing_takes_no_time(share: float) -> None:
    assert OperationTraffic().quantile(share) == 0.0
