"""Runs that are killed while they create: a short form of scripts/kill-series."""

from __future__ import annotations

from pathlib import Path

import pytest

from .killing import Plan, Target, kill, plans, targets
from .striking import Moment

# signal, endpoint, moment, and how
SHORT = [
    ("SIGKILL", "right", Moment(5, "done"), {}),
    ("SIGKILL", "reference-server", Moment(8, "arrived"), {"workers": 2, "whole_group": False}),
    ("SIGKILL", "released-address-goes-to-another", Moment(8, "answered", 2), {}),
    ("SIGKILL", "created-things-hide", Moment(7, "arrived", 2), {"profile": "standard"}),
    ("SIGKILL", "names-in-capitals", Moment(7, "arrived", 8), {}),
    ("SIGTERM", "location-is-anothers", Moment(4, "done"), {"workers": 2}),
    ("double Ctrl-C", "right-and-slow", Moment(4, "answered"), {"again": 2}),
]


@pytest.mark.parametrize(("signal", "target", "moment", "how"), SHORT)
def test_what_is_left_is_removed_or_told(
    signal: str, target: str, moment: Moment, how: dict[str, object], tmp_path: Path
) -> None:
    plan = Plan(0, signal, targets()[target], moment, **how)
    killed = kill(plan, tmp_path)
    assert killed.wrong == []
    if plan.target.right:
        assert [kind for kind, _ in killed.told if kind != "addresses"] == []


@pytest.mark.parametrize(
    ("signal", "moment"),
    [
        ("SIGKILL", Moment(6, "arrived")),
        ("SIGKILL", Moment(9, "done")),
        ("SIGTERM", Moment(7, "done")),
        ("double Ctrl-C", Moment(6, "arrived")),
    ],
)
def test_what_is_created_at_once_is_removed_or_told(
    signal: str, moment: Moment, tmp_path: Path
) -> None:
    target = Target("right-at-once", "right", checks="concurrency", account={"persona": "full"})
    killed = kill(Plan(0, signal, target, moment, profile="standard"), tmp_path)
    assert killed.wrong == []
    assert [kind for kind, _ in killed.told if kind != "addresses"] == []


def test_a_series_is_half_right_and_the_same_again_from_its_seed() -> None:
    counts = {"SIGKILL": 10, "SIGTERM": 4, "double Ctrl-C": 4}
    series = [*plans(7, counts)]
    assert [*map(str, series)] == [*map(str, plans(7, counts))] != [*map(str, plans(8, counts))]
    assert [plan.signal for plan in series].count("SIGKILL") == 10
    assert sum(plan.target.right for plan in series) == 9
    assert all(plan.target.name == "right" for plan in plans(7, counts, ["right"]))
