"""Interruptions wait for the end of a moment, but not twice."""

from __future__ import annotations

import pytest

from tck.safety.shield import Shield


def stop() -> None:
    raise KeyboardInterrupt


def test_what_is_begun_is_ended() -> None:
    shield, done = Shield(), []
    with pytest.raises(KeyboardInterrupt), shield():
        with shield():
            shield.interrupt(stop)
            done.append("inner")
        done.append("outer")
    assert done == ["inner", "outer"]
    with shield():
        done.append("later")


def test_outside_and_asked_twice_it_is_at_once() -> None:
    shield, done = Shield(), []
    with pytest.raises(KeyboardInterrupt):
        shield.interrupt(stop)
    with pytest.raises(KeyboardInterrupt), shield():
        shield.interrupt(stop)
        shield.interrupt(stop)
        done.append("never")
    assert done == []
