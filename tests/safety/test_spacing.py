"""Creates are kept apart where an endpoint makes ids of the time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tck.safety.spacing import Spacing


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of each wait; none is really waited."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.mark.parametrize("processes", [1, 2])
def test_creates_are_kept_apart_once_that_is_needed(
    processes: int, tmp_path: Path, waits: list[float]
) -> None:
    one = Spacing(tmp_path if processes > 1 else None)
    other = Spacing(tmp_path) if processes > 1 else one

    def create(process: Spacing, collection: str = "storage_volumes") -> None:
        with process.apart(collection, alone=False):
            pass

    create(one)
    assert waits == []
    one.need("storage_volumes")
    create(other)
    create(one)
    assert len(waits) == 2
    assert all(0.9 < wait <= 1.05 for wait in waits)
    create(one, "keys")
    assert len(waits) == 2


def test_what_is_long_ago_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    spacing = Spacing(None)
    spacing.need("keys")
    later = time.time() + 5
    monkeypatch.setattr(time, "time", lambda: later)
    with spacing.apart("keys", alone=False):
        pass
    assert waits == [0.0]


def test_where_nothing_is_there_its_place_cannot_be_taken(waits: list[float]) -> None:
    spacing = Spacing(None)
    spacing.need("keys")
    with spacing.apart("keys", alone=True):
        pass
    assert waits == []
