"""Ctrl-C and SIGTERM during a run: it ends early, cleans up, and tells what stays.

The first signal ends the run in order. A process that runs alone raises KeyboardInterrupt, which
pytest handles as usual: fixtures are torn down, and so everything that the run created is removed.
With workers, only these know what they created: the controller passes the signal on and waits for
them, and each worker ends its current check, runs no other, and cleans up. It never ends a create
between its request and its entry in the journal, nor a clean-up that goes on (`tck.safety.shield`).

The second gives clean-up up, wherever it is: workers are killed, and what is left is told from the
journals, without a request. The third ends the process. While the report is written, signals only
decide the exit code: 130 or 143.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from tck.safety.shield import SHIELD

INTERRUPTED = "it was interrupted"
_BOTH = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """How one process of a run handles signals.

    `workers`: ids of their processes, in the controller; `checking`: a check is running;
    `going_on`: the command that cleans up later, told at the first signal. `reporting`: nothing is
    interrupted any more.
    """

    def __init__(self, *, in_worker: bool) -> None:
        """Install the signal handlers."""
        self.workers: list[int] = []
        self.checking = False
        self.going_on = ""
        self.reporting = False
        self.number = 0
        self._count = 0
        self._session: pytest.Session | None = None
        self._terminal = os.dup(2)  # pytest replaces the other while checks run
        by = self._in_worker if in_worker else self._in_controller
        self._before = [signal.signal(number, by) for number in _BOTH]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _BOTH)  # blocked while workers are started

    def attend(self, session: pytest.Session) -> None:
        """Checks are collected: in a worker, a signal ends this session."""
        self._session = session
        if self.number:
            session.shouldstop = INTERRUPTED

    @property
    def exit_code(self) -> int:
        """As a shell has it, 128 and the number of the first signal; 0 if there was none."""
        return 128 + self.number if self.number else 0

    def restore(self) -> None:
        """Put the handlers back that were there before."""
        for number, before in zip(_BOTH, self._before, strict=True):
            signal.signal(number, before)
        os.close(self._terminal)

    def _in_worker(self, number: int, _frame: FrameType | None) -> None:
        """End the current check, and run no other."""
        self.number = self.number or number
        if self._session is not None:
            self._session.shouldstop = INTERRUPTED
        if self.checking:
            SHIELD.interrupt(self._end_check)

    def _end_check(self) -> None:
        if self.checking:
            self.checking = False
            pytest.skip(INTERRUPTED)

    def _in_controller(self, number: int, _frame: FrameType | None) -> None:
        """End the run; the second time clean-up, too; the third time the process."""
        self._count += 1
        self.number = self.number or number
        if self._count > 2:
            os._exit(self.exit_code)
        if self.reporting:
            return
        if self._count > 1:
            self._abandon()
            return
        self._tell()
        if self.workers:
            self._pass_on(signal.SIGINT)
        else:
            SHIELD.interrupt(_end_run)

    def _abandon(self) -> None:
        SHIELD.abandoned = True
        self._pass_on(signal.SIGKILL)
        _end_run()

    def _pass_on(self, number: int) -> None:
        for process in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def _tell(self) -> None:
        left = f", and then: {self.going_on}" if self.going_on else ""
        line = f"\ninterrupted: cleaning up (again leaves things behind{left})\n"
        with contextlib.suppress(OSError):
            os.write(self._terminal, line.encode())


def _end_run() -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def hold_back() -> Iterator[None]:
    """Inside, signals wait, and processes that are started get none until they ask for them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BOTH)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
