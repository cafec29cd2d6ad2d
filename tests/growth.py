"""How the time of something grows with its input: what is quadratic takes four times as long."""

from __future__ import annotations

import time
from collections.abc import Callable

_NOISE = 0.02  # seconds of processor


def assert_linear(work: Callable[[int], object], size: int, longest: float = 2.0) -> None:
    """Twice the input takes less than three times as long.

    `work` makes its input of a size, and does what is measured. `size` should be so large that
    something quadratic takes a second; nothing may take more than `longest` seconds of processor.
    """
    took, twice = _least(work, size), _least(work, 2 * size)
    told = f"{size} took {took:.3f} s, twice as much {twice:.3f} s"
    assert took < longest, told
    assert twice < 3 * took + _NOISE, told


def _least(work: Callable[[int], object], size: int) -> float:
    """Seconds of processor of the fastest of three attempts, of one if that takes long."""
    times = [_timed(work, size)]
    while len(times) < 3 and times[-1] < 1:
        times.append(_timed(work, size))
    return min(times)


def _timed(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    return time.process_time() - began
