"""Ctrl-C and SIGTERM: a run ends early, and cleans up.

Alone, a process takes either as pytest takes Ctrl-C. With several, only the workers know what
they created: each ends the check that it is at and cleans up, and the controller waits for
them. A second signal ends the waiting; the journals are there for `cleanup` then.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from tck.safety.shield import SHIELD

INTERRUPTED = "it was interrupted"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """How one process of a run takes signals."""

    def __init__(self, config: pytest.Config) -> None:
        """`config`: of the process; `workers`: the numbers of those that it has."""
        self.workers: list[int] = []
        self.session: pytest.Session | None = None
        self.checking = False
        self.told = False
        _take(self._in_worker if hasattr(config, "workerinput") else self._in_controller)

    def _in_worker(self, _signal: int, _frame: FrameType | None) -> None:
        """The check that is going on ends, and none follows."""
        if self.session is not None:
            self.session.shouldstop = INTERRUPTED
        if self.checking:
            SHIELD.interrupt(self._end_check)

    def _end_check(self) -> None:
        if self.checking:
            self.checking = False
            pytest.skip(INTERRUPTED)

    def _in_controller(self, _signal: int, _frame: FrameType | None) -> None:
        """Tell the workers; without any, or told again, end at once."""
        again, self.told = self.told, True
        if not again and sys.stderr.isatty():
            print("\ninterrupted: cleaning up (Ctrl-C again leaves things behind)", file=sys.stderr)
        if again or not self.workers:
            SHIELD.interrupt(_end_run)
            return
        for process in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGINT)


def _take(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)


def _end_run() -> None:
    raise KeyboardInterrupt
