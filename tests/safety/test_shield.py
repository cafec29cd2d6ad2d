"""Interruptions wait for the end of a moment, but not twice."""

from __future__ import annotations

import pytest

from tck.safety.shield import Shield


def stop() -> None:
    raise KeyboardInterrupt


def begun(shield: Shield, done: list[str], times: int) -> None:
    with shield():
        with shield():
            for _ in range(times):
                shield.interrupt(stop)
            done.append("inner")
        done.append("outer")


def test_what_is_begun_is_ended() -> None:
    shield, done = Shield(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        begun(shield, done, times=1)
    assert done == ["inner", "outer"]
    begun(shield, done, times=0)
    assert len(done) == 4


def test_outside_and_asked_twice_it_is_at_once() -> None:
    shield, done = Shield(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        shield.interrupt(stop)
    with pytest.raises(KeyboardInterrupt):
        begun(shield, done, times=2)
    assert done == []
