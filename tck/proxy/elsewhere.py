"""Judging in a process of its own, so that it takes no processor time from forwarding.

The process is forked before the proxy has threads or a port. It is told what was seen over a pipe,
and ends when that ends, however the proxy ended: signals, which a terminal sends to both, do not
concern it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

from tck.proxy.handing import Judging, Told

_NICE = 10  # less urgent than what is forwarded


class Elsewhere:
    """A process that judges; `exit_code` once it has ended."""

    def __init__(self, judging: Callable[[], Judging], conclude: Callable[[], int]) -> None:
        """Start it. In it, `judging` is called first, `conclude` at the end, for its exit code."""
        context = multiprocessing.get_context("fork")
        receiving, self._sending = context.Pipe(duplex=False)
        sys.stdout.flush()
        self._process = context.Process(
            target=_run, args=(receiving, self._sending, judging, conclude), name="judging"
        )
        self._process.start()
        receiving.close()
        self.exit_code = 0

    def begin(self, origin: str, base_path: str) -> None:
        """As of Judging."""
        self._send(("begin", (origin, base_path)))

    def take(self, told: Told, lost: int) -> None:
        """As of Judging: waits while the pipe is full."""
        self._send(("take", (told, lost)))

    def close(self, lost: int = 0) -> None:
        """End it, and wait until it has told everything. Once is enough."""
        if not self._sending.closed:
            self._send(("close", (lost,)))
            self._sending.close()
            self._process.join()
            self.exit_code = int(self._process.exitcode or 0)

    def abandon(self) -> None:
        """End it without a word: nothing was forwarded."""
        self._process.kill()
        self._process.join()

    def _send(self, message: tuple[str, tuple[object, ...]]) -> None:
        with contextlib.suppress(OSError):  # it has failed, and said so
            self._sending.send(message)


def _run(
    receiving: Connection,
    sending: Connection,
    judging: Callable[[], Judging],
    conclude: Callable[[], int],
) -> None:
    sending.close()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICE)
    judge, ended = judging(), False
    with contextlib.suppress(EOFError):
        while not ended:
            name, arguments = receiving.recv()
            getattr(judge, name)(*arguments)
            ended = name == "close"
    if not ended:  # the proxy was killed
        judge.close(0)
    code = conclude()
    sys.stdout.flush()
    sys.exit(code)
