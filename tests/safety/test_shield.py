"""An interruption waits for the end of a section; a second one does not."""

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


def test_a_section_ends_before_the_interruption() -> None:
    shield, done = Shield(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        begun(shield, done, times=1)
    assert done == ["inner", "outer"]
    begun(shield, done, times=0)
    assert len(done) == 4


def test_outside_of_a_section_and_the_second_time_it_is_at_once() -> None:
    shield, done = Shield(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        shield.interrupt(stop)
    with pytest.raises(KeyboardInterrupt):
        begun(shield, done, times=2)
    assert done == []
