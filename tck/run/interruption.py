"""Ctrl-C and SIGTERM: a run ends early, and cleans up.

A process that runs alone raises KeyboardInterrupt, which pytest handles as usual: fixtures are torn
down, and so everything that the run created is removed. With workers, only these know what they
created: the controller passes the signal on and waits for them, and each worker ends its current
check, runs no other, and cleans up. A second signal ends the waiting; the journals are on disk for
`deltacloud-tck cleanup` then. The first signal never ends a create between its request and its
entry in the journal (`tck.safety.shield`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

import pytest

from tck.safety.shield import SHIELD

INTERRUPTED = "it was interrupted"


class Interruption:
    """How one process of a run handles signals.

    `workers`: ids of their processes, in the controller; `session`: once checks are collected;
    `checking`: a check is running.
    """

    def __init__(self, *, in_worker: bool) -> None:
        """Install the signal handlers."""
        self.workers: list[int] = []
        self.session: pytest.Session | None = None
        self.checking = False
        self._signalled = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._in_worker if in_worker else self._in_controller)

    def _in_worker(self, _signal: int, _frame: FrameType | None) -> None:
        """End the current check, and run no other."""
        if self.session is not None:
            self.session.shouldstop = INTERRUPTED
        if self.checking:
            SHIELD.interrupt(self._end_check)

    def _end_check(self) -> None:
        if self.checking:
            self.checking = False
            pytest.skip(INTERRUPTED)

    def _in_controller(self, _signal: int, _frame: FrameType | None) -> None:
        """Pass the signal on to workers; without any, or the second time, end at once."""
        again, self._signalled = self._signalled, True
        if not again and sys.stderr.isatty():
            print("\ninterrupted: cleaning up (Ctrl-C again leaves things behind)", file=sys.stderr)
        if again or not self.workers:
            SHIELD.interrupt(_end_run)
            return
        for process in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGINT)


def _end_run() -> None:
    raise KeyboardInterrupt
