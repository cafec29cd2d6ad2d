"""Telling on standard error what a long run is doing (`tck.report.progress`), from a thread.

Standard output is pytest's. Standard error is used past pytest's capturing; in workers of xdist it
is the one of the controller.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Collection

import pytest

from tck.checks.support import private
from tck.endpoint.redaction import GATE
from tck.report.progress import Progress

_TICK = 1.0  # seconds


class Telling:
    """A pytest plugin of one process of a run; `worker`: its id, empty if it is none."""

    def __init__(self, config: pytest.Config, worker: str) -> None:
        """Nothing is told before checks are collected."""
        self._config, self._worker = config, worker
        self._progress: Progress | None = None
        self._ended = threading.Event()
        self._errors = -1

    def wait(self, text: str) -> None:
        """What is waited for; empty if nothing is any more."""
        if self._progress:
            self._progress.wait(GATE.text(text))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Collection[str]) -> None:
        """A worker has collected; all collect the same."""
        if self._progress is None:
            self.begin(len(ids))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A check begins, here or in a worker."""
        if self._progress:
            self._progress.start(nodeid.rpartition("/")[2].replace(".py::", "."))

    def pytest_runtest_logfinish(self) -> None:
        """A check has ended."""
        if self._progress:
            self._progress.finish()

    def pytest_sessionfinish(self) -> None:
        """No check runs any more."""
        self._ended.set()

    def begin(self, total: int) -> None:
        """So many checks were collected, and are going to be run."""
        self._errors = private.uncaptured_stderr(self._config)
        terminal = os.isatty(self._errors) and not self._worker
        columns = shutil.get_terminal_size().columns
        self._progress = Progress(
            self._write, time.monotonic, terminal=terminal, columns=columns, name=self._worker
        )
        self._progress.total = total
        threading.Thread(target=self._tell, args=(self._progress,), daemon=True).start()

    def _tell(self, progress: Progress) -> None:
        while not self._ended.wait(_TICK):
            progress.tick()
        progress.close()

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._errors, text.encode("utf-8", "replace"))
